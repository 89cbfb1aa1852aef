"""GB/T 8170 rounding (数值修约规则): half to even, once, on the decimal value."""

from decimal import ROUND_HALF_EVEN, Context, Decimal

import numpy as np
import numpy.typing as npt

from suizhou_geo.errors import InputError

Floats = npt.NDArray[np.float64]

#: Significant digits of a value: more than any monitoring value has, fewer than the noise of a mean in binary.
DIGITS = 12

#: Wide enough for the decimals of any double.
_WIDE = Context(prec=400, rounding=ROUND_HALF_EVEN)


def round_half_even(values: npt.ArrayLike, *, decimals: int) -> Floats:
    """Values rounded to ``decimals`` places, half to even, as GB/T 8170-2008 3.2 asks.

    The decimal value is rounded, not the binary one: 0.15 is taken as 0.15. NaN stays NaN; the shape is kept.

    >>> round_half_even([0.0034, 0.0035, 0.0045, 2.675], decimals=3).tolist()
    [0.003, 0.004, 0.004, 2.675]
    >>> round_half_even([0.15, 0.25], decimals=1).tolist()
    [0.2, 0.2]
    """
    array = np.asarray(values, dtype=np.float64)
    scale = 10.0**decimals
    finite = np.isfinite(array)
    scaled = np.where(finite, array, 0.0) * scale
    nearest = np.rint(scaled)
    # Only where the scaled value lies next to a half can binary and decimal rounding differ: those are looked at
    # again. The bound is far above the error of one multiplication.
    distance = np.abs(np.abs(scaled - np.trunc(scaled)) - 0.5)
    near_half = distance <= 1e-6 * np.maximum(1.0, np.abs(scaled) * 1e-6)
    rounded: Floats = np.where(finite, nearest / scale, array)
    if near_half.any():
        rounded[near_half] = _round_near_half(array[near_half], decimals=decimals)
    return rounded


def _round_near_half(values: Floats, *, decimals: int) -> Floats:
    # A value is its decimal text of DIGITS significant digits. Closer to a half than that text can tell, it is that
    # half, and the even neighbour is taken; otherwise it is not a half at all.
    scale = 10.0**decimals
    scaled = values * scale
    below = np.floor(scaled)
    last_digit = scale * 10.0 ** (np.floor(np.log10(np.abs(values))) - (DIGITS - 1))
    is_half = np.abs(scaled - below - 0.5) < last_digit / 2
    even: Floats = below + below % 2
    rounded: Floats = np.where(is_half, even, np.rint(scaled)) / scale
    # So large that the text ends before the wanted decimals: as decimals, one by one.
    coarse = last_digit >= 0.5
    if coarse.any():
        rounded[coarse] = [_round_decimal(value, decimals) for value in values[coarse]]
    return rounded


def round_for_assessment(values: npt.ArrayLike, *, decimals: int) -> Floats:
    """As :func:`round_half_even`, but a value that would become 0 keeps one significant digit (82号).

    >>> round_for_assessment([0.00005, 0.0034, 0.0], decimals=3).tolist()
    [5e-05, 0.003, 0.0]
    """
    array = np.asarray(values, dtype=np.float64)
    rounded = round_half_even(array, decimals=decimals)
    vanished = (rounded == 0) & (array != 0)
    if vanished.any():
        rounded[vanished] = [_one_digit(value) for value in array[vanished]]
    return rounded


def percentages(
    counts: npt.ArrayLike, *, total: float | None = None, decimals: int = 1, adjust: bool = False
) -> Floats:
    """Shares of ``counts`` in their total, in per cent, each rounded half to even (GB/T 8170).

    With ``adjust`` the rounded shares add up to exactly 100: all are cut off and what is left goes, one last digit
    each, to those with the largest remainders. Bulletins print such tables without saying so; both forms are
    offered and the plain one is the default. ``counts`` is one-dimensional; the sum is the total unless given.

    >>> percentages([49, 9, 6, 19]).tolist()
    [59.0, 10.8, 7.2, 22.9]
    >>> percentages([49, 9, 6, 19], adjust=True).tolist()
    [59.0, 10.9, 7.2, 22.9]

    Raises ``InputError`` when the counts have no positive total, or do not make up the total they are adjusted to.
    """
    array = np.asarray(counts, dtype=np.float64)
    whole = float(array.sum()) if total is None else float(total)
    if not whole > 0:
        raise InputError("总数为 0，无法计算百分比", todo="核对个数")
    shares = 100 * array / whole
    if not adjust:
        return round_half_even(shares, decimals=decimals)
    if not np.isclose(array.sum(), whole):
        raise InputError(
            f"各项之和 {array.sum():g} 不等于总数 {whole:g}", todo="合计强制为 100 时须给出全部各项"
        )
    scale = 10**decimals
    # A share that is whole at this precision must not lose a digit to the noise of the division.
    units = np.floor(shares * scale + 1e-9)
    left = round(100 * scale - units.sum())
    largest = np.argsort(-(shares * scale - units), kind="stable")[:left]
    units[largest] += 1
    adjusted: Floats = units / scale
    return adjusted


def _round_decimal(value: float, decimals: int) -> float:
    return float(_decimal(value).quantize(Decimal(1).scaleb(-decimals), context=_WIDE))


def _one_digit(value: float) -> float:
    exact = _decimal(value)
    return float(exact.quantize(Decimal(1).scaleb(exact.adjusted()), rounding=ROUND_HALF_EVEN))


def _decimal(value: float) -> Decimal:
    return Decimal(f"{value:.{DIGITS}g}")
