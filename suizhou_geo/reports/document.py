"""The sheet of paper of an official document: A4, type area, fonts, headings, page numbers (GB/T 9704-2012)."""

from collections.abc import Mapping
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

#: Fonts by their part in the document, with what stands in for them where they are not installed.
TITLE, BODY, HEADING, SUBHEADING, SONG, LATIN = (
    "方正小标宋简体",
    "仿宋",
    "黑体",
    "楷体",
    "宋体",
    "Times New Roman",
)
SUBSTITUTES = {
    TITLE: ("小标宋", "华文中宋", "STZhongsong", "Noto Serif CJK SC", "Source Han Serif SC"),
    BODY: ("仿宋_GB2312", "FangSong", "STFangsong", "Noto Serif CJK SC", "Source Han Serif SC"),
    HEADING: ("SimHei", "STHeiti", "Noto Sans CJK SC", "Source Han Sans SC"),
    SUBHEADING: ("楷体_GB2312", "KaiTi", "STKaiti", "Noto Serif CJK SC", "Source Han Serif SC"),
    SONG: ("SimSun", "STSong", "Noto Serif CJK SC", "Source Han Serif SC"),
    LATIN: ("Liberation Serif", "Noto Serif CJK SC"),
}

#: Sizes of Chinese type in points: 2号, 3号, 4号, 小四, 五号, 小五.
SIZE_2, SIZE_3, SIZE_4, SIZE_SMALL_4, SIZE_5, SIZE_SMALL_5 = 22, 16, 14, 12, 10.5, 9

#: Millimetres of the page and its margins: 天头 37, 订口 28, a type area of 156 by 225 (GB/T 9704-2012, 5.2.1).
PAGE_WIDTH, PAGE_HEIGHT = 210, 297
TOP, BOTTOM, LEFT, RIGHT = 37, 35, 28, 26
TYPE_WIDTH, TYPE_HEIGHT = PAGE_WIDTH - LEFT - RIGHT, PAGE_HEIGHT - TOP - BOTTOM
#: Lying on its side, the margins turn with the page.
WIDE_MARGIN = 25
WIDE_TYPE_WIDTH = PAGE_HEIGHT - 2 * WIDE_MARGIN

#: 22 lines on a page.
_LINE_PITCH = 28

RED = RGBColor(0xC0, 0x10, 0x18)

TABLE_TEXT = "表格文字"


def new_document() -> Any:
    """An empty document with the paper and the styles of an official document in Chinese."""
    document = Document()
    _forget_template(document)
    section = document.sections[0]
    _set_upright(section)
    _set_styles(document)
    _name_substitutes(document)
    document.settings.odd_and_even_pages_header_footer = True
    return document


def add_wide_section(document: Any) -> None:
    """Go on upon pages that lie on their side, for tables with many columns."""
    section = document.add_section(WD_SECTION.NEW_PAGE)
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(PAGE_HEIGHT), Mm(PAGE_WIDTH)
    section.left_margin = section.right_margin = Mm(WIDE_MARGIN)
    section.top_margin, section.bottom_margin = Mm(LEFT), Mm(RIGHT)


def set_running_lines(document: Any, text: str) -> None:
    """A header line on every page, and page numbers ``— 1 —``: outside right on odd pages, outside left on even ones."""
    section = document.sections[0]
    sides = (
        (section.header, section.footer, WD_ALIGN_PARAGRAPH.RIGHT),
        (section.even_page_header, section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT),
    )
    for header, footer, side in sides:
        line = header.paragraphs[0]
        add_text(line, text, font=SUBHEADING, size=SIZE_SMALL_5)
        line.alignment = side
        number = footer.paragraphs[0]
        number.alignment = side
        _add_page_number(number)


def add_text(
    paragraph: Any,
    text: str,
    *,
    font: str = "",
    size: float | None = None,
    bold: bool | None = None,
    colour: RGBColor | None = None,
) -> Any:
    """A run of text whose punctuation and Roman numerals are set as Chinese type; ``text`` must be ``visible``."""
    run = paragraph.add_run(text)
    run.bold = bold
    if size is not None:
        run.font.size = Pt(size)
    if colour is not None:
        run.font.color.rgb = colour
    fonts = run._r.get_or_add_rPr().get_or_add_rFonts()
    fonts.set(qn("w:hint"), "eastAsia")
    if font:
        _set_fonts(fonts, font)
    return run


def describe(document: Any, properties: Mapping[str, Any]) -> None:
    """The document's own properties (title, author …); every one is stated, none is the machine's."""
    for name, value in properties.items():
        setattr(document.core_properties, name, value)


