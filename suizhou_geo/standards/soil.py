"""Risk screening and intervention values of soil as arrays, read from the tables of an edition."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from suizhou_geo.errors import InputError
from suizhou_geo.standards.catalogue import Edition, editions_of, read_table
from suizhou_geo.standards.rounding import Floats

AGRICULTURAL, CONSTRUCTION = "soil-agricultural", "soil-construction"


@dataclass(frozen=True)
class SoilLimits:
    """Values of one use of land: ``screening`` and ``intervention`` have shape (item, band), NaN where there is none.

    ``upper`` are the upper ends of the pH bands (each included); construction land has one band for every pH.
    ``clauses`` name the table of each item; ``background`` marks items that may lie above by nature.
    """

    edition: Edition
    use: str
    items: tuple[str, ...]
    screening: Floats
    intervention: Floats
    upper: Floats
    clauses: tuple[str, ...]
    background: tuple[bool, ...]

    def band_of(self, ph: npt.ArrayLike) -> npt.NDArray[np.intp]:
        """The band of every pH; −1 where it is not known and the bands differ.

        >>> soil_limits("paddy").band_of([5.5, 5.51, 8.0, float("nan")]).tolist()
        [0, 1, 3, -1]
        """
        values = np.asarray(ph, dtype=np.float64)
        if len(self.upper) == 1:
            return np.zeros(values.shape, dtype=np.intp)
        return np.where(np.isnan(values), -1, np.searchsorted(self.upper, values, side="left"))

    def levels_of(self, values: npt.ArrayLike, *, item: str) -> npt.NDArray[np.int8]:
        """The level of every value in every band, shape (value, band): 1 ≤ screening, 2 above it, 3 > intervention.

        Equality passes. An item without an intervention value never reaches level 3.

        >>> soil_limits("paddy").levels_of([0.3, 0.31, 1.6], item="cd")[:, 0].tolist()
        [1, 2, 3]
        """
        place = self.items.index(item)
        array = np.asarray(values, dtype=np.float64)[..., None]
        levels = 1 + (array > self.screening[place]).astype(np.int8) + (array > self.intervention[place])
        found: npt.NDArray[np.int8] = levels.astype(np.int8)
        return found


def soil_uses() -> dict[str, str]:
    """The uses of land that can be judged, and the family of standards that holds each.

    >>> soil_uses()
    {'paddy': 'soil-agricultural', 'other': 'soil-agricultural', 'orchard': 'soil-agricultural', 'rotation': 'soil-agricultural', 'class1': 'soil-construction', 'class2': 'soil-construction'}
    """
    return {
        use: family
        for family in (AGRICULTURAL, CONSTRUCTION)
        for use in read_table(editions_of(family)[-1], name="uses")["use"]
    }


def soil_limits(use: str, *, edition: Edition | None = None) -> SoilLimits:
    """The values of a use of land, of the newest edition unless one is given.

    Agricultural land (GB 15618): by pH band and use; rotation takes the stricter of paddy and other, an orchard its
    own value for copper and those of other land else. Construction land (GB 36600): by class.

    Raises ``InputError`` naming the known uses, or when the edition does not hold this use.
    """
    uses = soil_uses()
    if use not in uses:
        raise InputError(
            f"土地用途“{use}”未知", why=f"可选：{'、'.join(uses)}", todo="规划用途不明的建设用地用 class1"
        )
    chosen = edition or editions_of(uses[use])[-1]
    if chosen.family != uses[use]:
        raise InputError(
            f"{chosen.number} 不用于 {use}",
            why=f"它属于 {chosen.family}",
            todo="改用对应的土壤标准，或改正用途",
        )
    return _agricultural(chosen, use) if chosen.family == AGRICULTURAL else _construction(chosen, use)


def _agricultural(edition: Edition, use: str) -> SoilLimits:
    bands = read_table(edition, name="bands")
    upper = pd.to_numeric(bands["up_to"].replace("", "inf")).to_numpy(dtype=float)
    lands = read_table(edition, name="uses").set_index("use").at[use, "lands"].split()
    screening, intervention = (read_table(edition, name=name) for name in ("table1", "table3"))
    fixed = read_table(edition, name="table2").set_index("indicator")["screening"].astype(float)
    rows = {
        item: _stricter(screening[screening["indicator"] == item], lands, bands["band"])
        for item in screening["indicator"].unique()
    }
    rows |= {item: np.full(len(upper), value) for item, value in fixed.items()}
    limits = {
        row["indicator"]: row[bands["band"]].to_numpy(dtype=float) for _, row in intervention.iterrows()
    }
    items = tuple(rows)
    clauses = [edition.table("table2" if item in fixed.index else "table1").clause for item in items]
    return SoilLimits(
        edition,
        use,
        items,
        np.array([rows[item] for item in items]),
        np.array([limits.get(item, np.full(len(upper), np.nan)) for item in items]),
        upper,
        tuple(
            f"{clause}、{edition.table('table3').clause}" if item in limits else clause
            for item, clause in zip(items, clauses, strict=True)
        ),
        (False,) * len(items),
    )


def _stricter(rows: pd.DataFrame, lands: list[str], bands: pd.Series) -> Floats:
    # The first land of the use that the item has a row for; rotation names two and takes the smaller.
    values = rows.set_index("land")[list(bands)].astype(float)
    if "" in values.index:
        single: Floats = values.loc[""].to_numpy()
        return single
    known = [land for land in lands if land in values.index]
    if set(known) == {"orchard", "other"}:
        known = ["orchard"]
    # An item with no row for paddy fields (copper) has one for all other land.
    found: Floats = values.loc[known or ["other"]].min().to_numpy()
    return found


def _construction(edition: Edition, use: str) -> SoilLimits:
    parts = [
        read_table(edition, name=name).assign(clause=edition.table(name).clause)
        for name in ("table1", "table2")
    ]
    rows = pd.concat(parts, ignore_index=True)
    return SoilLimits(
        edition,
        use,
        tuple(rows["indicator"]),
        rows[[f"screening_{use}"]].to_numpy(dtype=float),
        rows[[f"intervention_{use}"]].to_numpy(dtype=float),
        np.array([np.inf]),
        tuple(rows["clause"]),
        tuple(rows["background"] == "yes"),
    )
