"""Which class a section will have: all indicators' annual means inside the paths, rounded and classified as 22号 asks."""

import dataclasses
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from suizhou_geo import standards
from suizhou_geo.conventions import CLASS_LABELS, indicators
from suizhou_geo.errors import InputError
from suizhou_geo.forecast.attainment import FACT, FORECAST, NO_FORECAST
from suizhou_geo.forecast.forecaster import FEWEST_MONTHS, AttainmentForecaster
from suizhou_geo.forecast.pairs import Floats
from suizhou_geo.forecast.scenarios import attained_by, bisect_cuts, check_cut

#: Quantiles of the months to come that a fan shows: the middle, and bands of 50, 80 and 90 %.
FAN_LEVELS = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)


@dataclass(frozen=True)
class ClassPaths:
    """The annual classes of sections in every path, 0 where an item does not take part.

    ``classes`` and ``means`` have shape (section, item, path), ``used`` (section, item). ``rest`` is what the months to
    come add to a mean, 0 where less is not better; ``fans`` their quantiles at ``FAN_LEVELS``, shape (section, item,
    month, level).
    """

    sites: tuple[str, ...]
    items: tuple[str, ...]
    edition: standards.Edition
    is_lake: np.ndarray
    classes: np.ndarray
    means: Floats
    used: np.ndarray
    rest: Floats
    fans: Floats

    def with_cut(self, cut: float | Floats, *, items: Collection[str] = ()) -> "ClassPaths":
        """The same paths with ``cut`` per cent (a number, or one by path) off the months to come.

        Of ``items`` or, where that is empty, of all of which less is better.
        """
        chosen = np.array([not items or item in items for item in self.items])
        means = self.means - self.rest * chosen[:, None] * cut / 100
        classes = _classify(means, items=self.items, edition=self.edition, is_lake=self.is_lake)
        return dataclasses.replace(
            self,
            means=means,
            rest=self.rest * (1 - chosen[:, None] * cut / 100),
            classes=np.where(self.used[:, :, None], classes, 0),
        )

    @property
    def worst(self) -> np.ndarray:
        """The class of each section in each path, 0 where none of its items takes part."""
        found: np.ndarray = self.classes.max(axis=1)
        return found

    def shares(self, *, low: int = 1, high: int = 6) -> Floats:
        """Share in per cent of the sections with a class from ``low`` to ``high``, in every path; NaN without any."""
        judged = self.worst[self.used.any(axis=1)]
        if not len(judged):
            return np.full(self.worst.shape[1], np.nan)
        found: Floats = 100 * ((judged >= low) & (judged <= high)).mean(axis=0)
        return found


def draw_classes(
    data: xr.Dataset,
    *,
    year: int,
    known_months: int,
    water_bodies: Mapping[str, str] | None = None,
    n_paths: int = 1000,
    random_state: int | None = 0,
) -> ClassPaths:
    """The annual class of every section in joint paths; rule, parameters and errors as :func:`forecast_classes`.

    All sections share their draws of what a year does to all, so that shares of sections have an honest spread. Twelve
    known months give one path, the fact.
    """
    edition = standards.edition_in_force(
        "surface-water", on=pd.Timestamp(year=max(year, 2003), month=12, day=31).date()
    )
    method = standards.newest_edition("surface-water-method")
    items = tuple(
        code
        for code in standards.assessed_items(method, edition=edition)
        if code in data.data_vars and np.isfinite(data[code].to_numpy()).any()
    )
    if not items:
        raise InputError("没有可评价的水质项目", todo="至少给出高锰酸盐指数、氨氮、总磷等一项的逐月数据")
    cube = data[list(items)]
    model = AttainmentForecaster(n_paths=n_paths, random_state=random_state).fit(cube, year=year)
    sites = [str(site) for site in model.sites_]
    is_lake = np.array([(water_bodies or {}).get(site, "river") == "lake" for site in sites])
    current = model.current_year(cube)
    if known_months == 12:
        means = _mean_months(current, items)[:, :, None]
        rest, fans = np.zeros_like(means), np.empty((*means.shape[:2], 0, len(FAN_LEVELS)))
    else:
        means, rest, fans = _annual_means(model, cube, known_months=known_months)
    classes = _classify(means, items=items, edition=edition, is_lake=is_lake)
    used = _usable(model, current, known_months=known_months)
    classes = np.where(used[:, :, None], classes, 0)
    return ClassPaths(tuple(sites), items, edition, is_lake, classes, means, used, rest, fans)


