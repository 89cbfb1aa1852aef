"""The state of one county in one month: the single object that pages, Word, Excel and the index are written from.

Everything in it is plain data (str, int, float, bool, None, tuples and dicts of them), so that it survives JSON
and the same number stands in every product.
"""

import hashlib
import json
import math
import struct
from dataclasses import asdict, dataclass, field, fields
from operator import attrgetter
from typing import Any

from suizhou_geo.conventions.names import REFERENCE_MARK, TROUBLED, state_word
from suizhou_geo.errors import InputError


@dataclass(frozen=True)
class SourceNote:
    """Where data came from: title, file, SHA-256, date of the data, and whether a script made it."""

    title: str
    file: str
    sha256: str
    updated: str
    synthetic: bool
    note: str = ""


@dataclass(frozen=True)
class Rule:
    """A standard that was applied: its id, title, clause, first day in force and how sure its table is."""

    standard: str
    title: str
    clause: str
    effective_from: str
    verified: str


@dataclass(frozen=True)
class Series:
    """Values of one indicator at one site; ``times`` are ``YYYY-MM`` and ``values`` hold None where nothing is known."""

    indicator: str
    name: str
    unit: str
    times: tuple[str, ...]
    values: tuple[float | None, ...]
    limit: float | None = None
    limit_label: str = ""
    decimals: int = 2
    higher_is_better: bool = False


@dataclass(frozen=True)
class Fan:
    """What the months to come may bring at a site: quantiles of one indicator, one tuple of months per level.

    ``times`` are ``YYYY-MM``, ``levels`` probabilities (0.05 … 0.95, ascending), ``values[i]`` belongs to ``levels[i]``.
    """

    indicator: str
    times: tuple[str, ...]
    levels: tuple[float, ...]
    values: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Trend:
    """The seasonal trend of one indicator at a site: its verdict in words, and its slope per year with interval."""

    indicator: str
    name: str
    unit: str
    verdict: str
    meaning: str
    slope: float
    slope_low: float
    slope_high: float
    first: str
    last: str


@dataclass(frozen=True)
class SectionStatus:
    """A water section's class this month and this year so far, against its target.

    ``limiting`` and ``binding`` hold names, not codes; ``p_attain`` is the probability that the year attains, None
    without a forecast, and ``binding`` what decides it if not. ``target_state`` is a key of ``conventions.TARGET_WORDS``; ``classes`` holds one class (1…6 or None) for each of
    ``class_periods`` (``YYYY-MM``), oldest first.
    """

    period: str
    water_class: int | None
    class_label: str
    grade: str
    verdict: str
    target_class: int | None
    target_state: str
    year_to_date_class: int | None
    main_pollutants: str
    exceedance: str
    limiting: str
    n: int
    standard: str
    clause: str
    year_to_date_pollutants: str = ""
    p_attain: float | None = None
    binding: str = ""
    trends: tuple[Trend, ...] = ()
    class_periods: tuple[str, ...] = ()
    classes: tuple[int | None, ...] = ()

    @property
    def needs_attention(self) -> bool:
        """Whether the year is in trouble, or this month was worse than the target."""
        month_is_worse = (
            self.water_class is not None
            and self.target_class is not None
            and self.water_class > self.target_class
        )
        return self.target_state in TROUBLED or month_is_worse


@dataclass(frozen=True)
class AirMonth:
    """A station's air in one month: its last day that has an index, and the days of the month by level.

    An index belongs to a day (HJ 633), never to a month: ``date`` is the day, empty where none of the month has one,
    ``level`` 1…6, ``primary`` the names of its primary pollutants. ``days`` counts the days of
    level 1…6, and is empty where no day has an index.
    """

    period: str
    date: str
    aqi: int | None
    level: int | None
    category: str
    primary: str
    days: tuple[int, ...]
    good_days: int

    @property
    def valid_days(self) -> int:
        """Days that have an index."""
        return sum(self.days)


@dataclass(frozen=True)
class AirStatus:
    """The air at a station: ``months`` oldest first, the last of them is the page's own.

    ``standard`` and ``clause`` are those of the day in the last month, ``note`` says what its index lacks, ``synthetic``
    whether a script made the observations (the station itself may well be real).
    """

    months: tuple[AirMonth, ...]
    standard: str
    clause: str
    note: str = ""
    synthetic: bool = False

    @property
    def now(self) -> AirMonth:
        """The page's own month."""
        return self.months[-1]


