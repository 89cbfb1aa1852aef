"""Where the notebooks and the demonstration workspace that come with the package are.

A wheel carries them in ``suizhou_geo/_bundled``; in a checkout they stand at the top, where they are edited.
"""

from importlib.resources import files
from pathlib import Path


def packaged_folder(*parts: str) -> Path:
    """The folder or file ``parts`` that came with the package.

    >>> packaged_folder("data", "suizhou").name
    'suizhou'
    """
    package = Path(str(files("suizhou_geo")))
    bundled = package / "_bundled"
    root = bundled if bundled.is_dir() else package.parent
    return root.joinpath(*parts)
