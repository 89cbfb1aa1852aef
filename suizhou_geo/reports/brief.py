"""The brief of one county and month as a Word file: on target or not, why, what next, and only then the tables."""

import io
from collections import Counter
from itertools import groupby
from pathlib import Path
from typing import Any

from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.image.exceptions import InvalidImageStreamError, UnexpectedEndOfFileError, UnrecognizedImageError
from docx.image.image import Image
from docx.shared import Mm, Pt

from suizhou_geo.conventions import (
    REFERENCE_MARK,
    TARGET_WORDS,
    TROUBLED,
    CountyResult,
    Feature,
    SectionStatus,
    TargetRow,
    chance_text,
    indicators,
)
from suizhou_geo.errors import InputError
from suizhou_geo.reports.annexes import (
    ACCOUNTS_ANNEX,
    ALERTS_ANNEX,
    CONFLICTS_ANNEX,
    SECTIONS_ANNEX,
    TARGETS_ANNEX,
    TASKS_ANNEX,
    add_annexes,
)
from suizhou_geo.reports.control import control_rows
from suizhou_geo.reports.document import (
    HEADING,
    RED,
    SIZE_3,
    SIZE_5,
    SUBHEADING,
    TYPE_WIDTH,
    add_text,
    describe,
    new_document,
    set_running_lines,
)
from suizhou_geo.reports.office import check_ending, period_start
from suizhou_geo.reports.tables import add_table
from suizhou_geo.reports.texts import visible
from suizhou_geo.reports.wording import (
    STAMP,
    class_text,
    demo_mark,
    feature_names,
    goal_text,
    number_text,
    observation_notes,
    progress_text,
    sections_of,
    suspects_of,
    target_state_text,
    value_text,
    worst_first,
)
from suizhou_geo.saving import settle_package, write_atomically

#: Sections that the main part tells one by one; the annex lists all.
_TOLD_SECTIONS = 8

#: Suspects told of one section, and warnings told one by one.
_TOLD_SUSPECTS, _TOLD_ALERTS = 3, 3

#: Millimetres that the picture may be high, so that its heading and caption stay on the same page.
_PICTURE_HEIGHT = 100

NO_PICTURE = "本期简报没有附图：生成时没有给出地图图片，图见同月的网页。"


def write_brief(result: CountyResult, path: str | Path, *, picture: bytes | None = None) -> Path:
    """Write the brief of a county and month as Word to ``path``: the finished file takes the place of the old one.

    The layout is that of an official document (GB/T 9704-2012: A4, margins, type sizes, headings 一、（一）, page
    numbers). In this order: the sentence of the month, targets worst first, the map, main problems, what next month must
    keep to, notes; then annexes that a person can read through: targets, tasks, sections, conflicts, warnings, accounts,
    rules and sources, with a word where the workbook holds more. Synthetic data are marked in the title and at the
    head of every page. The same result and picture give the same bytes.

    Parameters
    ----------
    result
        From ``plan.evaluate_county``.
    path
        Ends in ``.docx``.
    picture
        The map as PNG bytes; without one the brief says that there is none.

    Raises
    ------
    InputError
        The path does not end in ``.docx``, the picture is no picture, or a number is not finite.

    Examples
    --------
    >>> import tempfile
    >>> result = CountyResult("421303", "曾都区", "随州市", 2021, 6, "无断面。", (), (), (), (), (), (), False, "0.1.0")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_brief(result, Path(folder) / "曾都区.docx").name
    '曾都区.docx'
    """
    target = check_ending(path, ".docx", product="简报")
    package = _render(result, picture)
    return write_atomically(target, lambda temporary: temporary.write_bytes(package))


def _render(result: CountyResult, picture: bytes | None) -> bytes:
    document = new_document()
    mark = demo_mark(result)
    running = " · ".join(filter(None, (STAMP, mark, f"{result.name} {result.year}年{result.month}月")))
    set_running_lines(document, visible(running))
    describe(
        document,
        {
            "title": visible(_title(result)), "author": f"suizhou_geo {visible(result.tool_version)}"[:255],
            "subject": visible(f"{result.period} {result.fingerprint}"), "keywords": mark, "comments": "", "category": "",
            "last_modified_by": "", "language": "zh-CN", "revision": 1, "created": period_start(result),
            "modified": period_start(result),
        },
    )  # fmt: skip
    _add_head(document, result)
    for add in (_add_summary, _add_targets):
        add(document, result)
    _add_picture(document, result, picture)
    for add in (_add_problems, _add_control, _add_notes):
        add(document, result)
    add_annexes(document, result)
    package = io.BytesIO()
    document.save(package)
    return settle_package(package.getvalue(), date=period_start(result))


