"""How numbers and states are written in the papers: the same words and figures as on the page."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

from suizhou_geo.conventions import (
    SYNTHETIC_LABEL,
    TARGET_WORDS,
    CountyResult,
    Feature,
    SourceNote,
    Suspect,
    TargetRow,
    class_label,
)
from suizhou_geo.standards import describe_certainty

COMPARE_SIGNS = {">=": "≥", "<=": "≤", "==": "=", ">": ">", "<": "<"}

#: Stated on every paper: none of them was reviewed for publication.
STAMP = "内部使用"

NO_DATA = "无数据"

#: The shape that goes with each word in black and white.
_SHAPES = {"missed": "■", "unlikely": "■", "behind": "■", "at_risk": "▲", "unknown": "○"}

#: Marks of the plan's own figures; those of standards have their words in ``standards``.
_VERIFIED = {"demo": "演示值，非下达值", "typed": "人工录入", "": "未核实"}


def number_text(value: float | None, *, decimals: int = 2) -> str:
    """A number as printed in a report: grouped, at most ``decimals`` decimals, a true minus sign; as on the page.

    >>> number_text(92.9), number_text(37.0), number_text(-1234.567), number_text(0.285), number_text(None)
    ('92.9', '37', '−1,234.57', '0.29', '—')
    """
    if value is None:
        return "—"
    rounded = Decimal(repr(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    text = f"{rounded:,f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace("-", "−")


def fixed_text(value: float | None, *, decimals: int) -> str:
    """A number with the decimals of its standard.

    >>> fixed_text(0.2, decimals=3), fixed_text(None, decimals=1)
    ('0.200', '—')
    """
    return "—" if value is None else f"{value:.{decimals}f}".replace("-", "−")


def value_text(target: TargetRow) -> str:
    """Where the target stands now, with its unit."""
    return NO_DATA if target.value is None else number_text(target.value) + _unit(target.unit)


def goal_text(target: TargetRow) -> str:
    """What is to be reached, with sign and unit; a dash where the demand was never published."""
    if target.target is None:
        return "—"
    sign = COMPARE_SIGNS.get(target.compare, target.compare)
    return f"{sign} {number_text(target.target)}{_unit(target.unit)}"


def state_text(state: str) -> str:
    """The word of a state behind its shape, so that it is told apart in black and white.

    >>> state_text("behind"), state_text("likely"), state_text("unknown")
    ('■ 目前未达标', '● 有望达标', '○ 无法判定')
    """
    return f"{_SHAPES.get(state, '●')} {TARGET_WORDS.get(state, state)}"


def target_state_text(target: TargetRow) -> str:
    """The word of a row's state behind its shape; of its pace where something is due by now."""
    return f"{_SHAPES.get(target.state, '●')} {target.word}"


def class_text(water_class: int | None) -> str:
    """Ⅰ类 … 劣Ⅴ类, or 无数据.

    >>> class_text(3), class_text(None)
    ('Ⅲ类', '无数据')
    """
    label = class_label(water_class)
    return f"{label}类" if label else NO_DATA


def verified_text(mark: str) -> str:
    """How sure a figure or a table is: unverified unless its record says otherwise.

    >>> verified_text(""), verified_text("primary"), verified_text("3 sources"), verified_text("typed")
    ('未核实', '已对照原文', '3 个来源', '人工录入')
    """
    return _VERIFIED[mark] if mark in _VERIFIED else describe_certainty(mark)


def worst_first(targets: Iterable[TargetRow]) -> list[TargetRow]:
    """Targets in the order of the page: the worst state first, within a state the least probable."""
    words = list(TARGET_WORDS)

    def badness(target: TargetRow) -> tuple[int, float]:
        state = target.state if target.state in words else "unknown"
        return words.index(state), 1.0 if target.p_attain is None else target.p_attain

    return sorted(targets, key=badness)


def sections_of(result: CountyResult) -> list[Feature]:
    """The water sections that have a status, worst first, as on the page."""
    layer = result.layer("sections")
    words = list(TARGET_WORDS)

    def badness(feature: Feature) -> tuple[int, int]:
        state = feature.section.target_state if feature.section else "unknown"
        place = words.index(state) if state in words else words.index("unknown")
        return place, -((feature.section.water_class if feature.section else None) or 0)

    return sorted((each for each in (layer.features if layer else ()) if each.section), key=badness)


def demo_mark(result: CountyResult) -> str:
    """演示数据, 部分为演示数据, or nothing."""
    if result.synthetic:
        return SYNTHETIC_LABEL
    parts = [
        flag for layer in result.layers for flag in (layer.synthetic, *(f.synthetic for f in layer.features))
    ]
    return f"部分为{SYNTHETIC_LABEL}" if any(parts) else ""


def observation_notes(result: CountyResult) -> list[SourceNote]:
    """The files that the values of the sections come from."""
    return [note for note in result.sources if note.title == "水质监测数据"]


def synthetic_text(flag: bool) -> str:
    """演示数据 where a script made it, nothing elsewhere."""
    return SYNTHETIC_LABEL if flag else ""


def progress_text(target: TargetRow) -> str:
    """How far the row is along its plan or schedule; a dash where there is none."""
    return "—" if target.progress is None else f"{number_text(target.progress, decimals=1)}%"


def suspects_of(result: CountyResult) -> list[Suspect]:
    """The suspects upstream of exceeding sections, by section and rank."""
    return sorted(result.suspects, key=lambda each: (each.section_id, each.rank))


def feature_names(result: CountyResult, kind: str) -> dict[str, str]:
    """Names of the features of a layer by their ids."""
    layer = result.layer(kind)
    return {feature.id: feature.name for feature in layer.features} if layer else {}


def _unit(unit: str) -> str:
    return "%" if unit == "%" else f" {unit}" if unit else ""
