"""Joint sample paths of a year: the known months as they are, the others drawn from how wrong we were before."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from suizhou_geo.errors import InputError
from suizhou_geo.forecast.members import LEVEL_GAINS, MEMBERS, fit_season, predict_level_season
from suizhou_geo.forecast.pairs import Floats

#: Half of a member's weight is fixed, half goes by its past errors: few years cannot tell members apart for certain.
_FIXED_PART = 0.5

#: A member twice as good by its past CRPS has sixteen times the weight in the half that goes by it.
_SHARPNESS = 4

#: Years of own errors that count as much as the errors of all series together.
_YEARS_OF_POOL = 12.0

#: Past errors are a little smaller than coming ones, as the members' weights were chosen on them.
_SELECTION = 1.03

#: A year in which fewer series than this part of the best year are complete says nothing about what all had in common.
_FEWEST_SHARE = 0.25

#: From so many donors on errors are drawn as they were; fewer are spread by a normal factor, or paths would repeat.
_MANY_DONORS = 20


@dataclass(frozen=True)
class Errors:
    """Past errors of the combined prediction at one number of known months.

    ``vectors`` (year, series, month), 0 in the known months; ``complete`` (year, series): all their months are known.
    """

    vectors: Floats
    complete: npt.NDArray[np.bool_]
    weights: dict[str, float]


class Past:
    """The years of a history, each seen from the years before it: shape (series, year, month), two years or more.

    ``by_weather`` (series, year, month), with one year more, is what the weather explains of each month; a member then
    follows the level that usual weather would have shown.
    """

    def __init__(self, history: Floats, *, by_weather: Floats | None = None) -> None:
        self.truth = history[:, 1:].transpose(1, 0, 2)
        upto = range(1, history.shape[1] + 1)
        self.seasons = [fit_season(history[:, :year]) for year in upto]
        self.by_weather = by_weather
        self.usual_seasons = (
            []
            if by_weather is None
            else [fit_season(history[:, :year] - by_weather[:, :year]) for year in upto]
        )
        self.common_size = self._common_size()

    def errors(self, known_months: int) -> Errors:
        """What the members would have got wrong in every year but the first, each from the years before it alone."""
        rest = np.arange(12) >= known_months
        seen = np.where(rest, np.nan, self.truth)
        years = [
            self._predictions(place, months, known_months=known_months) for place, months in enumerate(seen)
        ]
        predicted = {name: np.stack([each[name] for each in years]) for name in years[0]}
        weights = _weights({name: (self.truth - each)[..., rest] for name, each in predicted.items()})
        errors = self.truth - np.sum([weights[name] * each for name, each in predicted.items()], axis=0)
        complete = np.isfinite(errors[..., rest]).all(axis=-1)
        return Errors(np.where(rest & np.isfinite(errors), errors, 0.0), complete, weights)

    def predict(self, current: Floats, *, known_months: int, weights: dict[str, float]) -> Floats:
        """The weighted mean of the members' months of the coming year, shape (series, month)."""
        predicted = self._predictions(len(self.seasons) - 1, current, known_months=known_months)
        found: Floats = np.sum([weight * predicted[name] for name, weight in weights.items()], axis=0)
        return found

    def _predictions(self, place: int, current: Floats, *, known_months: int) -> dict[str, Floats]:
        # What each member says of the year after the first place + 1 of the history.
        found = {
            name: member(self.seasons[place], current, known_months=known_months)
            for name, member in MEMBERS.items()
        }
        if self.by_weather is not None:
            usual = current - self.by_weather[:, place + 1]
            found |= {
                f"weather_{gain:g}": predict_level_season(
                    self.usual_seasons[place], usual, known_months=known_months, gain=gain
                )
                for gain in LEVEL_GAINS[-2:]
            }
        return found

    def _common_size(self) -> float:
        """Standard deviation of what a year does to all series, were its months to move as one.

        One year at one number of known months shows it by chance large or small; all twelve numbers together give
        one figure, by how such an effect thins out in the mean of more months.
        """
        sizes = []
        for known_months in range(12):
            errors = self.errors(known_months)
            counts = errors.complete.sum(axis=1)
            mean = np.where(errors.complete[..., None], errors.vectors, 0.0).sum(axis=(1, 2))
            mean = mean / np.maximum(counts, 1) / (12 - known_months)
            sizes += (mean[_telling(counts)] ** 2 / _thinned(known_months)).tolist()
        # One series has nothing in common with others: its errors are its own.
        return float(np.sqrt(np.mean(sizes))) if sizes and self.truth.shape[1] > 1 else 0.0


