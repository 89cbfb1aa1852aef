"""A made-up county for the page's tests: nothing in it is measured, and every layer says so."""

import math
import random
from dataclasses import replace

from suizhou_geo.conventions import (
    SOURCE_TYPES,
    Conflict,
    CountyResult,
    Feature,
    Layer,
    Rule,
    SectionStatus,
    Series,
    SourceNote,
    TargetRow,
    class_label,
)

LEFT, BOTTOM, STEP = 113.2, 31.5, 0.45
STATES = ("missed", "at_risk", "on_track", "met", "likely", "unknown")
MONTHS = tuple(f"{year}-{month:02d}" for year in (2019, 2020, 2021) for month in range(1, 13))[:30]
HOSTILE = (
    "{{7*7}}",
    "{{河长制}}",
    "{% for i in x %}{% endfor %}",
    "{# 注解 #}",
    "达标率{%",
    "<script>window.fired=1</script>",
    "</script><script>window.fired=1</script>",
    "<img src=x onerror=window.fired=1>",
    "<svg onload=window.fired=1>",
    "<svg/onload='window.fired=1'>",
    '"><b onmouseover=window.fired=1>粗</b>',
    "' onfocus='window.fired=1' autofocus='",
    "${window.fired=1}",
    "`${window.fired=1}`",
    "\\`;window.fired=1;//",
    "';window.fired=1;//",
    "javascript:window.fired=1",
    "[链接](javascript:window.fired=1)",
    "<!--<script>window.fired=1//-->",
    "]]><script>window.fired=1</script>",
    "行\u2028分\u2029隔",
    "&lt;b&gt;&amp;&#60;script&#62;",
    "<iframe srcdoc='<script>parent.fired=1</script>'></iframe>",
    "<style>body{display:none}</style>",
    "</style><script>window.fired=1</script>",
    "<a href='https://example.invalid/'>外链</a>",
    "%3Cscript%3Ewindow.fired=1%3C/script%3E",
    "\\u003cscript\\u003ewindow.fired=1\\u003c/script\\u003e",
    "__proto__",
    '=HYPERLINK("https://example.invalid")',
    "𡋾㙦㵐水",
)


def sample_result(*, outfalls: int = 100, sources: int = 80) -> CountyResult:
    """One county between two neighbours, with every kind of layer."""
    random_state = random.Random(20210630)  # noqa: S311  (a picture, not a secret)
    layers = (
        _layer("counties", _counties(), synthetic=False),
        _layer("redlines", _redlines(random_state)),
        _layer("units", _units()),
        _layer("water_zones", _zones()),
        _layer("rivers", _rivers()),
        _layer("sections", _sections(random_state)),
        _layer("stations", _points(random_state, 3, name="空气站")),
        _layer("sources", _points(random_state, sources, name="企业", types=tuple(SOURCE_TYPES)[:-1])),
        _layer("outfalls", _points(random_state, outfalls, name="排污口", types=("outfall",))),
    )
    return CountyResult(
        adcode="421303",
        name="曾都区",
        city="随州市",
        year=2021,
        month=6,
        headline="截至 6 月，14 个断面中 11 个达到或优于Ⅲ类；3 个断面目前未达标，主要污染指标为总磷。",
        targets=_targets(),
        layers=layers,
        conflicts=_conflicts(),
        notes=("氨氮 2 个月缺测，按有效月份平均。", "排污口位置为演示位置，不代表实际。"),
        rules=(
            Rule("gb3838-2002", "地表水环境质量标准", "表 1", "2002-06-01", "2 sources"),
            Rule("mee22-2011", "地表水环境质量评价办法（试行）", "二（一）", "2011-03-09", "4 sources"),
        ),
        sources=(
            SourceNote("断面月监测（演示）", "water_2021.csv", "ab" * 32, "2021-06-30", True),
            SourceNote("县级行政区", "district.geojson", "cd" * 32, "2025-01-01", False, "界线经概化"),
        ),
        synthetic=True,
        tool_version="0.1.0",
    )


def hostile_result() -> CountyResult:
    """The same county with a dangerous text in every field that the page shows."""
    texts = HOSTILE
    result = sample_result(outfalls=3, sources=3)
    nasty = "".join(texts)
    layers = tuple(
        replace(
            layer,
            title=texts[index % len(texts)],
            source=nasty,
            features=tuple(_hostile_feature(feature, at) for at, feature in enumerate(layer.features)),
        )
        for index, layer in enumerate(result.layers)
    )
    return replace(
        result,
        name=texts[5],
        city=texts[7],
        headline=nasty,
        targets=tuple(
            replace(target, name=nasty, note=nasty, unit=texts[6], source=nasty) for target in result.targets
        ),
        layers=layers,
        conflicts=tuple(
            replace(each, feature_name=nasty, area_name=nasty, action=nasty) for each in result.conflicts
        ),
        notes=texts,
        rules=tuple(replace(rule, title=nasty, clause=nasty) for rule in result.rules),
        sources=tuple(replace(source, title=nasty, note=nasty, file=texts[8]) for source in result.sources),
        tool_version=texts[6],
    )


