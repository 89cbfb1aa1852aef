"""The same numbers as on the page, as Word and Excel. Written from ``CountyResult`` and nothing else."""
