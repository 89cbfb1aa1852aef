"""Ledgers of what was done and lists of units to inspect: invented, and every row says so."""

import csv
from pathlib import Path

from demo_workspace.ground import COUNTIES, SYNTHETIC_SOURCE, Row, generator, read_table

CITY = "421300"
QUARTERS = ("2021-03-31", "2021-06-30", "2021-09-30", "2021-12-31")

#: Share of a year's work that is done by the end of each quarter, before chance.
_PACE = (0.2, 0.51, 0.77, 1.0)

_AMOUNTS = {
    "done": "完成数", "planned": "计划数", "achieved": "完成值", "count": "数量", "priority": "优先保护面积",
    "safe_use": "安全利用面积", "strict_control": "严格管控面积", "polluted": "受污染耕地面积", "safe": "符合要求的地块面积",
    "reused": "再开发利用地块面积", "utilised": "利用量", "disposed": "处置量", "generated": "产生量",
    "old_stock": "利用处置往年贮存量", "stored": "收贮处置数", "disused": "废旧放射源数",
}  # fmt: skip


def make_reports() -> list[Row]:
    """Rows of ``plan/reports_2021.csv``: cumulative amounts by quarter, from the typed table of yearly amounts."""
    rows: list[Row] = []
    for line in read_table("ledger_amounts.csv"):
        # One chance for all amounts of a row of the plan: what is disposed of never outgrows what there is.
        rng = generator(f"ledger {line['id'].removesuffix('_national')}")
        for adcode in COUNTIES if line["scope"] == "county" else (CITY,):
            whole = float(line[adcode])
            rows += [
                _row(line, adcode, date, value)
                for date, value in _values(line, whole, float(rng.uniform(0.8, 1.2)))
            ]
    return sorted(rows, key=lambda row: (row["编号"], row["区划代码"], row["截止日期"], row["数量名称"]))


def _values(line: dict[str, str], whole: float, luck: float) -> list[tuple[str, float]]:
    # How an amount grows: all at once, quarter by quarter, or known for two year-ends.
    decimals = int(line["decimals"])
    if line["grows"] == "fixed":
        return [("2021-01-31", whole)]
    if line["grows"] == "fixed2":
        return [("2020-12-31", whole), ("2021-01-31", whole)]
    if line["grows"] == "years":
        return [("2020-12-31", round(whole * 0.985, decimals)), ("2021-06-30", whole), ("2021-12-31", whole)]
    pace = [min(1.0, share * luck) for share in _PACE[:3]] + [1.0]
    return [(date, round(whole * share, decimals)) for date, share in zip(QUARTERS, pace, strict=True)]


def _row(line: dict[str, str], adcode: str, date: str, value: float) -> Row:
    return {
        "编号": line["id"],
        "区划代码": adcode,
        "截止日期": date,
        "数量名称": _AMOUNTS[line["amount"]],
        "累计数": f"{value:g}",
        "单位": line["unit"],
        "来源": SYNTHETIC_SOURCE,
        "演示": "是",
    }


def make_units_to_inspect() -> list[Row]:
    """Rows of ``plan/radiation_units_2021.csv``: 19 key and 42 general units, some of them already inspected."""
    rng = generator("radiation units")
    counties = list(COUNTIES)
    sectors = ("医疗", "工业探伤", "射线装置销售使用")
    rows: list[Row] = []
    for category, count in (("重点", 19), ("一般", 42)):
        for _ in range(count):
            number = len(rows) + 1
            visited = rng.uniform() < (0.6 if category == "重点" else 0.35)
            day = f"2021-{int(rng.integers(3, 7)):02d}-{int(rng.integers(1, 29)):02d}"
            rows.append(
                {
                    "单位编号": f"R{number:02d}",
                    "单位名称": f"演示核技术利用单位{number:02d}",
                    "类别": category,
                    "行业": str(rng.choice(sectors, p=[0.6, 0.25, 0.15])),
                    "区划代码": str(rng.choice(counties, p=[0.5, 0.25, 0.25])),
                    "检查日期": day if visited else "",
                    "来源": SYNTHETIC_SOURCE,
                    "演示": "是",
                }
            )
    return rows


def write_ledger(path: Path, rows: list[Row]) -> None:
    """A CSV for Excel in Chinese: UTF-8 with its mark."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
