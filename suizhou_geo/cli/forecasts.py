"""``suizhou-geo trend``, ``forecast``, ``backtest`` and ``ledger``: where it is going, and were we right before."""

from math import isfinite, isnan
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

if TYPE_CHECKING:
    import pandas as pd

import typer

from suizhou_geo.cli.options import (
    File,
    Medium,
    Output,
    Quiet,
    Sites,
    Year,
    as_code,
    describe_run,
    read_input,
)
from suizhou_geo.cli.output import print_notes, write_or_print

Indicator = Annotated[str, typer.Option(callback=as_code, help="指标代码，如 pm2_5、nh3n")]
Target = Annotated[
    float, typer.Option("--target", "--limit", help="目标：年均值或百分位数的限值；优良天数为 %")
]
Rounding = Annotated[str, typer.Option(help="standard 按标准修约后比较（35.4 达到 35），none 不修约")]
KnownThrough = Annotated[str, typer.Option(help="已知到哪个月，如 2016-06；其后的数据不看")]
Ledger = Annotated[Path, typer.Argument(metavar="LEDGER", help="台账文件（.jsonl），只追加")]

ledger_app = typer.Typer(help="预测台账：追加、评分、重放。", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("trend")(trend)
    app.command("normalise")(normalise)
    app.command("forecast")(forecast)
    app.command("backtest")(backtest)
    app.add_typer(ledger_app, name="ledger")


def trend(
    file: File,
    seasonal: Annotated[
        bool, typer.Option("--seasonal", help="只比较相同月份（季度）的值：季节性 Kendall 检验")
    ] = False,
    every: Annotated[str, typer.Option(help="先平均到 month、quarter 或 year")] = "month",
    medium: Medium = "water",
    sites: Sites = None,
    year: Year = None,
    output: Output = None,
    quiet: Quiet = False,
) -> None:
    """趋势：Mann–Kendall 检验、Sen 斜率及区间（每年的变化）、方向的把握；数据不足的写明原因。"""
    from suizhou_geo import forecast

    observations = read_input(file, medium=medium, sites=sites, year=year, output=output)
    frame = forecast.assess_trends(observations, seasonal=seasonal, every=every)
    words = "，".join(f"{verdict} {count}" for verdict, count in frame["verdict"].value_counts().items())
    print_notes([*observations.attrs["notes"], f"共 {len(frame)} 个序列：{words}"], quiet=quiet)
    run = describe_run(file, observations, None, seasonal=seasonal, every=every)
    write_or_print(frame, output=output, provenance=run)


def normalise(
    file: File,
    covariates: Annotated[Path, typer.Option(help="协变量表：时间（可有站点），气温、风速等数值列；或流量")],
    indicator: Indicator,
    kind: Annotated[str, typer.Option(help="weather 气象（空气），flow 流量（水）")] = "weather",
    at: Annotated[str | None, typer.Option(help="措施开始的日期，如 2015-03-01；不给时取中间")] = None,
    months: Annotated[int, typer.Option(help="前后各比较多少个月")] = 12,
    changes: Annotated[Path | None, typer.Option(help="把变化的分解（气象或流量、措施）写入该文件")] = None,
    sites: Sites = None,
    year: Year = None,
    output: Output = None,
    quiet: Quiet = False,
) -> None:
    """归一化：去掉气象或流量的影响，并把一次变化分为气象（流量）和措施两部分，附区间。"""
    from suizhou_geo import files
    from suizhou_geo import forecast as room

    if changes is not None:
        files.check_export_path(changes)
    observations = read_input(file, medium=room.medium_of(indicator), sites=sites, year=year, output=output)
    days = room.daily_rows(observations, indicator=indicator)
    found = room.normalise(days, covariates=files.read_covariates(covariates), kind=kind)
    split = room.split_changes(found, at=at, months=months)
    lines = [
        f"{row.site_id}：变化 {row.change:+.1f}%，其中{'气象' if kind == 'weather' else '流量'} {row.weather:+.1f}%，"
        f"措施 {row.effort:+.1f}%（{row.low:+.1f}–{row.high:+.1f}%），效果：{row.verdict}"
        for row in split.head(20).itertuples()
    ]
    fits = [
        f"{row.site_id}：折外 R² {row.r2:.2f}" if not row.note else f"{row.site_id}：{row.note}"
        for row in found.fit.head(20).itertuples()
    ]
    print_notes([*observations.attrs["notes"], *fits, *lines], quiet=quiet)
    run = describe_run(file, observations, None, covariates=covariates, kind=kind, at=at, months=months)
    if changes is not None:
        files.write_table(split, path=changes, provenance=run)
    write_or_print(found.series, output=output, provenance=run)


Covariates = Annotated[
    Path | None,
    typer.Option(help="协变量表：时间（可有站点），气象或流量的数值列；异常天气不再当作水平的变化"),
]


def forecast(
    file: File,
    year: Annotated[int, typer.Option(help="预测的年份")],
    known_through: KnownThrough,
    indicator: Annotated[
        str, typer.Option(callback=as_code, help="指标代码，如 pm2_5、nh3n；评类别时不用")
    ] = "",
    statistic: Annotated[
        str,
        typer.Option(help="mean 年均值；p90 等百分位数、good_days 优良天数比例、composite 综合指数，要日值"),
    ] = "mean",
    target: Annotated[
        float | None, typer.Option("--target", "--limit", help="目标：限值；优良天数比例为 %")
    ] = None,
    through_year: Annotated[
        int | None, typer.Option(help="一直预测到哪一年（五年规划），至多五年之后；年均值")
    ] = None,
    class_target: Annotated[
        int | None, typer.Option(help="断面年度类别的目标 1…5，0 用各断面自己的目标")
    ] = None,
    quantiles: Annotated[int, typer.Option(help="给出多少个分位数，如 99")] = 0,
    cut: Annotated[float, typer.Option(help="情景：其余各月都削减百分之几时的达标概率")] = 0.0,
    share: Annotated[
        float, typer.Option(help="情景只削减一类源时，这类源占该站点浓度（负荷）的百分之几")
    ] = 100.0,
    cut_items: Annotated[
        str, typer.Option(help="断面类别的情景削减哪些项目，逗号分隔，如 tp,nh3n；不给则全部")
    ] = "",
    regions: Annotated[
        Path | None, typer.Option(help="分区表：site_id（或城市、断面）、region；逐区给出达标个数")
    ] = None,
    covariates: Covariates = None,
    rounding: Rounding = "standard",
    paths: Annotated[int, typer.Option(help="样本路径数")] = 1000,
    seed: Annotated[int, typer.Option(help="随机种子，相同则结果相同")] = 0,
    sites: Sites = None,
    output: Output = None,
    quiet: Quiet = False,
) -> None:
    """年度目标能否达到：已知月份不变，给出达标概率、剩余控制值、年均值分布；或断面年度类别的概率和决定项目。"""
    from suizhou_geo import files
    from suizhou_geo import forecast as room
    from suizhou_geo.errors import InputError

    if (class_target is None) == (target is None):
        raise InputError("请给出 --target（配合 --indicator）或 --class-target 之一")
    if class_target is None and cut_items:
        raise InputError("--cut-items 只用于断面类别", todo="去掉它，或改用 --class-target")
    for value, option in ((through_year, "--through-year"), (covariates, "--covariates")):
        if class_target is not None and value is not None:
            raise InputError(f"{option} 只用于年均值", why="给出了 --class-target", todo=f"去掉 {option}")
    medium = room.medium_of_statistic(indicator, statistic=statistic if class_target is None else room.CLASS)
    observations = read_input(file, medium=medium, sites=sites, output=output)
    zones = None if regions is None else files.read_regions(regions, observations=observations)
    shared: dict[str, Any] = {
        "year": year,
        "known_through": known_through,
        "cut": room.cut_of_group(cut, share=share),
        "n_paths": paths,
        "random_state": seed,
    }
    if class_target is not None:
        items = tuple(filter(None, cut_items.split(",")))
        frame = room.forecast_sections(
            observations, class_target=class_target or None, cut_items=items, **shared
        )
    else:
        frame = room.forecast_target(
            observations, indicator=indicator, statistic=statistic, target=float(target or 0), quantiles=quantiles,
            rounding=rounding, through_year=through_year,
            covariates=None if covariates is None else files.read_covariates(covariates), **shared,
        )  # fmt: skip
    told = "，".join(f"{verdict} {count}" for verdict, count in frame["verdict"].value_counts().items())
    lines = [f"{year} 年，已知到 {known_through}：{told}"]
    if frame.attrs.get("roll_up") is not None:
        lines.append(_together("", frame.attrs["roll_up"]))
        by_region = [] if zones is None else room.count_by_region(frame, regions=zones).itertuples()
        lines += [_together(f"{row.region}：", row) for row in by_region]
    print_notes([*observations.attrs["notes"], *lines], quiet=quiet)
    run = describe_run(
        file, observations, None, indicator=indicator, statistic=statistic, target=target, class_target=class_target,
        share=share, cut_items=cut_items, through_year=through_year, covariates=covariates,
        **shared,
    )  # fmt: skip
    write_or_print(frame, output=output, provenance=run)


def _together(label: str, count: Any) -> str:
    return (
        f"{label}{count.sites} 个站点预计 {count.expected:.1f} 个达标（90% 区间 {count.low}–{count.high}），"
        f"全部达标的概率 {count.p_all:.0%}"
    )


def backtest(
    file: File,
    indicator: Indicator,
    target: Target,
    regions: Annotated[
        Path | None,
        typer.Option(help="分区表：site_id（或城市、断面）、region；不给则按区划代码首位（大区）"),
    ] = None,
    covariates: Covariates = None,
    rounding: Rounding = "standard",
    diagram: Annotated[
        Path | None, typer.Option(help="可靠性图写到哪里（.svg）：给出的概率与实际达标的比例")
    ] = None,
    output: Output = None,
    quiet: Quiet = False,
) -> None:
    """回测：每个留出年、每个已知月数，与闭式基准方法比较 CRPS、Brier、覆盖率和可靠性；没有技巧时明说。"""
    from suizhou_geo import files, maps
    from suizhou_geo import forecast as room
    from suizhou_geo.saving import write_text_atomically

    observations = read_input(file, medium=room.medium_of(indicator), output=output)
    zones = (
        files.find_regions(observations)
        if regions is None
        else files.read_regions(regions, observations=observations)
    )
    progress = None if quiet else (lambda text: typer.echo(text, err=True))
    frame = room.backtest_target(
        observations, indicator=indicator, target=target, regions=zones, rounding=rounding,
        covariates=None if covariates is None else files.read_covariates(covariates), progress=progress,
    )  # fmt: skip
    ours = frame[frame["method"] == "suizhou_geo"]
    lines = [
        f"已知 {row.k:>2} 个月：CRPS {row.crps:.3g}，比年内累计加去年同期 {row.crps_skill:+.0%}，"
        f"90% 区间覆盖 {row.coverage_90:.0%}" + ("，没有技巧" if row.crps_skill <= 0 else "")
        for row in ours.itertuples()
    ]
    lines += _mark_lines(frame.attrs["marks"])
    if diagram is not None:
        drawn = maps.draw_reliability(
            frame.attrs["reliability"], title=f"{indicator} 年均值达到 {target:g} 的预测"
        )
        write_text_atomically(diagram, drawn)
        lines.append(f"可靠性图：{diagram}")
    print_notes([*observations.attrs["notes"], *lines], quiet=quiet)
    run = describe_run(
        file, observations, None, indicator=indicator, target=target, regions=regions, covariates=covariates
    )
    write_or_print(frame, output=output, provenance=run)


def _mark_lines(marks: dict[str, list[Any]]) -> list[str]:
    rows = [dict(zip(marks, values, strict=True)) for values in zip(*marks.values(), strict=True)]
    short = [row for row in rows if row["verdict"] != "达到"]
    lines = [f"合格标准 {len(rows)} 项，达到 {len(rows) - len(short)} 项" + ("；其余：" if short else "")]
    for row in short:
        months = "全部月数合并" if row["k"] == "全部" else f"已知 {row['k']} 个月"
        if isnan(row["value"]):
            lines.append(f"{row['words']}，{months}：无法计算")
            continue
        asked = f"≥ {row['at_least']:g}" + ("" if isnan(row["at_most"]) else f" 且 ≤ {row['at_most']:g}")
        lines.append(
            f"{row['words']}，{months}：{_figure(row['value'])}（90% 区间 {_figure(row['low'])}–{_figure(row['high'])}），"
            f"标准 {asked}，{row['verdict']}"
        )
    return lines


def _figure(value: float) -> str:
    return f"{value:.2f}" if isfinite(value) else "无穷大"


@ledger_app.command("append")
def append(
    ledger: Ledger,
    forecast_file: Annotated[
        Path, typer.Argument(metavar="FORECAST", help="suizhou-geo forecast 写出的 .csv 或 .parquet")
    ],
    known_through: KnownThrough,
    data: Annotated[Path, typer.Option(help="预测所用的数据文件，记下其 SHA-256")],
    indicator: Annotated[str, typer.Option(callback=as_code, help="指标代码，如 pm2_5；断面类别不用")] = "",
    target: Annotated[
        float | None, typer.Option("--target", "--limit", help="目标；断面类别用预测文件中各断面的")
    ] = None,
    statistic: Annotated[str, typer.Option(help="mean、p90、good_days、composite、class 断面类别")] = "mean",
) -> None:
    """把一次发布的预测追加到台账；已有的同一预测不重复。"""
    from suizhou_geo import __version__, files
    from suizhou_geo import forecast as room
    from suizhou_geo.errors import InputError
    from suizhou_geo.saving import sha256_of

    frame = files.read_forecast(forecast_file)
    by_class = statistic == room.CLASS
    if by_class == (target is not None):
        raise InputError("断面类别用文件中各断面的目标，其他统计量要给出 --target", todo="二者择一")
    if by_class != ("target_class" in frame):
        raise InputError(
            f"{forecast_file.name} {'不是' if by_class else '是'}断面类别的预测",
            why=f"--statistic 是 {statistic}",
            todo="断面类别用 --statistic class，其他预测用其统计量",
        )
    frame = frame.rename(columns={"target_class": "target"}) if by_class else frame
    edition = room.edition_of(indicator, statistic=statistic, year=int(frame["year"].max()))
    origin = {
        "indicator": room.CLASS if by_class else indicator, "statistic": statistic, "target": target,
        "known_through": known_through, "data_sha256": sha256_of(data), "tool_version": __version__,
        "standard": edition,
    }  # fmt: skip
    added = files.append_lines(ledger, room.ledger_lines(frame, origin=origin))
    typer.echo(f"台账 {ledger}：追加 {added} 条", err=True)


@ledger_app.command("score")
def score(
    ledger: Ledger,
    truth: Annotated[Path, typer.Option(help="含完整年份的观测数据")],
    output: Output = None,
) -> None:
    """用后来的数据给台账中的预测评分。"""
    from suizhou_geo import files
    from suizhou_geo import forecast as room

    table = room.read_ledger(files.read_lines(ledger))
    scored = _score(table, truth)
    if len(scored):
        print_notes([f"{len(scored)} 条有结果：Brier {scored['brier'].mean():.3f}"], quiet=False)
    else:
        print_notes(["台账中的预测都还没有完整年份的结果"], quiet=False)
    write_or_print(scored, output=output, provenance={"台账": ledger.name, "结果数据": truth.name})


@ledger_app.command("replay")
def replay(
    file: File,
    indicator: Indicator,
    target: Target,
    year: Annotated[int, typer.Option(help="预测的年份")],
    on: Annotated[str, typer.Option(help="当时的日期，如 2016-06-30：只用那时已发布的数据")],
    output: Output = None,
) -> None:
    """重放：假如在那一天预测，会说什么（有 available_at 列时只用当时已发布的值）。"""
    import pandas as pd

    from suizhou_geo import forecast as room

    observations = read_input(file, medium=room.medium_of(indicator), output=output)
    seen, month = room.as_of(observations, on=on)
    frame = room.forecast_target(seen, indicator=indicator, target=target, year=year, known_through=month)
    print_notes([f"{on} 已知到 {month}，{len(seen)} 条"], quiet=False)
    write_or_print(
        pd.DataFrame(frame), output=output, provenance=describe_run(file, observations, None, on=on)
    )


def _score(table: "pd.DataFrame", truth: Path) -> "pd.DataFrame":
    import pandas as pd

    from suizhou_geo import files
    from suizhou_geo import forecast as room

    parts = []
    for (indicator, statistic, target), rows in table.groupby(["indicator", "statistic", "target"]):
        medium = room.medium_of_statistic(str(indicator), statistic=str(statistic))
        observations = files.read_observations(truth, medium=medium)
        came = room.truth_of(
            observations, indicator=str(indicator), statistic=str(statistic), target=float(target)
        )
        parts.append(room.score_ledger(rows, truth=came))
    return pd.concat(parts, ignore_index=True) if parts else table.assign(brier=[])