def _hostile_feature(feature: Feature, at: int) -> Feature:
    facts = {HOSTILE[(at + step) % len(HOSTILE)]: text for step, text in enumerate(HOSTILE)}
    section = feature.section and replace(
        feature.section, main_pollutants=HOSTILE[at % len(HOSTILE)], limiting=HOSTILE[5], verdict=HOSTILE[6]
    )
    series = tuple(
        replace(one, name=HOSTILE[7], unit=HOSTILE[8], limit_label=HOSTILE[5]) for one in feature.series
    )
    name = HOSTILE[at % len(HOSTILE)]
    category = HOSTILE[(at + 1) % len(HOSTILE)]
    return replace(feature, name=name, category=category, facts=facts, section=section, series=series)


def _layer(kind: str, features: tuple[Feature, ...], *, synthetic: bool = True) -> Layer:
    return Layer(kind, "", synthetic, "测试用", "2021-06-30", features)


def _polygon(longitude: float, latitude: float, *, size: float, corners: int = 40) -> dict[str, object]:
    ring = [
        [
            longitude + size * (1 + 0.14 * math.sin(5 * angle)) * math.cos(angle),
            latitude + 0.8 * size * (1 + 0.1 * math.cos(3 * angle)) * math.sin(angle),
        ]
        for angle in (2 * math.pi * step / corners for step in range(corners))
    ]
    return {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}


def _counties() -> tuple[Feature, ...]:
    return tuple(
        Feature(adcode, name, _box(LEFT + column * STEP, BOTTOM), in_county=own)
        for column, (adcode, name, own) in enumerate(
            (("421321", "随县", False), ("421303", "曾都区", True), ("421381", "广水市", False)), start=-1
        )
    )


def _box(left: float, bottom: float) -> dict[str, object]:
    def side(steps: int) -> list[float]:
        return [0.012 * math.sin(step * 1.9) for step in range(steps)]

    low = [[left + STEP * i / 30, bottom + shift] for i, shift in enumerate(side(31))]
    right = [[left + STEP + shift, bottom + STEP * i / 30] for i, shift in enumerate(side(31))]
    high = [[left + STEP * (1 - i / 30), bottom + STEP + shift] for i, shift in enumerate(side(31))]
    back = [[left + shift, bottom + STEP * (1 - i / 30)] for i, shift in enumerate(reversed(side(31)))]
    return {"type": "Polygon", "coordinates": [[*low, *right, *high, *back, low[0]]]}


def _redlines(random_state: random.Random) -> tuple[Feature, ...]:
    return tuple(
        Feature(
            f"R{i}",
            f"生态保护红线 {i + 1}",
            _polygon(
                LEFT + random_state.uniform(0.05, 0.4), BOTTOM + random_state.uniform(0.05, 0.4), size=0.03
            ),
            {"面积(平方公里)": f"{random_state.uniform(5, 60):.1f}"},
            category="水源涵养",
            synthetic=True,
        )
        for i in range(10)
    )


def _units() -> tuple[Feature, ...]:
    names = ("优先保护单元", "重点管控单元", "一般管控单元")
    return tuple(
        Feature(
            f"U{i}",
            name,
            _polygon(LEFT + 0.1 + 0.12 * i, BOTTOM + 0.22, size=0.09),
            category=name,
            synthetic=True,
        )
        for i, name in enumerate(names)
    )


def _zones() -> tuple[Feature, ...]:
    grades = (("一级保护区", 0.018), ("二级保护区", 0.042))
    return tuple(
        Feature(
            f"Z{i}",
            f"先觉庙水库{grade}",
            _polygon(LEFT + 0.34, BOTTOM + 0.36, size=size),
            category=grade,
            synthetic=True,
        )
        for i, (grade, size) in enumerate(grades[::-1])
    )


def _rivers() -> tuple[Feature, ...]:
    def course(latitude: float, bend: float) -> list[list[float]]:
        return [[LEFT - 0.4 + 0.02 * i, latitude + bend * math.sin(i / 6)] for i in range(62)]

    return tuple(
        Feature(
            f"V{i}", name, {"type": "LineString", "coordinates": course(latitude, bend)}, category=str(order)
        )
        for i, (name, latitude, bend, order) in enumerate(
            (("㵐水", 31.62, 0.05, 2), ("府河", 31.75, 0.03, 1), ("厥水", 31.88, 0.02, 3))
        )
    )


