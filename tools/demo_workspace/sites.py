"""Points of the demonstration workspace: named public places at approximate positions, and synthetic ones."""

import numpy as np
import pandas as pd
import shapely

from tools.demo_workspace.shapes import DECIMALS

BULLETIN = "随州市环境质量公报 2013（chinagate.cn 2014-07-25 转载）"
PLATFORM = "国家地表水水质自动监测实时数据发布系统，2020–2021 年记录"
PLAN = "随州市生态环境局《2021 年生态环境工作要点》，2021-04-12"
SCRIPT = "tools/make_demo_workspace.py"

#: Name, river, water body, longitude, latitude, who published the name, date of that publication.
SECTIONS = [
    ("厉山", "厥水", "river", 113.255, 31.850, PLATFORM, "2021-04-05"),
    ("平林", "涢水", "river", 113.572, 31.485, PLATFORM, "2021-04-05"),
    ("涢水大桥", "涢水", "river", 113.385, 31.690, PLATFORM, "2021-04-05"),
    ("王福窑", "㵐水", "river", 113.340, 31.655, BULLETIN, "2014-07-25"),
    ("洪山镇", "㵐水", "river", 113.080, 31.575, BULLETIN, "2014-07-25"),
    ("魏家畈", "涢水", "river", 113.515, 31.600, BULLETIN, "2014-07-25"),
    ("先觉庙水库", "漂水", "lake", 113.580, 31.880, BULLETIN, "2014-07-25"),
    ("徐家河水库", "徐家河", "lake", 113.672, 31.555, BULLETIN, "2014-07-25"),
    ("自来水厂上", "厥水", "river", 113.330, 31.770, BULLETIN, "2014-07-25"),
]
MADE_SECTIONS = [
    ("演示断面·溠水", "溠水", 113.03, 31.90), ("演示断面·漂水", "漂水", 113.53, 32.08),
    ("演示断面·浪河", "浪河", 113.44, 31.50), ("演示断面·应山河", "应山河", 113.83, 31.66),
    ("演示断面·广水河上", "广水河", 114.00, 31.86), ("演示断面·广水河下", "广水河", 113.87, 31.50),
]
STATIONS = [("2451A", "市委党校", 113.3583, 31.7275), ("2452A", "市林业局", 113.3833, 31.6908), ("2453A", "市立交桥水厂", 113.3983, 31.7308)]
INTAKES = [("先觉庙水厂", 113.575, 31.868, "先觉庙水库"), ("封江水厂", 113.02, 31.90, "封江水库")]
#: Name, type, task, longitude, latitude, note. The plan names them; none publishes a coordinate.
NAMED_SOURCES = [
    ("张家楼尾矿库（随县卸甲沟金矿）", "tailings", "T10", 113.36, 31.97, "尚市镇；点位为乡镇级约数"),
    ("湖北双鑫矿业尾矿库", "tailings", "T10", 113.10, 32.12, "仅知在随州市，点位为示意"),
    ("湖北麒臻能源", "waste", "T09", 113.42, 31.72, "铅蓄电池收集转运点；点位为示意"),
    ("骆驼集团贸易", "waste", "T09", 113.36, 31.74, "铅蓄电池收集转运点；点位为示意"),
    ("湖北新成皮件", "metal", "T10", 113.44, 31.70, "涉铬企业；点位为示意"),
    ("随州运城制版科技", "metal", "T10", 113.40, 31.66, "涉铬企业；点位为示意"),
    ("湖北小苗环保科技", "waste", "T10", 113.47, 31.63, "废塑料企业；点位为示意"),
]
PROJECTS = [
    ("浪河入河口水质微站", "T07", "浪河", 113.545, 31.513, PLAN), ("平林市村黄家坝渠入河口水质微站", "T07", "涢水", 113.575, 31.470, PLAN),
]
TOWNS = [(113.38, 31.71, 0.05, 30), (113.30, 31.86, 0.04, 10), (113.82, 31.62, 0.04, 16), (113.25, 31.63, 0.05, 6), (113.06, 31.98, 0.06, 6)]
SOURCE_TYPES = ["industry", "works", "fuel", "farm", "radiation", "industry", "farm", "fuel"]
OUTFALL_TYPES = ["工矿企业排污口", "城镇污水处理厂排污口", "农业排口", "其他排口"]


def make_sections(rivers, counties):
    named = [
        {"site_id": f"SZ-S{number:02d}", "site_name": name, "river": river, "water_body": body, **_near(rivers, river, longitude, latitude, body),
         "location_quality": "approximate", "synthetic": False, "source": source, "updated": updated}
        for number, (name, river, body, longitude, latitude, source, updated) in enumerate(SECTIONS, start=1)
    ]
    made = [
        {"site_id": f"YS-S{number:02d}", "site_name": name, "river": river, "water_body": "river", **_near(rivers, river, longitude, latitude, "river"),
         "location_quality": "synthetic", "synthetic": True, "source": SCRIPT, "updated": "2021-12-31"}
        for number, (name, river, longitude, latitude) in enumerate(MADE_SECTIONS, start=1)
    ]
    frame = pd.DataFrame(named + made).assign(
        kind="sections", target_class=3, target_source="2013–2021 年公开文件以Ⅲ类为目标", assessed_city="随州市"
    )
    return _placed(frame, counties)


