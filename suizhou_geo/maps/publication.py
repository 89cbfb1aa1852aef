"""For whom a page is: 内部 (internal) as it stands, 公开 (public) without what must not leave the house."""

import csv
import json
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files as package_files
from typing import Any

from suizhou_geo.conventions import CountyResult
from suizhou_geo.errors import InputError

#: What an unreviewed map says at its lower left (地图审核管理规定).
UNREVIEWED = "内部工作用图 未经地图审核 不得公开"

#: Fact labels with which a layer's own table keeps a feature off public pages.
_FLAGS = {"是否公开": {"否", "不公开", "0", "false"}, "敏感": {"是", "1", "true"}}

_REVIEW_NUMBER = re.compile(r"[\u4e00-\u9fff]{0,8}G?S[\u4e00-\u9fff]{0,4}[（(〔\[]\d{4}[）)〕\]]\d{1,6}号")
_SECRETS = re.compile(
    r"(?i)(?<![a-z])(tk|key|token|secret|passw(?:or)?d|pwd|user(?:name)?|密码|口令|密钥|用户名?|账号)(\s*[=:：]\s*|\s*为\s*)[^\s，；、。）)&]+"
)
_HEX_KEY = re.compile(r"(?<![0-9a-fA-F])[0-9a-fA-F]{32}(?![0-9a-fA-F])")
_PATH = re.compile(
    r"(?:file:/{2,3}|(?<![A-Za-z])[A-Za-z]:[\\/]|\\\\|~[\\/]|/(?:home|Users|root|mnt|media|tmp|var|opt|srv|work|data)/)[^\s，；、。）)\"']*"
)
_LONG_NUMBER = re.compile(r"(?<![\d.])(\d{2,3})\.(\d+)(?!\.?\d)")
_KEPT_BACK = "（不公开）"


@dataclass(frozen=True)
class Publication:
    """Internal as it is made; with ``public``, what the rules of ``public_rules.csv`` and ``dropped`` name is left out.

    ``review_number`` is the 审图号 that stands at the lower left; without one a public page is stamped 内部使用.
    ``decimals`` are those of a degree that coordinates keep (4 ≈ 10 metres); ``dropped`` are further labels of facts or
    kinds of layers.

    Raises ``InputError`` for a 审图号 of another form, or decimals outside 0…5.

    >>> Publication(public=True, review_number="鄂S(2021)005号").map_stamp
    '审图号：鄂S(2021)005号'
    >>> Publication(public=True).stamp, Publication().stamp
    ('内部使用', '内部使用')
    """

    public: bool = False
    review_number: str = ""
    decimals: int = 4
    dropped: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        if self.review_number and not _REVIEW_NUMBER.fullmatch(self.review_number):
            raise InputError(
                f"审图号“{self.review_number}”格式不对",
                why="应为字母 S 或 GS、年份加括号、序号加“号”",
                todo="例如 鄂S(2021)005号 或 GS(2019)1822号，以批准文件为准",
            )
        if not 0 <= self.decimals <= 5:
            raise InputError(
                f"坐标小数位数 {self.decimals} 超出范围",
                why="可取 0 至 5",
                todo="公开页面默认 4 位，约 10 米",
            )

    @property
    def stamp(self) -> str:
        """The stamp in the head of the page."""
        return "公开" if self.public and self.review_number else "内部使用"

    @property
    def map_stamp(self) -> str:
        """The line at the lower left of the map."""
        return f"审图号：{self.review_number}" if self.review_number else UNREVIEWED


INTERNAL = Publication()


@cache
def _rules() -> tuple[tuple[str, str], ...]:
    text = package_files("suizhou_geo.maps").joinpath("public_rules.csv").read_text(encoding="utf-8")
    return tuple((row["what"], row["key"]) for row in csv.DictReader(text.splitlines()))


def withhold(result: CountyResult, publication: Publication) -> CountyResult:
    """``result`` as that publication may show it: unchanged when internal, else without what the rules name.

    Left out are layers of listed kinds, features that their table marks as not public, and facts with a listed word
    in their label. The names of features left out, paths, keys, passwords and user names are taken out of every
    text; coordinates are rounded, in shapes and in texts.

    >>> result = CountyResult("421303", "曾都区", "随州市", 2021, 6, "见 /home/li/a.xlsx", (), (), (), (), (), (), False, "0.1.0")
    >>> withhold(result, Publication(public=True)).headline, withhold(result, Publication()) is result
    ('见 （略）', True)
    """
    if not publication.public:
        return result
    data = json.loads(result.to_json())
    kinds = {key for what, key in _rules() if what == "kind"} | set(publication.dropped)
    labels = [key for what, key in _rules() if what == "label"] + list(publication.dropped)
    gone = _drop_features(data, kinds)
    for layer in data["layers"]:
        for feature in layer["features"]:
            feature["facts"] = {
                label: text
                for label, text in feature["facts"].items()
                if not any(word in label for word in labels)
            }
            feature["geometry"] = _rounded(feature["geometry"], publication.decimals)
    hidden = {feature["id"] for feature in gone}
    data["conflicts"] = [each for each in data["conflicts"] if each["feature_id"] not in hidden]
    if "suspects" in data:
        data["suspects"] = [each for each in data["suspects"] if each["source_id"] not in hidden]
    clean = _cleaner([feature["name"] for feature in gone], publication.decimals)
    return CountyResult.from_json(json.dumps(_in_every_text(data, clean), ensure_ascii=False))


def _drop_features(data: dict[str, Any], kinds: set[str]) -> list[dict[str, Any]]:
    """Take the features out that may not be shown, and return them."""
    gone: list[dict[str, Any]] = []
    for layer in data["layers"]:
        hidden = [each for each in layer["features"] if layer["kind"] in kinds or _is_withheld(each)]
        gone += hidden
        layer["features"] = [each for each in layer["features"] if each not in hidden]
    data["layers"] = [layer for layer in data["layers"] if layer["kind"] not in kinds]
    return gone


def _is_withheld(feature: dict[str, Any]) -> bool:
    return any(str(feature["facts"].get(label, "")).lower() in words for label, words in _FLAGS.items())


def _rounded(value: Any, decimals: int) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(each, decimals) for key, each in value.items()}
    if isinstance(value, list):
        return [_rounded(each, decimals) for each in value]
    return round(value, decimals) if isinstance(value, float) and math.isfinite(value) else value


def _cleaner(names: Sequence[str], decimals: int) -> Callable[[str], str]:
    longest_first = sorted({name for name in names if len(name) > 1}, key=len, reverse=True)

    def clean(text: str) -> str:
        for name in longest_first:
            text = text.replace(name, _KEPT_BACK)
        text = _SECRETS.sub(r"\1\2（略）", text)
        text = _PATH.sub("（略）", _HEX_KEY.sub("（略）", text))
        return _LONG_NUMBER.sub(lambda match: _short_degrees(match, decimals), text)

    return clean


def _short_degrees(match: re.Match[str], decimals: int) -> str:
    """A number that may be a longitude or latitude of China keeps no more decimals than the map."""
    degrees = float(match.group())
    if len(match.group(2)) <= decimals or not (73 <= degrees <= 136 or 3 <= degrees <= 54):
        return match.group()
    return f"{degrees:.{decimals}f}"


def _in_every_text(value: Any, clean: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {
            key if key.isascii() else clean(key): _in_every_text(each, clean) for key, each in value.items()
        }
    if isinstance(value, list):
        return [_in_every_text(each, clean) for each in value]
    return value
