"""The questions of the workbook: one table of rows each, taken from ``CountyResult`` as they stand."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from suizhou_geo.conventions import (
    LAYER_KINDS,
    LOCATION_QUALITIES,
    SOURCE_TYPES,
    TARGET_WORDS,
    CountyResult,
    Feature,
    SectionStatus,
    TargetRow,
    indicators,
)
from suizhou_geo.reports.wording import (
    COMPARE_SIGNS,
    class_text,
    feature_names,
    number_text,
    observation_notes,
    sections_of,
    suspects_of,
    synthetic_text,
    verified_text,
    worst_first,
)

#: The number itself stays in the cell; what is shown never says certain, as a forecast is not.
CHANCE = '[>0.99]"大于 99%";[<0.01]"小于 1%";0%'
WHOLE = "#,##0"


class Figure(NamedTuple):
    """A number and the format in which Excel shows it."""

    number: float | None
    shown_as: str


@dataclass(frozen=True)
class Sheet:
    """One question and its answer: headers with their widths (in characters), and rows of texts and figures."""

    title: str
    question: str
    columns: tuple[tuple[str, float], ...]
    rows: tuple[tuple[Any, ...], ...]


def build_sheets(result: CountyResult) -> list[Sheet]:
    """All questions in the order in which a reader asks them; one without an answer has no rows."""
    return [build(result) for build in _QUESTIONS]


_TARGET_COLUMNS = (
    ("编号", 22), ("名称", 34), ("现值", 10), ("比较", 6), ("目标值", 10), ("单位", 8), ("判断", 12), ("全年达标概率", 13),
    ("进度（%）", 10), ("本月应达", 10), ("期限", 12), ("怎样改变", 48), ("说明", 70), ("怎样判断", 12), ("核对情况", 18),
    ("数据性质", 10), ("来源", 44), ("数据出处", 90),
)  # fmt: skip

_JUDGED = {
    "computed": "由数据计算",
    "scheduled": "按序时进度",
    "counted": "按完成数",
    "drawn": "按抽取名单",
    "manual": "人工填报",
}


def _targets(result: CountyResult) -> Sheet:
    return Sheet("目标", "年度目标达到了吗，没有达到的差多少", _TARGET_COLUMNS, _target_rows(result.targets))


def _tasks(result: CountyResult) -> Sheet:
    return Sheet("任务", "年度任务完成到哪里，进度够不够", _TARGET_COLUMNS, _target_rows(result.tasks))


def _target_rows(targets: Sequence[TargetRow]) -> tuple[tuple[Any, ...], ...]:
    return tuple(
        (
            target.id, target.name, _figure(target.value), COMPARE_SIGNS.get(target.compare, target.compare),
            _figure(target.target), target.unit, target.word, Figure(target.p_attain, CHANCE),
            _figure(target.progress, decimals=1), _figure(target.required), target.due, target.change, target.note,
            _JUDGED.get(target.judged_by, target.judged_by), verified_text(target.verified), synthetic_text(target.synthetic),
            target.source, "；".join(target.rows),
        )
        for target in worst_first(targets)
    )  # fmt: skip


def _alerts(result: CountyResult) -> Sheet:
    columns = (
        ("起", 12), ("止", 12), ("规则", 8), ("规则名称", 16), ("区划代码", 10), ("对象编号", 16), ("对象", 28), ("内容", 50), ("数值", 10),
        ("界限", 10), ("单位", 8), ("依据", 50), ("数据性质", 10), ("来源", 40),
    )  # fmt: skip
    rows = tuple(
        (
            each.date, each.last, each.rule, each.rule_name, each.adcode, each.subject, each.subject_name, each.message,
            _figure(each.value), _figure(each.limit), each.unit, each.basis, synthetic_text(each.synthetic), each.source,
        )
        for each in result.alerts
    )  # fmt: skip
    return Sheet("预警", "当年到本月有哪些预警，按哪条规则", columns, rows)


def _accounts(result: CountyResult) -> Sheet:
    columns = (
        ("断面编号", 12), ("断面", 20), ("月份", 10), ("上游", 12), ("下游", 12), ("项目", 16), ("月均值", 10), ("限值", 10), ("基准值", 10),
        ("单位", 8), ("金额", 10), ("金额单位", 10), ("公式", 50), ("说明", 36), ("核对情况", 18), ("数据性质", 10), ("来源", 40),
    )  # fmt: skip
    names = feature_names(result, "counties")
    rows = tuple(
        (
            each.section, each.section_name, each.period, names.get(each.upstream, each.upstream),
            names.get(each.downstream, each.downstream), indicators()[each.indicator].name, _figure(each.value, decimals=3),
            _figure(each.limit, decimals=3), _figure(each.base, decimals=4), each.unit, _figure(each.amount, decimals=4),
            each.money_unit, each.formula, each.note, verified_text(each.verified), synthetic_text(each.synthetic), each.source,
        )
        for each in result.accounts
    )  # fmt: skip
    return Sheet("生态补偿", "县界断面逐月核算，正数由上游补偿下游", columns, rows)


def _suspects(result: CountyResult) -> Sheet:
    columns = (
        ("断面编号", 12), ("断面", 20), ("项目", 12), ("名次", 8), ("对象编号", 12), ("可疑源", 30), ("沿河距离（公里）", 14), ("流经时间（小时）", 14),
        ("相对可能性", 12), ("证据", 60), ("数据性质", 10), ("来源", 40),
    )  # fmt: skip
    names = feature_names(result, "sections")
    rows = tuple(
        (
            each.section_id, names.get(each.section_id, each.section_id), indicators()[each.indicator].name, Figure(each.rank, WHOLE),
            each.source_id, each.name, _figure(each.distance_km, decimals=1), _figure(each.travel_h, decimals=1),
            _figure(each.plausibility, decimals=3), each.evidence, synthetic_text(each.synthetic), "由河网和点位推断，图层见“来源”",
        )
        for each in suspects_of(result)
    )  # fmt: skip
    return Sheet("上游可疑源", "超过限值的断面上游先查哪里（只供排查，不是认定）", columns, rows)


def _sections(result: CountyResult) -> Sheet:
    columns = (
        ("断面编号", 16), ("断面", 20), ("月份", 10), ("类别数值", 9), ("水质类别", 10), ("水质状况", 10),
        ("年初至今类别数值", 16), ("年初至今", 10), ("目标类别数值", 12), ("目标类别", 10), ("对照目标", 12),
        ("全年达标概率", 13), ("不达标时决定指标", 16), ("主要污染指标", 20), ("超标倍数", 16), ("定类指标", 24),
        ("参评月均值数", 12), ("判定", 10), ("标准", 22), ("条款", 34), ("坐标质量", 12), ("数据性质", 10), ("来源", 40),
    )  # fmt: skip
    rows = tuple(_section_row(feature, section, result) for feature, section in _judged(result))
    return Sheet("断面", "各断面本月和年初至今是什么类别，对照目标如何", columns, rows)


def _section_row(feature: Feature, section: SectionStatus, result: CountyResult) -> tuple[Any, ...]:
    return (
        feature.id, feature.name, section.period, Figure(section.water_class, WHOLE), class_text(section.water_class),
        section.grade, Figure(section.year_to_date_class, WHOLE), class_text(section.year_to_date_class),
        Figure(section.target_class, WHOLE), class_text(section.target_class),
        TARGET_WORDS.get(section.target_state, section.target_state), Figure(section.p_attain, CHANCE),
        section.binding, section.main_pollutants, section.exceedance, section.limiting, Figure(section.n, WHOLE),
        section.verdict, section.standard, section.clause,
        LOCATION_QUALITIES.get(feature.location_quality, feature.location_quality),
        _observation_nature(result) or synthetic_text(feature.synthetic), _origin(feature, result, "sections"),
    )  # fmt: skip


def _monthly(result: CountyResult) -> Sheet:
    columns = (
        ("断面编号", 16), ("断面", 20), ("指标", 16), ("月份", 10), ("月均值", 12), ("单位", 8), ("限值", 10),
        ("限值依据", 14), ("数据性质", 10), ("来源", 40),
    )  # fmt: skip
    nature, source = _observation_nature(result), _observation_origin(result)
    rows = tuple(
        (
            feature.id, feature.name, series.name, month, Figure(value, decimals), series.unit,
            Figure(series.limit, decimals), series.limit_label, nature, source,
        )
        for feature, _section in _judged(result)
        for series in feature.series
        for decimals in [_format(series.decimals)]
        for month, value in zip(series.times, series.values, strict=True)
    )  # fmt: skip
    return Sheet("月度数据", "各断面逐月监测到多少", columns, rows)


def _classes(result: CountyResult) -> Sheet:
    columns = (
        ("断面编号", 16),
        ("断面", 20),
        ("月份", 10),
        ("类别数值", 10),
        ("水质类别", 10),
        ("数据性质", 10),
        ("来源", 40),
    )
    nature, source = _observation_nature(result), _observation_origin(result)
    rows = tuple(
        (feature.id, feature.name, month, Figure(water_class, WHOLE), class_text(water_class), nature, source)
        for feature, section in _judged(result)
        for month, water_class in zip(section.class_periods, section.classes, strict=True)
    )
    return Sheet("逐月类别", "各断面近两年逐月是什么类别", columns, rows)


def _forecasts(result: CountyResult) -> Sheet:
    columns = (
        ("断面编号", 16), ("断面", 20), ("指标", 16), ("月份", 10), ("分位", 8), ("预测值", 12), ("单位", 8),
        ("数据性质", 10), ("来源", 40),
    )  # fmt: skip
    nature = _observation_nature(result)
    source = f"预测，依据{_observation_origin(result)}"
    rows = tuple(
        (
            feature.id,
            feature.name,
            name,
            month,
            Figure(level, "0%"),
            _figure(value, decimals=4),
            unit,
            nature,
            source,
        )
        for feature, _section in _judged(result)
        for fan in feature.fans
        for name, unit in [_name_and_unit(fan.indicator)]
        for level, values in zip(fan.levels, fan.values, strict=True)
        for month, value in zip(fan.times, values, strict=True)
    )
    return Sheet("预测", "余下各月可能是多少", columns, rows)


def _trends(result: CountyResult) -> Sheet:
    columns = (
        ("断面编号", 16), ("断面", 20), ("指标", 16), ("方向", 14), ("含义", 14), ("每年变化", 12), ("下限", 12), ("上限", 12),
        ("单位", 12), ("起", 10), ("止", 10), ("数据性质", 10), ("来源", 40),
    )  # fmt: skip
    nature, source = _observation_nature(result), _observation_origin(result)
    rows = tuple(
        (
            feature.id, feature.name, trend.name, trend.verdict, trend.meaning,
            *(_figure(value, decimals=6) for value in (trend.slope, trend.slope_low, trend.slope_high)),
            f"{trend.unit}/年", trend.first, trend.last, nature, source,
        )
        for feature, section in _judged(result)
        for trend in section.trends
    )  # fmt: skip
    return Sheet("趋势", "各断面几年来在变好还是变差", columns, rows)


def _air(result: CountyResult) -> Sheet:
    columns = (
        ("站点编号", 16), ("站点", 20), ("月份", 10), ("最后一个有 AQI 的日子", 20), ("AQI", 8), ("级别", 8), ("类别", 10),
        ("首要污染物", 20), ("有 AQI 的天数", 14), ("优良天数", 10), ("标准", 14), ("条款", 20), ("说明", 30), ("数据性质", 10),
    )  # fmt: skip
    layer = result.layer("stations")
    rows = tuple(
        (
            feature.id, feature.name, month.period, month.date, Figure(month.aqi, WHOLE), Figure(month.level, WHOLE),
            month.category or "无数据", month.primary, Figure(month.valid_days, WHOLE), Figure(month.good_days, WHOLE),
            # The edition and the note are those of the page's own month.
            *((air.standard, air.clause, air.note) if month is air.now else ("", "", "")),
            synthetic_text(air.synthetic),
        )
        for feature in (layer.features if layer else ())
        for air in [feature.air]
        if air
        for month in air.months
    )  # fmt: skip
    return Sheet(
        "空气站点",
        "各站点逐月最后一个有 AQI 的日子是几级，优良多少天（AQI 按日计算，没有月 AQI）",
        columns,
        rows,
    )


def _air_months(result: CountyResult) -> Sheet:
    columns = (
        ("站点编号", 16), ("站点", 20), ("指标", 28), ("月份", 10), ("数值", 12), ("单位", 8), ("限值", 10),
        ("限值依据", 18), ("数据性质", 10),
    )  # fmt: skip
    layer = result.layer("stations")
    rows = tuple(
        (
            feature.id, feature.name, series.name, month, Figure(value, decimals), series.unit,
            Figure(series.limit, decimals), series.limit_label, synthetic_text(feature.air.synthetic),
        )
        for feature in (layer.features if layer else ())
        if feature.air
        for series in feature.series
        for decimals in [_format(series.decimals)]
        for month, value in zip(series.times, series.values, strict=True)
    )  # fmt: skip
    return Sheet("空气浓度", "各站点逐月的浓度（限值用于评价全年，不评价单月）", columns, rows)


def _conflicts(result: CountyResult) -> Sheet:
    columns = (
        ("要素编号", 16), ("要素", 28), ("区域编号", 16), ("区域", 34), ("区域种类", 18), ("关系", 10), ("距离（米）", 12),
        ("复核要点", 50), ("数据性质", 10), ("来源", 40),
    )  # fmt: skip
    origin = "由图层叠加得出，图层见“来源”"
    rows = tuple(
        (
            each.feature_id, each.feature_name, each.area_id, each.area_name,
            LAYER_KINDS.get(each.area_kind, each.area_kind), each.relation, Figure(each.distance_m, WHOLE), each.action,
            synthetic_text(each.synthetic), origin,
        )
        for each in result.conflicts
    )  # fmt: skip
    return Sheet("冲突", "哪些污染源和排污口在保护范围之内或附近，需要复核（不构成违法认定）", columns, rows)


def _features(result: CountyResult) -> Sheet:
    columns = (
        ("图层", 18), ("编号", 16), ("名称", 30), ("类型", 16), ("分类", 16), ("本区", 6), ("坐标质量", 12), ("数据性质", 10),
        ("内容", 60), ("来源", 40),
    )  # fmt: skip
    rows = tuple(
        (
            layer.title or LAYER_KINDS.get(layer.kind, layer.kind), feature.id, feature.name,
            SOURCE_TYPES.get(feature.source_type, feature.source_type), feature.category,
            "是" if feature.in_county else "否",
            LOCATION_QUALITIES.get(feature.location_quality, feature.location_quality),
            synthetic_text(feature.synthetic or layer.synthetic),
            "；".join(f"{label}：{text}" for label, text in feature.facts.items() if label != "来源"),
            feature.facts.get("来源") or layer.source,
        )
        for layer in result.layers
        for feature in layer.features
    )  # fmt: skip
    return Sheet("要素", "地图上有哪些断面、站点、污染源、排污口和保护范围", columns, rows)


def _rules(result: CountyResult) -> Sheet:
    columns = (("标准编号", 18), ("标准", 44), ("条款", 44), ("施行日期", 12), ("核对情况", 26))
    rows = tuple(
        (rule.standard, rule.title, rule.clause, rule.effective_from, verified_text(rule.verified))
        for rule in result.rules
    )
    return Sheet("依据", "按什么标准、哪一条评价，标准表核对到什么程度", columns, rows)


def _sources(result: CountyResult) -> Sheet:
    columns = (("来源", 22), ("文件", 34), ("更新日期", 12), ("数据性质", 10), ("说明", 50), ("SHA-256", 68))
    rows = tuple(
        (note.title, note.file, note.updated, synthetic_text(note.synthetic), note.note, note.sha256)
        for note in result.sources
    )
    return Sheet("来源", "数据来自哪些文件", columns, rows)


_QUESTIONS: Sequence[Callable[[CountyResult], Sheet]] = (
    _targets, _tasks, _sections, _monthly, _classes, _forecasts, _trends, _air, _air_months, _suspects, _alerts, _accounts, _conflicts, _features,
    _rules, _sources,
)  # fmt: skip


def _judged(result: CountyResult) -> Iterator[tuple[Feature, SectionStatus]]:
    for feature in sections_of(result):
        if feature.section is not None:
            yield feature, feature.section


def _origin(feature: Feature, result: CountyResult, kind: str) -> str:
    layer = result.layer(kind)
    return feature.facts.get("来源") or (layer.source if layer else "")


def _observation_origin(result: CountyResult) -> str:
    """The files of observations as a reader finds them on the sheet of sources."""
    notes = observation_notes(result)
    return f"“来源”中的{notes[0].title}（{len(notes)} 个文件）" if notes else ""


def _observation_nature(result: CountyResult) -> str:
    return synthetic_text(any(note.synthetic for note in observation_notes(result)))


def _name_and_unit(code: str) -> tuple[str, str]:
    known = indicators().get(code)
    return (known.name, known.unit) if known else (code, "")


def _figure(value: float | None, *, decimals: int = 2) -> Figure:
    """As many decimals as the number has, at most ``decimals``: what the page and the brief show."""
    return Figure(value, _format(len(number_text(value, decimals=decimals).partition(".")[2])))


def _format(decimals: int) -> str:
    return WHOLE + ("." + "0" * decimals if decimals else "")
