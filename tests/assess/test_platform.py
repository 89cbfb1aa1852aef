"""Our classes beside those of the national platform: every difference has a reason, and lakes are proposed."""

from pathlib import Path

import pandas as pd
import pytest

from suizhou_geo import assess, files
from tests.assess.water_rows import GOOD, tidy


def _compare(records: list[dict[str, object]]) -> pd.DataFrame:
    return assess.compare_with_platform(assess.assess_records(tidy(records)))


def _at(hour: int, **change: object) -> dict[str, object]:
    return {
        **GOOD,
        "time": pd.Timestamp("2021-04-01") + pd.Timedelta(hours=hour),
        "station_state": "正常",
        **change,
    }


def test_each_reason() -> None:
    found = _compare(
        [
            _at(0, platform_class=2),
            _at(4, platform_class=None),
            _at(8, platform_class=3, tp=0.1),
            _at(12, platform_class=4, tp=0.15),
            _at(16, platform_class=4, tp=0.25),
            _at(20, platform_class=6, station_state="维护"),
            _at(24, platform_class=6),
        ]
    )
    assert found["agreement"].tolist() == ["一致", "平台未评价", "限值边界", "滞后", "一致", "维护", "不一致"]


def test_the_published_class_is_no_input() -> None:
    published = [_at(0, platform_class=6), _at(4, platform_class=1)]
    found = _compare(published)
    assert found["class"].tolist() == [2, 2]


def test_a_lake_is_proposed_not_applied() -> None:
    found = _compare([_at(hour, platform_class=3) for hour in (0, 4, 8)])
    assert found["class"].tolist() == [2, 2, 2]
    assert found["water_body_proposed"].unique().tolist() == ["lake"]
    assert found["agreement"].unique().tolist() == ["水体类型待定"]
    given = _compare([_at(hour, platform_class=3, water_body="river") for hour in (0, 4, 8)])
    assert given["water_body_proposed"].unique().tolist() == [""]


@pytest.mark.parametrize(
    ("name", "year", "published", "least"),
    [
        ("cnemc_auto_hubei_202104.csv", 2021, 2902, 0.99),
        ("cnemc_auto_daily_20200508_20210405.csv", None, 23752, 0.996),
        ("cnemc_202602_hubei.xlsx", 2026, 54, 0.98),
    ],
)
def test_real_files(shared_data: Path, name: str, year: int | None, published: int, least: float) -> None:
    rows = files.read_observations(shared_data / "water" / name, year=year)
    records = assess.assess_records(rows, mode="realtime")
    assert len(records) == rows["source_row"].nunique()
    lakes = assess.propose_water_body(records)["site_id"]
    known = rows.assign(water_body=rows["site_id"].isin(lakes).map({True: "lake", False: "river"}))
    found = assess.compare_with_platform(assess.assess_records(known, mode="realtime"))
    classified = found[found["platform_class"].notna()]
    assert len(classified) == published
    assert classified["class"].notna().all()
    assert (classified["agreement"] == "一致").mean() >= least
    assert (classified["agreement"] == "不一致").mean() <= 0.001
