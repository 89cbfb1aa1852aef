"""Which sources may stand behind a section's month: the workspace's rivers, sections and outfalls put together."""

from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from suizhou_geo import files, spatial
from suizhou_geo.conventions import indicators
from suizhou_geo.errors import InputError
from suizhou_geo.plan.sections import monthly_values

#: Kinds that may discharge, and kinds that may be reached.
DISCHARGERS, RECEPTORS = ("outfalls", "sources"), ("sections", "intakes")

#: Speed (m/s) and decay (per day) where nothing else is given: assumptions, nobody has measured them.
ASSUMED_VELOCITY, ASSUMED_DECAY = 0.3, 0.1


@dataclass(frozen=True)
class TraceInput:
    """What tracing needs of a workspace, read once: the network, sections, dischargers and monthly values."""

    network: spatial.RiverNetwork
    sections: gpd.GeoDataFrame
    sources: gpd.GeoDataFrame
    monthly: pd.DataFrame


def read_trace_input(
    workspace: files.Workspace, *, year: int, month: int, monthly: pd.DataFrame | None = None
) -> TraceInput:
    """The parts of a workspace that :func:`rank_suspects` needs; raises what reading them raises.

    ``monthly`` is that of ``monthly_values``, where it is at hand.
    """
    if monthly is None:
        water = files.read_workspace_observations(workspace, medium="water")
        monthly = monthly_values(water, year=year, month=month)
    return TraceInput(
        build_workspace_network(workspace),
        files.read_layer(workspace, kind="sections"),
        _stack(workspace, DISCHARGERS),
        monthly,
    )


def build_workspace_network(workspace: files.Workspace) -> spatial.RiverNetwork:
    """The river network of the workspace's layer ``rivers``."""
    rivers = files.read_layer(workspace, kind="rivers")
    return spatial.build_river_network(rivers, metric_crs=workspace.metric_crs)


def trace_section(
    workspace: files.Workspace,
    *,
    section: str,
    indicator: str,
    year: int,
    month: int,
    velocity: float = ASSUMED_VELOCITY,
    decay: float = ASSUMED_DECAY,
    reports: pd.DataFrame | None = None,
) -> tuple[pd.DataFrame, spatial.RiverNetwork]:
    """Suspects upstream of a section for one indicator and month, and the network.

    The excess of the sections is that of ``spatial.find_excesses`` over the last twelve months, for ``indicator`` and
    every other one of which the dischargers have ``load_<indicator>``. ``reports`` are discharges that the sources
    reported, with columns ``site_id, time`` and one of numbers (``files.read_covariates``), for the timing.

    Raises ``InputError`` for an indicator of which less is not better, or when it has no value at the section in that
    month, and what ``trace_upstream`` and ``build_river_network`` raise.
    """
    if indicators().get(indicator) is None or indicators()[indicator].better != "low":
        raise InputError(f"项目“{indicator}”不能溯源", why="只溯源越少越好的项目", todo="例如 tp、nh3n、cod")
    given = read_trace_input(workspace, year=year, month=month)
    activity = None if reports is None else _monthly_activity(reports)
    found = rank_suspects(
        given, section=section, indicator=indicator, velocity=velocity, decay=decay, activity=activity
    )
    return found, given.network


