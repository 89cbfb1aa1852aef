"""Site columns (water body, target class, river …) from a table, joined to observations."""

from pathlib import Path

import pandas as pd

from suizhou_geo.conventions import CLASS_LABELS, normalise_text
from suizhou_geo.errors import InputError, Place
from suizhou_geo.files.cells import MISSING, NOT_MONITORED
from suizhou_geo.files.headers import role_aliases
from suizhou_geo.files.tables import read_text_table

#: What a sites table can say about a site.
SITE_JOIN_COLUMNS = ("river", "adcode", "assessed_city", "water_body", "target_class")

#: Unmatched sites named in a note.
NAMED = 10

_WATER_BODIES = {
    "river": "river",
    "河流": "river",
    "河": "river",
    "lake": "lake",
    "湖库": "lake",
    "湖泊": "lake",
    "水库": "lake",
    "湖": "lake",
    "库": "lake",
    "reservoir": "lake",
    "groundwater": "groundwater",
    "地下水": "groundwater",
    "井": "groundwater",
}
_CLASSES = {normalise_text(label): number for number, label in CLASS_LABELS.items()}
_CLASSES |= {str(number): number for number in CLASS_LABELS} | {"劣v": 6, ">v": 6, "劣五": 6, "劣5": 6}
_CLASSES |= dict(zip("一二三四五", range(1, 6), strict=True))

#: Cells that say there is no class or no kind of water.
_NOTHING = MISSING | NOT_MONITORED | {"-1", "-1.0", "0"}


def read_water_body(text: str) -> str:
    """``river``, ``lake``, ``groundwater``, or an empty string where the cell says nothing known.

    >>> read_water_body("湖库"), read_water_body("River"), read_water_body("")
    ('lake', 'river', '')
    """
    return _WATER_BODIES.get(normalise_text(text), "")


def read_target_class(text: str) -> int | None:
    """A class as 1…6 from Ⅲ, III, Ⅲ类, 三类, 劣Ⅴ or a digit; None where there is none (``*``, ``--``, ``-1``).

    >>> read_target_class("Ⅲ类"), read_target_class("劣Ⅴ"), read_target_class("3.0"), read_target_class("-1")
    (3, 6, 3, None)
    """
    return _CLASSES.get(normalise_text(text).removesuffix("类").removesuffix(".0"))


def not_understood(texts: pd.Series, read: pd.Series) -> pd.Series:
    """Which cells say something, and nothing that could be read from them."""
    silent = read.isna() | (read.astype(str) == "")
    return silent & ~texts.map(normalise_text).isin(_NOTHING)


def unread_note(texts: pd.Series, read: pd.Series, *, header: str) -> list[str]:
    """A note on the cells of a column that say something which is not understood and therefore not used.

    >>> unread_note(pd.Series(["Ⅵ", "", "--", "Ⅲ"]), pd.Series([None, None, None, 3]), header="目标类别")
    ['列“目标类别”有 1 个单元格看不懂，按没有给出处理：Ⅵ']
    """
    wrong = texts[not_understood(texts, read)]
    if wrong.empty:
        return []
    told = "、".join(wrong.drop_duplicates()[:NAMED])
    return [f"列“{header}”有 {len(wrong)} 个单元格看不懂，按没有给出处理：{told}"]


def join_sites(tidy: pd.DataFrame, *, sites: str | Path | pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """The observations with the site columns of a table filled in where they are empty, and notes.

    A site is found by ``site_id``, else by province and name, else by its name if that is unique in the table.
    """
    table = read_sites(sites)
    known = tidy[["site_id", "site_name"]].drop_duplicates("site_id")
    found = pd.Series(pd.NA, index=known["site_id"], dtype="Int64")
    for key, ours in (
        ("site_id", known["site_id"]),
        ("key", known["site_id"]),
        ("site_name", known["site_name"]),
    ):
        index = table.reset_index(drop=True)
        index = index[(index[key] != "") & ~index[key].duplicated(keep=False)]
        lookup = pd.Series(index.index, index=index[key])
        found = found.fillna(pd.Series(ours.map(lookup).to_numpy(), index=found.index).astype("Int64"))
    position = tidy["site_id"].map(found)
    joined = tidy.copy()
    for column in (each for each in SITE_JOIN_COLUMNS if each in table.columns):
        values = position.map(table[column].reset_index(drop=True))
        given = joined[column].notna() & (joined[column].astype(str) != "")
        joined[column] = joined[column].where(given, values.astype(joined[column].dtype))
    joined = joined.assign(
        **{column: joined[column].fillna("") for column in SITE_JOIN_COLUMNS if column != "target_class"}
    )
    lacking = known.loc[found.isna().to_numpy(), "site_name"].tolist()
    more = f" 等 {len(lacking)} 个" if len(lacking) > NAMED else ""
    absent = [f"站点表中没有：{'、'.join(lacking[:NAMED])}{more}"] if lacking else []
    return joined, absent + table.attrs["notes"]


def read_sites(sites: str | Path | pd.DataFrame) -> pd.DataFrame:
    """A sites table with our column names: ``site_id, site_name, key`` (province|name) and ``SITE_JOIN_COLUMNS``."""
    if isinstance(sites, pd.DataFrame):
        cells = sites.drop(columns="geometry", errors="ignore")
        cells = cells.reset_index() if cells.index.name else cells
        cells = cells.astype(object).where(cells.notna(), "").astype(str)
        place = Place("站点表")
    else:
        table = read_text_table(sites)
        cells, place = table.cells, table.place()
    spellings = {normalise_text(str(header)): str(header) for header in cells.columns}
    roles = {
        role: next(spellings[alias] for alias in role_aliases()[role] if alias in spellings)
        for role in ("site_id", "site_name", "province", *SITE_JOIN_COLUMNS)
        if any(alias in spellings for alias in role_aliases()[role])
    }
    if not {"site_id", "site_name"} & roles.keys():
        raise InputError(
            "站点表中找不到断面编号或断面名称列",
            where=place,
            why=f"文件中的列：{'、'.join(map(str, cells.columns))}",
        )
    found = pd.DataFrame({role: cells[header].str.strip() for role, header in roles.items()})
    for column in ("site_id", "site_name", "province"):
        found[column] = found.get(column, pd.Series("", index=found.index))
    found["key"] = (found["province"] + "|" + found["site_name"]).where(found["province"] != "", "")
    notes = []
    for column, reader in (("water_body", read_water_body), ("target_class", read_target_class)):
        if column in found.columns:
            texts = found[column]
            found[column] = texts.map(reader)
            notes += [f"站点表{note}" for note in unread_note(texts, found[column], header=roles[column])]
    if "target_class" in found.columns:
        found["target_class"] = found["target_class"].astype("Int64")
    found.attrs["notes"] = notes
    return found
