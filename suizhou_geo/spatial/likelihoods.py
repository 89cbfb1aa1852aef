"""How well each source, taken alone, explains what the sections saw: three likelihoods that share no number twice.

What was seen is an array ``(section, indicator, time)``. For one source it is split, once and for all, into amplitudes
(how much must the source have discharged, for each indicator and time) and what remains at the sections. The remains judge
the place, the amplitudes over the indicators judge the mix, and those over time judge the timing. The three are multiplied.

Sources are columns, decay scenarios planes: no loop over sources.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

#: Standard deviation, in logarithms, of a source's mix about the registered one, and about the usual one where none is.
MIX_ERROR, MIX_UNKNOWN = 0.5, 1.2

#: Relative error of a reported discharge pattern; how far an unknown pattern swings about its mean; and the chance that
#: an excess does not follow the reported pattern at all.
PATTERN_ERROR, PATTERN_UNKNOWN, PATTERN_FALSE = 0.3, 0.7, 0.15

#: An amplitude may reach this many times what the largest excess needs.
_ROOM = 2.0


@dataclass(frozen=True)
class Amplitudes:
    """What one plane of decay says of every source: ``place`` log-likelihoods and ``explained``, its part of what the
    first section saw of the first indicator in the last month, each ``(source,)``;
    ``by_indicator`` and ``by_time`` amplitudes with their variances, ``(source, indicator)`` and ``(source, time)``."""

    place: Floats
    explained: Floats
    by_indicator: Floats
    indicator_variance: Floats
    by_time: Floats
    time_variance: Floats


def fit_amplitudes(patterns: Floats, *, seen: Floats, error: Floats) -> Amplitudes:
    """Amplitudes of each source, fitted over the sections for each indicator and time on its own, then pooled; not below 0.

    ``patterns`` is ``(section, indicator, source)``: what a unit discharge adds; ``seen`` and its standard ``error`` are
    ``(section, indicator, time)``, NaN where nothing was measured. The likelihood of the place is the Gaussian evidence with
    the amplitude integrated out, so that a source that could explain anything is not preferred; its logarithm is divided
    by the root of the number of months and indicators, as these do not err independently (a composite likelihood).

    A section that sees 3 of a source above it, and one beside the river that sees nothing:

    >>> seen = np.array([[[3.0]], [[0.0]]])
    >>> found = fit_amplitudes(np.array([[[1.0, 1.0]], [[0.0, 1.0]]]), seen=seen, error=np.full((2, 1, 1), 0.5))
    >>> found.by_indicator.round(2).tolist(), bool(found.place[0] > found.place[1])
    ([[3.0], [1.5]], True)
    """
    known = np.isfinite(seen)
    weight = np.where(known, 1 / np.where(known, error, 1.0) ** 2, 0.0)
    values = np.where(known, seen, 0.0)
    told = np.einsum("ikt,iks->kts", weight * values, patterns)
    power = np.einsum("ikt,iks->kts", weight, patterns**2)
    positive = np.maximum(told, 0.0) ** 2
    room = _room(patterns, values)
    gain = positive / (power + 1 / room**2) - np.log1p(room**2 * power)
    # Errors of discharge and background are in every month and indicator: n values tell no more than sqrt(n) would.
    blocks = max(int(known.any(axis=0).sum()), 1)
    place = 0.5 * gain.sum(axis=(0, 1)) / np.sqrt(blocks)
    by_indicator, indicator_variance = _pooled(told, power, axis=1)
    # Times are pooled over indicators after each is divided by its own amplitude.
    scale = np.maximum(by_indicator, np.sqrt(indicator_variance)).T[:, None, :]
    by_time, time_variance = _pooled(told * scale, power * scale**2, axis=0)
    return Amplitudes(
        place,
        _explained(patterns, values, told, power),
        by_indicator,
        indicator_variance,
        by_time,
        time_variance,
    )


def mix_likelihood(amplitudes: Floats, variance: Floats, *, mix: Floats) -> Floats:
    """Log-likelihood that amplitudes ``(source, indicator)`` stand to each other as in ``mix``, NaN where unknown.

    Only the ratios count: each source's own scale is free. With one indicator there is nothing to compare: 0.

    >>> amplitudes, none = np.array([[10.0, 1.0], [10.0, 1.0]]), np.full((2, 2), 1e-6)
    >>> fits, contradicts = mix_likelihood(amplitudes, none, mix=np.array([[20.0, 2.0], [2.0, 20.0]]))
    >>> float(round(fits - contradicts, 1))
    21.2
    """
    if amplitudes.shape[1] < 2:
        return np.zeros(len(amplitudes))
    known = np.isfinite(mix) & (mix > 0)
    logs = np.log(np.where(known, mix, 1.0))
    usual = np.where(known.any(axis=0), (logs * known).sum(axis=0) / np.maximum(known.sum(axis=0), 1), 0.0)
    expected = np.where(known, logs, usual)
    # An amplitude below its own error says no more than that it is small.
    error = np.sqrt(variance)
    level = np.maximum(amplitudes, error)
    spread = (error / level) ** 2 + np.where(known, MIX_ERROR, MIX_UNKNOWN) ** 2
    return _free_scale(np.log(level) - expected, spread)


def timing_likelihood(amplitudes: Floats, variance: Floats, *, activity: Floats) -> Floats:
    """Log-likelihood that amplitudes ``(source, time)`` about 1 follow ``activity``, NaN in rows that report nothing.

    A source that reports nothing may have any pattern about its mean; one that reports may still break the rules at
    other times (``PATTERN_FALSE``). Relative to a source that reports nothing: 0 for those, with one time, or with none.

    >>> seen, error = np.array([[0.1, 1.9, 0.1, 1.9]] * 3), np.full((3, 4), 0.04)
    >>> pattern = np.array([[0.0, 2.0, 0.0, 2.0], [2.0, 0.0, 2.0, 0.0], [np.nan] * 4])
    >>> timing_likelihood(seen, error, activity=pattern).round(1).tolist()
    [5.4, -1.9, 0.0]
    """
    count = amplitudes.shape[1]
    reported = np.isfinite(activity).all(axis=1) & (activity.sum(axis=1) > 0)
    if count < 2 or not reported.any():
        return np.zeros(len(amplitudes))
    any_pattern = _normal(amplitudes - 1, variance + PATTERN_UNKNOWN**2)
    shape = np.where(reported[:, None], activity, 1.0)
    shape = shape / shape.mean(axis=1, keepdims=True)
    spread = variance + (PATTERN_ERROR * np.maximum(shape, 0.3)) ** 2
    scale = (amplitudes * shape / spread).sum(axis=1) / (shape**2 / spread).sum(axis=1)
    follows = _normal(amplitudes - scale[:, None] * shape, spread)
    mixed = np.logaddexp(np.log1p(-PATTERN_FALSE) + follows, np.log(PATTERN_FALSE) + any_pattern)
    return np.where(reported, mixed - any_pattern, 0.0)


def _explained(patterns: Floats, values: Floats, told: Floats, power: Floats) -> Floats:
    # Of what the first section saw of the first indicator in the last month, the part that the fitted amplitude brings.
    if not len(values) or values[0, 0, -1] <= 0:
        return np.zeros(patterns.shape[2])
    amplitude = np.maximum(told[0, -1], 0.0) / np.maximum(power[0, -1], 1e-300)
    found: Floats = np.clip(amplitude * patterns[0, 0] / values[0, 0, -1], 0.0, 1.0)
    return found


def _room(patterns: Floats, values: Floats) -> Floats:
    # (indicator, time, source): the standard deviation that an amplitude is allowed beforehand.
    largest = np.abs(values).max(axis=0, initial=0.0)[:, :, None]
    reach = patterns.max(axis=0, initial=0.0)[:, None, :]
    room: Floats = _ROOM * largest / np.maximum(reach, 1e-300) * (reach > 0)
    return np.maximum(room, 1e-100)


def _pooled(told: Floats, power: Floats, *, axis: int) -> tuple[Floats, Floats]:
    whole = np.maximum(power.sum(axis=axis), 1e-300)
    return np.maximum(told.sum(axis=axis) / whole, 0.0).T, (1 / whole).T


def _free_scale(departure: Floats, variance: Floats) -> Floats:
    # Gaussian log-likelihood of a row of departures about a mean of their own, integrated over that mean.
    weight = 1 / variance
    middle = (departure * weight).sum(axis=1, keepdims=True) / weight.sum(axis=1, keepdims=True)
    found: Floats = _normal(departure - middle, variance) - 0.5 * np.log(weight.sum(axis=1))
    return found


def _normal(departure: Floats, variance: Floats) -> Floats:
    found: Floats = -0.5 * (departure**2 / variance + np.log(variance)).sum(axis=1)
    return found
