"""Sources and outfalls of a county in or near what is drawn to protect, as plain rows of its result."""

from collections.abc import Mapping

import geopandas as gpd
import pandas as pd

from suizhou_geo import spatial, standards
from suizhou_geo.conventions import LAYER_KINDS, Conflict
from suizhou_geo.plan.layers import is_true, text_of

#: Kinds whose features are checked against the kinds of protected areas.
PRESSURES = ("sources", "outfalls")
PROTECTED = ("redlines", "water_zones", "reserves")

#: Metres within which a source counts as near a protected area.
NEAR = 500.0


def find_county_conflicts(frames: Mapping[str, gpd.GeoDataFrame], *, metric_crs: str) -> tuple[Conflict, ...]:
    """Sources and outfalls in or near redlines, drinking-water zones and reserves, nearest first."""
    pressures = _stack(frames, PRESSURES)
    protected = _stack(frames, PROTECTED)
    if pressures is None or protected is None:
        return ()
    register = spatial.find_conflicts(pressures, areas=protected, metric_crs=metric_crs, distance=NEAR)
    names = {**_names(pressures), **_names(protected)}
    synthetic = {**_synthetic(pressures), **_synthetic(protected)}
    return tuple(
        Conflict(
            feature_id=row.feature_id,
            feature_name=names[row.feature_id],
            area_id=row.area_id,
            area_name=names[row.area_id],
            area_kind=LAYER_KINDS[row.area_kind],
            relation=row.relation,
            distance_m=round(row.distance_m),
            action=row.action + basis_text(row.basis, verified=row.verified),
            synthetic=synthetic[row.feature_id] or synthetic[row.area_id],
        )
        for row in register.itertuples()
    )


def basis_text(basis: str, *, verified: str) -> str:
    """A legal basis in brackets, marked where nobody has held it against the original; empty without one.

    >>> basis_text("自然资发〔2022〕142号", verified="unverified"), basis_text("", verified="unverified")
    ('（自然资发〔2022〕142号，未核实）', '')
    """
    mark = f"，{standards.describe_certainty(verified)}" if verified == "unverified" else ""
    return f"（{basis}{mark}）" if basis else ""


def _stack(frames: Mapping[str, gpd.GeoDataFrame], kinds: tuple[str, ...]) -> gpd.GeoDataFrame | None:
    found = [frames[kind].assign(kind=kind) for kind in kinds if kind in frames and len(frames[kind])]
    return gpd.GeoDataFrame(pd.concat(found), crs=found[0].crs) if found else None


def _names(frame: gpd.GeoDataFrame) -> dict[str, str]:
    column = "site_name" if "site_name" in frame.columns else "name"
    fallback = frame["name"] if "name" in frame.columns else frame.index.to_series()
    names = frame[column].where(frame[column].notna(), fallback) if column in frame.columns else fallback
    return {str(key): text_of(name) for key, name in zip(frame.index, names, strict=True)}


def _synthetic(frame: gpd.GeoDataFrame) -> dict[str, bool]:
    flags = frame["synthetic"] if "synthetic" in frame.columns else pd.Series(False, index=frame.index)
    return {str(key): is_true(flag) for key, flag in zip(frame.index, flags, strict=True)}