def _title(result: CountyResult) -> str:
    return f"{result.name}{result.year}年{result.month}月生态环境工作简报"


def _add_head(document: Any, result: CountyResult) -> None:
    mark = demo_mark(result)
    stamp = document.add_paragraph()
    stamp.paragraph_format.first_line_indent = Pt(0)
    add_text(stamp, STAMP, font=HEADING, size=SIZE_3)
    if mark:
        add_text(stamp, f"　{mark}，不作为工作依据", font=HEADING, size=SIZE_3, colour=RED)
    title = document.add_paragraph(style="Title")
    title.paragraph_format.space_before = Pt(20)
    add_text(title, visible(_title(result)))
    if mark:
        title.add_run().add_break()
        add_text(title, f"（{mark}）")
    below = document.add_paragraph()
    below.paragraph_format.first_line_indent = Pt(0)
    below.paragraph_format.space_after = Pt(14)
    below.alignment = WD_ALIGN_PARAGRAPH.CENTER
    add_text(below, visible(f"（{result.city}　数据月份：{result.period}）"), font=SUBHEADING)


def _add_summary(document: Any, result: CountyResult) -> None:
    document.add_heading("一、总体情况", level=1)
    _add_paragraph(document, result.headline)
    own = [target for target in result.targets if not target.is_reference]
    if own:
        counts = Counter(target.word for target in worst_first(own))
        told = "，".join(f"{word} {count} 项" for word, count in counts.items())
        beside = len(result.targets) - len(own)
        more = f"另以公开标准和全国目标对照 {beside} 项，见附件{TARGETS_ANNEX}。" if beside else ""
        _add_paragraph(document, f"年度目标共 {len(own)} 项：{told}。{more}")
    if result.tasks:
        _add_paragraph(document, _task_sentence(result))


def _task_sentence(result: CountyResult) -> str:
    tasks = len({row.goal for row in result.tasks})
    troubled = sum(row.state in TROUBLED for row in result.tasks)
    told = f"{troubled} 个需要关注" if troubled else "没有需要关注的"
    return f"年度任务共 {tasks} 项，{len(result.tasks)} 个指标中{told}，逐项见附件{TASKS_ANNEX}。"


def _add_targets(document: Any, result: CountyResult) -> None:
    document.add_heading("二、年度目标进展", level=1)
    # What is only held beside a published figure stands in the annex.
    targets = [target for target in worst_first(result.targets) if not target.is_reference]
    known = [target for target in targets if target.state != "unknown"]
    if known:
        add_table(
            document,
            (
                ("目标", 60, False),
                ("现值", 22, True),
                ("目标值", 24, True),
                ("达标概率", 22, True),
                ("判断", 28, True),
            ),
            [_target_cells(target) for target in known],
            caption="表1　年度目标进展（由差到好）",
        )
    unknown = len(targets) - len(known)
    if not targets:
        _add_paragraph(document, "工作区没有给出年度目标。")
    elif unknown:
        _add_paragraph(
            document, f"另有 {unknown} 项因目标未公开或缺少数据暂无法判定，见附件{TARGETS_ANNEX}。"
        )
    behind = [row for row in worst_first(result.tasks) if row.state in TROUBLED]
    if behind:
        add_table(
            document,
            (
                ("任务", 60, False), ("现值", 22, True), ("目标值", 24, True), ("进度", 22, True), ("判断", 28, True),
            ),
            [_task_cells(row) for row in behind],
            caption="表2　需要关注的年度任务",
        )  # fmt: skip


def _target_cells(target: TargetRow) -> tuple[str, ...]:
    chance = "—" if target.p_attain is None else chance_text(target.p_attain)
    return target.name or target.id, value_text(target), goal_text(target), chance, target_state_text(target)


def _task_cells(row: TargetRow) -> tuple[str, ...]:
    return (
        f"{row.goal} {row.name}",
        value_text(row),
        goal_text(row),
        progress_text(row),
        target_state_text(row),
    )


