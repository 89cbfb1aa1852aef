"""Texts that run somewhere if they are taken for code, and a county with one of them in every text that it has.

``window.fired`` is set by whatever runs in a browser; ``{{7*7}}`` and its kin become ``49`` or an error in a template.
"""

from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any

from suizhou_geo.conventions import CountyResult
from tests.maps.sample_result import HOSTILE, sample_result

FIRE = "window.fired=1"

PAYLOADS = (
    *HOSTILE,
    f"<img src=x onerror={FIRE}>",
    f'<img src="x" onerror="{FIRE}">',
    f"<img/src/onerror={FIRE}>",
    f"<IMG SRC=x OnErRoR={FIRE}>",
    f"<scr<script>ipt>{FIRE}</scr</script>ipt>",
    f"<ScRiPt>{FIRE}</ScRiPt>",
    f"</textarea><script>{FIRE}</script>",
    f"</title><script>{FIRE}</script>",
    f"</td></tr></table><script>{FIRE}</script>",
    f"--><script>{FIRE}</script><!--",
    f"*/{FIRE}/*",
    f"'-({FIRE})-'",
    f'"-({FIRE})-"',
    f'");{FIRE};("',
    f'\\";{FIRE};//',
    f"\\');{FIRE};//",
    f"`+({FIRE})+`",
    f"${{({FIRE})}}",
    f"\n{FIRE}\n",
    f"\r\n{FIRE}//",
    f"\u2028{FIRE}\u2029",
    f"<svg><script>{FIRE}</script></svg>",
    f"<svg><animate onbegin={FIRE} attributeName=x dur=1s>",
    f"<math><mtext><script>{FIRE}</script></mtext></math>",
    f"<details open ontoggle={FIRE}>细节</details>",
    f"<body onload={FIRE}>",
    f"<video><source onerror={FIRE}></video>",
    f"<audio src=x onerror={FIRE}></audio>",
    f"<object data='javascript:{FIRE}'></object>",
    f"<embed src='javascript:{FIRE}'>",
    f"<form action='javascript:{FIRE}'><button>提交</button></form>",
    f"<meta http-equiv=refresh content='0;url=javascript:{FIRE}'>",
    "<base href='https://example.invalid/'>",
    "<link rel=stylesheet href='https://example.invalid/a.css'>",
    "<style>@import 'https://example.invalid/a.css';</style>",
    "<div style=background:url(https://example.invalid/a.png)>背景</div>",
    f"<a href=javascript:{FIRE}>链接</a>",
    f"<input autofocus onfocus={FIRE}>",
    f"<marquee onstart={FIRE}>滚动</marquee>",
    f"<template><script>{FIRE}</script></template>",
    f"&lt;script&gt;{FIRE}&lt;/script&gt;",
    f"&#60;script&#62;{FIRE}&#60;/script&#62;",
    f"\\x3cscript\\x3e{FIRE}\\x3c/script\\x3e",
    "{{ cycler.__init__.__globals__.os.name }}",
    "{{ ''.__class__.__mro__ }}",
    "{% raw %}{{7*7}}{% endraw %}",
    "{%- if true -%}49{%- endif -%}",
    "#{7*7}",
    "<%= 7*7 %>",
    "${7*7}",
    "%(name)s {name} {0}",
    "constructor",
    "toString",
    "-0",
    "null",
    "水" * 300,
)

# Not texts: what the page looks up, counts or draws by. They hold words of a closed list, dates or numbers.
STRUCTURE = {
    "kind", "adcode", "id", "feature_id", "area_id", "area_kind", "compare", "state", "target_state", "times", "class_periods",
    "period", "source_type", "indicator", "first", "last", "geometry",
}  # fmt: skip


def hostile_county(payloads: Sequence[str], *, shift: int = 0) -> tuple[CountyResult, list[str]]:
    """A county with the payloads in turn in every text, beginning at ``shift``; and all texts that it then has."""
    texts: list[str] = []

    def next_text() -> str:
        texts.append(payloads[(shift + len(texts)) % len(payloads)])
        return texts[-1]

    # An odd number of layers and features, so that every shift puts another payload in every field.
    result = _poisoned(sample_result(outfalls=3, sources=3), next_text)
    return result, texts


def _poisoned(value: Any, next_text: Callable[[], str]) -> Any:
    changed = {}
    for each in fields(value):
        old = getattr(value, each.name)
        if each.name not in STRUCTURE:
            changed[each.name] = _poisoned_value(old, next_text)
    return replace(value, **changed)


def _poisoned_value(old: Any, next_text: Callable[[], str]) -> Any:
    if isinstance(old, str):
        return next_text()
    if isinstance(old, dict):
        return {next_text(): next_text() for _ in old}
    if isinstance(old, tuple):
        return tuple(_poisoned_value(each, next_text) for each in old)
    return _poisoned(old, next_text) if is_dataclass(old) else old
