"""Who and when: the lines of a monitoring table without their values."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from suizhou_geo.files.findings import Column, Findings
from suizhou_geo.files.headers import Columns
from suizhou_geo.files.sites import not_understood, read_target_class, read_water_body, unread_note
from suizhou_geo.files.tables import TextTable
from suizhou_geo.files.times import (
    is_ambiguous,
    is_no_time,
    is_repaired_time,
    lacks_year,
    read_times,
    year_in_name,
)


def read_keys(
    table: TextTable, columns: Columns, *, year: int | None, notes: list[str], findings: Findings
) -> pd.DataFrame:
    """One row per line of the table: who, when and what the platform said about it."""
    cells = table.cells

    def text(role: str) -> pd.Series:
        header = columns.roles.get(role)
        return cells[header].str.strip() if header else pd.Series("", index=cells.index, dtype=str)

    name, province = text("site_name"), text("province")
    given = text("site_id")
    # site_key, for whole columns.
    made = name.where(province == "", province + "|" + name)
    site_id = given.where(given != "", made)
    _check_named(site_id, table, columns, findings)
    day = text("time") if "time" in columns.roles else _join_date(text("year"), text("month"), text("day"))
    clock = day.where(text("hour") == "", day + " " + text("hour") + ":00")
    when = text("time_text").where(text("time_text") != "", clock)
    rows = pd.to_numeric(text("source_row"), errors="coerce").fillna(
        pd.Series(list(table.rows), index=cells.index)
    )
    said = {
        role: map_unique(text(role), reader)
        for role, reader in (
            ("water_body", read_water_body),
            ("target_class", read_target_class),
            ("platform_class", read_target_class),
        )
    }
    for role, read in said.items():
        if role in columns.roles:
            notes += unread_note(text(role), read, header=columns.roles[role])
            findings.warn(
                not_understood(text(role), read).to_numpy(),
                column=Column(table, columns.roles[role], text(role)),
                code="word_unknown",
                why="应为 Ⅰ…Ⅴ、劣Ⅴ 类，或河流、湖库、地下水；看不懂的按没有给出处理",
                todo="改正该单元格；不知道就留空",
            )
    return pd.DataFrame(
        {
            "site_id": site_id,
            "site_name": name.where(name != "", site_id),
            "time": _read_time_column(
                table, columns, clock, text("year"), year=year, notes=notes, findings=findings
            ),
            "time_text": when,
            "available_at": pd.to_datetime(text("available_at"), errors="coerce"),
            "source_row": rows.astype(int),
            "province": province,
            "basin": text("basin"),
            "river": text("river"),
            "adcode": text("adcode"),
            "assessed_city": text("assessed_city").where(text("assessed_city") != "", text("city")),
            "water_body": said["water_body"],
            "target_class": said["target_class"].astype("Int64"),
            "platform_class": said["platform_class"].astype("Int64"),
            "station_state": text("station_state"),
        }
    )


def _read_time_column(
    table: TextTable,
    columns: Columns,
    texts: pd.Series,
    years: pd.Series,
    *,
    year: int | None,
    notes: list[str],
    findings: Findings,
) -> pd.Series:
    header = next((columns.roles[role] for role in ("time", "month", "year") if role in columns.roles), "")
    if not {"time", "month"} & columns.roles.keys():
        texts = years
    # An empty template has no texts: without a type pandas would take the answers for texts too.
    yearless = map_unique(texts, lacks_year).astype(bool)
    own = pd.to_numeric(years.str.extract(r"^(\d{4})", expand=False), errors="coerce")
    if year is not None:
        own = pd.Series(float(year), index=texts.index)
    elif yearless.any() and own[yearless].isna().all():
        guess = year_in_name(Path(table.file).name)
        own = own.fillna(guess if guess is not None else np.nan)
        notes.append(
            f"监测时间没有年份，按文件名取 {guess} 年"
            if guess
            else "监测时间没有年份，未作推断；可加 --year 指定"
        )
    times = read_times(texts, years=own)
    column = Column(table, header, texts)
    dateless = yearless & own.isna()
    wrong = times.isna() & ~map_unique(texts, is_no_time).astype(bool) & ~dateless
    ambiguous = map_unique(texts, is_ambiguous).astype(bool)
    findings.report(
        (wrong & ~ambiguous).to_numpy(),
        code="time_unreadable",
        column=column,
        what="时间“{text}”看不懂或不存在（共 {count} 处）",
        why="应为 2021-04-01、2021-04-01 08:00、2021-04 或 04-01 08:00 之类",
        todo="改正该单元格",
    )
    findings.report(
        ambiguous.to_numpy(),
        code="time_ambiguous",
        column=column,
        what="时间“{text}”有歧义（共 {count} 处）",
        why="可能是 1 月，也可能是 10 月的末位 0 被 Excel 去掉",
        todo="写成 2024-01 或 2024-10",
    )
    repaired = times.notna() & map_unique(texts, is_repaired_time).astype(bool)
    findings.log(
        repaired.to_numpy(),
        column=column,
        after=times,
        reason="日期序列号、24:00 或全角",
    )
    return times


def _join_date(year: pd.Series, month: pd.Series, day: pd.Series) -> pd.Series:
    # Year, month and day in columns of their own; a month column may also hold whole months (2014-12).
    whole = month.where(month.str.contains(r"^\d{4}\D"), year + "-" + month)
    return whole.where(day == "", whole + "-" + day).where(month != "", "")


def _check_named(site_id: pd.Series, table: TextTable, columns: Columns, findings: Findings) -> None:
    findings.report(
        (site_id == "").to_numpy(),
        code="site_missing",
        column=Column(table, columns.roles.get("site_name", columns.roles.get("site_id", "")), site_id),
        what="该行没有断面或站点名称（共 {count} 行）",
        why="每一行都要写明是哪个断面或站点",
        todo="补上名称，合并单元格请先取消合并并填满",
    )


def map_unique(texts: pd.Series, read: Callable[[str], object]) -> pd.Series:
    """What ``read`` makes of every text, each spelling read once however often it stands there."""
    return texts.map({text: read(text) for text in texts.unique()})