def make_stations(counties):
    frame = pd.DataFrame(STATIONS, columns=["site_id", "site_name", "longitude", "latitude"]).assign(
        kind="stations", location_quality="published", synthetic=False,
        source="全国城市空气质量实时发布平台站点表；四期公报一致", updated="2020-04-08",
    )
    return _placed(frame, counties)


def make_intakes(counties):
    frame = pd.DataFrame(INTAKES, columns=["site_name", "longitude", "latitude", "note"]).assign(
        kind="intakes", location_quality="approximate", synthetic=False, source="随州市 2024 年公开报道（水厂名称）", updated="2024-08-30"
    )
    frame.insert(0, "site_id", [f"SZ-I{number:02d}" for number in range(1, len(frame) + 1)])
    return _placed(frame, counties)


def make_projects(counties):
    frame = pd.DataFrame(PROJECTS, columns=["site_name", "task", "river", "longitude", "latitude", "source"]).assign(
        kind="projects", location_quality="approximate", synthetic=False, updated="2021-04-12"
    )
    frame.insert(0, "site_id", [f"SZ-P{number:02d}" for number in range(1, len(frame) + 1)])
    return _placed(frame, counties)


def make_sources(random, counties):
    named = pd.DataFrame(NAMED_SOURCES, columns=["site_name", "source_type", "task", "longitude", "latitude", "note"]).assign(
        site_id=[f"SZ-E{number:02d}" for number in range(1, len(NAMED_SOURCES) + 1)],
        location_quality="approximate", synthetic=False, source=PLAN, updated="2021-04-12",
    )
    city = counties.geometry.union_all()
    points = [point for *town, count in TOWNS for point in _scatter(random, city, *town, count)]
    made = pd.DataFrame(points, columns=["longitude", "latitude"]).assign(
        source_type=[SOURCE_TYPES[number % len(SOURCE_TYPES)] for number in range(len(points))],
        site_id=[f"YS-E{number:03d}" for number in range(1, len(points) + 1)],
        site_name=[f"演示企业{number:03d}" for number in range(1, len(points) + 1)],
        task="", note="", location_quality="synthetic", synthetic=True, source=SCRIPT, updated="2021-12-31",
    )
    return _placed(pd.concat([named, made], ignore_index=True).assign(kind="sources"), counties)


def make_outfalls(random, rivers, counties, count=120):
    city = counties.geometry.union_all().buffer(-0.002)
    rows = []
    while len(rows) < count:
        river = rivers.iloc[random.integers(len(rivers))]
        spot = river.geometry.interpolate(random.uniform(0.03, 0.97), normalized=True)
        longitude, latitude = np.array([spot.x, spot.y]) + random.normal(0, 0.0025, 2)
        if city.contains(shapely.Point(longitude, latitude)):
            number = len(rows) + 1
            cod = random.lognormal(2.5, 1.1)
            rows.append({
                "site_id": f"YS-O{number:03d}", "site_name": f"演示排口{number:03d}", "river": river["name"],
                "longitude": longitude, "latitude": latitude, "outfall_type": OUTFALL_TYPES[random.integers(4)],
                "permit_status": ["已登记", "已登记", "整治中"][random.integers(3)], "load_cod": round(cod, 1),
                "load_nh3n": round(cod * random.uniform(0.05, 0.15), 2), "load_tp": round(cod * random.uniform(0.006, 0.02), 3),
            })
    frame = pd.DataFrame(rows).assign(
        kind="outfalls", location_quality="synthetic", synthetic=True, source=SCRIPT, updated="2021-12-31"
    )
    return _placed(frame, counties)


def _near(rivers, name, longitude, latitude, body):
    # A river section stands on its (synthetic) line; a reservoir's point stays where it is.
    point = shapely.Point(longitude, latitude)
    if body == "river":
        line = rivers.set_index("name").geometry[name]
        point = line.interpolate(line.project(point))
    return {"longitude": point.x, "latitude": point.y}


def _scatter(random, city, longitude, latitude, spread, count):
    found = []
    while len(found) < count:
        point = (random.normal(longitude, spread), random.normal(latitude, spread * 0.86))
        if city.contains(shapely.Point(point)):
            found.append(point)
    return found


def _placed(frame, counties):
    """Rounded coordinates and the county in which each point lies; a point outside all of them is a mistake."""
    frame = frame.assign(longitude=frame["longitude"].round(DECIMALS), latitude=frame["latitude"].round(DECIMALS))
    points = shapely.points(frame["longitude"], frame["latitude"])
    inside = np.array([shapely.contains(shape, points) for shape in counties.geometry])
    if not inside.any(axis=0).all():
        lost = frame["site_name"][~inside.any(axis=0)].tolist()
        raise ValueError(f"outside the city: {lost}")
    first = ["site_id", "site_name", "kind", "longitude", "latitude", "adcode"]
    frame = frame.assign(adcode=counties.index.to_numpy()[inside.argmax(axis=0)])
    return frame[[*first, *[name for name in frame.columns if name not in first]]]
