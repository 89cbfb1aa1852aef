"""Forecasts that were published, kept as lines that are only ever added, and scored when the truth arrives."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from suizhou_geo.errors import InputError
from suizhou_geo.forecast.scores import brier, rps

#: What every line holds beside the quantiles.
LEDGER_KEYS = (
    "site_id", "indicator", "statistic", "target", "year", "known_through", "p_attain", "mean", "data_sha256",
    "tool_version", "standard",
)  # fmt: skip


def ledger_lines(forecast: pd.DataFrame, *, origin: Mapping[str, Any]) -> list[str]:
    """One JSON line per forecast row: its numbers, its quantiles, and where they came from (``origin``).

    A row with ``p_class_1 … p_class_6`` keeps them as ``classes``. ``id`` is a hash of what the line says, so that the same forecast is not written twice. Rows without a
    probability are left out.

    >>> frame = pd.DataFrame({"site_id": ["A"], "year": [2021], "p_attain": [0.8], "mean": [34.2], "q50": [34.2]})
    >>> line = ledger_lines(frame, origin={"indicator": "pm2_5", "target": 35})[0]
    >>> json.loads(line)["quantiles"], len(json.loads(line)["id"])
    ({'q50': 34.2}, 16)
    """
    lines = []
    for row in forecast[forecast["p_attain"].notna()].to_dict("records"):
        quantiles = {
            str(k): round(float(v), 6) for k, v in row.items() if _is_quantile(str(k)) and np.isfinite(v)
        }
        entry = {key: _plain(row.get(key, origin.get(key))) for key in LEDGER_KEYS}
        entry |= {"quantiles": quantiles}
        if "p_class_1" in row:
            entry |= {"classes": [round(float(row[f"p_class_{number}"]), 6) for number in range(1, 7)]}
        text = json.dumps(entry, ensure_ascii=False, sort_keys=True)
        lines.append(
            json.dumps({"id": hashlib.sha256(text.encode()).hexdigest()[:16], **entry}, ensure_ascii=False)
        )
    return lines


def read_ledger(lines: Iterable[str]) -> pd.DataFrame:
    """The lines as a table, each once.

    Raises ``InputError`` naming the line that is no forecast, or whose numbers are not those it was written with.
    """
    entries = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
            told = entry.pop("id")
        except (json.JSONDecodeError, KeyError, AttributeError, TypeError) as error:
            raise InputError(
                f"台账第 {number} 行看不懂", why=str(error), todo="台账只追加，不要改写；从备份恢复"
            ) from error
        text = json.dumps(entry, ensure_ascii=False, sort_keys=True)
        if hashlib.sha256(text.encode()).hexdigest()[:16] != told:
            raise InputError(
                f"台账第 {number} 行被改动过", why="内容与编号不符", todo="台账只追加，不要改写；从备份恢复"
            )
        entries.append({"id": told, **entry})
    table = pd.DataFrame(entries, columns=["id", *LEDGER_KEYS, "quantiles", "classes"])
    return table.drop_duplicates("id").reset_index(drop=True)


def score_ledger(ledger: pd.DataFrame, *, truth: pd.DataFrame) -> pd.DataFrame:
    """Every forecast whose year is complete, with what came: ``truth`` has ``site_id, indicator, year, mean, met``.

    Adds ``actual, attained, brier, pinball`` (mean over the quantiles; an approximation of half the CRPS),
    ``inside_90`` and, of classes, ``rps``; forecasts without truth are left out.
    """
    joined = ledger.merge(
        truth.rename(columns={"mean": "actual", "met": "attained"}),
        on=["site_id", "indicator", "year"],
        how="inner",
    )
    joined["brier"] = brier(joined["p_attain"], joined["attained"])
    joined["pinball"] = [_pinball(row.quantiles, float(row.actual)) for row in joined.itertuples()]
    joined["inside_90"] = [_inside(row.quantiles, float(row.actual)) for row in joined.itertuples()]
    joined["rps"] = [_rps_of_classes(row.classes, float(row.actual)) for row in joined.itertuples()]
    return joined.drop(columns=["quantiles", "classes"])


def _pinball(quantiles: Mapping[str, float], actual: float) -> float:
    levels = _levels(quantiles)
    losses = [(level - (actual < value)) * (actual - value) for level, value in levels]
    return float(np.mean(losses)) if losses else float("nan")


def _inside(quantiles: Mapping[str, float], actual: float) -> object:
    levels = _levels(quantiles)
    low = [value for level, value in levels if level <= 0.05]
    high = [value for level, value in levels if level >= 0.95]
    return bool(low[-1] <= actual <= high[0]) if low and high else None


def _rps_of_classes(classes: object, actual: float) -> float:
    # Lines of other statistics have no chances of classes.
    return (
        float(rps(np.array([classes]), np.array([int(actual)]))[0])
        if isinstance(classes, list)
        else float("nan")
    )


def _levels(quantiles: Mapping[str, float]) -> list[tuple[float, float]]:
    count = len(quantiles)
    return [(place / (count + 1), value) for place, value in enumerate(quantiles.values(), start=1)]


def _is_quantile(name: str) -> bool:
    return name.startswith("q") and name[1:].isdigit()


def _plain(value: object) -> object:
    if isinstance(value, np.generic):
        value = value.item()
    return round(value, 9) if isinstance(value, float) and np.isfinite(value) else value
