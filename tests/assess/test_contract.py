"""What every assessment of rows keeps to, whatever it is given: 24 awkward series, each a site of its own, under 13 invariants."""

import pickle
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from suizhou_geo import assess

N = 24
MONTHS = pd.date_range("2020-01-01", periods=N, freq="MS")
RANDOM = np.random.default_rng(20261128)
NOISE = np.round(RANDOM.lognormal(0, 0.4, N), 3)
NAN = np.nan


def _at(places: object, value: float, rest: np.ndarray = NOISE) -> np.ndarray:
    changed = rest.astype(float).copy()
    changed[places] = value
    return changed


SERIES = {
    "noise": NOISE, "constant": np.full(N, 0.5), "zeros": np.zeros(N), "all missing": np.full(N, NAN),
    "one value": _at(7, 0.3, np.full(N, NAN)), "two values": _at([3, 20], 0.3, np.full(N, NAN)),
    "first half missing": _at(slice(0, 12), NAN), "last half missing": _at(slice(12, N), NAN),
    "every other missing": _at(slice(0, N, 2), NAN), "one year missing": _at(slice(12, N), NAN),
    "negative": -NOISE, "one negative": _at(5, -1.0), "infinite": _at(5, np.inf), "minus infinite": _at(5, -np.inf),
    "huge": NOISE * 1e300, "tiny": NOISE * 1e-300, "one outlier": _at(9, 1e6), "on the limit": np.full(N, 1.0),
    "half above the limit": np.full(N, 1.05), "just above": np.full(N, 1.0000001), "ramp": np.arange(N) / 10,
    "falling": np.arange(N)[::-1] / 10, "alternating": np.where(np.arange(N) % 2, 0.1, 3.0), "sentinel": _at(3, -999.0),
}  # fmt: skip
#: Series that hold what is no concentration at all.
IMPOSSIBLE = {"negative", "one negative", "infinite", "minus infinite", "sentinel"}


def _rows(item: str, unit: str, factor: float) -> pd.DataFrame:
    frames = [
        pd.DataFrame({"site_id": name, "site_name": name, "time": MONTHS, "indicator": item, "value": factor * values})
        for name, values in SERIES.items()
    ]  # fmt: skip
    rows = pd.concat(frames, ignore_index=True)
    return rows.assign(
        unit=unit, censored=False, qualifier=np.where(rows["value"].isna(), "missing", ""),
        available_at=pd.NaT, source_row=np.arange(2, len(rows) + 2),
    )  # fmt: skip


def _sections(period: str) -> Callable[[pd.DataFrame], pd.DataFrame]:
    return lambda rows: assess.assess_sections(rows, period=period).drop(
        columns="source_row", errors="ignore"
    )


FUNCTIONS: dict[str, tuple[Callable[[pd.DataFrame], pd.DataFrame], pd.DataFrame, str, str]] = {
    **{
        f"sections by {period}": (_sections(period), _rows("nh3n", "mg/L", 1.0), "class", "period")
        for period in ("month", "quarter", "year")
    },
    "air by day": (
        lambda rows: assess.assess_air(rows, interval="day", standard="hj633-2012"), _rows("pm2_5", "μg/m³", 40.0), "aqi", "time",
    ),
}  # fmt: skip


def _same(one: pd.DataFrame, other: pd.DataFrame, *, by: list[str]) -> None:
    ordered = [each.sort_values(by).reset_index(drop=True) for each in (one, other)]
    pd.testing.assert_frame_equal(*ordered, check_dtype=False)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_invariants(name: str, record_property: Callable[[str, object], None]) -> None:
    record_property("tried", f"{len(FUNCTIONS)} assessments × {len(SERIES)} series × 13 invariants")
    function, rows, result, moment = FUNCTIONS[name]
    by = ["site_id", moment]
    before = rows.copy(deep=True)
    found = function(rows)
    # 1 the input is not touched; 2 the same again gives the same; 3 a result can be sent to another process
    pd.testing.assert_frame_equal(rows, before)
    pd.testing.assert_frame_equal(function(rows), found)
    pd.testing.assert_frame_equal(pickle.loads(pickle.dumps(found)), found)  # noqa: S301  (our own bytes)
    # 4 every site comes back; 5 each of its moments once; 6 a verdict is a word, never missing
    assert set(found["site_id"]) == set(SERIES)
    assert not found.duplicated(by).any()
    assert (found["verdict"].astype(str).str.len() > 0).all()
    # 7 without a value there is no class and no verdict that attains or misses
    empty = found[found["site_id"] == "all missing"]
    assert empty[result].isna().all()
    assert set(empty["verdict"]) == {"无法判定"}
    # 8 what is no concentration is no class either: as if it were missing
    cleaned = rows["value"].where(rows["value"].between(0, np.finfo(float).max))
    impossible = rows["site_id"].isin(IMPOSSIBLE)
    qualifier = rows["qualifier"].mask(impossible & cleaned.isna(), "missing")
    clean = function(rows.assign(value=rows["value"].where(~impossible, cleaned), qualifier=qualifier))
    _same(found[[*by, result, "verdict"]], clean[[*by, result, "verdict"]], by=by)
    # 9 the order of rows, 10 the index, 11 further columns and the order of columns do not matter
    _same(function(rows.sample(frac=1, random_state=1)), found, by=by)
    _same(function(rows.set_axis([f"r{number}" for number in range(len(rows))])), found, by=by)
    _same(function(rows.assign(说明="甲")[[*rows.columns[::-1], "说明"]]), found, by=by)
    # 12 beside other sites each is what it is alone
    for site in ("noise", "every other missing", "half above the limit"):
        alone = function(rows[rows["site_id"] == site])
        _same(alone, found[found["site_id"] == site], by=by)
    # 13 rows given twice change nothing
    twice = function(pd.concat([rows, rows], ignore_index=True))
    _same(twice.drop_duplicates(by)[[*by, result, "verdict"]], found[[*by, result, "verdict"]], by=by)