def rank_suspects(
    given: TraceInput,
    *,
    section: str,
    indicator: str,
    velocity: float = ASSUMED_VELOCITY,
    decay: float = ASSUMED_DECAY,
    activity: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """The table of ``spatial.trace_upstream`` for the last month of ``given``; ``attrs["basis"]`` says what is explained.

    ``basis`` is ``change`` (above the sections' own usual) or ``level`` (above the lowest section).
    """
    period = given.monthly.columns[-1]
    known = given.monthly[period].dropna()
    if (section, indicator) not in known.index:
        there = [site for site, code in known.index if code == indicator]
        raise InputError(
            f"断面 {section} 在 {period} 没有 {indicator} 的数据", why=f"该月有：{'、'.join(map(str, there)) or '无'}",
            todo="换一个月或一个项目",
        )  # fmt: skip
    codes = [indicator, *_other_indicators(given, indicator)]
    values = given.monthly[given.monthly.index.get_level_values(1).isin(codes)]
    excesses, basis = spatial.find_excesses(values, section=section, indicator=indicator)
    # The asked indicator first: loads and shares shown are its own.
    order = pd.Categorical(excesses.index.get_level_values("indicator"), codes, ordered=True)
    excesses = excesses.iloc[order.codes.argsort(kind="stable")]
    found = spatial.trace_upstream(
        given.network,
        section=section,
        sections=given.sections,
        sources=given.sources,
        excess=excesses["excess"],
        error=excesses["error"],
        activity=activity,
        velocity=velocity,
        decay=decay,
    )
    found.attrs["basis"] = basis
    return found


def trace_spill(
    workspace: files.Workspace,
    *,
    site: str,
    velocity: float = ASSUMED_VELOCITY,
    decay: float = ASSUMED_DECAY,
    mass: float | None = None,
    discharge: float | None = None,
) -> tuple[pd.DataFrame, spatial.RiverNetwork]:
    """What lies downstream of a section or source: sections, intakes and county borders; and the network.

    With ``mass`` (kg) and ``discharge`` (m³/s) the passage of a spill, see ``spatial.trace_downstream``.
    """
    network = build_workspace_network(workspace)
    sites = _stack(workspace, ("sections", *DISCHARGERS))
    counties = _counties(workspace)
    borders = spatial.find_border_crossings(network, counties=counties)
    receptors = _stack(workspace, RECEPTORS)
    both = gpd.GeoDataFrame(pd.concat([receptors, borders.to_crs(receptors.crs)]), crs=receptors.crs)
    found = spatial.trace_downstream(
        network, site=site, sites=sites, receptors=both,
        velocity=velocity, decay=decay, mass=mass, discharge=discharge,
    )  # fmt: skip
    names = both["site_name"].fillna("").astype(str)
    found["evidence"] = [f"{names[each]}在其下游" if names[each] else "在其下游" for each in found["site_id"]]
    return found, network


def _counties(workspace: files.Workspace) -> gpd.GeoDataFrame:
    if "counties" in workspace.layers:
        return files.read_layer(workspace, kind="counties")
    return files.read_counties(workspace.counties)


def _other_indicators(given: TraceInput, indicator: str) -> list[str]:
    observed = set(given.monthly.index.get_level_values(1))
    return [
        code
        for code, each in indicators().items()
        if code != indicator
        and code in observed
        and each.better == "low"
        and f"load_{code}" in given.sources.columns
        and f"load_{indicator}" in given.sources.columns
    ]


def _monthly_activity(reports: pd.DataFrame) -> pd.DataFrame:
    if not {"site_id", "time"} <= set(reports.columns):
        raise InputError("排放记录缺少列 site_id 或时间", todo="每行写明污染源编号、年月和排放量")
    amount = next(name for name in reports.columns if name not in {"site_id", "time"})
    months = reports["time"].dt.strftime("%Y-%m")
    return reports.pivot_table(index=months, columns="site_id", values=amount, aggfunc="mean")


def _stack(workspace: files.Workspace, kinds: tuple[str, ...]) -> gpd.GeoDataFrame:
    frames = [files.read_layer(workspace, kind=kind) for kind in kinds if kind in workspace.layers]
    if not frames:
        raise InputError(f"工作区没有 {'、'.join(kinds)} 图层", todo="在 workspace.toml 中添加")
    both = gpd.GeoDataFrame(pd.concat(frames), crs=frames[0].crs)
    twice = both.index[both.index.duplicated()].unique()
    if len(twice):
        raise InputError(
            f"编号重复：{'、'.join(map(str, twice[:10]))}", why=f"{'、'.join(kinds)} 中同一编号出现不止一次",
            todo="改成不重复的 site_id",
        )  # fmt: skip
    return both
