"""The air quality index of every site and hour or day, under the edition in force on its date or any other."""

from collections.abc import Collection
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from suizhou_geo import standards
from suizhou_geo.assess.air_days import day_of, days_of_hours
from suizhou_geo.assess.air_rows import air_codes, air_rows, air_table, unit_factor
from suizhou_geo.assess.verdicts import ATTAINED, MISSED, NO_VERDICT
from suizhou_geo.conventions import SITE_DIM, TIME_DIM, indicators
from suizhou_geo.errors import InputError
from suizhou_geo.standards.air import INTERVALS, NO_INDEX, AirIndex, air_index, good_up_to, index_items

if TYPE_CHECKING:
    import xarray as xr

#: What the note of an hour or day begins with when pollutants lack.
LACKS = "缺 "


def assess_air(
    observations: "pd.DataFrame | xr.Dataset",
    *,
    interval: str = "auto",
    standard: str = "auto",
    unmonitored: Collection[str] = (),
) -> pd.DataFrame:
    """AQI, level and primary pollutant of every site and time, in the order of the sites and times.

    Sub-indices and index are those of HJ 633: concentrations rounded first, sub-indices rounded up, the index their
    maximum. Under the 2012 edition missing pollutants are left out and noted; under the 2026 edition an index with
    one missing is published only above 100. Every site and time of the rows comes back, those without a value as
    无法判定; of two different values of a pollutant at one moment neither is taken, and the note says so.

    Parameters
    ----------
    observations
        Tidy rows of air concentrations with a ``time`` in every row that counts; with a column ``unit`` they are
        brought to μg/m³ (CO mg/m³). A negative concentration is no value. Or a cube with dims ``(site, time)``.
    interval
        ``"hour"``: one-hour concentrations. ``"day"``: daily ones; where the rows are hourly, valid daily values are
        formed first (``daily_values``). ``"auto"``: ``hour`` where any time has a clock, else ``day``.
    standard
        ``"auto"`` takes the edition in force on each date (the switch is 2026-03-01); otherwise an edition's id, such
        as ``"hj633-2026"``, for all rows.
    unmonitored
        Codes of pollutants outside the monitoring programme that in three consecutive years never were the primary
        pollutant of a day of light pollution or worse: since 2026 an index is published without these, and only
        without these, below 100 too. That they never were is the user's word; the note says so.

    Returns
    -------
    DataFrame
        ``site_id, site_name, time, aqi, level, category, primary`` (codes joined by ``;``), ``primary_name,
        exceeding, iaqi_<item> …, verdict`` (达标 up to 100, 不达标, 无法判定), ``standard, clause, note``.

    Examples
    --------
    >>> rows = pd.DataFrame({"site_id": "A", "site_name": "A", "time": pd.Timestamp("2025-12-01"),
    ...     "indicator": ["so2", "no2", "co", "o3_8h", "pm10", "pm2_5"], "value": [8, 17, 0.9, 90, 130, 70]})
    >>> assess_air(rows).loc[0, ["category", "standard"]].tolist()
    ['良', 'hj633-2012']
    >>> assess_air(rows, standard="hj633-2026").loc[0, ["category", "primary_name"]].tolist()
    ['轻度污染', '细颗粒物']

    Raises ``InputError`` when no row has a time or a pollutant, a row has no site, a time cannot be read, a unit is
    unknown (the accepted ones are named), or a date lies outside every edition.
    """
    if interval not in ("auto", *INTERVALS):
        raise InputError(f"interval 不能是“{interval}”", why=f"可选：auto、{'、'.join(INTERVALS)}")
    check_unmonitored(unmonitored)
    known = air_rows(observations)
    hourly = bool((known["time"] != known["time"].dt.normalize()).any())
    chosen = interval if interval != "auto" else ("hour" if hourly else "day")
    moments = air_table(known)
    table = air_table(days_of_hours(moments.values)) if chosen == "day" and hourly else moments
    ids = _editions(table.values, standard=standard)
    parts = [
        _assess_part(table.values[(ids == each).to_numpy()], each, interval=chosen, unmonitored=unmonitored)
        for each in ids.unique()
    ]
    frame = pd.concat(parts).sort_values(["site_id", "time"]).reset_index(drop=True)
    # Hours that contradict one another stand in the way of their day.
    frame["note"] = _with_unmonitored(frame, unmonitored)
    frame["note"] = _with_contradictions(frame, moments.contradicted, by_day=chosen == "day" and hourly)
    site_names = known["site_name"] if "site_name" in known.columns else known["site_id"]
    names = known.assign(site_name=site_names).drop_duplicates("site_id").set_index("site_id")["site_name"]
    frame.insert(1, "site_name", frame["site_id"].map(names))
    return frame