def _add_picture(document: Any, result: CountyResult, picture: bytes | None) -> None:
    document.add_heading("三、分布图", level=1)
    if picture is None:
        _add_paragraph(document, NO_PICTURE)
        return
    width, height = _picture_size(picture)
    paragraph = document.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    layout = paragraph.paragraph_format
    layout.first_line_indent, layout.line_spacing, layout.keep_with_next = Pt(0), 1.0, True
    shape = paragraph.add_run().add_picture(io.BytesIO(picture), width=Mm(width), height=Mm(height))
    shape._inline.docPr.set("descr", visible(f"{result.name} {result.period} 分布图。{result.headline}"))
    caption = document.add_paragraph(style="Caption")
    caption.paragraph_format.keep_with_next = False
    words = f"图1　{result.name}水环境分布（{result.period}）　内部工作用图，未经地图审核，不得公开"
    add_text(caption, visible(words))


def _picture_size(picture: bytes) -> tuple[float, float]:
    """Width and height in millimetres: as wide as the type area, or less where the picture is a tall one."""
    try:
        image = Image.from_blob(picture)
    except (InvalidImageStreamError, UnexpectedEndOfFileError, UnrecognizedImageError) as error:
        raise InputError("附图不是可以读出的图片", why=str(error), todo="给出 PNG 图片的内容") from error
    shape = image.px_height / image.px_width
    width = min(TYPE_WIDTH, _PICTURE_HEIGHT / shape)
    return width, width * shape


def _add_problems(document: Any, result: CountyResult) -> None:
    document.add_heading("四、主要问题", level=1)
    document.add_heading("（一）需要关注的断面", level=2)
    _add_sections(document, result)
    document.add_heading("（二）待复核的空间冲突", level=2)
    _add_conflicts(document, result)
    document.add_heading("（三）上游可疑源", level=2)
    _add_suspects(document, result)
    document.add_heading("（四）预警", level=2)
    _add_alerts(document, result)


def _add_suspects(document: Any, result: CountyResult) -> None:
    suspects = suspects_of(result)
    if not suspects:
        _add_paragraph(document, "没有列出上游可疑源：断面没有超过限值的项目，或不在河网上。")
        return
    names = feature_names(result, "sections")
    for section, own in groupby(suspects, key=lambda each: each.section_id):
        first = list(own)
        told = "；".join(
            f"{each.name}（上游 {number_text(each.distance_km, decimals=1)} 公里）"
            for each in first[:_TOLD_SUSPECTS]
        )
        item = indicators()[first[0].indicator].name
        _add_paragraph(document, f"{names.get(section, section)}（{item}）：{told}。")
    _add_paragraph(document, "以上按可能性排序，只供排查，不是认定。")


def _add_alerts(document: Any, result: CountyResult) -> None:
    if not result.alerts:
        _add_paragraph(document, "当年到本月没有预警。")
        return
    counts = Counter(alert.rule_name for alert in result.alerts)
    told = "，".join(f"{name} {count} 条" for name, count in counts.most_common())
    _add_paragraph(
        document, f"当年到本月预警 {len(result.alerts)} 条：{told}，逐条及依据见附件{ALERTS_ANNEX}。"
    )
    # Targets and tasks that are behind stand in the tables above.
    others = [
        alert
        for alert in result.alerts
        if not any(alert.subject == row.id for row in (*result.targets, *result.tasks))
    ]
    for number, alert in enumerate(others[:_TOLD_ALERTS], start=1):
        _add_paragraph(document, f"{number}.{alert.last} {alert.rule_name}：{alert.message}。")


def _add_sections(document: Any, result: CountyResult) -> None:
    sections = sections_of(result)
    troubled = [each for each in sections if each.section and each.section.needs_attention]
    if not troubled:
        words = "没有未达标、有风险或当月超标的断面。" if sections else "本区域没有可评价的水质断面。"
        _add_paragraph(document, words)
    for number, feature in enumerate(troubled[:_TOLD_SECTIONS], start=1):
        if feature.section is not None:
            _add_paragraph(document, f"{number}.{_section_sentence(feature, feature.section)}")
    if len(troubled) > _TOLD_SECTIONS:
        _add_paragraph(document, f"其余 {len(troubled) - _TOLD_SECTIONS} 个断面见附件{SECTIONS_ANNEX}。")
    if any(note.synthetic for note in observation_notes(result)) and sections:
        _add_paragraph(document, "各断面的监测数据为演示数据，断面名称不代表其实际水质。")


