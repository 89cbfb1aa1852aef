"""Quantities the plan asks for that are no rates: falls of intensities, CO2, inspections, categories of waste units."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, inf

import pandas as pd

from suizhou_geo import standards
from suizhou_geo.errors import InputError, UnknownNameError


def intensity_cut(*, amount: float, output: float, base_amount: float, base_output: float) -> float:
    """Fall of an intensity (CO2 or energy per GDP at constant prices) against the base year, in per cent.

    >>> round(intensity_cut(amount=95, output=120, base_amount=100, base_output=100), 2)
    20.83

    Raises ``InputError`` when an output or the base amount is not positive.
    """
    if min(output, base_output, base_amount) <= 0 or amount < 0:
        raise InputError("强度的分母和基年数量须为正", todo="核对地区生产总值（不变价）和排放量、能耗")
    return 100 * (1 - (amount / output) / (base_amount / base_output))


@dataclass(frozen=True)
class Estimate:
    """A quantity computed by factors, and how sure they are."""

    value: float
    unit: str
    source: str
    verified: str


def carbon_dioxide(fuels: Mapping[str, float]) -> Estimate:
    """CO2 of fuels in tonnes of standard coal, with how sure the factors are (``standards show goals-2021``).

    Power from outside the city is not in it: its factor is set each year and must be added by the caller.

    >>> found = carbon_dioxide({"coal": 100, "gas": 10})
    >>> found.value, found.unit, found.verified
    (281.6, '吨 CO2', 'unverified')

    Raises ``UnknownNameError`` for a fuel without a factor, ``InputError`` for an amount below zero or no number.
    """
    edition = standards.newest_edition("plan-goals")
    factors = standards.read_table(edition, name="carbon_factors").set_index("fuel")["factor"].astype(float)
    unknown = sorted(set(fuels) - set(factors.index))
    if unknown:
        raise UnknownNameError(f"没有燃料“{unknown[0]}”的系数", why=f"已有：{'、'.join(factors.index)}")
    wrong = [fuel for fuel, amount in fuels.items() if not 0 <= amount < inf]
    if wrong:
        raise InputError(f"{wrong[0]} 的数量“{fuels[wrong[0]]}”不合理", todo="改为不小于 0 的吨标准煤数")
    total = sum(factors[fuel] * amount for fuel, amount in fuels.items())
    source = edition.table("carbon_factors")
    return Estimate(round(float(total), 9), "吨 CO2", f"{source.title}，{source.clause}", source.verified)


def inspection_visits(*, key_units: int, general_units: int, general_share: float = 0.5) -> int:
    """Units to be inspected: every key one and a share of the general ones, rounded up.

    >>> inspection_visits(key_units=19, general_units=42)
    40
    """
    if min(key_units, general_units) < 0 or not 0 <= general_share <= 1:
        raise InputError("单位数不能为负，比例应在 0 与 1 之间", todo="核对数量")
    return key_units + ceil(round(general_units * general_share, 9))


def classify_waste_unit(
    tonnes: float, *, own_facility: bool = False, licence: bool = False, year: int | None = None
) -> pd.Series:
    """Category, reports and due dates of a unit that makes hazardous waste (HJ 1259-2022 4.2): key, simplified, registered.

    ``tonnes`` is the annual amount: the largest of the last three years. Own facilities for use or disposal, and an
    operating licence, make a unit a key one whatever its amount.

    >>> classify_waste_unit(10)["category"], classify_waste_unit(3, licence=True)["category"]
    ('simplified', 'key')
    """
    if not tonnes >= 0:
        raise InputError(f"危险废物年产生量“{tonnes}”不合理", todo="核对吨数")
    edition = standards.newest_edition("hazardous-waste")
    if year is not None and year < edition.effective_from.year:
        raise InputError(f"{year} 年 {edition.number} 尚未施行", why=f"{edition.effective_from} 起施行")
    units = standards.read_table(edition, name="units")
    least = units["minimum_tonnes"].astype(float)
    chosen = units.iloc[0] if own_facility or licence else units[tonnes >= least].iloc[0]
    return pd.Series(
        {**chosen.drop("minimum_tonnes").to_dict(), "standard": edition.id, "clause": f"{edition.number} 4.2"}
    )
