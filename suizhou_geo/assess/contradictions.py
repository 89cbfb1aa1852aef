"""Rows that contradict the class published beside them: told, never mended."""

import pandas as pd

from suizhou_geo.assess.platform import compare_with_platform
from suizhou_geo.assess.water import MODES, assess_records
from suizhou_geo.conventions import class_label, indicators

#: Agreements that are a problem of the file, and the code of the problem.
_CODES = {"不一致": "class_contradicts", "滞后": "class_lags"}


def find_contradictions(observations: pd.DataFrame) -> pd.DataFrame:
    """Rows whose published class fits their values in no way: ``source_row, code, published, expected``.

    A class is taken as fitting if the values give it unrounded or rounded, as a river or, where the water body is not
    known, as a lake, or if a displayed value stands on a limit. A class that fits a neighbouring record of the station
    is ``class_lags``, any other ``class_contradicts``.

    >>> rows = pd.DataFrame({"site_id": "A", "site_name": "A", "time": pd.Timestamp("2020-11-04"), "source_row": 2,
    ...     "indicator": ["ph", "do", "codmn", "nh3n", "tp"], "value": [7.5, 8.0, 12.52, 0.1, 0.05], "platform_class": 3})
    >>> find_contradictions(rows).values.tolist()
    [[2, 'class_contradicts', 'Ⅲ', 'Ⅴ（高锰酸盐指数 12.52）']]
    """
    found = pd.DataFrame(columns=["source_row", "code", "published", "expected"])
    if "platform_class" not in observations.columns or observations["platform_class"].isna().all():
        return found
    frame = compare_with_platform(assess_records(observations, mode="realtime"))
    published = frame["platform_class"].fillna(0)
    river, lake = (_fits(observations, published, water_body=body) for body in ("river", "lake"))
    # A station has one kind of water: the one that its other records fit better.
    site = frame["site_id"]
    lead = (lake.astype(int) - river.astype(int)).groupby(site).transform("sum")
    fits = (river & (lead <= 0)) | (lake & (lead >= 0))
    wrong = frame[
        ~fits & frame["agreement"].isin(list(_CODES)).to_numpy() & frame["class"].notna().to_numpy()
    ]
    return pd.DataFrame(
        {
            "source_row": wrong["source_row"],
            "code": wrong["agreement"].map(_CODES),
            "published": wrong["platform_class"].map(class_label),
            "expected": [_describe(row, observations) for _, row in wrong.iterrows()],
        },
        columns=found.columns,
    ).reset_index(drop=True)


def _fits(observations: pd.DataFrame, published: pd.Series, *, water_body: str) -> pd.Series:
    # Whether the published class fits, rounded or not; where the water body is given, the choice changes nothing.
    fits = pd.Series(False, index=published.index)
    for mode in MODES:
        each = assess_records(observations, mode=mode, water_body_default=water_body)
        fits |= (each["class"].fillna(0) == published) | (each["on_limit_class"] == published)
    return fits


def _describe(row: pd.Series, observations: pd.DataFrame) -> str:
    same = observations[
        (observations["source_row"] == row["source_row"])
        & observations["indicator"].isin(row["limiting"].split(","))
    ]
    items = "、".join(
        f"{indicators()[item].name} {value:g}"
        for item, value in zip(same["indicator"], same["value"], strict=True)
    )
    return f"{row['class_label']}（{items}）"
