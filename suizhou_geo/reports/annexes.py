"""The annexes of the brief: every target, section, conflict, rule and source, with how sure each is."""

from collections.abc import Sequence
from typing import Any

from docx.shared import Pt

from suizhou_geo.conventions import CountyResult, Feature, SectionStatus, TargetRow, chance_text, indicators
from suizhou_geo.reports.document import SIZE_SMALL_5, add_text, add_wide_section
from suizhou_geo.reports.tables import Column, add_table
from suizhou_geo.reports.texts import visible
from suizhou_geo.reports.wording import (
    class_text,
    feature_names,
    goal_text,
    number_text,
    observation_notes,
    progress_text,
    sections_of,
    state_text,
    synthetic_text,
    target_state_text,
    value_text,
    verified_text,
    worst_first,
)

#: Rows of one annex; a longer table is read in the workbook.
MOST_ROWS = 300

TARGET_COLUMNS: Sequence[Column] = (
    ("编号", 26, False), ("目标", 44, False), ("现值", 19, True), ("目标值", 21, True), ("达标概率", 18, True), ("进度", 14, True),
    ("判断", 25, True), ("怎样改变、说明、来源与核对", 80, False),
)  # fmt: skip
TASK_COLUMNS: Sequence[Column] = (TARGET_COLUMNS[0], ("任务", 44, False), *TARGET_COLUMNS[2:])
ALERT_COLUMNS: Sequence[Column] = (
    ("日期", 44, True), ("规则", 40, False), ("内容", 73, False), ("依据和出处", 90, False),
)  # fmt: skip
ACCOUNT_COLUMNS: Sequence[Column] = (
    ("断面", 34, False), ("月份", 18, True), ("项目", 26, True), ("月均值", 20, True), ("限值", 20, True), ("基准值", 20, True),
    ("金额", 26, True), ("说明", 83, False),
)  # fmt: skip
SECTION_COLUMNS: Sequence[Column] = (
    ("断面", 34, False), ("本月", 14, True), ("年初至今", 17, True), ("目标", 14, True), ("对照目标", 26, True),
    ("达标概率", 18, True), ("主要污染指标（超标倍数）", 25, False), ("定类指标", 28, False), ("参评月均值", 15, True),
    ("标准与条款", 56, False),
)  # fmt: skip
AIR_COLUMNS: Sequence[Column] = (
    ("站点", 40, False), ("日期", 28, True), ("AQI", 18, True), ("类别", 26, True), ("首要污染物", 45, False), ("有 AQI 的天数", 25, True),
    ("优良天数", 22, True), ("条款与说明", 43, False),
)  # fmt: skip
CONFLICT_COLUMNS: Sequence[Column] = (
    ("序号", 12, True), ("要素", 46, False), ("保护范围", 60, False), ("种类", 32, True), ("关系", 16, True),
    ("距离（米）", 18, True), ("复核要点", 63, False),
)  # fmt: skip
RULE_COLUMNS: Sequence[Column] = (
    ("标准", 90, False), ("条款", 85, False), ("施行日期", 26, True), ("核对情况", 46, True),
)  # fmt: skip
SOURCE_COLUMNS: Sequence[Column] = (
    ("来源", 34, False), ("文件", 54, False), ("更新日期", 22, True), ("性质与说明", 62, False), ("SHA-256", 75, False),
)  # fmt: skip


#: Numbers of annexes that the main part refers to.
TARGETS_ANNEX, TASKS_ANNEX, SECTIONS_ANNEX, CONFLICTS_ANNEX, ALERTS_ANNEX, ACCOUNTS_ANNEX = range(1, 7)


def add_annexes(document: Any, result: CountyResult) -> None:
    """All annexes, on pages that lie on their side; one without rows says so."""
    add_wide_section(document)
    sections = [(each, each.section) for each in sections_of(result) if each.section is not None]
    annexes: tuple[tuple[str, Sequence[Column], list[tuple[str, ...]]], ...] = (
        ("年度目标", TARGET_COLUMNS, _target_rows(result.targets)),
        ("年度任务", TASK_COLUMNS, _target_rows(result.tasks)),
        ("水质断面", SECTION_COLUMNS, [_section_row(feature, section) for feature, section in sections]),
        ("待复核的空间冲突（不构成违法认定）", CONFLICT_COLUMNS, _conflict_rows(result)),
        ("预警", ALERT_COLUMNS, _alert_rows(result)),
        ("县界断面生态补偿（正数由上游补偿下游）", ACCOUNT_COLUMNS, _account_rows(result)),
        ("空气站点（本月最后一个有 AQI 的日子；AQI 按日计算，没有月 AQI）", AIR_COLUMNS, _air_rows(result)),
        ("评价依据", RULE_COLUMNS, _rule_rows(result)),
        ("数据来源", SOURCE_COLUMNS, _source_rows(result)),
    )
    for number, (title, columns, rows) in enumerate(annexes, start=1):
        nature = synthetic_text(
            number == SECTIONS_ANNEX and any(note.synthetic for note in observation_notes(result))
        )
        _add_annex(
            document, f"附件{number}　{title}{f'（监测数据为{nature}）' if nature else ''}", columns, rows
        )