def _forget_template(document: Any) -> None:
    # The library's template carries a preview of an empty page and styles for a Word of 2010.
    for part, kind in ((document.part.package, RELATIONSHIP_TYPE.THUMBNAIL), (document.part, _EFFECTS)):
        for key, relationship in list(part.rels.items()):
            if relationship.reltype == kind:
                del part.rels[key]


_EFFECTS = "http://schemas.microsoft.com/office/2007/relationships/stylesWithEffects"


def _set_upright(section: Any) -> None:
    section.page_width, section.page_height = Mm(PAGE_WIDTH), Mm(PAGE_HEIGHT)
    section.top_margin, section.bottom_margin = Mm(TOP), Mm(BOTTOM)
    section.left_margin, section.right_margin = Mm(LEFT), Mm(RIGHT)
    section.header_distance = Mm(20)
    # 7 mm below the type area.
    section.footer_distance = Mm(BOTTOM - 7 - 5)


def _set_styles(document: Any) -> None:
    styles = document.styles
    table_text = styles.add_style(TABLE_TEXT, WD_STYLE_TYPE.PARAGRAPH)
    table_text.base_style = None
    for style, font, size, bold in (
        (styles["Normal"], BODY, SIZE_3, False),
        (styles["Title"], TITLE, SIZE_2, False),
        (styles["Heading 1"], HEADING, SIZE_3, False),
        (styles["Heading 2"], SUBHEADING, SIZE_3, False),
        (styles["Caption"], HEADING, SIZE_5, False),
        (styles["Header"], SUBHEADING, SIZE_SMALL_5, False),
        (styles["Footer"], SONG, SIZE_4, False),
        (table_text, SONG, SIZE_5, False),
    ):
        _set_style(style, font=font, size=size, bold=bold)
    for name in ("Normal", "Heading 1", "Heading 2"):
        paragraph = styles[name].paragraph_format
        paragraph.line_spacing_rule, paragraph.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(_LINE_PITCH)
        paragraph.first_line_indent = Pt(2 * SIZE_3)
    cell = table_text.paragraph_format
    cell.space_before = cell.space_after = Pt(2)
    for name in ("Title", "Caption", "Header", "Footer"):
        styles[name].paragraph_format.first_line_indent = Pt(0)
    styles["Title"].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    caption = styles["Caption"].paragraph_format
    caption.alignment, caption.space_before, caption.space_after = WD_ALIGN_PARAGRAPH.CENTER, Pt(8), Pt(4)
    caption.keep_with_next = True


def _set_style(style: Any, *, font: str, size: float, bold: bool) -> None:
    style.font.size, style.font.bold, style.font.italic = Pt(size), bold, False
    style.font.color.rgb = RGBColor(0, 0, 0)
    properties = style.element.get_or_add_rPr()
    fonts = properties.get_or_add_rFonts()
    for name in list(fonts.attrib):
        del fonts.attrib[name]
    _set_fonts(fonts, font)
    for spacing in properties.findall(qn("w:spacing")) + properties.findall(qn("w:kern")):
        properties.remove(spacing)
    # The template's headings carry rules and gaps of their own.
    layout = style.element.get_or_add_pPr()
    for rule in layout.findall(qn("w:pBdr")) + layout.findall(qn("w:contextualSpacing")):
        layout.remove(rule)
    paragraph = style.paragraph_format
    paragraph.space_before = paragraph.space_after = Pt(0)
    paragraph.line_spacing = 1.0


def _set_fonts(fonts: Any, east_asian: str) -> None:
    fonts.set(qn("w:ascii"), LATIN)
    fonts.set(qn("w:hAnsi"), LATIN)
    fonts.set(qn("w:eastAsia"), east_asian)


def _name_substitutes(document: Any) -> None:
    """Tell Word and LibreOffice what to take where a font is not installed, and that the language is Chinese."""
    table = next(
        rel.target_part for rel in document.part.rels.values() if rel.reltype == RELATIONSHIP_TYPE.FONT_TABLE
    )
    entries = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{",".join(others)}"/><w:charset w:val="86"/></w:font>'
        for name, others in SUBSTITUTES.items()
        if name != LATIN
    )
    table._blob = table.blob.replace(b"</w:fonts>", f"{entries}</w:fonts>".encode())
    for language in document.styles.element.iter(qn("w:lang")):
        language.set(qn("w:eastAsia"), "zh-CN")
    for language in document.settings.element.iter(qn("w:themeFontLang")):
        language.set(qn("w:eastAsia"), "zh-CN")


def _add_page_number(paragraph: Any) -> None:
    add_text(paragraph, "— ", font=SONG, size=SIZE_4)
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    run = add_text(paragraph, "1", font=SONG, size=SIZE_4)
    field.append(run._r)
    paragraph._p.append(field)
    add_text(paragraph, " —", font=SONG, size=SIZE_4)