@dataclass(frozen=True)
class Feature:
    """One thing on the map. ``geometry`` is GeoJSON in CGCS2000; ``facts`` are label → text pairs for its card."""

    id: str
    name: str
    geometry: dict[str, Any]
    facts: dict[str, str] = field(default_factory=dict)
    source_type: str = ""
    category: str = ""
    location_quality: str = ""
    synthetic: bool = False
    in_county: bool = True
    section: SectionStatus | None = None
    series: tuple[Series, ...] = ()
    fans: tuple[Fan, ...] = ()
    air: AirStatus | None = None


@dataclass(frozen=True)
class Layer:
    """All features of one kind (a key of ``conventions.LAYER_KINDS``) with their origin."""

    kind: str
    title: str
    synthetic: bool
    source: str
    updated: str
    features: tuple[Feature, ...]


@dataclass(frozen=True)
class Conflict:
    """A source or outfall in or near a protected area: for review, never a verdict."""

    feature_id: str
    feature_name: str
    area_id: str
    area_name: str
    area_kind: str
    relation: str
    distance_m: float
    action: str
    synthetic: bool


@dataclass(frozen=True)
class Suspect:
    """A source that may stand behind a section's excess of ``indicator``: where to look first, never a verdict.

    ``rank`` 1 is first; ``plausibility`` is its share among all suspects of the section; ``evidence`` says in words what
    speaks for and against it.
    """

    section_id: str
    indicator: str
    rank: int
    source_id: str
    name: str
    distance_km: float
    travel_h: float
    plausibility: float
    evidence: str
    synthetic: bool


@dataclass(frozen=True)
class TargetRow:
    """One indicator of a goal or task of the work plan. ``state`` is a key of ``conventions.TARGET_WORDS``.

    ``progress`` is in per cent (of the planned count, of the schedule, or as typed by hand), ``required`` what is due
    by the end of this month, in the row's own unit. ``change`` says what would change the state, ``rows`` which rows
    of which files stand behind the value.
    """

    id: str
    name: str
    value: float | None
    unit: str
    target: float | None
    compare: str
    state: str
    p_attain: float | None
    note: str
    due: str
    source: str
    verified: str
    synthetic: bool
    goal: str = ""
    indicator: str = ""
    judged_by: str = ""
    layer: str = ""
    progress: float | None = None
    required: float | None = None
    change: str = ""
    rows: tuple[str, ...] = ()

    @property
    def word(self) -> str:
        """The state in words: of the pace where something is due by now, else of the target."""
        return state_word(self.state, paced=self.required is not None)

    @property
    def is_reference(self) -> bool:
        """Whether a published figure is held against a value whose own target is not public: it counts apart."""
        return self.name.startswith(REFERENCE_MARK)


@dataclass(frozen=True)
class Alert:
    """One early warning: from ``date`` to ``last`` (``YYYY-MM-DD``) a rule of the plan held for one subject."""

    date: str
    last: str
    rule: str
    rule_name: str
    adcode: str
    subject: str
    subject_name: str
    message: str
    value: float | None
    limit: float | None
    unit: str
    basis: str
    source: str
    synthetic: bool
    indicator: str = ""


@dataclass(frozen=True)
class Account:
    """What one border section means in money for one month: positive, the upstream county pays the downstream one."""

    section: str
    section_name: str
    upstream: str
    downstream: str
    period: str
    indicator: str
    value: float | None
    limit: float | None
    base: float | None
    unit: str
    amount: float | None
    money_unit: str
    formula: str
    source: str
    verified: str
    note: str
    synthetic: bool


