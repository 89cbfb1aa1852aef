"""The air quality index of every site and hour or day, under the edition in force on its date or any other."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from suizhou_geo import standards
from suizhou_geo.assess.air_days import daily_values
from suizhou_geo.conventions import indicators
from suizhou_geo.errors import InputError, Place
from suizhou_geo.standards.air import INTERVALS, NO_INDEX, AirIndex, air_index, index_items

#: The index up to which a day is good (优良天).
GOOD_INDEX = 100


def assess_air(observations: pd.DataFrame, *, interval: str = "auto", standard: str = "auto") -> pd.DataFrame:
    """AQI, level and primary pollutant of every site and time, in the order of the sites and times.

    Sub-indices and index are those of HJ 633: concentrations rounded first, sub-indices rounded up, the index their
    maximum. Under the 2012 edition missing pollutants are left out and noted; under the 2026 edition an index with
    one missing is published only above 100.

    Parameters
    ----------
    observations
        Tidy rows of air concentrations with a ``time`` in every row that counts.
    interval
        ``"hour"``: one-hour concentrations. ``"day"``: daily ones; where the rows are hourly, valid daily values are
        formed first (``daily_values``). ``"auto"``: ``hour`` where any time has a clock, else ``day``.
    standard
        ``"auto"`` takes the edition in force on each date (the switch is 2026-03-01); otherwise an edition's id, such
        as ``"hj633-2026"``, for all rows.

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

    Raises ``InputError`` when no row has a time or a pollutant, or a date lies outside every edition.
    """
    if interval not in ("auto", *INTERVALS):
        raise InputError(f"interval 不能是“{interval}”", why=f"可选：auto、{'、'.join(INTERVALS)}")
    known = _dated(observations)
    hourly = bool((known["time"] != known["time"].dt.normalize()).any())
    chosen = interval if interval != "auto" else ("hour" if hourly else "day")
    values = daily_values(known) if chosen == "day" and hourly else known
    wide = values.pivot_table(index=["site_id", "time"], columns="indicator", values="value", aggfunc="first")
    ids = _editions(wide, standard=standard)
    parts = [_assess_part(wide[(ids == each).to_numpy()], each, interval=chosen) for each in ids.unique()]
    names = known.drop_duplicates("site_id").set_index("site_id")["site_name"]
    frame = pd.concat(parts).sort_values(["site_id", "time"]).reset_index(drop=True)
    frame.insert(1, "site_name", frame["site_id"].map(names))
    return frame


def _assess_part(wide: pd.DataFrame, edition_id: str, *, interval: str) -> pd.DataFrame:
    edition = standards.find_edition(edition_id)
    items = index_items(edition, interval=interval)
    values = wide.reindex(columns=list(items)).to_numpy(dtype=float)
    index = air_index(values, edition=edition, interval=interval)
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
                aqi.isna(), "无法判定", np.where(aqi.fillna(0) <= GOOD_INDEX, "达标", "不达标")
            ),
            "standard": edition.id,
            "clause": f"{edition.number} {table.clause}",
            "note": _notes(values, index, items),
        }
    )


def _editions(wide: pd.DataFrame, *, standard: str) -> pd.Series:
    if standard != "auto":
        edition = standards.find_edition(standard)
        if edition.family != "air-index":
            known = "、".join(each.id for each in standards.editions() if each.family == "air-index")
            raise InputError(f"{edition.id} 不是空气质量指数的标准", why=f"可用：{known}")
        return pd.Series(edition.id, index=range(len(wide)))
    dates = pd.Series(wide.index.get_level_values("time"))
    return standards.editions_by_date("air-index", dates=dates)


def _dated(observations: pd.DataFrame) -> pd.DataFrame:
    known = observations[observations["time"].notna() & observations["indicator"].isin(_pollutants())]
    if known.empty:
        raise InputError(
            "没有可用于计算空气质量指数的数据",
            where=Place(str(observations.attrs.get("file", ""))),
            why="需要带年份的时间和至少一项污染物",
            todo=f"可用的项目：{'、'.join(_pollutants())}",
        )
    return known


def _pollutants() -> tuple[str, ...]:
    return tuple(code for code, item in indicators().items() if item.medium == "air")


def _exceeding(index: AirIndex, edition: standards.Edition) -> list[str]:
    # 超标污染物 exists in the 2012 edition only: an empty cell of the rule says that there is none.
    rules = standards.read_table(edition, name="rules").set_index("rule")["value"]
    if rules["exceeding_above"] == "":
        return [""] * len(index.aqi)
    return _join(index.iaqi > int(rules["exceeding_above"]), list(index.items), separator=";")


def _notes(values: npt.NDArray[np.float64], index: AirIndex, items: dict[str, bool]) -> list[str]:
    required = np.array([not optional for optional in items.values()])
    lacking = np.isnan(values) & required
    names = _join(lacking, [indicators()[item].name for item in items], separator="、")
    hidden = (index.aqi == NO_INDEX) & (index.iaqi.max(axis=-1) != NO_INDEX)
    ends = np.where(hidden, "，其余项目未超过 100，不发布 AQI", "，按其余项目计算")
    return [f"缺 {name}{end}" if name else "" for name, end in zip(names, ends, strict=True)]


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
