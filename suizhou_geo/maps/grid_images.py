"""A grid as a picture inside the page: classed, in the map's own projection, with a legend of its classes."""

import base64
import io
from typing import TYPE_CHECKING, Any

import numpy as np
from pyproj import CRS, Transformer

from suizhou_geo.conventions import GEOGRAPHIC_CRS
from suizhou_geo.errors import CRSError, InputError
from suizhou_geo.maps.columns import SCALE

if TYPE_CHECKING:
    import xarray as xr

#: Pixels of the longer side: a county's grid has fewer cells.
MOST_PIXELS = 600

#: Classes of the legend at the most; one colour map for all, readable in grey and by every kind of colour vision.
MOST_CLASSES = 7
COLOURS = "viridis_r"


def encode_grid(
    grid: "xr.DataArray", *, title: str, unit: str = "", crs: str | None = None
) -> dict[str, Any]:
    """A grid as the page reads it: ``title, unit, image`` (PNG, base64), ``box`` and ``steps`` (the legend).

    Parameters
    ----------
    grid
        Dims ``(northing, easting)``, centres of cells in metres; NaN where nothing is known.
    title, unit
        What the legend says.
    crs
        Projected CRS of the grid; its ``attrs["crs"]`` where not given.

    Raises
    ------
    CRSError
        There is no CRS, or one in degrees.
    InputError
        The grid has other dims, fewer than two rows or columns, or no value at all.

    Examples
    --------
    >>> import numpy as np, xarray as xr
    >>> metres = np.arange(3) * 1000.0
    >>> grid = xr.DataArray(np.arange(9.0).reshape(3, 3), dims=("northing", "easting"),
    ...     coords={"northing": 3_500_000 + metres, "easting": 500_000 + metres})
    >>> drawn = encode_grid(grid, title="总磷", unit="mg/L", crs="EPSG:4547")
    >>> drawn["steps"][0]["label"], drawn["box"][0] < drawn["box"][2]
    ('0–2', True)
    """
    projected = _projected(crs or grid.attrs.get("crs"), title)
    values, northing, easting = _checked(grid, title)
    breaks = _breaks(values)
    box, rows, columns = _pixels(northing, easting, projected)
    classes = np.where(
        np.isnan(values), 0, np.clip(np.searchsorted(breaks, values, side="right"), 1, len(breaks) - 1)
    )
    inside = (rows >= 0) & (rows < len(northing)) & (columns >= 0) & (columns < len(easting))
    image = np.zeros(rows.shape, dtype=np.uint8)
    image[inside] = classes[rows[inside], columns[inside]]
    colours = _colours(len(breaks) - 1)
    return {
        "title": title,
        "unit": unit,
        "image": base64.b64encode(_png(image, colours)).decode("ascii"),
        "box": [round(value * SCALE) for value in box],
        "steps": [
            {"label": f"{low:g}–{high:g}", "colour": "#" + bytes(colour).hex()}
            for low, high, colour in zip(breaks[:-1], breaks[1:], colours, strict=True)
        ],
    }


def _projected(crs: Any, title: str) -> CRS:
    if crs is None:
        raise CRSError(
            f"网格“{title}”没有坐标系",
            why="不知道坐标系就不能放到地图上",
            todo='给出 crs，例如 crs="EPSG:4547"',
        )
    found = CRS.from_user_input(crs)
    if not found.is_projected:
        raise CRSError(
            f"网格“{title}”的坐标系以度为单位", why="网格应在投影坐标系中，单位为米", todo="例如 EPSG:4547"
        )
    return found


def _checked(grid: "xr.DataArray", title: str) -> tuple[Any, Any, Any]:
    if tuple(grid.dims) != ("northing", "easting"):
        raise InputError(
            f"网格“{title}”的维度为 {tuple(grid.dims)}",
            why="应为 (northing, easting)",
            todo="请调整维度的名称和次序",
        )
    values, northing, easting = (
        np.asarray(part, dtype=float)
        for part in (grid.values, grid["northing"].values, grid["easting"].values)
    )
    if min(values.shape) < 2 or not np.isfinite(values).any():
        raise InputError(
            f"网格“{title}”没有可画的数值", why="至少两行两列，且有一个数值", todo="请检查插值结果"
        )
    return np.where(np.isfinite(values), values, np.nan), northing, easting


def _breaks(values: Any) -> Any:
    from matplotlib.ticker import MaxNLocator  # noqa: PLC0415  (0.6 s, and only a grid needs it)

    low, high = np.nanmin(values), np.nanmax(values)
    ticks = MaxNLocator(MOST_CLASSES, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    return np.round(ticks, 12) if len(ticks) > 1 else np.array([low, low + 1])


def _colours(count: int) -> Any:
    from matplotlib import colormaps  # noqa: PLC0415

    shares = np.linspace(0.05, 0.95, count)
    return np.round(colormaps[COLOURS](shares)[:, :3] * 255).astype(np.uint8)


def _pixels(northing: Any, easting: Any, projected: CRS) -> tuple[tuple[float, ...], Any, Any]:
    """The box of the picture (west, south, east, north, degrees), and which row and column each pixel shows."""
    step_north, step_east = northing[1] - northing[0], easting[1] - easting[0]
    edges = (
        min(easting[0], easting[-1]) - abs(step_east) / 2,
        min(northing[0], northing[-1]) - abs(step_north) / 2,
        max(easting[0], easting[-1]) + abs(step_east) / 2,
        max(northing[0], northing[-1]) + abs(step_north) / 2,
    )
    to_degrees = Transformer.from_crs(projected, GEOGRAPHIC_CRS, always_xy=True)
    west, south, east, north = to_degrees.transform_bounds(*edges)
    top, bottom = (np.arcsinh(np.tan(np.radians(latitude))) for latitude in (north, south))
    width = np.radians(east - west)
    scale = (
        min(1.0, MOST_PIXELS / (2 * max(len(northing), len(easting)))) * 2 * max(len(northing), len(easting))
    )
    across, down = (max(2, round(scale * side / max(width, top - bottom))) for side in (width, top - bottom))
    longitude = west + (np.arange(across) + 0.5) * (east - west) / across
    latitude = np.degrees(np.arctan(np.sinh(top - (np.arange(down) + 0.5) * (top - bottom) / down)))
    pixel_east, pixel_north = Transformer.from_crs(GEOGRAPHIC_CRS, projected, always_xy=True).transform(
        *np.meshgrid(longitude, latitude)
    )
    rows = np.floor((pixel_north - northing[0]) / step_north + 0.5).astype(int)
    columns = np.floor((pixel_east - easting[0]) / step_east + 0.5).astype(int)
    return (west, south, east, north), rows, columns


def _png(image: Any, colours: Any) -> bytes:
    from PIL import Image  # noqa: PLC0415  (comes with matplotlib)

    picture = Image.fromarray(image)
    picture.putpalette(bytes(3) + colours.tobytes())
    stream = io.BytesIO()
    picture.save(stream, format="PNG", transparency=0)
    return stream.getvalue()
