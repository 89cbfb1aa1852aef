"""When a series changed its level: Pettitt's test."""

import numpy as np
import xarray as xr
from scipy import stats

from suizhou_geo.forecast.series import as_series


def pettitt(data: xr.DataArray | xr.Dataset) -> xr.Dataset:
    """The most likely change of level in every series and how surely there was one (Pettitt 1979).

    ``k`` is max |U_t| with U_t = 2 Σ r_i − t(n + 1) over the ranks up to t; ``p`` ≈ 2 exp(−6k²/(n³ + n²)), at most 1;
    ``position`` counts the values before the change, ``changed_after`` is the time of the last of them; ``shift`` the
    median after less the median before. A value below detection should stand there as half its limit or as 0: the
    test knows ranks only.

    Raises ``InputError`` as :func:`mann_kendall`.

    >>> steps = xr.DataArray([1.0, 2, 1, 2, 1, 8, 9, 8, 9, 8], dims="time", coords={"time": range(2011, 2021)})
    >>> found = pettitt(steps)
    >>> int(found.k), int(found.position), int(found.changed_after), float(found["shift"])
    (25, 5, 2015, 7.0)
    """
    series = as_series(data)
    values = series.values
    known = np.isfinite(values)
    n = known.sum(axis=1)
    ranks = np.nan_to_num(stats.rankdata(values, axis=1, nan_policy="omit"))
    counted = np.cumsum(known, axis=1)
    # A gap repeats the sum before it and is never chosen: argmax takes the first.
    u = np.where(known, 2 * np.cumsum(ranks, axis=1) - counted * (n + 1)[:, None], 0.0)
    place = np.abs(u).argmax(axis=1) if values.shape[1] else np.zeros(len(values), dtype=np.intp)
    rows = np.arange(len(values))
    k = np.abs(u[rows, place])
    with np.errstate(divide="ignore", invalid="ignore"):
        p = np.minimum(1.0, 2 * np.exp(-6 * k**2 / (n.astype(float) ** 3 + n**2)))
    some = n > 1
    after = np.arange(values.shape[1]) > place[:, None]
    shift = np.full(len(values), np.nan)
    if some.any():
        shift[some] = np.nanmedian(np.where(after, values, np.nan)[some], axis=1) - np.nanmedian(
            np.where(after, np.nan, values)[some], axis=1
        )
    return series.unstack(
        {
            "n": n,
            "k": np.where(some, k, np.nan),
            "p": np.where(some, p, np.nan),
            "position": counted[rows, place],
            "changed_after": series.time.to_numpy()[place],
            "shift": shift,
        }
    )
