"""Where one county stands this month: composed from the siblings, computed by them."""

import dataclasses
from collections.abc import Mapping

import geopandas as gpd
import pandas as pd

from suizhou_geo import __version__, files, standards
from suizhou_geo.conventions import (
    LAYER_KINDS,
    CountyResult,
    Feature,
    Layer,
    Rule,
    SourceNote,
    TargetRow,
)
from suizhou_geo.coordinates import UNSHIFTED_DATUMS
from suizhou_geo.errors import InputError, UnknownNameError
from suizhou_geo.plan.air_status import with_air_status
from suizhou_geo.plan.alerts import Watched, find_alerts
from suizhou_geo.plan.board import Known, build_board, plan_sources
from suizhou_geo.plan.chances import Chances, SectionChance, water_chances
from suizhou_geo.plan.city_month import CityMonth, read_city_month
from suizhou_geo.plan.compensation import account_compensation, compensation_value
from suizhou_geo.plan.kept import kept_for_the_batch
from suizhou_geo.plan.layers import build_layer, select_features, text_of
from suizhou_geo.plan.observed import AIR_STATISTICS
from suizhou_geo.plan.pressures import find_county_conflicts
from suizhou_geo.plan.sections import section_series, section_status, target_class_of
from suizhou_geo.plan.suspects import find_suspects
from suizhou_geo.plan.words import headline


@kept_for_the_batch
@files.reads_for_one_county
def evaluate_county(workspace: files.Workspace, *, adcode: str, year: int, month: int) -> CountyResult:
    """The state of one county, or of the whole city, in one month: what every product is written from.

    Water sections are classified by month and for the year so far (GB 3838-2002 table 1, 环办〔2011〕22号), sources
    and outfalls are registered where they lie in or near protected areas, and the goals of the plan are held against
    the result. Only values up to the end of the month are looked at.

    Parameters
    ----------
    workspace
        From ``files.open_workspace``.
    adcode
        Six digits: one of the workspace's counties, or the city's own code for the whole city.
    year, month
        The month that the page is about; values later than it are not used.

    Raises
    ------
    UnknownNameError
        The adcode is not one of the workspace.
    InputError
        The month does not exist, or a file of the workspace cannot be used as it is.

    Examples
    --------
    >>> from suizhou_geo.packaged import packaged_folder
    >>> demo = files.open_workspace(packaged_folder("data", "suizhou"))
    >>> result = evaluate_county(demo, adcode="421303", year=2021, month=6)
    >>> result.name, result.period, result.synthetic
    ('曾都区', '2021-06', True)
    >>> evaluate_county(demo, adcode="421302", year=2021, month=6)  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    suizhou_geo.errors.UnknownNameError: 工作区“随州市”中没有区划代码 421302。
    """
    _check_month(year, month)
    check_county(workspace, adcode)
    counties = files.read_workspace_counties(workspace)
    whole_city = adcode == workspace.adcode
    frames = _read_frames(workspace, counties, adcode)
    city_month = read_city_month(workspace, year=year, month=month)
    observations = city_month.water
    layers = (_county_layer(counties, workspace, adcode), *_layers(workspace, frames))
    work_plan = files.read_work_plan(workspace, year=year)
    chances = _water_chances(layers, city_month, work_plan.targets, year, month)
    layers = tuple(_with_sections(layer, city_month, chances, year, month) for layer in layers)
    sections = _features(layers, "sections")
    suspects, traced = find_suspects(
        workspace, sections=sections, monthly=city_month.monthly, year=year, month=month
    )
    conflicts = find_county_conflicts(frames, metric_crs=workspace.metric_crs)
    air = _air_observations(workspace, frames)
    made_up = "air" in workspace.observations and workspace.observations["air"].synthetic
    layers = tuple(with_air_status(layer, air, year=year, month=month, synthetic=made_up) for layer in layers)
    accounts = account_compensation(
        workspace, plan=work_plan, water=observations, year=year, month=month, adcode=adcode
    )
    known = Known(
        workspace=workspace,
        plan=work_plan,
        adcode=adcode,
        year=year,
        month=month,
        county=counties if whole_city else counties.loc[[adcode]],
        frames=frames,
        sections=sections,
        conflicts=conflicts,
        water=observations,
        air=air,
        compensation=compensation_value(
            accounts, water=observations, adcode=adcode, city=workspace.adcode, year=year, month=month
        ),
    )
    board = build_board(known, water=chances)
    return CountyResult(
        adcode=adcode,
        name=workspace.name if whole_city else str(counties.at[adcode, "name"]),
        city=workspace.name,
        year=year,
        month=month,
        headline=headline(sections, month=month),
        targets=tuple(row for row in board if row.goal.startswith("G")),
        tasks=tuple(row for row in board if not row.goal.startswith("G")),
        alerts=find_alerts(work_plan.alerts, watched=_watched(known, board, _features(layers, "stations"))),
        accounts=accounts,
        layers=layers,
        conflicts=conflicts,
        notes=(*_notes(sections), *filter(None, [traced])),
        rules=(*_rules(sections), *(_air_rules(year, month) if _has_air(board, layers) else ())),
        sources=(
            *(SourceNote(**note) for note in files.describe_sources(workspace)),
            *plan_sources(workspace, work_plan),
        ),
        synthetic=any(layer.synthetic for layer in layers)
        or any(spec.synthetic for spec in workspace.observations.values()),
        tool_version=__version__,
        suspects=suspects,
    )


