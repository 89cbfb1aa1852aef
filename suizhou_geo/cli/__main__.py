"""``python -m suizhou_geo.cli``: the command line without its script."""

from suizhou_geo.cli import main

main()
