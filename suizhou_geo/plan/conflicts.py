"""The conflict register of a county: its sources, outfalls and projects against everything that is drawn to protect."""

import dataclasses
from collections.abc import Iterable

import geopandas as gpd
import pandas as pd

from suizhou_geo import files, spatial
from suizhou_geo.conventions import AREA_KINDS, LAYER_KINDS, Conflict, CountyResult
from suizhou_geo.plan.evaluate import check_county
from suizhou_geo.plan.layers import is_true, select_features, text_of
from suizhou_geo.plan.pressures import basis_text

#: What may be in the way, and of what.
FEATURE_KINDS = ("sources", "outfalls", "projects")

REGISTER_COLUMNS = ("feature_name", "feature_kind", "area_name", *spatial.CONFLICT_COLUMNS, "synthetic")


def register_conflicts(
    workspace: files.Workspace, *, adcode: str, distance: float, error: float | None = None
) -> pd.DataFrame:
    """The register of ``spatial.find_conflicts`` with names, for one county or the city (its own code).

    Redlines, drinking-water zones and reserves are looked for up to ``distance`` metres away, control units only where a
    feature lies in them. ``action`` holds its basis and how sure that is; ``synthetic`` is true where either side is
    demonstration data. Layers that the workspace does not have are left out; without any the register is empty.

    Raises ``UnknownNameError`` for an adcode that is not the workspace's, and what ``find_conflicts`` raises.

    >>> from suizhou_geo.packaged import packaged_folder
    >>> demo = files.open_workspace(packaged_folder("data", "suizhou"))
    >>> register = register_conflicts(demo, adcode="421303", distance=500, error=50)
    >>> sorted(register["area_kind"].unique()), bool(register["p_conflict"].between(0, 1).all())
    (['redlines', 'units', 'water_zones'], True)
    """
    check_county(workspace, adcode)
    counties = files.read_workspace_counties(workspace)
    whole_city = adcode == workspace.adcode
    county = counties.geometry.union_all() if whole_city else counties.geometry[adcode]
    features = _stack(
        select_features(layer, adcode=adcode, county=county, whole_city=whole_city)
        for layer in _layers(workspace, FEATURE_KINDS)
    )
    registers = [
        spatial.find_conflicts(
            features,
            areas=areas,
            metric_crs=workspace.metric_crs,
            distance=0.0 if (areas["kind"] == "units").all() else distance,
            error=error,
        ).assign(
            area_name=lambda rows, areas=areas: rows["area_id"].map(_names(areas)),
            synthetic=lambda rows, areas=areas: rows["area_id"].map(areas["synthetic"].to_dict()),
        )
        for areas in _layers(workspace, AREA_KINDS)
        if len(features) and len(areas)
    ]
    if not registers:
        return pd.DataFrame(columns=list(REGISTER_COLUMNS))
    found = pd.concat([each for each in registers if len(each)] or registers[:1], ignore_index=True)
    found["feature_name"] = found["feature_id"].map(_names(features))
    found["feature_kind"] = found["feature_id"].map(features["kind"].map(LAYER_KINDS).to_dict())
    found["synthetic"] |= found["feature_id"].map(features["synthetic"].to_dict())
    found["action"] = [
        row.action + basis_text(row.basis, verified=row.verified) for row in found.itertuples()
    ]
    return found[list(REGISTER_COLUMNS)]


def show_register(result: CountyResult, *, register: pd.DataFrame) -> CountyResult:
    """The county result of a page that is about the register only: its layers, its rows, and a headline of counts.

    Rows of control units, which cover everything, stay in the table.
    """
    shown = register[register["area_kind"] != "units"]
    kinds = {"counties", "rivers", *FEATURE_KINDS, *AREA_KINDS}
    touching = int((shown["relation"] != "邻近").sum())
    unsure = int(shown["within_error"].fillna(False).astype(bool).sum())
    return dataclasses.replace(
        result,
        headline=f"在保护范围内或相交 {touching} 处，邻近 {len(shown) - touching} 处，其中位置误差之内 {unsure} 处；供复核。",
        layers=tuple(layer for layer in result.layers if layer.kind in kinds),
        conflicts=tuple(
            Conflict(
                feature_id=row.feature_id,
                feature_name=row.feature_name,
                area_id=row.area_id,
                area_name=row.area_name,
                area_kind=LAYER_KINDS[row.area_kind],
                relation=row.relation,
                distance_m=round(row.distance_m),
                action=row.action,
                synthetic=bool(row.synthetic),
            )
            for row in shown.itertuples()
        ),
    )


def _layers(workspace: files.Workspace, kinds: Iterable[str]) -> list[gpd.GeoDataFrame]:
    # Layers that there are, each with its kind and with ``synthetic`` as a plain yes or no.
    found = []
    for kind in kinds:
        if kind in workspace.layers:
            layer = files.read_layer(workspace, kind=kind)
            own = layer["synthetic"].map(is_true) if "synthetic" in layer.columns else False
            found.append(layer.assign(kind=kind, synthetic=own | workspace.layers[kind].synthetic))
    return found


def _stack(layers: Iterable[gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    found = [layer for layer in layers if len(layer)]
    return gpd.GeoDataFrame(pd.concat(found), crs=found[0].crs) if found else gpd.GeoDataFrame()


def _names(frame: gpd.GeoDataFrame) -> dict[str, str]:
    return {
        str(row["site_id"]): text_of(row.get("site_name")) or text_of(row.get("name")) or str(row["site_id"])
        for row in frame.drop(columns=frame.geometry.name)
        .rename_axis("site_id")
        .reset_index()
        .to_dict("records")
    }