def _check_month(year: int, month: int) -> None:
    if not (1 <= month <= 12 and 1990 <= year <= 2100):
        raise InputError(f"没有 {year} 年 {month} 月", why="月份应为 1–12", todo="例如 year=2021, month=6")


def check_county(workspace: files.Workspace, adcode: str) -> None:
    """Raise ``UnknownNameError`` unless the adcode is that of the city or of one of its counties."""
    known = tuple(dict.fromkeys((workspace.adcode, *workspace.counties)))
    if adcode not in known:
        raise UnknownNameError(
            f"工作区“{workspace.name}”中没有区划代码 {adcode}",
            why=f"已有：{'、'.join(known)}",
            todo="换用其中之一，或在 workspace.toml 的 counties 中添加",
        )


def _read_frames(
    workspace: files.Workspace, counties: gpd.GeoDataFrame, adcode: str
) -> dict[str, gpd.GeoDataFrame]:
    whole_city = adcode == workspace.adcode
    county = counties.geometry.union_all() if whole_city else counties.geometry[adcode]
    return {
        kind: select_features(
            files.read_layer(workspace, kind=kind), adcode=adcode, county=county, whole_city=whole_city
        )
        for kind in LAYER_KINDS
        if kind in workspace.layers and kind != "counties"
    }


def _watched(known: Known, board: tuple[TargetRow, ...], stations: tuple[Feature, ...]) -> Watched:
    return Watched(
        adcode=known.adcode,
        year=known.year,
        month=known.month,
        adcodes=_adcodes(known.frames),
        targets=board,
        sections=[site for site in known.sections if site.section],
        stations=stations,
        water=known.water,
        air=known.air,
        synthetic={medium: known.is_synthetic(medium) for medium in known.workspace.observations},
    )


def _county_layer(counties: gpd.GeoDataFrame, workspace: files.Workspace, adcode: str) -> Layer:
    frame = counties.assign(site_id=counties.index.astype(str), site_name=counties["name"])
    spec = workspace.layers.get("counties")
    layer = build_layer(
        frame.set_index("site_id"),
        kind="counties",
        title=LAYER_KINDS["counties"],
        synthetic=bool(spec and spec.synthetic),
        source=spec.source if spec else files.BOUNDARY_SOURCE,
        updated=str(spec.updated) if spec else "",
    )
    features = tuple(
        dataclasses.replace(feature, in_county=adcode in {feature.id, workspace.adcode})
        for feature in layer.features
    )
    return dataclasses.replace(layer, features=features)


def _layers(workspace: files.Workspace, frames: Mapping[str, gpd.GeoDataFrame]) -> tuple[Layer, ...]:
    return tuple(
        build_layer(
            frame,
            kind=kind,
            title=spec.title or LAYER_KINDS[kind],
            synthetic=spec.synthetic,
            source=_origin(spec),
            updated=str(spec.updated),
        )
        for kind, frame in frames.items()
        for spec in [workspace.layers[kind]]
    )


def _origin(spec: files.LayerSpec) -> str:
    if spec.datum in UNSHIFTED_DATUMS:
        return spec.source
    return f"{spec.source}（坐标由 {spec.datum} 换算为 CGCS2000，公开公式，误差为米级）"


