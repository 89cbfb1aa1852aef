"""The static picture of the county's map, for Word: the same layers, colours and words as the page."""

import io
import warnings
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import shapely
from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.legend_handler import HandlerTuple
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.patheffects import withStroke
from matplotlib.transforms import Bbox
from shapely.plotting import patch_from_polygon

from suizhou_geo.conventions import LAYER_KINDS, CountyResult, Feature, SectionStatus
from suizhou_geo.errors import MissingFileError
from suizhou_geo.maps.palette import Style, air_edition, read_air_colours, read_palette
from suizhou_geo.maps.publication import INTERNAL, Publication, withhold
from suizhou_geo.saving import write_atomically

#: Fonts with Chinese, best first. matplotlib knows a collection by its first face, which is the Japanese one of Noto.
CHINESE_FONTS = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Microsoft YaHei",
    "PingFang SC",
    "SimHei",
    "Noto Sans CJK JP",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Droid Sans Fallback",
)

#: Inches and dots an inch: as wide as the type area of an official document (156 mm), sharp in print.
WIDTH, MAP_HEIGHT, DOTS = 6.14, 4.6, 220

_LEGEND_COLUMNS, _LEGEND_ROW = 5, 0.165

FONT_HINT = "请安装 Noto Sans CJK SC 或文泉驿字体（Debian：fonts-noto-cjk）后再运行"

#: What stands for a letter that no font has: a printer's mark, never an empty box.
_NO_GLYPH = "〓"

_INK, _QUIET, _GLYPH = "#1f2a2e", "#56636a", "#3d484d"
_AREAS = ("reserves", "water_zones", "redlines")
_POINTS = {
    "outfalls": {"marker": "v", "s": 7, "c": _GLYPH},
    "sources": {"marker": "s", "s": 7, "c": _GLYPH},
    "projects": {"marker": "P", "s": 14, "c": "#0b6e75"},
    "intakes": {"marker": "o", "s": 14, "c": "#2463a8"},
    "stations": {"marker": "D", "s": 16, "c": "#ffffff", "edgecolors": _INK, "linewidths": 0.8},
}
_RINGS = {"solid": "外环：达标或目前达标", "dashed": "虚线环：有风险", "double": "双环：未达标"}


