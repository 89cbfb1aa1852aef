"""The annexes of the brief: every target, section, conflict, rule and source, with how sure each is."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from docx.shared import Pt

from suizhou_geo.conventions import (
    Account,
    CountyResult,
    Feature,
    SectionStatus,
    SourceNote,
    TargetRow,
    chance_text,
    indicators,
)
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

#: Rows of one annex: what a person reads through; the whole table stands in the workbook.
MOST_ROWS = 60

TARGET_COLUMNS: Sequence[Column] = (
    ("编号", 37, False), ("目标", 53, False), ("现值", 20, True), ("目标值", 22, True), ("达标概率", 20, True), ("进度", 17, True),
    ("判断", 26, True), ("怎样改变或说明", 52, False),
)  # fmt: skip
TASK_COLUMNS: Sequence[Column] = (TARGET_COLUMNS[0], ("任务", 53, False), *TARGET_COLUMNS[2:])
ALERT_COLUMNS: Sequence[Column] = (
    ("日期", 44, True), ("规则", 38, False), ("内容", 112, False), ("出处", 53, False),
)  # fmt: skip
ACCOUNT_COLUMNS: Sequence[Column] = (
    ("断面", 38, False), ("上游至下游", 50, False), ("项目", 34, True), ("有值月数", 24, True), ("限值", 26, True), ("基准值", 26, True),
    ("累计金额", 49, True),
)  # fmt: skip
SECTION_COLUMNS: Sequence[Column] = (
    ("断面", 46, False), ("本月", 15, True), ("年初至今", 19, True), ("目标", 15, True), ("对照目标", 27, True),
    ("达标概率", 19, True), ("主要污染指标（超标倍数）", 46, False), ("定类指标", 44, False), ("参评月均值", 16, True),
)  # fmt: skip
AIR_COLUMNS: Sequence[Column] = (
    ("站点", 40, False), ("日期", 28, True), ("AQI", 18, True), ("类别", 26, True), ("首要污染物", 45, False), ("有 AQI 的天数", 25, True),
    ("优良天数", 22, True), ("条款与说明", 43, False),
)  # fmt: skip
CONFLICT_COLUMNS: Sequence[Column] = (
    ("序号", 12, True), ("要素", 62, False), ("保护范围", 78, False), ("种类", 36, True), ("关系", 15, True),
    ("距离（米）", 22, True), ("复核要点", 22, True),
)  # fmt: skip
RULE_COLUMNS: Sequence[Column] = (
    ("标准", 90, False), ("条款", 85, False), ("施行日期", 26, True), ("核对情况", 46, True),
)  # fmt: skip
SOURCE_COLUMNS: Sequence[Column] = (
    ("来源", 38, False), ("文件", 78, False), ("更新日期", 24, True), ("性质与说明", 107, False),
)  # fmt: skip


#: Numbers of annexes that the main part refers to.
TARGETS_ANNEX, TASKS_ANNEX, SECTIONS_ANNEX, CONFLICTS_ANNEX, ALERTS_ANNEX, ACCOUNTS_ANNEX = range(1, 7)

#: What stands below an annex: where the rest is, and what the marks in it mean.
_WORKBOOK = {
    "年度目标": "每个数的数据出处、说明和核对情况见工作簿“目标”。",
    "年度任务": "每个数的数据出处、说明和核对情况见工作簿“任务”。",
    "水质断面": "标准、条款和逐月数据见工作簿“断面”“月度数据”。",
    "预警": "每条的数值、界限和逐行出处见工作簿“预警”。",
    "县界断面生态补偿（正数由上游补偿下游）": "逐月逐项的核算、公式和出处见工作簿“生态补偿”。",
    "数据来源": "各文件的 SHA-256 见工作簿“来源”。",
}


def add_annexes(document: Any, result: CountyResult) -> None:
    """All annexes, on pages that lie on their side; one without rows says so."""
    add_wide_section(document)
    sections = [(each, each.section) for each in sections_of(result) if each.section is not None]
    annexes: tuple[tuple[str, Sequence[Column], list[tuple[str, ...]], list[str]], ...] = (
        ("年度目标", TARGET_COLUMNS, _target_rows(result.targets), []),
        ("年度任务", TASK_COLUMNS, _target_rows(result.tasks), []),
        ("水质断面", SECTION_COLUMNS, [_section_row(feature, section) for feature, section in sections], []),
        ("待复核的空间冲突（不构成违法认定）", CONFLICT_COLUMNS, *_conflict_rows(result)),
        ("预警", ALERT_COLUMNS, _alert_rows(result), _bases(result)),
        (
            "县界断面生态补偿（正数由上游补偿下游）",
            ACCOUNT_COLUMNS,
            _account_rows(result),
            _account_notes(result),
        ),
        (
            "空气站点（本月最后一个有 AQI 的日子；AQI 按日计算，没有月 AQI）",
            AIR_COLUMNS,
            _air_rows(result),
            [],
        ),
        ("评价依据", RULE_COLUMNS, _rule_rows(result), []),
        ("数据来源", SOURCE_COLUMNS, _source_rows(result), []),
    )
    for number, (title, columns, rows, below) in enumerate(annexes, start=1):
        nature = synthetic_text(
            number == SECTIONS_ANNEX and any(note.synthetic for note in observation_notes(result))
        )
        heading = f"附件{number}　{title}{f'（监测数据为{nature}）' if nature else ''}"
        _add_annex(document, heading, columns, rows, below=[*below, *filter(None, [_WORKBOOK.get(title)])])


def _add_annex(
    document: Any, title: str, columns: Sequence[Column], rows: list[tuple[str, ...]], *, below: list[str]
) -> None:
    heading = document.add_heading(title, level=1)
    heading.paragraph_format.first_line_indent = Pt(0)
    heading.paragraph_format.space_before = heading.paragraph_format.space_after = Pt(8)
    if not rows:
        document.add_paragraph("本期没有。")
        return
    add_table(document, columns, rows[:MOST_ROWS], size=SIZE_SMALL_5)
    if len(rows) > MOST_ROWS:
        below = [f"共 {len(rows)} 行，以上为前 {MOST_ROWS} 行，全部见工作簿。", *below]
    for words in below:
        paragraph = document.add_paragraph()
        layout = paragraph.paragraph_format
        layout.first_line_indent, layout.line_spacing, layout.space_before = Pt(0), 1.0, Pt(3)
        add_text(paragraph, visible(words), size=SIZE_SMALL_5)


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
    # The first thing that would change it; the workbook has the rest.
    change = target.change.partition("；")[0]
    parts = (
        change or (target.note if target.state == "unknown" else ""),
        # What was typed from the plan needs no word; a figure of another kind does.
        verified_text(target.verified) if target.target is not None and target.verified != "typed" else "",
    )
    return "；".join(filter(None, parts))


def _alert_rows(result: CountyResult) -> list[tuple[str, ...]]:
    return [
        (
            each.date if each.date == each.last else f"{each.date} 至 {each.last}", f"{each.rule} {each.rule_name}",
            "；".join(filter(None, (each.message, synthetic_text(each.synthetic)))), _file_of(each.source),
        )
        for each in result.alerts
    ]  # fmt: skip


def _file_of(source: str) -> str:
    """The file of the first source; its rows stand in the workbook."""
    return source.partition("；")[0].partition(" 第 ")[0].partition("：")[0]


def _bases(result: CountyResult) -> list[str]:
    """The basis of every rule that warned, once."""
    return [
        f"{rule}：{basis}。"
        for rule, basis in sorted({each.rule: each.basis for each in result.alerts}.items())
    ]


def _account_rows(result: CountyResult) -> list[tuple[str, ...]]:
    """What the months of the year so far come to, per section and item, and per section."""
    names = feature_names(result, "counties")
    rows: list[tuple[str, ...]] = []
    for _, group in groupby(result.accounts, key=lambda each: each.section):
        own = list(group)
        way = f"{names.get(own[0].upstream, own[0].upstream)}至{names.get(own[0].downstream, own[0].downstream)}"
        for code, months in groupby(own, key=lambda each: each.indicator):
            known = list(months)
            rows.append(
                (
                    own[0].section_name, way, indicators()[code].name, str(sum(each.amount is not None for each in known)),
                    number_text(known[0].limit, decimals=3), number_text(known[0].base, decimals=3), _amount_text(known),
                )
            )  # fmt: skip
        rows.append((own[0].section_name, way, "合计", "", "", "", _amount_text(own)))
    return rows


def _amount_text(accounts: Sequence[Account]) -> str:
    known = [each.amount for each in accounts if each.amount is not None]
    return f"{number_text(sum(known))} {accounts[0].money_unit}" if known else "—"


def _account_notes(result: CountyResult) -> list[str]:
    marks = dict.fromkeys(
        "；".join(filter(None, (each.note, synthetic_text(each.synthetic)))) for each in result.accounts
    )
    return [f"{mark}。" for mark in marks if mark]


def _section_row(feature: Feature, section: SectionStatus) -> tuple[str, ...]:
    return (
        feature.name + (f"（{synthetic_text(True)}）" if feature.synthetic else ""),
        class_text(section.water_class), class_text(section.year_to_date_class), class_text(section.target_class),
        state_text(section.target_state), "—" if section.p_attain is None else chance_text(section.p_attain),
        section.exceedance or section.main_pollutants or "—", section.limiting or "—", str(section.n),
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


def _conflict_rows(result: CountyResult) -> tuple[list[tuple[str, ...]], list[str]]:
    """The conflicts, what to look at in each by a number, and what the numbers mean."""
    actions = list(dict.fromkeys(each.action for each in result.conflicts))
    rows: list[tuple[str, ...]] = [
        (
            str(number), _marked(f"{each.feature_name}（{each.feature_id}）", each.synthetic and "演示" not in each.feature_name),
            f"{each.area_name}（{each.area_id}）", each.area_kind, each.relation,
            number_text(each.distance_m, decimals=0), f"（{actions.index(each.action) + 1}）",
        )
        for number, each in enumerate(result.conflicts, start=1)
    ]  # fmt: skip
    return rows, [f"复核要点（{number}）{action}。" for number, action in enumerate(actions, start=1)]


def _marked(name: str, synthetic: bool) -> str:
    return f"{name}（{synthetic_text(True)}）" if synthetic else name


def _rule_rows(result: CountyResult) -> list[tuple[str, ...]]:
    return [
        (f"{rule.title}（{rule.standard}）", rule.clause, rule.effective_from, verified_text(rule.verified))
        for rule in result.rules
    ]


def _source_rows(result: CountyResult) -> list[tuple[str, ...]]:
    """The sources; files of one kind that say the same stand together."""
    groups: dict[tuple[str, str], list[SourceNote]] = {}
    for note in result.sources:
        words = "；".join(filter(None, (synthetic_text(note.synthetic), note.note)))
        groups.setdefault((note.title, words), []).append(note)
    return [
        (title, _files_text([note.file for note in notes]), max(note.updated for note in notes), words)
        for (title, words), notes in groups.items()
    ]


def _files_text(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} 至 {names[-1]}（{len(names)} 个文件）"