def _water_chances(
    layers: tuple[Layer, ...], city_month: CityMonth, targets: tuple[files.Target, ...], year: int, month: int
) -> Chances:
    sites = city_month.sites
    judged = [feature.id for feature in _features(layers, "sections") if feature.id in sites.index]
    return water_chances(
        city_month.paths,
        sections={site: target_class_of(sites.loc[site].to_dict()) for site in judged},
        targets=targets,
        year=year,
        month=month,
    )


def _with_sections(layer: Layer, city_month: CityMonth, chances: Chances, year: int, month: int) -> Layer:
    if layer.kind != "sections":
        return layer
    return dataclasses.replace(
        layer,
        features=tuple(
            _with_status(feature, city_month, chances.sections.get(feature.id), year, month)
            for feature in layer.features
        ),
    )


def _air_observations(workspace: files.Workspace, frames: Mapping[str, gpd.GeoDataFrame]) -> pd.DataFrame:
    stations = frames.get("stations")
    if stations is None or stations.empty or "air" not in workspace.observations:
        return pd.DataFrame(columns=["site_id", "time", "indicator", "value"]).astype(
            {"time": "datetime64[ns]"}
        )
    observations = files.read_workspace_observations(workspace, medium="air")
    return observations[observations["site_id"].isin(stations.index)]


def _features(layers: tuple[Layer, ...], kind: str) -> tuple[Feature, ...]:
    return next((layer.features for layer in layers if layer.kind == kind), ())


def _adcodes(frames: Mapping[str, gpd.GeoDataFrame]) -> dict[str, str]:
    return {
        str(site): text_of(code)
        for kind in ("sections", "stations")
        if kind in frames and "adcode" in frames[kind].columns
        for site, code in frames[kind]["adcode"].items()
    }


def _has_air(board: tuple[TargetRow, ...], layers: tuple[Layer, ...]) -> bool:
    told = any(row.indicator in AIR_STATISTICS and row.value is not None for row in board)
    return told or any(site.air and site.air.now.date for site in _features(layers, "stations"))


def _with_status(
    feature: Feature, city_month: CityMonth, chance: SectionChance | None, year: int, month: int
) -> Feature:
    sites = city_month.sites
    site = {"site_id": feature.id, **(sites.loc[feature.id].to_dict() if feature.id in sites.index else {})}
    return dataclasses.replace(
        feature,
        section=section_status(
            site,
            months=city_month.months,
            so_far=city_month.so_far,
            chance=chance,
            trends=city_month.trends.get(feature.id, ()),
            year=year,
            month=month,
        ),
        series=section_series(city_month.monthly, site=site, year=year, month=month),
        fans=chance.fans if chance else (),
    )


def _notes(sections: tuple[Feature, ...]) -> tuple[str, ...]:
    judged = [site for site in sections if site.section]
    silent = [site.name for site in judged if site.section and site.section.water_class is None]
    notes = (
        f"当月无有效水质类别的断面：{'、'.join(silent)}。" if silent else "",
        "断面类别按月均值先修约后评价；累计类别为当年各月均值的算术平均后评价，全年未结束，不作为年度结论。"
        if judged
        else "",
        "红线与保护区的重叠和邻近关系仅供复核，不构成违法认定。",
    )
    return tuple(note for note in notes if note)


def _rules(sections: tuple[Feature, ...]) -> tuple[Rule, ...]:
    applied = {
        standard: site.section.clause
        for site in sections
        if site.section
        for standard in site.section.standard.split("+")
        if standard
    }
    return tuple(_rule(standard, clause) for standard, clause in sorted(applied.items()))


def _air_rules(year: int, month: int) -> tuple[Rule, ...]:
    day = (pd.Timestamp(year=year, month=month, day=1) + pd.offsets.MonthEnd()).date()
    editions = [standards.edition_in_force(family, on=day) for family in ("air-evaluation", "air-index")]
    return tuple(_rule(edition.id, edition.tables[0].clause) for edition in editions)


def _rule(standard: str, clause: str) -> Rule:
    edition = standards.find_edition(standard)
    return Rule(
        edition.id, f"{edition.number} {edition.title}", clause, str(edition.effective_from), edition.verified
    )
