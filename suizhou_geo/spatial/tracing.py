"""Who could it have been: suspects upstream of a section, each with the evidence for and against it."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files as package_files

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from suizhou_geo.errors import InputError, UnknownNameError
from suizhou_geo.spatial.cards import write_cards
from suizhou_geo.spatial.likelihoods import Floats, fit_amplitudes, mix_likelihood, timing_likelihood
from suizhou_geo.spatial.rivers import RiverNetwork
from suizhou_geo.spatial.snapping import snap_sites
from suizhou_geo.spatial.transport import check_velocity, decay_rates, river_metres, upstream_metres
from suizhou_geo.spatial.unmixing import section_signals, unmix_sources

TRACE_COLUMNS = ("site_id", "distance_km", "travel_h", "load", "rank", "evidence", "snap_m")

#: The kinds of evidence: each is a column, as a factor relative to the middle suspect.
EVIDENCE = ("arriving", "place", "mix", "timing", "permit")

#: Relative error of an excess whose error is not given, and the part of the largest one below which none is known.
_NOISE, _FLOOR = 0.2, 0.1

#: Standard errors above its usual below which a section counts as clean.
_CLEAN = 2.0

#: The rates of decay are not known better than this.
_DECAYS = (0.7, 0.85, 1.0, 1.15, 1.3)


@dataclass(frozen=True)
class _Seen:
    # What the sections saw, as arrays (section, indicator, time).
    sections: list[str]
    indicators: tuple[str, ...]
    times: list[object]
    excess: Floats
    error: Floats


def trace_upstream(
    network: RiverNetwork,
    *,
    section: str,
    sections: gpd.GeoDataFrame,
    sources: gpd.GeoDataFrame,
    excess: pd.Series,
    velocity: float,
    decay: float | Mapping[str, float],
    error: pd.Series | None = None,
    activity: pd.DataFrame | None = None,
    tolerance: float = 3000.0,
) -> pd.DataFrame:
    """Sources upstream of a section, those first whose discharge alone would best explain what all sections saw.

    A unit discharge of a source adds ``exp(-decay · travel time) / discharge of the section`` to a section below it and
    nothing to any other. The plausibility of a source is its share of the product of five kinds of evidence:

    - ``arriving``: its part of the registered loads that would arrive (load × decay × travel time), the mean over the
      indicators; equal where no load is known;
    - ``place``: how well the differences between the sections fit, each month and indicator with an amplitude of its
      own; a clean section below a source clears it, and the increments between sections lead to a reach;
    - ``mix``: whether the amplitudes of the indicators stand to each other as in the source's registered loads;
    - ``timing``: whether the amplitudes of the months follow the source's reported discharge, where it reports one;
    - ``permit``: a weight of its permit status (``permits.csv``, an assumption).

    The rates of decay are taken as uncertain by 30 %, and where ``sections`` has no ``discharge``, it is taken once as
    equal everywhere and once as proportional to the length of river above; the likelihood is averaged over these.
    This ranks where to look first; it proves nothing.

    Parameters
    ----------
    sections, sources
        Sites with index ``site_id`` and a CRS. ``sections`` may have ``discharge`` (m³/s); ``sources`` may have
        ``load_<indicator>`` or ``load`` (any one unit) and ``permit_status``.
    excess
        How far a value lies above the usual, by section, by (section, indicator) or by (section, indicator, time);
        what is not named is unknown. Not above 0 means clean.
    error
        Standard errors of ``excess``, same index; without them 20 % of each and 10 % of the largest of its indicator.
    activity
        Reported discharges, any scale: times by ``site_id`` of the sources that report; a time not there is unknown. Times
        are those of ``excess``; where they are timestamps less than a week apart, the travel time is taken off.
    velocity, decay
        Metres per second; per day, one for all or by indicator.
    tolerance
        Metres from a river beyond which a site is not on it.

    Returns
    -------
    DataFrame
        ``site_id, distance_km, travel_h, load, rank, evidence, snap_m, plausibility``, one column per kind of evidence
        (its factor relative to the middle suspect), and ``share``: where two sections or more exceed, the part of the
        section's excess (of the first indicator) that is the source's if all discharge at once
        (:func:`suizhou_geo.spatial.unmixing.unmix_sources`). ``attrs["not_snapped"]`` holds the sources that lie too
        far from any river.

    Raises
    ------
    UnknownNameError
        There is no such section.
    InputError
        The section lies on no river, nothing was seen, or velocity or decay is not possible.
    """
    check_velocity(velocity)
    if excess.empty:
        raise InputError(
            "没有断面的数据", why="溯源要从断面高出常年的部分推断", todo="给出至少一个断面的 excess"
        )
    seen = _arranged(excess, error)
    rates = decay_rates(decay, indicators=seen.indicators)
    at_sections, at_sources = _snapped(network, section, sections, sources, tolerance)
    on_river = at_sources[at_sources["reach"] >= 0]
    seen = _on_river(seen, section, at_sections)
    metres = np.array(
        [
            river_metres(network, at_sources=on_river, target=at_sections.loc[name])
            for name in (section, *seen.sections)
        ]
    ).reshape(len(seen.sections) + 1, -1)
    upstream = np.isfinite(metres[0])
    suspects = on_river[upstream]
    hours = metres[:, upstream] / velocity / 3600
    loads = _loads(sources, suspects.index, seen.indicators)
    flows = _flows(network, sections, at_sections.loc[seen.sections])
    logs, explained = _evidence(
        seen, hours, rates, flows, loads, _activity(activity, suspects.index, seen, hours[0])
    )
    logs["arriving"] = _arriving(loads, hours[0], rates)
    logs["permit"] = np.log(_permit_weights(sources, suspects.index))
    table = _table(suspects, metres[0, upstream], hours[0], logs)
    table["share"] = _shares(seen, hours, rates, flows[0], loads)
    table["load"] = _shown_load(sources, suspects.index, seen.indicators)
    table["evidence"] = write_cards(
        table,
        sources=sources,
        explained=explained,
        cleared=_cleared(seen, section, np.isfinite(hours[1:])),
        arriving=np.exp(-rates.mean() * hours[0] / 24),
        ambiguous=suspects["ambiguous"].to_numpy(),
        reported=[] if activity is None else list(activity.columns),
        indicators=seen.indicators,
    )
    table = table.sort_values(
        ["plausibility", "distance_km", "site_id"], ascending=[False, True, True], kind="stable"
    )
    table["rank"] = np.arange(1, len(table) + 1)
    table.attrs["not_snapped"] = at_sources.index[at_sources["reach"] < 0].tolist()
    return table[[*TRACE_COLUMNS, "plausibility", *EVIDENCE, "share"]].reset_index(drop=True)


def snap_asked(
    network: RiverNetwork, *, site: str, sites: gpd.GeoDataFrame, kind: str, tolerance: float
) -> pd.DataFrame:
    """All of ``sites`` snapped; raises where ``site`` is not among them (``UnknownNameError``) or on no river."""
    if site not in sites.index:
        raise UnknownNameError(f"没有{kind} {site}", why=f"有：{'、'.join(map(str, sites.index[:20]))}")
    at = snap_sites(network, sites=sites, tolerance=tolerance)
    if at.at[site, "reach"] < 0:
        raise InputError(
            f"{kind} {site} 不在河上", why=f"{tolerance:g} 米内没有河流", todo="核对坐标，或加大容差"
        )
    return at


def _snapped(
    network: RiverNetwork,
    section: str,
    sections: gpd.GeoDataFrame,
    sources: gpd.GeoDataFrame,
    tolerance: float,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    at_sections = snap_asked(network, site=section, sites=sections, kind="断面", tolerance=tolerance)
    return at_sections, snap_sites(network, sites=sources, tolerance=tolerance)


def _arranged(excess: pd.Series, error: pd.Series | None) -> _Seen:
    levels = ("site_id", "indicator", "time")[: excess.index.nlevels]
    keys = pd.DataFrame({name: excess.index.get_level_values(place) for place, name in enumerate(levels)})
    keys = keys.assign(**dict.fromkeys({"indicator", "time"} - set(levels), ""))
    sections, indicators, times = (
        list(dict.fromkeys(keys[name])) for name in ("site_id", "indicator", "time")
    )
    times = sorted(times)
    shape = (len(sections), len(indicators), len(times))
    place = tuple(
        keys[name].map({key: number for number, key in enumerate(order)}).to_numpy()
        for name, order in (("site_id", sections), ("indicator", indicators), ("time", times))
    )
    values, errors = np.full(shape, np.nan), np.full(shape, np.nan)
    values[place] = excess.to_numpy(dtype=float)
    if error is None:
        largest = np.nanmax(np.abs(values), axis=(0, 2), keepdims=True) if values.size else 0.0
        errors = np.maximum(np.hypot(_NOISE * values, _FLOOR * largest), 1e-12)
    else:
        errors[place] = error.reindex(excess.index).to_numpy(dtype=float)
    return _Seen(sections, tuple(map(str, indicators)), times, values, errors)


def _on_river(seen: _Seen, section: str, at_sections: pd.DataFrame) -> _Seen:
    # The section that asks comes first, if it has values.
    kept = [
        number
        for number, name in enumerate(seen.sections)
        if name in at_sections.index and at_sections.at[name, "reach"] >= 0
    ]
    kept.sort(key=lambda number: seen.sections[number] != section)
    names = [seen.sections[number] for number in kept]
    return _Seen(names, seen.indicators, seen.times, seen.excess[kept], seen.error[kept])


def _flows(network: RiverNetwork, sections: gpd.GeoDataFrame, at: pd.DataFrame) -> list[Floats]:
    # Discharges that may be, one array per guess, each with 1 in the middle.
    equal = np.ones(len(at))
    above = np.maximum(upstream_metres(network, places=at), 1.0)
    proxy = above / np.median(above) if len(at) else equal
    if "discharge" not in sections.columns or sections["discharge"].notna().sum() == 0:
        return [equal, proxy]
    known = pd.to_numeric(sections["discharge"], errors="coerce").loc[at.index].to_numpy(dtype=float)
    scale = np.nanmedian(known / proxy)
    filled = np.where(known > 0, known, proxy * scale)
    return [filled / np.median(filled)]


def _evidence(
    seen: _Seen, hours: Floats, rates: Floats, flows: list[Floats], loads: Floats, activity: Floats
) -> tuple[dict[str, Floats], Floats]:
    planes = []
    for flow in flows:
        for factor in _DECAYS:
            left = _left(hours[1:], factor * rates)
            found = fit_amplitudes(left / flow[:, None, None], seen=seen.excess, error=seen.error)
            mix = mix_likelihood(found.by_indicator, found.indicator_variance, mix=loads)
            timing = timing_likelihood(found.by_time, found.time_variance, activity=activity)
            planes.append((found.place, mix, timing, found.explained))
    place, mix, timing, explained = (np.array(each) for each in zip(*planes, strict=True))
    whole = place + mix + timing
    best = whole.max(axis=0, keepdims=True)
    weight = np.exp(whole - best)
    weight = weight / weight.sum(axis=0, keepdims=True)
    average = {name: (weight * each).sum(axis=0) for name, each in (("mix", mix), ("timing", timing))}
    total = best[0] + np.log(np.exp(whole - best).mean(axis=0))
    # What the average over the planes adds belongs to the place: the three still multiply to the whole.
    return {"place": total - average["mix"] - average["timing"], **average}, (weight * explained).sum(axis=0)


def _shares(seen: _Seen, hours: Floats, rates: Floats, flow: Floats, loads: Floats) -> Floats:
    left = _left(hours[1:], rates)
    multiples = unmix_sources(left / flow[:, None, None], seen=seen.excess, error=seen.error, loads=loads)
    if multiples is None or not loads.size:
        return np.full(len(loads), np.nan)
    first = np.where(np.isfinite(loads[:, 0]) & (loads[:, 0] > 0), loads[:, 0], 1.0)
    added: Floats = multiples * first * np.exp(-rates[0] * hours[0] / 24)
    found: Floats = added / max(added.sum(), 1e-300)
    return found


def _left(hours: Floats, rates: Floats) -> Floats:
    # (section, indicator, source): what is left of a discharge, 0 where the section does not lie below.
    reached = np.isfinite(hours)[:, None, :]
    days = np.where(reached, hours[:, None, :], 0.0) / 24
    found: Floats = np.exp(-rates[None, :, None] * days) * reached
    return found


def _arriving(loads: Floats, hours: Floats, rates: Floats) -> Floats:
    known = loads if np.isfinite(loads).any() else np.ones_like(loads)
    middle = np.nanmedian(known, axis=0, keepdims=True) if len(known) else known
    filled = np.where(np.isfinite(known), known, middle)
    arriving = np.maximum(np.nan_to_num(filled, nan=0.0), 0.0) * np.exp(-rates[None, :] * hours[:, None] / 24)
    shares = arriving / np.maximum(arriving.sum(axis=0, keepdims=True), 1e-300)
    found: Floats = np.log(np.maximum(shares.mean(axis=1), 1e-12))
    return found


def _loads(sources: gpd.GeoDataFrame, sites: pd.Index, indicators: tuple[str, ...]) -> Floats:
    # (source, indicator), NaN where unknown; ``load`` stands for the only indicator.
    names = [f"load_{code}" if f"load_{code}" in sources.columns else "load" for code in indicators]
    found = [
        pd.to_numeric(sources[name], errors="coerce").loc[sites].to_numpy(dtype=float)
        if name in sources.columns and (name != "load" or len(indicators) == 1)
        else np.full(len(sites), np.nan)
        for name in names
    ]
    return np.array(found).reshape(len(names), len(sites)).T


def _shown_load(sources: gpd.GeoDataFrame, sites: pd.Index, indicators: tuple[str, ...]) -> Floats:
    if "load" in sources.columns:
        return np.asarray(pd.to_numeric(sources["load"], errors="coerce").loc[sites], dtype=float)
    return _loads(sources, sites, indicators)[:, 0] if indicators else np.full(len(sites), np.nan)


def _activity(activity: pd.DataFrame | None, sites: pd.Index, seen: _Seen, hours: Floats) -> Floats:
    found = np.full((len(sites), len(seen.times)), np.nan)
    if activity is None or not len(activity):
        return found
    for number, site in enumerate(sites):
        if site in activity.columns:
            own = activity[site].dropna()
            found[number] = _reported(own, seen.times, hours[number])
    return found


def _reported(own: pd.Series, times: list[object], hours: float) -> Floats:
    steps = own.index.to_series().diff().median() if isinstance(own.index, pd.DatetimeIndex) else None
    if steps is None or steps >= pd.Timedelta(days=7):
        return np.asarray(own.reindex(times), dtype=float)
    left = pd.DatetimeIndex(times) - pd.Timedelta(hours=hours)
    return np.asarray(own.sort_index().reindex(left, method="pad", tolerance=2 * steps), dtype=float)


@cache
def _weights() -> dict[str, float]:
    text = package_files("suizhou_geo.spatial").joinpath("permits.csv").read_text(encoding="utf-8")
    return {row["permit_status"]: float(row["weight"]) for row in csv.DictReader(text.splitlines())}


def _permit_weights(sources: gpd.GeoDataFrame, sites: pd.Index) -> Floats:
    if "permit_status" not in sources.columns:
        return np.ones(len(sites))
    found: Floats = sources.loc[sites, "permit_status"].map(_weights()).fillna(1.0).to_numpy(dtype=float)
    return found


def _cleared(seen: _Seen, section: str, below: npt.NDArray[np.bool_]) -> list[list[str]]:
    # Sections below each source that are clean in the last month, in the first indicator and in all together.
    now, error = seen.excess[:, :, -1:], seen.error[:, :, -1:]
    signals = np.maximum(section_signals(now[:, :1], error[:, :1]), section_signals(now, error))
    clean = ((signals < _CLEAN) & np.isfinite(now[:, 0, 0])).tolist()
    return [
        [
            name
            for name, is_clean, lies in zip(seen.sections, clean, column, strict=True)
            if is_clean and lies and name != section
        ]
        for column in below.T
    ]


def _table(suspects: pd.DataFrame, metres: Floats, hours: Floats, logs: Mapping[str, Floats]) -> pd.DataFrame:
    total = np.sum([logs[name] for name in EVIDENCE], axis=0)
    weight = np.exp(total - total.max(initial=-np.inf)) if len(total) else total
    factors = (
        {name: np.exp(np.clip(logs[name] - np.median(logs[name]), -50, 50)) for name in EVIDENCE}
        if len(total)
        else dict.fromkeys(EVIDENCE, total)
    )
    return pd.DataFrame(
        {
            "site_id": suspects.index, "distance_km": metres / 1000, "travel_h": hours,
            "plausibility": weight / weight.sum() if len(weight) else weight,
            "snap_m": suspects["snap_m"].to_numpy(), **factors,
        }
    )  # fmt: skip
