"""Which sources may stand behind a section's month: the workspace's rivers, sections and outfalls put together."""

import geopandas as gpd
import pandas as pd

from suizhou_geo import files, spatial
from suizhou_geo.conventions import indicators
from suizhou_geo.errors import InputError
from suizhou_geo.plan.sections import monthly_values

#: Kinds that may discharge, and kinds that may be reached.
DISCHARGERS, RECEPTORS = ("outfalls", "sources"), ("sections", "intakes")


def trace_section(
    workspace: files.Workspace,
    *,
    section: str,
    indicator: str,
    year: int,
    month: int,
    velocity: float,
    decay: float,
    upstream: bool = True,
) -> tuple[pd.DataFrame, spatial.RiverNetwork]:
    """Suspects upstream of a section for one indicator and month, or what lies downstream of it; and the network.

    The excess of a section is its monthly mean above the lowest of all sections of the workspace in that month;
    ``load_<indicator>`` of the outfalls is their load.

    Raises ``InputError`` for an indicator of which less is not better, or when it has no value at the section in that
    month, and what ``trace_upstream`` and ``build_river_network`` raise.
    """
    if indicators().get(indicator) is None or indicators()[indicator].better != "low":
        raise InputError(f"项目“{indicator}”不能溯源", why="只溯源越少越好的项目", todo="例如 tp、nh3n、cod")
    network = spatial.build_river_network(
        files.read_layer(workspace, kind="rivers"), metric_crs=workspace.metric_crs
    )
    sections = files.read_layer(workspace, kind="sections")
    shared = {"velocity": velocity, "decay": decay}
    if not upstream:
        receptors = _stack(workspace, RECEPTORS)
        found = spatial.trace_downstream(network, site=section, sites=sections, receptors=receptors, **shared)
        return found, network
    observations = files.read_workspace_observations(workspace, medium="water")
    period = f"{year:04d}-{month:02d}"
    monthly = monthly_values(observations, year=year, month=month)
    known = (
        monthly.xs(indicator, level=1) if indicator in monthly.index.get_level_values(1) else pd.DataFrame()
    )
    values = known[period].dropna() if period in known.columns else pd.Series(dtype=float)
    if section not in values.index:
        raise InputError(
            f"断面 {section} 在 {period} 没有 {indicator} 的数据", why=f"该月有：{'、'.join(map(str, values.index)) or '无'}",
            todo="换一个月或一个项目",
        )  # fmt: skip
    sources = _stack(workspace, DISCHARGERS)
    if f"load_{indicator}" in sources.columns:
        sources = sources.assign(load=sources[f"load_{indicator}"])
    found = spatial.trace_upstream(
        network,
        section=section,
        sections=sections,
        sources=sources,
        excess=values - values.min(),
        **shared,
    )
    return found, network


def _stack(workspace: files.Workspace, kinds: tuple[str, ...]) -> gpd.GeoDataFrame:
    frames = [files.read_layer(workspace, kind=kind) for kind in kinds if kind in workspace.layers]
    if not frames:
        raise InputError(f"工作区没有 {'、'.join(kinds)} 图层", todo="在 workspace.toml 中添加")
    return gpd.GeoDataFrame(pd.concat(frames), crs=frames[0].crs)
