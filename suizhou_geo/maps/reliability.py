"""A reliability diagram: what was said beside how often it came, as one SVG that needs nothing else."""

from collections.abc import Mapping, Sequence
from html import escape

_SIZE, _LEFT, _TOP = 300, 56, 34
_INK, _PALE, _ACCENT = "#333333", "#cccccc", "#0b6e75"


def draw_reliability(bins: Mapping[str, Sequence[float]], *, title: str) -> str:
    """The diagram as SVG text, 400 × 400: a point per bin, its 90 % interval, the number of its cases.

    ``bins`` holds the columns of ``forecast.reliability_bins``: ``said, came, came_low, came_high, n``.

    >>> drawn = draw_reliability({"said": [0.9], "came": [0.8], "came_low": [0.5], "came_high": [0.95], "n": [10]},
    ...     title="PM2.5 <=35")
    >>> drawn.startswith("<svg"), "PM2.5 &lt;=35" in drawn, drawn.count("<circle")
    (True, True, 1)
    """
    points = zip(bins["said"], bins["came"], bins["came_low"], bins["came_high"], bins["n"], strict=True)
    parts = [_line(0, 0, 1, 1, colour=_PALE, dashed=True), *_axes(), *(_point(*each) for each in points)]
    told = f"{title}：给出的概率与实际发生的比例，每点下方为例数"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400" width="400" height="400" role="img" '
        f'font-family="Noto Sans CJK SC, Microsoft YaHei, PingFang SC, sans-serif" font-size="11" fill="{_INK}">'
        f"<title>{escape(told)}</title>"
        f'<rect width="400" height="400" fill="#ffffff"/>'
        f'<text x="{_LEFT}" y="20" font-size="13">{escape(title)}</text>{"".join(parts)}</svg>\n'
    )


def _point(said: float, came: float, low: float, high: float, count: float) -> str:
    return (
        _line(said, low, said, high, colour=_ACCENT)
        + f'<circle cx="{_across(said):.1f}" cy="{_up(came):.1f}" r="4" fill="{_ACCENT}"/>'
        + f'<text x="{_across(said):.1f}" y="{_up(0) + 30:.1f}" text-anchor="middle" font-size="9">{count:g}</text>'
    )


def _axes() -> list[str]:
    parts = [_line(0, 0, 1, 0, colour=_INK), _line(0, 0, 0, 1, colour=_INK)]
    for tick in (0.0, 0.5, 1.0):
        parts.append(f'<text x="{_across(tick)}" y="{_up(0) + 15}" text-anchor="middle">{tick:.0%}</text>')
        parts.append(f'<text x="{_across(0) - 6}" y="{_up(tick) + 4}" text-anchor="end">{tick:.0%}</text>')
    parts.append(
        f'<text x="{_across(0.5)}" y="{_up(0) + 48}" text-anchor="middle">给出的达标概率（下：例数）</text>'
    )
    middle = _up(0.5)
    parts.append(
        f'<text x="14" y="{middle}" text-anchor="middle" transform="rotate(-90 14 {middle})">实际达标的比例</text>'
    )
    return parts


def _line(left: float, low: float, right: float, high: float, *, colour: str, dashed: bool = False) -> str:
    dash = ' stroke-dasharray="4 3"' if dashed else ""
    return (
        f'<line x1="{_across(left):.1f}" y1="{_up(low):.1f}" x2="{_across(right):.1f}" y2="{_up(high):.1f}" '
        f'stroke="{colour}"{dash}/>'
    )


def _across(share: float) -> float:
    return _LEFT + _SIZE * share


def _up(share: float) -> float:
    return _TOP + _SIZE * (1 - share)
