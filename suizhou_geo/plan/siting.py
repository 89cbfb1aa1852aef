"""Where micro-stations would see most: the workspace's planned ones and the river mouths, held against its loads."""

import geopandas as gpd
import pandas as pd

from suizhou_geo import files, spatial
from suizhou_geo.conventions import GEOGRAPHIC_CRS
from suizhou_geo.errors import InputError

#: Kinds of layers whose points may have a load.
DISCHARGERS = ("outfalls", "sources")

#: What a planned micro-station is called in the layer of projects.
PLANNED = "微站"


def site_stations(
    workspace: files.Workspace, *, count: int, indicator: str, reach: float, tolerance: float = 3000.0
) -> pd.DataFrame:
    """Candidates ranked by the share of the load of ``indicator`` that they see, and the best ``count`` together.

    Candidates are the projects whose name holds 微站 and the mouth of every river; loads are ``load_<indicator>`` of
    outfalls and sources. Columns of ``spatial.SITING_COLUMNS``, and ``origin``: 计划 or 河口;
    ``attrs["synthetic"]`` names the layers that are demonstration data. Raises what
    ``spatial.site_stations`` raises.
    """
    network = spatial.build_river_network(
        files.read_layer(workspace, kind="rivers"), metric_crs=workspace.metric_crs
    )
    sources = _loads(workspace, indicator)
    planned = _planned(workspace)
    mouths = spatial.river_mouths(network).to_crs(GEOGRAPHIC_CRS)
    candidates = gpd.GeoDataFrame(pd.concat([planned, mouths]), crs=GEOGRAPHIC_CRS)
    table = spatial.site_stations(
        network, candidates=candidates, sources=sources, count=count, reach=reach, tolerance=tolerance
    )
    found = table.assign(
        origin=table["site_id"].isin(planned.index).map({True: "计划", False: "河口"}).to_numpy()
    )
    used = [workspace.layers[kind] for kind in ("rivers", *DISCHARGERS) if kind in workspace.layers]
    found.attrs = {**table.attrs, "synthetic": [spec.title for spec in used if spec.synthetic]}
    return found


def _loads(workspace: files.Workspace, indicator: str) -> gpd.GeoDataFrame:
    frames = [files.read_layer(workspace, kind=kind) for kind in DISCHARGERS if kind in workspace.layers]
    if not any(f"load_{indicator}" in frame.columns for frame in frames):
        raise InputError(
            f"没有 {indicator} 的负荷",
            why=f"排污口和污染源图层都没有 load_{indicator} 列",
            todo="换一个项目，如 cod、nh3n、tp，或补充该列",
        )
    sources = gpd.GeoDataFrame(pd.concat(frames), crs=frames[0].crs)
    return sources.assign(load=sources[f"load_{indicator}"])


def _planned(workspace: files.Workspace) -> gpd.GeoDataFrame:
    if "projects" not in workspace.layers:
        return gpd.GeoDataFrame(geometry=[], crs=GEOGRAPHIC_CRS)
    projects = files.read_layer(workspace, kind="projects")
    return projects[projects["site_name"].fillna("").astype(str).str.contains(PLANNED, regex=False)]
