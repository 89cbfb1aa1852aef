"""The one-file document: a strict content security policy, one style, one script, one escaped block of data.

Nothing here knows what a page shows. Data never becomes markup: it travels as JSON that cannot end its own
element, and the script reads it with ``JSON.parse`` and writes it with ``textContent``.
"""

import base64
import hashlib
import html
import json
import re
from dataclasses import dataclass
from functools import lru_cache

from suizhou_geo.errors import InputError

#: The id of the element that holds the data; a script reads
#: ``JSON.parse(document.getElementById("page-data").textContent)``.
DATA_ELEMENT = "page-data"

# What could end the element, start an entity, break older script parsers or not be encodable. The slash is
# escaped too, so that an address in somebody's text is not even a string that looks loadable.
_UNSAFE_IN_DATA = {mark: f"\\u{ord(mark):04x}" for mark in "<>&/\u2028\u2029"}
_HALF_SURROGATE = re.compile("[\ud800-\udfff]")
_ENDS_SCRIPT = re.compile(r"</script|<script|<!--", re.IGNORECASE)
_ENDS_STYLE = re.compile(r"</style|<!--|@import|url\((?!\s*[\"']?data:)", re.IGNORECASE)


@dataclass(frozen=True)
class Guests:
    """What a document may load or run beside its own: nothing, unless somebody asked for it by name.

    ``scripts`` run after the document's own; ``script_links`` before them, and ``style_links``, are addresses that
    the document loads; ``image_hosts`` are sources as a content security policy writes them.
    """

    scripts: tuple[str, ...] = ()
    script_links: tuple[str, ...] = ()
    style_links: tuple[str, ...] = ()
    image_hosts: tuple[str, ...] = ()

    @property
    def inline_styles(self) -> bool:
        """Foreign layers write ``style=`` attributes; without such layers they stay forbidden."""
        return bool(self.scripts)


NO_GUESTS = Guests()


def render_document(
    *, title: str, data: object, script: str, style: str, body: str, guests: Guests = NO_GUESTS
) -> str:
    """One HTML document, ``lang="zh-CN"``, that loads nothing and runs nothing but ``script``.

    ``data`` (plain JSON types) stands in the element ``page-data``; ``script`` runs after ``body`` and
    the data exist. ``title`` is escaped; ``body``, ``script`` and ``style`` are the caller's own markup and code and
    must hold no text from data. The content security policy is ``default-src 'none'`` with one hash for the style
    and one for the script: inline event handlers and ``style=`` attributes therefore do nothing.

    The same arguments give the same text. ``guests`` widen the policy by what they name and no more.

    Raises ``InputError`` if ``script`` or ``style`` would end its own element or load something, or if ``data``
    holds a number that is not finite.

    >>> page = render_document(title="a<b", data={"名": "</script>"}, script="void 0;", style="", body="<p>好</p>")
    >>> "<title>a&lt;b</title>" in page, page.count("</script>"), "default-src 'none'" in page
    (True, 2, True)
    """
    policy = "; ".join(
        (
            "default-src 'none'",
            " ".join(
                (
                    "script-src",
                    _hash_of_script(script),
                    *map(_hash_of_script, guests.scripts),
                    *guests.script_links,
                )
            ),
            " ".join(
                (
                    "style-src",
                    "'unsafe-inline'" if guests.inline_styles else _hash_of_style(style),
                    *guests.style_links,
                )
            ),
            " ".join(("img-src data:", *guests.image_hosts)),
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
    return "\n".join(
        (
            "<!DOCTYPE html>",
            '<html lang="zh-CN">',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="referrer" content="no-referrer">',
            f"<title>{html.escape(title)}</title>",
            *(f'<link rel="stylesheet" href="{html.escape(link)}">' for link in guests.style_links),
            f"<style>{style}</style>",
            "</head>",
            "<body>",
            body,
            f'<script type="application/json" id="{DATA_ELEMENT}">{encode_data(data)}</script>',
            f"<script>{script}</script>",
            *(f'<script src="{html.escape(link)}"></script>' for link in guests.script_links),
            *(f"<script>{guest}</script>" for guest in guests.scripts),
            "</body>",
            "</html>",
            "",
        )
    )


def encode_data(data: object) -> str:
    """``data`` as JSON that is safe inside a script element; ``JSON.parse`` gives back every text unchanged.

    >>> encode_data({"a": "</script>&"})
    '{"a":"\\\\u003c\\\\u002fscript\\\\u003e\\\\u0026"}'
    """
    try:
        text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except ValueError as error:
        raise InputError(
            "页面数据中有非有限数值（NaN 或无穷大）", why=str(error), todo="缺失值请用空值（None）表示"
        ) from error
    # One pass a mark through a text of megabytes is faster than one pass of an expression that knows them all.
    for mark, escaped in _UNSAFE_IN_DATA.items():
        text = text.replace(mark, escaped)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return _HALF_SURROGATE.sub(lambda match: f"\\u{ord(match.group()):04x}", text)
    return text


def _check_own_text(text: str, forbidden: re.Pattern[str], *, name: str) -> None:
    match = forbidden.search(text)
    if match:
        raise InputError(
            f"页面的 {name} 含有“{match.group()}”",
            why="会提前结束所在的元素，或加载外部内容",
            todo="请改写该处，数据请放入 data 参数",
        )


# A batch writes hundreds of pages with the same script: it is read through once.
@lru_cache(maxsize=8)
def _hash_of_script(script: str) -> str:
    _check_own_text(script, _ENDS_SCRIPT, name="script")
    return _source_hash(script)


@lru_cache(maxsize=8)
def _hash_of_style(style: str) -> str:
    _check_own_text(style, _ENDS_STYLE, name="style")
    return _source_hash(style)


def _source_hash(text: str) -> str:
    digest = hashlib.sha256(_as_parsed(text).encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


def _as_parsed(text: str) -> str:
    # An HTML parser turns CR LF into LF before the browser hashes the text.
    return text.replace("\r\n", "\n").replace("\r", "\n")
