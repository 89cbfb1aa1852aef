"""Is a region as a whole rising or falling: many sites together, which are not independent of each other."""

import numpy as np
import pandas as pd
import xarray as xr
from scipy import stats

from suizhou_geo.conventions import SITE_DIM
from suizhou_geo.errors import InputError
from suizhou_geo.forecast.pairs import Floats

#: Fewer sites than this are no region.
FEWEST_SITES = 3


def regional_direction(trends: xr.Dataset, *, data: xr.DataArray | xr.Dataset) -> pd.DataFrame:
    """The aggregate direction of each indicator over all analysed sites, and how sure it is.

    ``share`` is the part of the sites whose S has the direction of the majority (sites without one count half). Its
    variance is that of the sites' own confidences, with their covariance by the correlation of the observations
    (Snelder and others 2022, after Yue and Wang 2002); ``confidence`` that more than half of all sites go that way.

    Parameters
    ----------
    trends
        As :func:`mann_kendall` or :func:`seasonal_kendall` give them, with the dim ``site``.
    data
        What the trends were computed from.

    Returns
    -------
    DataFrame
        One row per indicator: ``indicator, n_sites, direction`` (上升 or 下降), ``share, confidence,
        confidence_if_independent, note``; no confidence for fewer than three sites.

    Raises
    ------
    InputError
        There is no dim ``site``.
    """
    if SITE_DIM not in trends.dims:
        raise InputError(
            "没有站点维 site", why=f"已有：{'、'.join(map(str, trends.dims))}", todo="把站点维命名为 site"
        )
    codes = trends["indicator"].values.tolist() if "indicator" in trends.dims else [""]
    rows = []
    for code in codes:
        chosen = trends.sel(indicator=code) if code else trends
        values = data[code] if isinstance(data, xr.Dataset) and code else data
        if code and isinstance(data, xr.DataArray):
            values = data.sel(indicator=code)
        rows.append({"indicator": code, **_direction(chosen, values)})
    return pd.DataFrame(rows)


def _direction(trends: xr.Dataset, values: xr.DataArray | xr.Dataset) -> dict[str, object]:
    analysed = (trends["note"] == "").to_numpy()
    n = int(analysed.sum())
    blank: dict[str, object] = {"n_sites": n, "direction": "", "share": np.nan, "confidence": np.nan}
    if n < FEWEST_SITES:
        return blank | {"confidence_if_independent": np.nan, "note": f"可分析的站点少于 {FEWEST_SITES} 个"}
    signs = np.sign(trends["s"].to_numpy()[analysed])
    majority = 1.0 if signs.sum() >= 0 else -1.0
    share = float((signs == majority).mean() + (signs == 0).mean() / 2)
    sure = trends["confidence"].to_numpy()[analysed]
    own = np.where(signs == majority, sure, 1 - sure)
    spread = np.sqrt(own * (1 - own))
    table = values.transpose("time", SITE_DIM).to_pandas().loc[:, analysed]
    correlation = np.nan_to_num(table.corr().to_numpy())
    np.fill_diagonal(correlation, 1.0)
    return {
        "n_sites": n,
        "direction": "上升" if majority > 0 else "下降",
        "share": share,
        "confidence": _confidence(share, float(spread @ correlation @ spread), n),
        "confidence_if_independent": _confidence(share, float((spread**2).sum()), n),
        "note": "",
    }


def _confidence(share: float, variance: float, n: int) -> float:
    if variance <= 0:
        return 1.0 if share > 0.5 else 0.5
    found: Floats = stats.norm.cdf((share - 0.5) * n / np.sqrt(variance))
    return float(found)