def _section_sentence(feature: Feature, section: SectionStatus) -> str:
    word = TARGET_WORDS.get(section.target_state, section.target_state)
    month = int(section.period[-2:])
    indicators = section.exceedance or section.main_pollutants
    chance = "" if section.p_attain is None else chance_text(section.p_attain)
    parts = (
        f"{feature.name}：{word}",
        f"{month}月{class_text(section.water_class)}，年初至今{class_text(section.year_to_date_class)}，"
        f"目标{class_text(section.target_class)}",
        f"主要污染指标及超标倍数：{indicators}" if indicators else "",
        f"定类指标：{section.limiting}" if section.limiting else "",
        f"年初至今主要污染指标：{section.year_to_date_pollutants}" if section.year_to_date_pollutants else "",
        f"全年达标概率{chance}" + (f"，不达标时多由{section.binding}决定" if section.binding else "")
        if chance
        else "",
        *(
            f"{trend.name}{trend.meaning}（{trend.first}至{trend.last}）"
            for trend in section.trends
            if "恶化" in trend.meaning
        ),
    )
    return "；".join(filter(None, parts)) + "。"


def _add_conflicts(document: Any, result: CountyResult) -> None:
    if not result.conflicts:
        _add_paragraph(document, "没有待复核的空间冲突。")
        return
    kinds = Counter((each.area_kind, each.relation) for each in result.conflicts)
    told = "，".join(f"{kind}{relation} {count} 处" for (kind, relation), count in kinds.most_common())
    _add_paragraph(
        document,
        f"污染源和排污口与保护范围重叠或邻近共 {len(result.conflicts)} 处：{told}。逐条见附件{CONFLICTS_ANNEX}。以上供复核，不构成违法认定。",
    )


def _add_control(document: Any, result: CountyResult) -> None:
    document.add_heading("五、下月控制要求", level=1)
    _add_section_control(document, result)
    for row in (*result.targets, *result.tasks):
        if row.p_attain is not None and row.change and row.layer == "stations":
            _add_paragraph(document, f"{row.name.removeprefix(REFERENCE_MARK)}：{row.change}。")
    if result.accounts:
        _add_paragraph(document, f"县界断面生态补偿按月核算，见附件{ACCOUNTS_ANNEX}。")


def _add_section_control(document: Any, result: CountyResult) -> None:
    rows = control_rows(result)
    if not rows:
        _add_paragraph(
            document, "没有未达标或有风险的断面，下月不单列控制值；其余断面继续按目标类别限值控制。"
        )
        return
    add_table(
        document,
        (
            ("断面", 30, False), ("指标", 22, False), ("本月值", 17, True), ("控制限值", 21, True),
            ("下月预测中位数", 23, True), ("下月预测区间", 43, True),
        ),
        rows,
        caption="表3　需要关注的断面下月控制值（单位：mg/L，另注的除外）",
    )  # fmt: skip
    _add_paragraph(document, "控制限值为断面目标类别的限值；预测以历年监测数据为依据，不含新增措施的效果。")


def _add_notes(document: Any, result: CountyResult) -> None:
    document.add_heading("六、说明", level=1)
    for number, note in enumerate(result.notes, start=1):
        _add_paragraph(document, f"{number}.{note}")
    closing = "本简报由程序根据区县结果写出，与同月网页、工作簿的数字一致，签发前须经人工审核。"
    last = _add_paragraph(document, f"{len(result.notes) + 1}.{closing}")
    sign = _add_paragraph(document, "编制：　　　　　　审核：　　　　　　签发：")
    sign.paragraph_format.space_before = Pt(28)
    date = _add_paragraph(document, "年　　月　　日　　　　")
    date.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    for paragraph in (last, sign, date):
        # Signatures never stand on a page of their own.
        paragraph.paragraph_format.keep_with_next = True
    origin = document.add_paragraph()
    origin.paragraph_format.first_line_indent = Pt(0)
    words = f"由 suizhou_geo {result.tool_version} 生成　区划代码 {result.adcode}　结果指纹 SHA-256 {result.fingerprint}"
    add_text(origin, visible(words), size=SIZE_5)


def _add_paragraph(document: Any, text: str) -> Any:
    paragraph = document.add_paragraph()
    add_text(paragraph, visible(text))
    return paragraph