def _add_annex(document: Any, title: str, columns: Sequence[Column], rows: list[tuple[str, ...]]) -> None:
    heading = document.add_heading(title, level=1)
    heading.paragraph_format.first_line_indent = Pt(0)
    heading.paragraph_format.space_before = heading.paragraph_format.space_after = Pt(8)
    if not rows:
        document.add_paragraph("本期没有。")
        return
    add_table(document, columns, rows[:MOST_ROWS], size=SIZE_SMALL_5)
    if len(rows) > MOST_ROWS:
        words = f"共 {len(rows)} 行，以上为前 {MOST_ROWS} 行，全部见工作簿。"
        add_text(document.add_paragraph(), visible(words))


def _target_rows(targets: Sequence[TargetRow]) -> list[tuple[str, ...]]:
    return [
        (
            target.id, target.name, value_text(target), goal_text(target),
            "—" if target.p_attain is None else chance_text(target.p_attain), progress_text(target),
            target_state_text(target), _target_words(target),
        )
        for target in worst_first(targets)
    ]  # fmt: skip


def _target_words(target: TargetRow) -> str:
    rows = f"数据：{'；'.join(target.rows)}" if target.rows else ""
    unit = "%" if target.unit == "%" else f" {target.unit}"
    parts = (
        target.change, "" if target.required is None else f"本月应达 {number_text(target.required)}{unit}",
        f"期限 {target.due}" if target.due else "", target.note, target.source, rows, verified_text(target.verified), synthetic_text(target.synthetic),
    )  # fmt: skip
    return "；".join(filter(None, parts))


def _alert_rows(result: CountyResult) -> list[tuple[str, ...]]:
    return [
        (
            each.date if each.date == each.last else f"{each.date} 至 {each.last}", f"{each.rule} {each.rule_name}",
            "；".join(filter(None, (each.message, synthetic_text(each.synthetic)))),
            "；".join(filter(None, (each.basis, each.source))),
        )
        for each in result.alerts
    ]  # fmt: skip


def _account_rows(result: CountyResult) -> list[tuple[str, ...]]:
    names = feature_names(result, "counties")
    return [
        (
            each.section_name, each.period, indicators()[each.indicator].name, number_text(each.value, decimals=3),
            number_text(each.limit, decimals=3), number_text(each.base, decimals=3),
            "—" if each.amount is None else f"{number_text(each.amount)} {each.money_unit}",
            "；".join(
                filter(
                    None,
                    (
                        f"{names.get(each.upstream, each.upstream)}至{names.get(each.downstream, each.downstream)}", each.note,
                        synthetic_text(each.synthetic),
                    ),
                )
            ),
        )
        for each in result.accounts
    ]  # fmt: skip


def _section_row(feature: Feature, section: SectionStatus) -> tuple[str, ...]:
    return (
        feature.name + (f"（{synthetic_text(True)}）" if feature.synthetic else ""),
        class_text(section.water_class), class_text(section.year_to_date_class), class_text(section.target_class),
        state_text(section.target_state), "—" if section.p_attain is None else chance_text(section.p_attain),
        section.exceedance or section.main_pollutants or "—", section.limiting or "—", str(section.n),
        section.clause or section.standard,
    )  # fmt: skip


def _air_rows(result: CountyResult) -> list[tuple[str, ...]]:
    layer = result.layer("stations")
    return [
        (
            feature.name, air.now.date or "—", number_text(air.now.aqi), air.now.category or "无数据", air.now.primary or "—",
            str(air.now.valid_days), str(air.now.good_days),
            "；".join(filter(None, (air.clause, air.note, f"监测为{synthetic_text(True)}" if air.synthetic else ""))),
        )
        for feature in (layer.features if layer else ())
        for air in [feature.air]
        if air
    ]  # fmt: skip


def _conflict_rows(result: CountyResult) -> list[tuple[str, ...]]:
    return [
        (
            str(number), f"{each.feature_name}（{each.feature_id}）", f"{each.area_name}（{each.area_id}）", each.area_kind,
            each.relation, number_text(each.distance_m, decimals=0),
            "；".join(filter(None, (each.action, synthetic_text(each.synthetic)))),
        )
        for number, each in enumerate(result.conflicts, start=1)
    ]  # fmt: skip


def _rule_rows(result: CountyResult) -> list[tuple[str, ...]]:
    return [
        (f"{rule.title}（{rule.standard}）", rule.clause, rule.effective_from, verified_text(rule.verified))
        for rule in result.rules
    ]


def _source_rows(result: CountyResult) -> list[tuple[str, ...]]:
    return [
        (
            note.title, note.file, note.updated,
            "；".join(filter(None, (synthetic_text(note.synthetic), note.note))), note.sha256,
        )
        for note in result.sources
    ]  # fmt: skip