def draw_picture(result: CountyResult, *, publication: Publication = INTERNAL) -> bytes | None:
    """The map of a county as PNG, 156 mm wide at 220 dots an inch; the same result gives the same bytes.

    Sections are filled with their official class and ringed by their target, as on the page; the line at the lower
    left says whether the map was reviewed. Where the machine has no Chinese font there is no picture: a warning says
    so and None comes back, as a map with empty boxes for names is worse than none.

    >>> result = CountyResult("421303", "曾都区", "随州市", 2021, 6, "无断面。", (), (), (), (), (), (), False, "0.1.0")
    >>> picture = draw_picture(result)
    >>> picture is None or picture.startswith(b"\\x89PNG")
    True
    """
    font = find_chinese_font()
    if font is None:
        warnings.warn(
            f"这台机器没有中文字体，没有生成地图图片。{FONT_HINT}",
            stacklevel=2,
        )
        return None

    shown = withhold(result, publication)
    with mpl.rc_context(
        {"font.family": [font], "font.size": 8, "axes.unicode_minus": False, "hatch.linewidth": 0.5}
    ):
        rows = -(-len(_handles(shown)) // _LEGEND_COLUMNS)
        figure = Figure(figsize=(WIDTH, MAP_HEIGHT + rows * _LEGEND_ROW + 0.1), dpi=DOTS, facecolor="#ffffff")
        FigureCanvasAgg(figure)
        _draw_map(figure, shown, publication)
        stream = io.BytesIO()
        figure.savefig(stream, format="png", metadata={"Software": None})
    return stream.getvalue()


def write_picture(result: CountyResult, *, path: str | Path, publication: Publication = INTERNAL) -> Path:
    """Write :func:`draw_picture` to ``path``, whole or not at all.

    Raises ``MissingFileError`` if this machine has no Chinese font.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        picture = draw_picture(result, publication=publication)
    if picture is None:
        raise MissingFileError(f"没有写出图片 {Path(path).name}", why="这台机器没有中文字体", todo=FONT_HINT)
    return write_atomically(path, lambda temporary: temporary.write_bytes(picture))


@cache
def find_chinese_font() -> str | None:
    """The name under which matplotlib knows the best Chinese font of this machine; None where there is none."""

    known = {entry.name for entry in font_manager.fontManager.ttflist}
    return next((name for name in CHINESE_FONTS if name in known), None)


@cache
def _letters(font: str) -> frozenset[int]:

    face = font_manager.get_font(font_manager.findfont(font))
    return frozenset(face.get_charmap())


def _printable(text: str) -> str:
    """The text in letters that the font has; ``$`` would begin a formula."""
    letters = _letters(find_chinese_font() or "")
    return "".join(each if each == "\n" or ord(each) in letters else _NO_GLYPH for each in text).replace(
        "$", "\\$"
    )


def _draw_map(figure: Any, result: CountyResult, publication: Publication) -> None:
    share = MAP_HEIGHT / figure.get_figheight()
    axes = figure.add_axes((0.0, 1 - share, 1.0, share), facecolor="#e9edee")
    axes.set_xticks([])
    axes.set_yticks([])
    for side in axes.spines.values():
        side.set_color("#c3ccd0")
    bounds = _home(result)
    latitude = (bounds[1] + bounds[3]) / 2
    aspect = 1 / np.cos(np.radians(latitude))
    bounds = _fitted(bounds, aspect)
    axes.set_aspect(aspect)
    axes.set_xlim(bounds[0], bounds[2])
    axes.set_ylim(bounds[1], bounds[3])
    _draw_areas(axes, result)
    _draw_rivers(axes, result)
    _draw_points(axes, result)
    _draw_sections(axes, result)
    figure.draw_without_rendering()
    _draw_labels(axes, result)
    _draw_scale(axes, latitude)
    date = f"CGCS2000 · {result.year} 年 {result.month} 月" + (" · 演示数据" if result.synthetic else "")
    axes.text(
        0.008, 0.012, _printable(f"{publication.map_stamp}\n{date}"), transform=axes.transAxes, fontsize=7, color=_INK,
        va="bottom", bbox={"facecolor": "#ffffff", "alpha": 0.88, "edgecolor": "none", "pad": 2}, zorder=20,
    )  # fmt: skip
    _draw_legend(figure, result)


def _features(result: CountyResult, kind: str) -> tuple[Feature, ...]:
    layer = result.layer(kind)
    return layer.features if layer else ()


def _shape(feature: Feature) -> Any:
    return shapely.geometry.shape(feature.geometry) if feature.geometry else shapely.Point()


def _home(result: CountyResult) -> tuple[float, float, float, float]:
    """The county in question with a margin; without its boundary, everything there is."""
    own = [_shape(each) for each in _features(result, "counties") if each.in_county]
    shapes = own or [_shape(each) for layer in result.layers for each in layer.features]
    west, south, east, north = shapely.total_bounds(shapes) if shapes else (np.nan,) * 4
    if not np.isfinite([west, south, east, north]).all():
        west, south, east, north = 73.0, 18.0, 135.0, 54.0
    margin = 0.04 * max(east - west, north - south, 0.01)
    return west - margin, south - margin, east + margin, north + margin


def _fitted(bounds: tuple[float, float, float, float], aspect: float) -> tuple[float, float, float, float]:
    """The same bounds, widened to the shape of the picture."""
    west, south, east, north = bounds
    width, height = east - west, (north - south) * aspect
    wanted = max(width, height * WIDTH / MAP_HEIGHT)
    across, up = (wanted - width) / 2, (wanted * MAP_HEIGHT / WIDTH - height) / 2 / aspect
    return west - across, south - up, east + across, north + up


def _style(feature: Feature, kind: str) -> Style:
    palette = read_palette()
    for key, style in palette["category"].items():
        if key.startswith(f"{kind}:") and key.partition(":")[2] in feature.category:
            return style
    return palette["area"].get(kind, palette["area"]["extra"])


def _add_area(axes: Any, shape: Any, **looks: Any) -> None:

    for part in shapely.get_parts(shape):
        if part.geom_type == "Polygon" and not part.is_empty:
            axes.add_patch(patch_from_polygon(part, **looks))


def _draw_areas(axes: Any, result: CountyResult) -> None:
    counties = [(_shape(each), each.in_county) for each in _features(result, "counties")]
    for shape, own in counties:
        _add_area(axes, shape, facecolor="#ffffff" if own else "#f3f5f6", edgecolor="none", zorder=1)
    for kind in _AREAS:
        for feature in _features(result, kind):
            style = _style(feature, kind)
            hatched = style["pattern"].startswith("hatch")
            _add_area(
                axes, _shape(feature), facecolor="none" if hatched else style["fill"], edgecolor=style["colour"],
                hatch="/////" if hatched else None, linewidth=0.7, linestyle="--" if style["pattern"] == "dashed" else "-", zorder=2,
            )  # fmt: skip
    for shape, own in counties:
        _add_area(axes, shape, facecolor="none", edgecolor="#8a969c", linewidth=1.0 if own else 0.6, zorder=3)


def _draw_rivers(axes: Any, result: CountyResult) -> None:
    for feature in _features(result, "rivers"):
        order = int(feature.category) if feature.category.isdecimal() else 3
        for part in shapely.get_parts(_shape(feature)):
            if part.geom_type == "LineString":
                axes.plot(
                    *np.array(part.coords)[:, :2].T,
                    color="#6f9ab8",
                    linewidth=max(0.6, 2.4 - 0.6 * order),
                    zorder=4,
                )


def _places(features: Iterable[Feature]) -> Any:
    points = [shapely.get_coordinates(_shape(each)) for each in features if each.geometry]
    return np.concatenate(points) if points else np.empty((0, 2))


def _draw_points(axes: Any, result: CountyResult) -> None:
    for kind, looks in _POINTS.items():
        if kind == "stations":
            continue
        longitude, latitude = _places(_features(result, kind)).T
        axes.scatter(longitude, latitude, **{"linewidths": 0, **looks}, zorder=6)
    colours = _air_colours(result)
    for station in _features(result, "stations"):
        longitude, latitude = _places([station]).T
        fill = colours[str(_level(station))]["fill"]
        axes.scatter(longitude, latitude, **{**_POINTS["stations"], "c": fill}, zorder=6)


def _level(station: Feature) -> int:
    return (station.air and station.air.now.level) or 0


def _air_colours(result: CountyResult) -> dict[str, Style]:
    return read_air_colours(air_edition(result.year, result.month))


def _draw_sections(axes: Any, result: CountyResult) -> None:
    for feature in _features(result, "sections"):
        for longitude, latitude in _places([feature]):
            _draw_section(
                axes, longitude, latitude, feature.section, lake=feature.category in {"lake", "湖库"}
            )


def _draw_section(axes: Any, x: float, y: float, status: SectionStatus | None, *, lake: bool) -> None:
    palette = read_palette()
    marker = "s" if lake else "o"
    pattern = (
        palette["state"].get(status.target_state, palette["state"]["unknown"])["pattern"]
        if status
        else "none"
    )
    fill = palette["class"][str((status and status.water_class) or 0)]["fill"]
    axes.scatter(x, y, s=120, marker=marker, c="#ffffff", linewidths=0, alpha=0.85, zorder=7)
    for size in {"solid": (95,), "dashed": (95,), "double": (88, 145)}.get(pattern, ()):
        axes.scatter(
            x, y, s=size, marker=marker, facecolors="none", edgecolors=_INK, linewidths=0.9,
            linestyles=(0, (2, 1.5)) if pattern == "dashed" else "-", zorder=8,
        )  # fmt: skip
    axes.scatter(x, y, s=46, marker=marker, c=fill, edgecolors=_INK, linewidths=0.9, zorder=9)


def _pattern(status: SectionStatus) -> str:
    states = read_palette()["state"]
    return states.get(status.target_state, states["unknown"])["pattern"]


def _draw_labels(axes: Any, result: CountyResult) -> None:
    """Names of sections (the worst first) and counties; a name that would stand over another is left out."""
    sections = _features(result, "sections")
    taken = [_box(axes, place, reach=7) for place in _places(sections)]
    worst = sorted(sections, key=lambda each: -((each.section and each.section.water_class) or 0))
    for feature in worst:
        label = (feature.section and feature.section.class_label) or ""
        for place in _places([feature])[:1]:
            _place(axes, f"{feature.name[:24]} {label}".strip(), place, taken, size=7.5, colour=_INK, gap=9)
    for county in _features(result, "counties"):
        shape = _shape(county)
        if not shape.is_empty:
            middle = shapely.get_coordinates(shape.representative_point())[0]
            size = 8 if county.in_county else 7
            _place(axes, county.name[:24], middle, taken, size=size, colour="#66737a", gap=0)


def _box(axes: Any, place: Any, *, reach: float) -> Any:

    left, low = axes.transData.transform(place)
    far = reach * DOTS / 72
    return Bbox.from_extents(left - far, low - far, left + far, low + far)


def _place(
    axes: Any, text: str, place: Any, taken: list[Any], *, size: float, colour: str, gap: float
) -> None:

    spots = [
        ((gap, 0), "left", "center"),
        ((-gap, 0), "right", "center"),
        ((0, gap), "center", "bottom"),
        ((0, -gap), "center", "top"),
    ]
    above = [((0, shift), "center", "center") for shift in (0, 14, -14, 28, -28)]
    for offset, across, up in spots if gap else above:
        label = axes.annotate(
            _printable(text), place, xytext=offset, textcoords="offset points", ha=across, va=up, fontsize=size, color=colour,
            path_effects=[withStroke(linewidth=2, foreground="#ffffff")], zorder=12, annotation_clip=True,
        )  # fmt: skip
        extent = label.get_window_extent()
        if (
            axes.bbox.fully_containsx(extent.x0)
            and axes.bbox.fully_containsx(extent.x1)
            and not any(extent.overlaps(other) for other in taken)
        ):
            taken.append(extent)
            return
        label.remove()


def _draw_scale(axes: Any, latitude: float) -> None:
    """A bar of a round number of kilometres, at the lower right."""
    west, east = axes.get_xlim()
    kilometre = 1 / (111.32 * np.cos(np.radians(latitude)))
    wanted = 0.2 * (east - west) / kilometre
    length = max((step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500) if step <= wanted), default=1)
    share = length * kilometre / (east - west)
    axes.plot(
        [0.97 - share, 0.97], [0.03, 0.03], transform=axes.transAxes, color=_INK, linewidth=1.5, zorder=20
    )
    axes.text(
        0.97 - share / 2,
        0.037,
        f"{length} 千米",
        transform=axes.transAxes,
        fontsize=7,
        color=_INK,
        ha="center",
        zorder=20,
    )


def _draw_legend(figure: Any, result: CountyResult) -> None:
    handles = _handles(result)
    figure.legend(
        handles, [(each[0] if isinstance(each, tuple) else each).get_label() for each in handles], loc="upper left", bbox_to_anchor=(0.0, 1 - MAP_HEIGHT / figure.get_figheight()), ncols=_LEGEND_COLUMNS,
        fontsize=7, frameon=False, handlelength=1.8, columnspacing=1.2, labelspacing=0.55, borderaxespad=0.3,
        handler_map={tuple: HandlerTuple(ndivide=1)},
    )  # fmt: skip


def _handles(result: CountyResult) -> list[Any]:
    """Every symbol on the picture, and 无数据."""
    handles = [*_section_handles(_features(result, "sections"))]
    handles += [
        _mark(
            _title(result, kind),
            str(looks["marker"]),
            looks["c"],
            edge=looks.get("edgecolors", "none"),
            size=5,
        )
        for kind, looks in _POINTS.items()
        if _features(result, kind) and kind != "stations"
    ]
    handles += _station_handles(result)
    handles += [handle for kind in _AREAS for handle in _area_handles(result, kind)]
    if _features(result, "rivers"):
        handles.append(Line2D([], [], color="#6f9ab8", label=_printable(_title(result, "rivers"))))
    return handles


def _mark(label: str, marker: str, fill: Any, *, edge: Any = _INK, size: float = 6) -> Any:
    return Line2D(
        [], [], linestyle="none", marker=marker, label=_printable(label), markerfacecolor=fill, markeredgecolor=edge, markersize=size
    )  # fmt: skip


def _section_handles(sections: Iterable[Feature]) -> list[Any]:
    palette = read_palette()
    statuses = [each.section for each in sections if each.section]
    classes = sorted({status.water_class for status in statuses if status.water_class})
    patterns = {_pattern(status) for status in statuses}
    marks = [
        _mark(palette["class"][str(each)]["label"], "o", palette["class"][str(each)]["fill"])
        for each in classes
    ]
    rings = [_ring(pattern) for pattern in _RINGS if pattern in patterns]
    return [*marks, *rings, _mark("无数据", "o", "#ffffff", edge="#9aa5aa")]


def _station_handles(result: CountyResult) -> list[Any]:
    """The levels of the picture's month, in the words of the standard, and no data where a station has none."""
    stations, colours = _features(result, "stations"), _air_colours(result)
    title = _title(result, "stations")
    return [
        _mark(f"{title}：{colours[level]['label']}", "D", colours[level]["fill"], size=5)
        for level in sorted({str(_level(each)) for each in stations})
    ]


def _ring(pattern: str) -> Any:
    """A ring of the legend; matplotlib dashes the outline of a patch, not that of a marker."""
    label = _printable(_RINGS[pattern])
    if pattern == "dashed":
        return (
            Figure()
            .add_subplot()
            .scatter(
                [], [], s=64, facecolors="none", edgecolors=_INK, linestyles=[(0, (2, 1.5))], label=label
            )
        )
    outer = _mark(label, "o", "none", size=9)
    return (outer, _mark("", "o", "none", size=6)) if pattern == "double" else outer


def _area_handles(result: CountyResult, kind: str) -> list[Any]:
    styles = {style["label"]: style for style in (_style(each, kind) for each in _features(result, kind))}
    return [
        Patch(
            facecolor="none" if style["pattern"].startswith("hatch") else style["fill"], edgecolor=style["colour"],
            hatch="/////" if style["pattern"].startswith("hatch") else None, label=_printable(label or _title(result, kind)),
        )
        for label, style in styles.items()
    ]  # fmt: skip


def _title(result: CountyResult, kind: str) -> str:
    layer = result.layer(kind)
    return (layer.title if layer else "") or LAYER_KINDS[kind]
