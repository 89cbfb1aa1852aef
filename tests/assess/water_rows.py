"""Small tidy frames for the tests of this folder."""

from collections.abc import Mapping
from typing import Any

import pandas as pd


def tidy(records: list[Mapping[str, Any]]) -> pd.DataFrame:
    """Tidy rows of a wide table: each record holds indicator codes, and site columns under their own names.

    A value may be a number, ``"0.02L"``, ``"--"`` (missing), ``"*"`` (not monitored) or ``"nd"``.
    """
    rows = []
    for line, record in enumerate(records):
        site = {
            "site_id": "A",
            "site_name": "A",
            "time": pd.Timestamp("2021-04-01 08:00"),
            **{name: value for name, value in record.items() if name in SITE_FIELDS},
        }
        for code, cell in record.items():
            if code not in SITE_FIELDS:
                rows.append({**site, "indicator": code, "source_row": line + 2, **_cell(cell)})
    return pd.DataFrame(rows)


SITE_FIELDS = (
    "site_id",
    "site_name",
    "time",
    "water_body",
    "target_class",
    "platform_class",
    "station_state",
    "river",
)


def _cell(cell: object) -> dict[str, Any]:
    text = str(cell)
    qualifier = {"--": "missing", "*": "not_monitored", "nd": "nd"}.get(text, "")
    if qualifier:
        return {"value": float("nan"), "censored": qualifier == "nd", "qualifier": qualifier}
    below = text.endswith("L")
    return {"value": float(text.removesuffix("L")), "censored": below, "qualifier": "<" if below else ""}


GOOD = {"ph": 7.2, "do": 8.0, "codmn": 2.5, "nh3n": 0.2, "tp": 0.05}