def forecast_classes(
    data: xr.Dataset,
    *,
    targets: int | Mapping[str, int],
    year: int,
    known_months: int,
    water_bodies: Mapping[str, str] | None = None,
    cut: float = 0.0,
    cut_items: Collection[str] = (),
    n_paths: int = 1000,
    random_state: int | None = 0,
) -> pd.DataFrame:
    """Probability of each annual class of every section, with the known months held fixed.

    In every path the mean of each indicator is rounded (82号) and classified (GB 3838 table 1), pH by hydrogen ion;
    the worst one is the section's class. ``binding`` is the indicator that is worst most often in the paths that miss
    the target, ``binding_share`` in which part of them; ``deficit`` how many per cent its mean lies above its limit
    there, in the middle.

    Parameters
    ----------
    data
        Cube of monthly values as ``mean_cube`` gives it; variables without a limit are left out.
    targets
        Class 1–5 for all sections, or by site.
    water_bodies
        ``river`` or ``lake`` by site; a river if not named.
    cut, cut_items
        A scenario: this many per cent off every remaining month, of these indicators or, where none is named, of all
        of which less is better.

    Returns
    -------
    DataFrame
        ``site_id, year, known_months, p_class_1 … p_class_6, p_attain, target_class, likely_class, binding,
        binding_share, deficit, cut_p80, p_attain_cut, items, verdict, note``. ``cut_p80`` is the least per cent off
        the items of the scenario that attains with probability 0.8. ``attrs["roll_up"]`` counts the sections that
        attain together.

    Raises
    ------
    InputError
        No variable has a limit, a target is no class, fewer than two years of history, or a cut outside 0–100 or of
        an item that is not there.
    """
    check_cut(cut)
    paths = draw_classes(
        data,
        year=year,
        known_months=known_months,
        water_bodies=water_bodies,
        n_paths=n_paths,
        random_state=random_state,
    )
    sites, items, used, worst = paths.sites, paths.items, paths.used, paths.worst
    target = np.array([targets if isinstance(targets, int) else int(targets.get(site, 3)) for site in sites])
    if ((target < 1) | (target > 5)).any():
        raise InputError(f"目标类别 {target.max()} 不合理", why="应为 1…5（Ⅰ…Ⅴ 类）")
    table = pd.DataFrame({"site_id": sites, "year": year, "known_months": known_months})
    for number in CLASS_LABELS:
        table[f"p_class_{number}"] = (worst == number).mean(axis=1)
    missed = worst > target[:, None]
    table["p_attain"] = 1 - missed.mean(axis=1)
    table["target_class"] = target
    shares = table[[f"p_class_{number}" for number in CLASS_LABELS]].to_numpy()
    table["likely_class"] = [CLASS_LABELS[1 + place] for place in shares.argmax(axis=1)]
    table = table.assign(**_binding(paths, missed, target=target))
    table = table.assign(**_scenario(paths, target=target, cut=cut, items=cut_items))
    table["items"] = [";".join(np.array(items)[row]) for row in used]
    complete = known_months == 12
    table["verdict"] = np.where(used.any(axis=1), FACT if complete else FORECAST, NO_FORECAST)
    assumed = [not (water_bodies or {}).get(site) for site in sites]
    table["note"] = [_note(row, items, assumed=each) for row, each in zip(used, assumed, strict=True)]
    computed = [
        name for name in table.columns if name.startswith(("p_", "likely", "binding", "deficit", "cut"))
    ]
    table = table.astype(dict.fromkeys(computed, object))
    table.loc[~used.any(axis=1), computed] = None
    table.attrs |= attained_by(sites, ~missed, used.any(axis=1))
    return table


