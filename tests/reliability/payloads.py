"""Texts that run somewhere if they are taken for code, and a county with one of them in every text that it has.

``window.fired`` is set by whatever runs in a browser; ``{{7*7}}`` and its kin become ``49`` or an error in a template.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any

from suizhou_geo.conventions import (
    Account,
    AirMonth,
    AirStatus,
    Alert,
    AreaEntry,
    CountyResult,
    Fan,
    Feature,
    Layer,
    ProjectScreening,
    ReceptorEntry,
    SourceNote,
    Suspect,
    Trend,
    UnitEntry,
)
from tests.maps.sample_result import HOSTILE, sample_result

FIRE = "window.fired=1"

PAYLOADS = (
    *HOSTILE,
    f'<img src="x" onerror="{FIRE}">',
    f"<img/src/onerror={FIRE}>",
    f"<IMG SRC=x OnErRoR={FIRE}>",
    f"<scr<script>ipt>{FIRE}</scr</script>ipt>",
    f"<ScRiPt>{FIRE}</ScRiPt>",
    f"</textarea><script>{FIRE}</script>",
    f"</title><script>{FIRE}</script>",
    f"</td></tr></table><script>{FIRE}</script>",
    f"--><script>{FIRE}</script><!--",
    f"*/{FIRE}/*",
    f"'-({FIRE})-'",
    f'"-({FIRE})-"',
    f'");{FIRE};("',
    f'\\";{FIRE};//',
    f"\\');{FIRE};//",
    f"`+({FIRE})+`",
    f"${{({FIRE})}}",
    f"\n{FIRE}\n",
    f"\r\n{FIRE}//",
    f"\u2028{FIRE}\u2029",
    f"<svg><script>{FIRE}</script></svg>",
    f"<svg><animate onbegin={FIRE} attributeName=x dur=1s>",
    f"<math><mtext><script>{FIRE}</script></mtext></math>",
    f"<details open ontoggle={FIRE}>细节</details>",
    f"<body onload={FIRE}>",
    f"<video><source onerror={FIRE}></video>",
    f"<audio src=x onerror={FIRE}></audio>",
    f"<object data='javascript:{FIRE}'></object>",
    f"<embed src='javascript:{FIRE}'>",
    f"<form action='javascript:{FIRE}'><button>提交</button></form>",
    f"<meta http-equiv=refresh content='0;url=javascript:{FIRE}'>",
    "<base href='https://example.invalid/'>",
    "<link rel=stylesheet href='https://example.invalid/a.css'>",
    "<style>@import 'https://example.invalid/a.css';</style>",
    "<div style=background:url(https://example.invalid/a.png)>背景</div>",
    f"<a href=javascript:{FIRE}>链接</a>",
    f"<input autofocus onfocus={FIRE}>",
    f"<marquee onstart={FIRE}>滚动</marquee>",
    f"<template><script>{FIRE}</script></template>",
    f"&lt;script&gt;{FIRE}&lt;/script&gt;",
    f"&#60;script&#62;{FIRE}&#60;/script&#62;",
    f"\\x3cscript\\x3e{FIRE}\\x3c/script\\x3e",
    "{{ cycler.__init__.__globals__.os.name }}",
    "{{ ''.__class__.__mro__ }}",
    "{% raw %}{{7*7}}{% endraw %}",
    "{%- if true -%}49{%- endif -%}",
    "#{7*7}",
    "<%= 7*7 %>",
    "${7*7}",
    "%(name)s {name} {0}",
    "constructor",
    "toString",
    "-0",
    "null",
    "水" * 300,
)

# Not texts: what the pages look up, count or draw by. They hold words of a closed list, dates or numbers.
STRUCTURE = {
    "kind", "adcode", "id", "feature_id", "area_id", "area_kind", "times", "class_periods",
    "period", "indicator", "first", "last", "geometry", "date", "section_id", "source_id", "sha256",
}  # fmt: skip

#: Where a text stands (``layers.sections.features.name``), and the text.
Placed = tuple[str, str]


class Poison:
    """Plain data with a text of its own in every place; ``placed`` are all of them, as they were put there."""

    def __init__(self, texts: Iterator[str]) -> None:
        self._texts = texts
        self.placed: list[Placed] = []

    def __call__(self, value: Any, *, at: str = "") -> Any:
        """``value`` with other texts; what :data:`STRUCTURE` names stays."""
        if isinstance(value, str):
            return self._next(at)
        if isinstance(value, dict):
            return {self._next(f"{at}.label"): self(each, at=at) for each in value.values()}
        if isinstance(value, (tuple, list)):
            return type(value)(self(each, at=at) for each in value)
        if not is_dataclass(value):
            return value
        # A product shows some layers and not others.
        at += f".{value.kind}" if isinstance(value, Layer) else ""
        changed = {
            each.name: self(getattr(value, each.name), at=f"{at}.{each.name}".lstrip("."))
            for each in fields(value)
            if each.name not in STRUCTURE
        }
        return replace(value, **changed)

    def _next(self, at: str) -> str:
        text = next(self._texts)
        self.placed.append((at, text))
        return text


def in_turn(payloads: Sequence[str], *, shift: int = 0) -> Iterator[str]:
    """The payloads one after the other without end, beginning at ``shift``: over all shifts every place has every one."""
    return itertools.cycle((*payloads[shift:], *payloads[:shift]))


def numbered() -> Iterator[str]:
    """Harmless texts, none of which is part of another."""
    return (f"文字{number:05d}号" for number in itertools.count())


def full_county() -> CountyResult:
    """The made-up county with at least one of everything that a result can hold."""
    result = sample_result(outfalls=3, sources=3)
    layers = tuple(
        replace(layer, title=layer.kind, features=tuple(map(_full_feature, layer.features[:3])))
        for layer in result.layers
    )
    target = replace(
        result.targets[0], change="x", goal="G1", judged_by="x", layer="x", rows=("x", "y"), note="x", source="x", due="x"
    )  # fmt: skip
    return replace(
        result,
        layers=layers,
        # One that is judged and one that nobody can judge: they stand in different places.
        targets=(target, replace(target, state="unknown", value=None, note="x")),
        tasks=(replace(target, id="T1", goal="T1", required=1.0, progress=50.0),),
        # Named by themselves only where what they are about is not on the map.
        conflicts=tuple(replace(each, feature_id="nobody") for each in result.conflicts[:2]),
        suspects=tuple(
            Suspect("S0", "tp", rank, "nobody", "x", 3.5, 12.0, 0.5, "x", True) for rank in (1, 2)
        ),
        alerts=(Alert("2021-06-30", "2021-06-30", "x", "x", "421303", "x", "x", "x", 1.0, 2.0, "x", "x", "x", True),),
        accounts=(
            Account("x", "x", "x", "x", "2021-06", "tp", 1.0, 2.0, 3.0, "x", 4.0, "x", "x", "x", "x", "x", True),
        ),
    )  # fmt: skip


def full_screening() -> ProjectScreening:
    """A made-up project that touches, is near to and lies above something."""
    unit = UnitEntry("x", "x", "x", "x", 0.5, {"x": "x", "y": "y"}, ("x",), "x", True)
    area = AreaEntry("x", "x", "x", "x", "相交", 0.5, 10.0, 0.0, 0.5, "x", True)
    receptor = ReceptorEntry("x", "x", "x", 3.0, True)
    note = SourceNote("x", "x", "ab" * 32, "x", True, "x")
    return ProjectScreening(
        "x", "x", "x", "x", 113.4, 31.7, 5000.0, 500.0, (unit,), (area,), "x", 20.0, (receptor,), ("x",), (note,), True, "x"
    )  # fmt: skip


def _full_feature(feature: Feature) -> Feature:
    """The same with everything that a feature of its kind can have."""
    if feature.section:
        trend = Trend("tp", "x", "x", "x", "x", 0.1, 0.05, 0.2, "2016-01", "2021-06")
        fan = Fan("tp", ("2021-07", "2021-08"), (0.05, 0.5, 0.95), ((0.1, 0.1), (0.2, 0.2), (0.3, 0.3)))
        section = replace(
            feature.section, trends=(trend,), p_attain=0.4, binding="x", main_pollutants="x", exceedance="x", limiting="x", grade="x"
        )  # fmt: skip
        return replace(feature, section=section, fans=(fan,))
    if feature.id.startswith("空气站"):
        months = tuple(
            AirMonth(period, f"{period}-28", 77, 2, "x", "x", (3, 22, 5, 0, 0, 0), 25)
            for period in ("2021-05", "2021-06")
        )
        return replace(feature, air=AirStatus(months, "hj633-2012", "x", "x", True))
    return replace(feature, category="x")
