"""Texts from data on their way into Word and Excel: shown as they are, or visibly escaped where they cannot be."""

import re

#: What no XML file may hold, and marks that turn the direction of the text around them without being seen.
_UNSHOWABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")  # fmt: skip


def visible(text: object) -> str:
    """The text with every character that a document cannot hold or show replaced by a sign that says which it was.

    Control characters become their pictures (U+2400 block), direction marks, half surrogates and non-characters their
    code in angle brackets; tabs and line feeds stay, a carriage return before a line feed goes.

    >>> visible("总磷\\x00超标"), visible("\\u202exe.文件"), visible("第一行\\r\\n第二行")
    ('总磷␀超标', '⟨U+202E⟩xe.文件', '第一行\\n第二行')
    >>> visible("=1+1"), visible(None)
    ('=1+1', '')
    """
    plain = "" if text is None else str(text).replace("\r\n", "\n")
    return _UNSHOWABLE.sub(lambda match: _sign(ord(match.group())), plain)


def _sign(code: int) -> str:
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else f"⟨U+{code:04X}⟩"