def _annual_means(
    model: AttainmentForecaster, cube: xr.Dataset, *, known_months: int
) -> tuple[Floats, Floats, Floats]:
    # Means of the year, what the months to come add to them, and quantiles of these months.
    shape = (len(model.sites_), len(model.indicators_))
    means, rest = np.empty((*shape, model.n_paths)), np.zeros((*shape, model.n_paths))
    fans = np.empty((*shape, 12 - known_months, len(FAN_LEVELS)))
    for place, (code, paths) in enumerate(model.iterate_paths(cube, known_months=known_months)):
        means[:, place] = _mean_months(paths.transpose(0, 2, 1)[:, None], (code,))[:, 0]
        coming = paths[:, known_months:]
        fans[:, place] = np.moveaxis(np.quantile(coming, FAN_LEVELS, axis=2), 0, -1)
        if indicators()[code].better == "low":
            rest[:, place] = coming.sum(axis=1) / 12
    return means, rest, fans


def _mean_months(values: Floats, items: tuple[str, ...]) -> Floats:
    # Means over the last dim; pH is averaged as hydrogen ion.
    found: Floats = values.mean(axis=-1)
    if "ph" in items:
        place = items.index("ph")
        found[:, place] = -np.log10((10.0 ** -values[:, place]).mean(axis=-1))
    return found


def _classify(
    means: Floats, *, items: tuple[str, ...], edition: standards.Edition, is_lake: np.ndarray
) -> np.ndarray:
    rounded = np.stack(
        [
            standards.round_for_assessment(means[:, place], decimals=standards.decimals_of(code))
            for place, code in enumerate(items)
        ],
        axis=-1,
    )
    by_body = {
        body: standards.class_table(edition, items=items, water_body=body).classify(rounded)
        for body in standards.WATER_BODIES
    }
    return np.where(is_lake[:, None, None], by_body["lake"], by_body["river"]).transpose(0, 2, 1)


def _usable(model: AttainmentForecaster, current: Floats, *, known_months: int) -> np.ndarray:
    # An item counts where it has two years of history and none of the known months is missing.
    found: np.ndarray = model.enough_ & np.isfinite(current[:, :, :known_months]).all(axis=2)
    return found


def _binding(paths: ClassPaths, missed: np.ndarray, *, target: np.ndarray) -> dict[str, list[object]]:
    classes, means, items, edition = paths.classes, paths.means, paths.items, paths.edition
    tables = {
        body: standards.class_table(edition, items=items, water_body=body) for body in standards.WATER_BODIES
    }
    found: dict[str, list[object]] = {"binding": [], "binding_share": [], "deficit": []}
    for site in range(len(classes)):
        failing = missed[site]
        over = (classes[site] > target[site])[:, failing] & (classes[site] == classes[site].max(axis=0))[
            :, failing
        ]
        if not failing.any():
            for name, blank in (("binding", ""), ("binding_share", np.nan), ("deficit", np.nan)):
                found[name].append(blank)
            continue
        shares = over.mean(axis=1)
        place = int(shares.argmax())
        table = tables["lake" if paths.is_lake[site] else "river"]
        limit = table.high[place, target[site] - 1]
        worst = means[site, place][failing][over[place]]
        found["binding"].append(items[place])
        found["binding_share"].append(float(shares[place]))
        found["deficit"].append(float(np.median(worst / limit - 1)) * 100 if np.isfinite(limit) else np.nan)
    return found


def _scenario(
    paths: ClassPaths, *, target: np.ndarray, cut: float, items: Collection[str]
) -> dict[str, object]:
    unknown = sorted(set(items) - set(paths.items))
    if unknown:
        raise InputError(
            f"情景中的 {'、'.join(unknown)} 不参评",
            why=f"参评：{'、'.join(paths.items)}",
            todo="改正 --cut-items",
        )

    def chances(per_cent: Floats | float) -> Floats:
        cuts = np.broadcast_to(np.asarray(per_cent, dtype=float), len(target))
        found: Floats = (paths.with_cut(cuts[:, None, None], items=items).worst <= target[:, None]).mean(
            axis=1
        )
        return found

    return {"cut_p80": bisect_cuts(chances, size=len(target)), "p_attain_cut": chances(cut)}


def _note(used: np.ndarray, items: tuple[str, ...], *, assumed: bool) -> str:
    if not used.any():
        return f"没有一个项目有 {FEWEST_MONTHS} 个月的历史且已知月份齐全"
    left_out = [code for code, is_used in zip(items, used, strict=True) if not is_used]
    told = [
        f"未参评（历史或已知月份不足）：{'、'.join(left_out)}" if left_out else "",
        "未给水体类型，按河流评价" if assumed else "",
    ]
    return "；".join(filter(None, told))