def sample_year(
    past: Past, current: Floats, *, known_months: int, n_paths: int, random: np.random.Generator
) -> Floats:
    """Paths of the months of a year, shape (series, month, path).

    Months before ``known_months`` are those of ``current``, in every path. The others are the weighted members, plus
    what a year does to all series at once, plus an error vector of a series' own from the past. In a part of the
    paths that grows with the years all series keep their own errors of one year, so that neighbours stay together;
    in the others donors are drawn. Errors enter with either sign, as one or two years do not tell bias from chance.
    Two calls with equal generators draw the same years, donors and signs: what goes together stays together.

    Parameters
    ----------
    current
        Shape (series, month); what lies at or after ``known_months`` is never looked at.

    Raises
    ------
    InputError
        There is no year with its months known to learn errors from.
    """
    series = len(current)
    year_draw, donors = random.random(n_paths), random.random((series, n_paths))
    common_factor, own_draw = random.standard_normal(n_paths), random.random(n_paths)
    sign, shared_sign = _signs(random, (series, n_paths)), _signs(random, n_paths)
    normal = random.standard_normal((series, n_paths))
    months = np.where(np.arange(12) < known_months, current, np.nan)
    errors = past.errors(known_months)
    telling = _telling(errors.complete.sum(axis=1))
    pool = np.argwhere(errors.complete & np.isin(np.arange(len(errors.complete)), telling)[:, None])
    if not len(pool):
        raise InputError("没有一年的月份是齐全的，无法得知误差", todo="补充历史数据，每年十二个月")
    by_years = _by_years_before(len(errors.vectors), known_months)
    single = (errors.vectors - _common(errors)[:, None, :]) * by_years[:, None, None]
    year_of = telling[(year_draw * len(telling)).astype(np.intp)]
    drawn = pool[(donors * len(pool)).astype(np.intp)]
    factor = sign if len(pool) >= _MANY_DONORS else normal
    others = single[drawn[..., 0], drawn[..., 1]] * factor[..., None]
    mine = single[year_of].transpose(1, 0, 2) * shared_sign[None, :, None]
    keeps = (own_draw < len(telling) / (len(telling) + _YEARS_OF_POOL))[None, :] & errors.complete[year_of].T
    scale = _SELECTION * _own_scale(errors, single)
    noise = np.where(keeps[..., None], mine, others) * scale[:, None, None]
    shared = common_factor * past.common_size * np.sqrt(_thinned(known_months))
    predicted = past.predict(months, known_months=known_months, weights=errors.weights)
    paths: Floats = (predicted[:, None, :] + noise + shared[None, :, None]).transpose(0, 2, 1)
    return np.where(np.isfinite(months)[:, :, None], months[:, :, None], paths)


def _by_years_before(years: int, known_months: int) -> Floats:
    # A season from one year errs more than one from several: by 1 + 1/n in the variance. Over a whole year these
    # errors cancel; in the last months they are most of what is left.
    before = np.arange(1, years + 1)
    found: Floats = ((1 + 1 / (years + 1)) / (1 + 1 / before)) ** (0.42 * known_months / 11)
    return found


def _thinned(known_months: int) -> float:
    # The variance of the mean of the remaining months, of which half moves as one and half month by month.
    return 0.5 + 0.5 / (12 - known_months)


def _telling(counts: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    return np.flatnonzero(counts >= max(1.0, _FEWEST_SHARE * counts.max(initial=0)))


def _weights(errors: dict[str, Floats]) -> dict[str, float]:
    # The mean of the remaining months is what decides a year, so its CRPS is what a member is weighed by.
    scores = {name: _crps_of_errors(each.mean(axis=-1)) for name, each in errors.items()}
    shares = {
        name: max(score, 1e-6) ** -_SHARPNESS if np.isfinite(score) else 0.0 for name, score in scores.items()
    }
    total = sum(shares.values())
    return {
        name: _FIXED_PART / len(shares) + (1 - _FIXED_PART) * (share / total if total else 1 / len(shares))
        for name, share in shares.items()
    }


def _crps_of_errors(errors: Floats) -> float:
    # Mean CRPS of a prediction whose errors are drawn from these with either sign: half the mean distance of two of
    # them, which is half the mean of the larger of two absolute errors.
    sizes = np.sort(np.abs(errors[np.isfinite(errors)]))
    if not len(sizes):
        return float("nan")
    ranks = 2 * np.arange(1, len(sizes) + 1) - 1
    return float((ranks @ sizes) / len(sizes) ** 2 / 2)


def _common(errors: Errors) -> Floats:
    # What a year did to all series, shape (year, month); one series has nothing in common with others.
    count = errors.complete.sum(axis=1)[:, None]
    sums = np.where(errors.complete[..., None], errors.vectors, 0.0).sum(axis=1)
    found: Floats = np.where(count > 1, sums / np.maximum(count, 1), 0.0)
    return found


def _own_scale(errors: Errors, single: Floats) -> Floats:
    # The size of a series' own errors beside those of all, drawn towards 1 as few years show it.
    squares: Floats = np.where(errors.complete, (single**2).mean(axis=2), 0.0)
    years = errors.complete.sum(axis=0)
    pool = float(squares.sum() / max(years.sum(), 1))
    total: Floats = squares.sum(axis=0) + _YEARS_OF_POOL * pool
    scale: Floats = np.sqrt(total / (years + _YEARS_OF_POOL) / max(pool, 1e-300))
    return scale


def _signs(random: np.random.Generator, shape: int | tuple[int, ...]) -> Floats:
    return np.where(random.random(shape) < 0.5, -1.0, 1.0)
