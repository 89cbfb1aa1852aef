"""The brief of one county and month as a Word file: on target or not, why, what next, and only then the tables."""

import io
from collections import Counter
from pathlib import Path
from typing import Any

from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.image.exceptions import InvalidImageStreamError, UnexpectedEndOfFileError, UnrecognizedImageError
from docx.image.image import Image
from docx.shared import Mm, Pt

from suizhou_geo.conventions import TARGET_WORDS, CountyResult, Feature, SectionStatus, TargetRow, chance_text
from suizhou_geo.errors import InputError
from suizhou_geo.reports.annexes import add_annexes
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
from suizhou_geo.reports.office import check_ending, period_start, settle_package
from suizhou_geo.reports.tables import add_table
from suizhou_geo.reports.texts import visible
from suizhou_geo.reports.wording import (
    STAMP,
    TROUBLED,
    class_text,
    demo_mark,
    goal_text,
    observation_notes,
    sections_of,
    state_text,
    value_text,
    worst_first,
)
from suizhou_geo.saving import write_atomically

#: Sections that the main part tells one by one; the annex lists all.
_TOLD_SECTIONS = 8

#: Millimetres that the picture may be high, so that its heading and caption stay on the same page.
_PICTURE_HEIGHT = 165

NO_PICTURE = "本期简报没有附图：生成时没有给出地图图片，图见同月的网页。"


def write_brief(result: CountyResult, path: str | Path, *, picture: bytes | None = None) -> Path:
    """Write the brief of a county and month as Word to ``path``: the finished file takes the place of the old one.

    The layout is that of an official document (GB/T 9704-2012: A4, margins, type sizes, headings 一、（一）, page
    numbers). In this order: the sentence of the month, targets worst first, the map, main problems, what next month must
    keep to, notes; then annexes with every target, section, conflict, rule and source. Synthetic data are marked in
    the title and at the head of every page. The same result and picture give the same bytes.

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
    if result.targets:
        counts = Counter(target.state for target in result.targets)
        told = "，".join(
            f"{word} {counts[state]} 项" for state, word in TARGET_WORDS.items() if counts[state]
        )
        _add_paragraph(document, f"年度目标共 {len(result.targets)} 项：{told}。")


def _add_targets(document: Any, result: CountyResult) -> None:
    document.add_heading("二、年度目标进展", level=1)
    targets = worst_first(result.targets)
    known = [target for target in targets if target.value is not None or target.state != "unknown"]
    if known:
        add_table(
            document,
            (
                ("目标", 58, False),
                ("现值", 22, True),
                ("目标值", 24, True),
                ("达标概率", 22, True),
                ("判断", 30, True),
            ),
            [_target_cells(target) for target in known],
            caption="表1　年度目标进展（由差到好）",
        )
    unknown = len(targets) - len(known)
    if not targets:
        _add_paragraph(document, "工作区没有给出年度目标。")
    elif unknown:
        _add_paragraph(document, f"另有 {unknown} 项因目标未公开或缺少数据暂无法判定，见附件1。")


def _target_cells(target: TargetRow) -> tuple[str, ...]:
    chance = "—" if target.p_attain is None else chance_text(target.p_attain)
    return target.name or target.id, value_text(target), goal_text(target), chance, state_text(target.state)


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
    _add_paragraph(document, "本期结果不含沿河追溯，没有列出上游可疑源。")


def _add_sections(document: Any, result: CountyResult) -> None:
    sections = sections_of(result)
    troubled = [each for each in sections if each.section and each.section.target_state in TROUBLED]
    if not troubled:
        words = "没有未达标或有风险的断面。" if sections else "本区域没有可评价的水质断面。"
        _add_paragraph(document, words)
    for number, feature in enumerate(troubled[:_TOLD_SECTIONS], start=1):
        if feature.section is not None:
            _add_paragraph(document, f"{number}.{_section_sentence(feature, feature.section)}")
    if len(troubled) > _TOLD_SECTIONS:
        _add_paragraph(document, f"其余 {len(troubled) - _TOLD_SECTIONS} 个断面见附件2。")
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
        f"污染源和排污口与保护范围重叠或邻近共 {len(result.conflicts)} 处：{told}。逐条见附件3。以上供复核，不构成违法认定。",
    )


def _add_control(document: Any, result: CountyResult) -> None:
    document.add_heading("五、下月控制要求", level=1)
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
        caption="表2　需要关注的断面下月控制值（单位：mg/L，另注的除外）",
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