def _with_unmonitored(frame: pd.DataFrame, unmonitored: Collection[str]) -> "pd.Series | list[str]":
    absent = [code for code in unmonitored if f"iaqi_{code}" in frame and frame[f"iaqi_{code}"].isna().all()]
    if not absent:
        return frame["note"]
    told = f"{'、'.join(indicators()[code].name for code in absent)}由使用者声明在监测方案外"
    return ["；".join(filter(None, (note, told))) for note in frame["note"]]


def _with_contradictions(frame: pd.DataFrame, told: pd.Series, *, by_day: bool) -> "pd.Series | list[str]":
    if told.empty:
        return frame["note"]
    names: dict[tuple[str, pd.Timestamp], dict[str, None]] = {}
    for (site, time), text in told.items():
        key = (site, day_of(pd.DatetimeIndex([time]))[0] if by_day else time)
        names.setdefault(key, {}).update(dict.fromkeys(text.split("、")))
    texts = {key: f"{'、'.join(found)}在同一时间有不同数值，未采用" for key, found in names.items()}
    found = [texts.get(key, "") for key in zip(frame["site_id"], frame["time"], strict=True)]
    return ["；".join(filter(None, pair)) for pair in zip(frame["note"], found, strict=True)]


def check_unmonitored(codes: Collection[str]) -> None:
    """Raise ``InputError`` unless all are codes of pollutants."""
    unknown = [code for code in codes if code not in air_codes()]
    if unknown:
        raise InputError(f"监测方案外的项目“{unknown[0]}”未知", why=f"可选：{'、'.join(air_codes())}")


def _assess_part(
    wide: pd.DataFrame, edition_id: str, *, interval: str, unmonitored: Collection[str]
) -> pd.DataFrame:
    edition = standards.find_edition(edition_id)
    items = index_items(edition, interval=interval)
    values = wide.reindex(columns=list(items)).to_numpy(dtype=float)
    index = air_index(values, edition=edition, interval=interval, unmonitored=unmonitored)
    levels = standards.read_table(edition, name="levels").set_index("level")["category"]
    aqi = _nullable(index.aqi)
    level = _nullable(index.level)
    table = edition.table("nodes")
    return pd.DataFrame(
        {
            "site_id": wide.index.get_level_values("site_id"),
            "time": wide.index.get_level_values("time"),
            "aqi": aqi,
            "level": level,
            "category": level.astype("string").map(levels).fillna("").astype(str),
            "primary": _join(index.primary, list(index.items), separator=";"),
            "primary_name": _join(
                index.primary, [indicators()[item].name for item in index.items], separator="、"
            ),
            "exceeding": _exceeding(index, edition),
            **{f"iaqi_{item}": _nullable(index.iaqi[:, place]) for place, item in enumerate(items)},
            "verdict": np.where(
                aqi.isna(), NO_VERDICT, np.where(aqi.fillna(0) <= good_up_to(edition), ATTAINED, MISSED)
            ),
            "standard": edition.id,
            "clause": f"{edition.number} {table.clause}",
            "note": _notes(values, index, {item: items[item] or item in unmonitored for item in items}),
        }
    )


def _editions(wide: pd.DataFrame, *, standard: str) -> pd.Series:
    return _editions_of(pd.Series(wide.index.get_level_values("time")), standard=standard)


def _editions_of(dates: pd.Series, *, standard: str) -> pd.Series:
    if standard != "auto":
        edition = standards.find_edition(standard)
        if edition.family != "air-index":
            known = "、".join(each.id for each in standards.editions() if each.family == "air-index")
            raise InputError(f"{edition.id} 不是空气质量指数的标准", why=f"可用：{known}")
        return pd.Series(edition.id, index=dates.index)
    return standards.editions_by_date("air-index", dates=dates)


def _exceeding(index: AirIndex, edition: standards.Edition) -> list[str]:
    # 超标污染物 exists in the 2012 edition only: an empty cell of the rule says that there is none.
    rules = standards.read_table(edition, name="rules").set_index("rule")["value"]
    if rules["exceeding_above"] == "":
        return [""] * len(index.aqi)
    return _join(index.iaqi > int(rules["exceeding_above"]), list(index.items), separator=";")


def _notes(values: npt.NDArray[np.float64], index: AirIndex, items: dict[str, bool]) -> list[str]:
    required = np.array([not optional for optional in items.values()])
    names = [indicators()[item].name for item in items]
    hidden = index.aqi == NO_INDEX
    some = index.iaqi.max(axis=-1) != NO_INDEX
    marks = np.column_stack([np.isnan(values) & required, index.beyond, hidden, some])
    # Few distinct combinations occur: each is written once.
    codes, inverse = np.unique(marks @ (1 << np.arange(marks.shape[1])), return_inverse=True)
    texts = [_note(code, names) for code in codes.tolist()]
    return [texts[place] for place in inverse.ravel().tolist()]