@dataclass(frozen=True)
class CountyResult:
    """The state of one county (or of the whole city) in one month."""

    adcode: str
    name: str
    city: str
    year: int
    month: int
    headline: str
    targets: tuple[TargetRow, ...]
    layers: tuple[Layer, ...]
    conflicts: tuple[Conflict, ...]
    notes: tuple[str, ...]
    rules: tuple[Rule, ...]
    sources: tuple[SourceNote, ...]
    synthetic: bool
    tool_version: str
    tasks: tuple[TargetRow, ...] = ()
    alerts: tuple[Alert, ...] = ()
    accounts: tuple[Account, ...] = ()
    suspects: tuple[Suspect, ...] = ()

    @property
    def period(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"

    def layer(self, kind: str) -> Layer | None:
        """The layer of that kind, or None if the workspace has none."""
        return next((layer for layer in self.layers if layer.kind == kind), None)

    def as_dict(self) -> dict[str, Any]:
        """Plain dicts and lists, ready for JSON."""
        return asdict(self)

    def to_json(self) -> str:
        """The same result as JSON text, fields in their own order: same result, same bytes."""
        # vars() of a frozen dataclass is its fields in order: the text of as_dict() without copying every number first.
        return json.dumps(self, default=vars, ensure_ascii=False, allow_nan=False)

    @property
    def fingerprint(self) -> str:
        """What tells two states of a county apart, short enough to read out; every product carries it."""
        try:
            text = json.dumps(
                self, default=_digested, ensure_ascii=False, allow_nan=False, check_circular=False
            )
        except ValueError as error:
            raise InputError(
                "区县结果中有非有限数值（NaN 或无穷大）", why=str(error), todo="缺失值请用空值（None）表示"
            ) from error
        return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:12]

    @classmethod
    def from_json(cls, text: str) -> "CountyResult":
        """The inverse of :meth:`to_json`."""
        return _county_result(json.loads(text))


def _digested(part: Any) -> list[Any]:
    """The values of a part in the order of its fields; features by columns, as a city has tens of thousands of them."""
    values = vars(part)
    if not isinstance(part, Layer):
        return list(values.values())
    own = [value for name, value in values.items() if name != "features"]
    return [own, list(map(_OF_FEATURE, part.features)), _digested_series(part.features)]


def _digested_series(features: tuple[Feature, ...]) -> list[Any]:
    """Every series of the features: what it is, once, by number; and a digest of all values and of where there are none."""
    heads: dict[tuple[Any, ...], int] = {}
    owners, values = [], list[float | None]()
    for feature in features:
        for one in feature.series:
            owners.append(heads.setdefault(_OF_SERIES(one), len(heads)))
            values += one.values
        owners.append(-1)
    missing = [at for at, value in enumerate(values) if value is None] if None in values else []
    known: Any = [value for value in values if value is not None] if missing else values
    # A sum is finite only if all of its parts are.
    if not math.isfinite(sum(known)):
        raise ValueError("a series has a value that is not finite")
    return [list(heads), owners, missing, hashlib.sha256(struct.pack(f"<{len(known)}d", *known)).hexdigest()]


_OF_FEATURE = attrgetter(*(each.name for each in fields(Feature) if each.name != "series"))
_OF_SERIES = attrgetter(*(each.name for each in fields(Series) if each.name != "values"))


def _county_result(data: dict[str, Any]) -> CountyResult:
    nested = {key: tuple(build(item) for item in data.get(key, ())) for key, build in _NESTED.items()}
    return CountyResult(**{**data, **nested})


def _layer(data: dict[str, Any]) -> Layer:
    return Layer(**{**data, "features": tuple(_feature(item) for item in data["features"])})


def _feature(data: dict[str, Any]) -> Feature:
    section, air = data["section"], data.get("air")
    return Feature(
        **{
            **data,
            "section": None if section is None else _section(section),
            "air": None if air is None else _air(air),
            "series": tuple(Series(**_tuples(item)) for item in data["series"]),
            "fans": tuple(_fan(item) for item in data["fans"]),
        }
    )


def _fan(data: dict[str, Any]) -> Fan:
    return Fan(**{**_tuples(data), "values": tuple(tuple(row) for row in data["values"])})


def _section(data: dict[str, Any]) -> SectionStatus:
    return SectionStatus(**{**_tuples(data), "trends": tuple(Trend(**item) for item in data["trends"])})


def _air(data: dict[str, Any]) -> AirStatus:
    return AirStatus(**{**data, "months": tuple(AirMonth(**_tuples(month)) for month in data["months"])})


def _tuples(data: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in data.items()}


_NESTED: dict[str, Any] = {
    "targets": lambda item: TargetRow(**_tuples(item)),
    "tasks": lambda item: TargetRow(**_tuples(item)),
    "alerts": lambda item: Alert(**item),
    "accounts": lambda item: Account(**item),
    "layers": _layer,
    "conflicts": lambda item: Conflict(**item),
    "notes": str,
    "rules": lambda item: Rule(**item),
    "sources": lambda item: SourceNote(**item),
    "suspects": lambda item: Suspect(**item),
}
