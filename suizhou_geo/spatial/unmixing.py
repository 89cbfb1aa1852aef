"""What part each source would have if several discharge at once: non-negative least squares over all sections."""

import numpy as np
from scipy.optimize import nnls

from suizhou_geo.spatial.likelihoods import Floats

#: Standard errors above the usual from which a section counts as exceeding, and how many such sections are needed.
_ABOVE, NEEDED = 2.0, 2


def section_signals(seen: Floats, error: Floats) -> Floats:
    """How many standard errors each section ``(section, indicator, time)`` lies above its usual, all values together.

    >>> section_signals(np.array([[[2.0, 2.0]], [[0.1, np.nan]]]), np.full((2, 1, 2), 0.5)).round(2).tolist()
    [5.66, 0.2]
    """
    weight = np.where(np.isfinite(seen), 1 / error**2, 0.0)
    told = np.where(np.isfinite(seen), seen, 0.0) * weight
    found: Floats = told.sum(axis=(1, 2)) / np.sqrt(np.maximum(weight.sum(axis=(1, 2)), 1e-300))
    return found


def unmix_sources(patterns: Floats, *, seen: Floats, error: Floats, loads: Floats) -> Floats | None:
    """By what multiple of its registered load each source would have to discharge, all of them at once; none below 0.

    ``patterns`` is ``(section, indicator, source)``, what a unit discharge adds; ``seen`` and ``error`` are
    ``(section, indicator, time)`` and averaged over time; ``loads`` is ``(source, indicator)``, 1 where unknown. With more
    sources than sections the answer is one of many that fit: it tells which mixtures are possible, not which is true.
    None where fewer than two sections exceed: then there is nothing to un-mix.

    Two sources, each above a section of its own, the second section below both:

    >>> patterns = np.array([[[1.0, 0.0]], [[0.5, 0.8]]])
    >>> unmix_sources(patterns, seen=np.array([[[4.0]], [[3.6]]]), error=np.full((2, 1, 1), 0.1), loads=np.ones((2, 1))).round(6).tolist()
    [4.0, 2.0]
    """
    if (section_signals(seen, error) > _ABOVE).sum() < NEEDED:
        return None
    weight = np.where(np.isfinite(seen), 1 / error**2, 0.0).sum(axis=2)
    told = np.where(np.isfinite(seen), seen / error**2, 0.0).sum(axis=2)
    known = weight > 0
    filled = np.where(np.isfinite(loads) & (loads > 0), loads, 1.0)
    root = np.sqrt(weight[known])
    columns = (patterns * filled.T[None])[known] * root[:, None]
    # Columns of one size: loads of farms and of works differ by orders of magnitude.
    size = np.maximum(np.linalg.norm(columns, axis=0), 1e-300)
    found: Floats = nnls(columns / size, told[known] / root)[0] / size
    return found