def _points(
    random_state: random.Random, count: int, *, name: str, types: tuple[str, ...] = ("",)
) -> tuple[Feature, ...]:
    return tuple(
        Feature(
            f"{name}-{i}",
            f"{name} {i + 1}",
            {"type": "Point", "coordinates": _inside(random_state)},
            {"许可状态": "有效", "所在河流": "府河"},
            source_type=types[i % len(types)],
            location_quality="synthetic",
            synthetic=True,
        )
        for i in range(count)
    )


def _inside(random_state: random.Random) -> list[float]:
    return [LEFT + random_state.uniform(0.02, 0.43), BOTTOM + random_state.uniform(0.02, 0.43)]


def _sections(random_state: random.Random) -> tuple[Feature, ...]:
    names = ("厉山", "平林", "涢水大桥", "王福窑", "洪山镇", "魏家畈", "先觉庙水库", "徐家河水库")
    names += ("浪河入河口", "黄家坝渠入河口", "断面十一", "断面十二", "断面十三", "断面十四")
    return tuple(
        Feature(
            f"S{i}",
            name,
            {"type": "Point", "coordinates": _inside(random_state)},
            {"所在河流": "府河", "考核城市": "随州市"},
            category="lake" if "水库" in name else "river",
            location_quality="approximate",
            synthetic=True,
            section=_status(random_state, i),
            series=tuple(_series(random_state, *each) for each in _INDICATORS),
        )
        for i, name in enumerate(names)
    )


_INDICATORS = (
    ("tp", "总磷", "mg/L", 0.12, 0.2, 3),
    ("nh3n", "氨氮", "mg/L", 0.5, 1.0, 2),
    ("codmn", "高锰酸盐指数", "mg/L", 3.8, 6.0, 1),
    ("do", "溶解氧", "mg/L", 7.6, 5.0, 1),
)


def _series(
    random_state: random.Random, code: str, name: str, unit: str, level: float, limit: float, decimals: int
) -> Series:
    values = [
        None if i in {4, 17} else level * (1 + 0.45 * math.sin(i / 1.9) + random_state.uniform(-0.25, 0.25))
        for i in range(len(MONTHS))
    ]
    return Series(code, name, unit, MONTHS, tuple(values), limit, "Ⅲ类", decimals, code == "do")


def _status(random_state: random.Random, i: int) -> SectionStatus:
    water_class = (4, 3, 2, 2, 3, 5, 2, 3, 6, 4, 2, 1, 2, None)[i]
    state = (
        ("behind", "at_risk", "on_track", "met", "likely", "missed", "on_track")[i % 7]
        if water_class
        else "unknown"
    )
    worse = water_class is not None and water_class > 3
    classes = tuple(None if k == 5 else random_state.choice((2, 2, 3, 3, 4)) for k in range(23))
    return SectionStatus(
        period="2021-06",
        water_class=water_class,
        class_label=class_label(water_class),
        grade="轻度污染" if worse else "优" if water_class else "",
        verdict="达标" if not worse else "超标",
        target_class=3,
        target_state=state,
        year_to_date_class=water_class and min(water_class, 4),
        main_pollutants="总磷(0.3)" if worse else "",
        exceedance="总磷 0.3 倍" if worse else "",
        limiting="总磷" if water_class else "",
        n=21,
        standard="gb3838-2002",
        clause="表 1",
        class_periods=MONTHS[-24:],
        classes=(*classes, water_class),
    )


def _targets() -> tuple[TargetRow, ...]:
    rows = (
        ("G1", "国控断面优良比例", 85.7, "%", 100.0, "behind", 0.31, "厉山、魏家畈总磷超标"),
        ("G2", "劣Ⅴ类断面比例", 0.0, "%", 0.0, "on_track", 0.97, ""),
        ("G3", "PM₂.₅ 年均浓度", 36.2, "μg/m³", 35.0, "at_risk", 0.52, "剩余控制值 33.8 μg/m³"),
        ("G4", "优良天数比例", None, "%", 84.0, "unknown", None, "工作区没有空气数据"),
        ("G5", "集中式饮用水水源达标率", 100.0, "%", 100.0, "met", None, ""),
    )
    return tuple(
        TargetRow(
            id_,
            name,
            value,
            unit,
            goal,
            "<=" if id_ in {"G2", "G3"} else ">=",
            state,
            chance,
            note,
            "2021-12-31",
            "随州市 2021 年工作要点",
            "typed",
            True,
        )
        for id_, name, value, unit, goal, state, chance, note in rows
    )


def _conflicts() -> tuple[Conflict, ...]:
    return tuple(
        Conflict(
            f"企业-{i}",
            f"企业 {i + 1}",
            f"R{i % 10}",
            f"生态保护红线 {i % 10 + 1}",
            "redlines",
            "在内" if i % 3 else "邻近",
            0.0 if i % 3 else 350.0 + i,
            "请复核是否属于允许的有限人为活动" if i % 3 else "请核对测绘误差并关注外溢影响",
            True,
        )
        for i in range(12)
    )