def _note(code: int, names: list[str]) -> str:
    bits = [bool(code >> place & 1) for place in range(2 * len(names) + 2)]
    absent = "、".join(name for name, holds in zip(names, bits, strict=False) if holds)
    above = "、".join(name for name, holds in zip(names, bits[len(names) :], strict=False) if holds)
    no_index, has_some = bits[-2:]
    parts = []
    if absent:
        end = "，其余项目不足以发布 AQI" if no_index else "，按其余项目计算"
        parts.append(f"{LACKS}{absent}{end if has_some else ''}")
    if above:
        parts.append(
            f"{above}高于其分指数上限{'，缺替代指标，无法判定' if no_index else '，AQI 由其余项目得出'}"
        )
    return "；".join(parts)


def index_cube(cube: "xr.Dataset", *, interval: str = "day", standard: str = "auto") -> "xr.Dataset":
    """The index of a whole cube at once: int16 variables ``aqi`` and ``level`` with dims ``(site, time)``, −1 where
    there is none, and ``primary`` with a further dim ``indicator``.

    Rules as in :func:`assess_air`; the variables of the cube are concentrations with dims ``(site, time)``, in the unit
    of their attribute ``units`` or else in μg/m³ (CO mg/m³). For maps, series and sample paths, where a row of words for every moment would only be in the way.

    >>> import xarray as xr
    >>> day = pd.to_datetime(["2026-02-28", "2026-03-01"])
    >>> values = {"so2": 8, "no2": 17, "co": 0.9, "o3_8h": 90, "pm10": 130, "pm2_5": 70}
    >>> cube = xr.Dataset({name: (("site", "time"), [[value, value]]) for name, value in values.items()},
    ...     coords={"site": ["A"], "time": day})
    >>> index_cube(cube)["aqi"].values.tolist()
    [[94, 110]]
    """
    import xarray as xr  # noqa: PLC0415  (rows do not need it)

    dims = (SITE_DIM, TIME_DIM)
    times = pd.DatetimeIndex(cube[TIME_DIM].values)
    ids = _editions_of(pd.Series(times), standard=standard)
    shape = (cube.sizes[SITE_DIM], cube.sizes[TIME_DIM])
    codes = list(
        dict.fromkeys(
            code
            for each in ids.unique()
            for code in index_items(standards.find_edition(each), interval=interval)
        )
    )
    aqi, level = (np.full(shape, NO_INDEX, dtype=np.int16) for _ in range(2))
    primary = np.zeros((*shape, len(codes)), dtype=bool)
    for edition_id in ids.unique():
        edition, here = standards.find_edition(edition_id), (ids == edition_id).to_numpy()
        items = list(index_items(edition, interval=interval))
        nothing = np.full((shape[0], int(here.sum())), np.nan)
        values = [
            cube[item].transpose(*dims).to_numpy()[:, here].astype(float)
            * unit_factor(item, cube[item].attrs.get("units"))
            if item in cube
            else nothing
            for item in items
        ]
        stacked = np.stack(values, axis=-1)
        impossible = (stacked < 0) | np.isinf(stacked)
        index = air_index(np.where(impossible, np.nan, stacked), edition=edition, interval=interval)
        aqi[:, here], level[:, here] = index.aqi, index.level
        primary[:, here, :] = index.primary @ np.array([[code == item for code in codes] for item in items])
    return xr.Dataset(
        {"aqi": (dims, aqi), "level": (dims, level), "primary": ((*dims, "indicator"), primary)},
        coords={SITE_DIM: cube[SITE_DIM], TIME_DIM: cube[TIME_DIM], "indicator": np.array(codes, dtype=str)},
        attrs={"standard": "+".join(ids.unique())},
    )


def _join(marks: npt.NDArray[np.bool_], names: list[str], *, separator: str) -> list[str]:
    # Few distinct combinations occur: each is written once.
    if not len(marks):
        return []
    codes = marks @ (1 << np.arange(marks.shape[1]))
    unique, inverse = np.unique(codes, return_inverse=True)
    texts = [
        separator.join(name for place, name in enumerate(names) if code >> place & 1)
        for code in unique.tolist()
    ]
    return [texts[place] for place in inverse.ravel().tolist()]


def _nullable(values: npt.NDArray[np.int16]) -> pd.Series:
    return pd.Series(values).astype("Int64").mask(values == NO_INDEX)
