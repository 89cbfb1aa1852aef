"""Synthetic monitoring series: seasons, trend, dependence between sites and items, gaps, values below detection."""

import numpy as np
import pandas as pd

YEARS = range(2016, 2022)

#: Header, typical value, spread of the logarithm, swing of the season (summer high is positive), change a year,
#: decimals, detection limit.
WATER_ITEMS = {
    "高锰酸盐指数(mg/L)": (3.6, 0.14, 0.12, -0.02, 1, 0.5),
    "化学需氧量(mg/L)": (13.0, 0.14, 0.08, -0.02, 0, 4),
    "五日生化需氧量(mg/L)": (2.2, 0.18, 0.05, -0.02, 1, 0.5),
    "氨氮(mg/L)": (0.30, 0.34, -0.22, -0.06, 3, 0.025),
    "总磷(mg/L)": (0.085, 0.22, 0.12, -0.05, 3, 0.01),
    "总氮(mg/L)": (1.9, 0.20, -0.10, -0.02, 2, 0.05),
    "氟化物(mg/L)": (0.32, 0.12, 0.0, 0.0, 2, 0.05),
}

#: How much worse than typical some sections are: the trouble that a page must show.
TROUBLE = {
    "厉山": {"总磷(mg/L)": 2.9, "氨氮(mg/L)": 2.2},
    "演示断面·应山河": {"氨氮(mg/L)": 5.2, "总磷(mg/L)": 1.6},
    "演示断面·广水河下": {"总磷(mg/L)": 2.6},
    "平林": {"氨氮(mg/L)": 2.6},
    "演示断面·浪河": {"高锰酸盐指数(mg/L)": 1.75},
    "演示断面·漂水": {"总磷(mg/L)": 0.6},
}
LAKE = {"总磷(mg/L)": 0.40, "氨氮(mg/L)": 0.5, "总氮(mg/L)": 0.5, "高锰酸盐指数(mg/L)": 0.9}

#: Annual means of PM2.5 near the published or archived ones of Suizhou; everything else follows from them.
PM2_5 = {2016: 55.7, 2017: 51.0, 2018: 46.0, 2019: 42.0, 2020: 35.0, 2021: 36.0}


def make_water(random, sections):
    """One wide table per year: a row per section and month."""
    months = pd.period_range("2016-01", "2021-12", freq="M")
    season = np.cos(2 * np.pi * (months.month - 7) / 12)
    common = {item: _red_noise(random, len(months), 0.5) for item in WATER_ITEMS}
    rivers = {river: {item: _red_noise(random, len(months), 0.4) for item in WATER_ITEMS} for river in sections["river"].unique()}
    tables = [_section(random, row, months, season, common, rivers[row["river"]]) for _, row in sections.iterrows()]
    whole = pd.concat(tables).sort_values(["监测时间", "断面编号"], kind="stable")
    return {year: whole[whole["监测时间"].str.startswith(str(year))] for year in YEARS}


def make_air(random, stations):
    """One table per year: a row per station and day."""
    days = pd.date_range("2016-01-01", "2021-12-31")
    winter = np.cos(2 * np.pi * (days.dayofyear - 15) / 365.25).to_numpy()
    weather = _red_noise(random, len(days), 0.75)
    level = np.array([PM2_5[year] for year in days.year])
    fine = level * np.exp(0.42 * winter + 0.48 * weather)
    for year in YEARS:
        here = days.year == year
        fine[here] *= PM2_5[year] / fine[here].mean()
    heat = -winter
    clear = -0.35 * weather + _red_noise(random, len(days), 0.6)
    tables = []
    for _, station in stations.iterrows():
        def own(spread):
            return np.exp(random.normal(0, spread, len(days)))

        years = days.year.to_numpy() - 2016
        table = pd.DataFrame({
            "站点编码": station["site_id"], "站点名称": station["site_name"], "日期": days.strftime("%Y-%m-%d"),
            "SO2(μg/m³)": np.rint(np.clip((11.5 - years) * np.exp(0.25 * winter + 0.15 * weather) * own(0.15), 2, None)).astype(int),
            "NO2(μg/m³)": np.rint(np.clip((25 - 1.4 * years) * np.exp(0.3 * winter + 0.2 * weather) * own(0.12), 3, None)).astype(int),
            "CO(mg/m³)": np.round(np.clip((1.05 - 0.04 * years) * np.exp(0.15 * winter + 0.15 * weather) * own(0.08), 0.2, None), 1),
            "O3_8h(μg/m³)": np.rint(np.clip((88 + 38 * heat) * np.exp(0.26 * clear) * own(0.05), 5, None)).astype(int),
            "PM10(μg/m³)": np.rint(fine * 1.58 * own(0.10)).astype(int),
            "PM2.5(μg/m³)": np.rint(fine * own(0.07)).astype(int),
        })
        gaps = random.random(len(days)) < 0.012
        values = [name for name in table.columns if "m³" in name]
        table = table.astype(dict.fromkeys(values, str))
        table.loc[gaps, values] = "--"
        tables.append(table.assign(数据说明="演示数据"))
    whole = pd.concat(tables).sort_values(["日期", "站点编码"], kind="stable")
    return {year: whole[whole["日期"].str.startswith(str(year))] for year in YEARS}


def _section(random, site, months, season, common, river):
    lake = site["water_body"] == "lake"
    years = (months.year - 2016 + (months.month - 1) / 12).to_numpy()
    columns = {"断面编号": site["site_id"], "断面名称": site["site_name"], "监测时间": months.strftime("%Y-%m")}
    temperature = 17 + 10 * season + random.normal(0, 1.2, len(months))
    columns["水温(℃)"] = [f"{value:.1f}" for value in temperature]
    columns["pH(无量纲)"] = [f"{value:.2f}" for value in 7.7 + 0.25 * random.standard_normal(len(months))]
    oxygen = 468 / (31.6 + temperature) * np.exp(random.normal(-0.05, 0.06, len(months)))
    columns["溶解氧(mg/L)"] = [f"{value:.1f}" for value in oxygen]
    for item, (typical, spread, swing, change, decimals, limit) in WATER_ITEMS.items():
        factor = TROUBLE.get(site["site_name"], {}).get(item, 1.0) * (LAKE.get(item, 1.0) if lake else 1.0)
        own = random.standard_normal(len(months))
        noise = spread * (0.5 * common[item] + 0.6 * river[item] + 0.6 * own)
        values = typical * factor * np.exp(noise + swing * season + change * years)
        columns[item] = [f"{limit}L" if value < limit else f"{value:.{decimals}f}" for value in values]
    if lake:
        columns["叶绿素a(mg/L)"] = [f"{value:.4f}" for value in 0.006 * np.exp(0.4 * season + random.normal(0, 0.3, len(months)))]
        columns["透明度(m)"] = [f"{value:.2f}" for value in 1.5 * np.exp(-0.15 * season + random.normal(0, 0.12, len(months)))]
    else:
        columns["叶绿素a(mg/L)"] = columns["透明度(m)"] = "*"
    table = pd.DataFrame(columns)
    silent = random.random(len(months)) < 0.008
    table.loc[silent, list(WATER_ITEMS)] = "--"
    return table.assign(数据说明="演示数据")


def _red_noise(random, length, memory):
    noise = random.standard_normal(length)
    for step in range(1, length):
        noise[step] = memory * noise[step - 1] + np.sqrt(1 - memory**2) * noise[step]
    return noise
