"""The toolkit from a terminal. A thin shell: each command is read, one Python call, write."""

from suizhou_geo.cli.main import main

__all__ = ["main"]
