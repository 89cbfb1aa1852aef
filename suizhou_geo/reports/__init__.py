"""The same numbers as on the page, as Word and Excel. Written from ``CountyResult`` and nothing else."""

from suizhou_geo.reports.brief import write_brief
from suizhou_geo.reports.office import check_ending
from suizhou_geo.reports.pdf import find_office, write_pdf
from suizhou_geo.reports.workbook import write_workbook

__all__ = ["check_ending", "find_office", "write_brief", "write_pdf", "write_workbook"]
