"""Which values take part in the judgement of a section: the set of items, what an authority has let off, and what
a detection limit leaves open. A value that does not take part stays in its row, empty, with the reason."""

import numpy as np
import pandas as pd

from suizhou_geo import standards
from suizhou_geo.assess.records import numbers_of, texts_of
from suizhou_geo.conventions import indicators
from suizhou_geo.errors import InputError
from suizhou_geo.standards.rounding import Floats

#: 21: all items of the method; 5+X: five fixed ones and those of the section's own list.
ITEM_SETS = ("21", "5+X")

#: Qualifiers of values that do not take part.
NOT_ASKED, LET_OFF, UNDECIDABLE = "not_asked", "background", "limit_above"

_PAIR = ["site_id", "indicator"]


def choose_items(rows: pd.DataFrame, *, items: str, extra_items: pd.DataFrame | None) -> pd.DataFrame:
    """The rows with every value emptied that the item set does not ask for.

    ``extra_items`` (columns ``site_id, indicator``) is the X of 5+X; without it X is found by
    :func:`propose_extra_items` in the rows themselves. Items outside X are taken as attained (714号).
    """
    if items == "21":
        return rows
    table = standards.read_table(standards.newest_edition("surface-water-items"), name="items")
    fixed = set(table.loc[table["judged"] == "yes", "indicator"])
    listed = propose_extra_items(rows) if extra_items is None else extra_items
    asked = rows["indicator"].isin(fixed) | _in_pairs(rows, with_site_ids(listed, rows))
    return _empty(rows, ~asked, NOT_ASKED)


def propose_extra_items(rows: pd.DataFrame) -> pd.DataFrame:
    """The X of 5+X that these rows speak for: pairs ``site_id, indicator`` with a month above the limit.

    An item of table 1, other than the five, one of whose months exceeds class Ⅲ or a stricter target (714号: last
    year or this year; give the rows of those two years). That the month is what counts is our convention.

    >>> rows = pd.DataFrame({"site_id": "A", "indicator": ["f", "cu"], "value": [1.2, 0.1], "censored": False,
    ...     "time": pd.Timestamp("2021-03-01")})
    >>> propose_extra_items(rows).values.tolist()
    [['A', 'f']]
    """
    table = standards.read_table(standards.newest_edition("surface-water-items"), name="items")
    fixed = set(table["indicator"])
    dated = rows[rows["value"].notna() & rows["time"].notna() & ~rows["indicator"].isin(fixed)]
    dated = dated[~dated["censored"].fillna(False).astype(bool)]
    if dated.empty:
        return pd.DataFrame(columns=_PAIR)
    month = dated["time"].dt.to_period("M").rename("month")
    first = dated.drop_duplicates("site_id").set_index("site_id")
    means = dated.groupby([*_PAIR, month])["value"].mean().reset_index()
    means["time"] = means["month"].dt.to_timestamp()
    for column in ("water_body", "target_class"):
        if column in dated.columns:
            means[column] = means["site_id"].map(first[column])
    found = means[means["value"] > _held_limits(means, standard="auto", water_body_default="river")]
    return found[_PAIR].drop_duplicates().reset_index(drop=True)


def leave_out_background(rows: pd.DataFrame, *, background: pd.DataFrame | None) -> pd.DataFrame:
    """The rows without the values of the section-and-item pairs that an authority has approved as natural background.

    ``background`` has columns ``site_id, indicator`` (codes), ``authority``, ``approved`` (a date) and may have
    ``valid_from``, ``valid_to`` and ``reason``. A pair without authority or date is refused: it would be our own opinion.
    """
    if background is None or background.empty:
        return rows
    for column in ("authority", "approved"):
        given = background[column] if column in background.columns else pd.Series("", index=background.index)
        lacking = given.isna() | (given.astype(str).str.strip() == "")
        if lacking.any():
            site, item = background.loc[lacking.idxmax(), _PAIR]
            raise InputError(
                f"自然本底剔除表中 {site} 的 {item} 缺少 {'批准单位' if column == 'authority' else '批准日期'}",
                why="自然本底须经生态环境主管部门批准才能不参与评价",
                todo="补上 authority 和 approved 两列",
            )
    excluded = np.zeros(len(rows), dtype=bool)
    times = pd.to_datetime(rows["time"])
    for pair in with_site_ids(background, rows).to_dict("records"):
        here = (rows["site_id"] == pair["site_id"]) & (rows["indicator"] == pair["indicator"])
        for column, outside in (("valid_from", times.lt), ("valid_to", times.gt)):
            if pd.notna(pair.get(column)) and pair.get(column) != "":
                here &= ~outside(pd.Timestamp(pair[column]))
        excluded |= here.to_numpy(dtype=bool)
    return _empty(rows, pd.Series(excluded, index=rows.index), LET_OFF)


def empty_undecidable(rows: pd.DataFrame, *, standard: str, water_body_default: str) -> pd.DataFrame:
    """The rows without those values below detection whose detection limit lies above the limit they are held against.

    Half of such a limit would say 达标 or 不达标 where the laboratory could not tell.
    """
    below = rows["censored"].fillna(False).astype(bool) & rows["value"].notna()
    if not below.any():
        return rows
    part = rows[below]
    above = part["value"].to_numpy() > _held_limits(
        part, standard=standard, water_body_default=water_body_default
    )
    undecidable = below.copy()
    undecidable[below] = above
    return _empty(rows, undecidable, UNDECIDABLE)


def with_site_ids(pairs: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """The pairs with the ids that their sections have in these rows; a list may name a section by its name.

    >>> rows = pd.DataFrame({"site_id": ["湖北省|平林"], "site_name": ["平林"]})
    >>> with_site_ids(pd.DataFrame({"site_id": ["平林"], "indicator": ["f"]}), rows).values.tolist()
    [['湖北省|平林', 'f']]

    Raises ``InputError`` when two sections have that name.
    """
    known = rows[["site_id", "site_name"]].drop_duplicates()
    by_name = known[~known["site_name"].isin(known["site_id"])]
    several = set(by_name.loc[by_name["site_name"].duplicated(), "site_name"]) & set(pairs["site_id"])
    if several:
        raise InputError(
            f"断面名“{min(several)}”不止一个", todo="在表中加上省份列，或改用断面编号（site_id）"
        )
    ids = by_name.set_index("site_name")["site_id"].to_dict()
    return pairs.assign(site_id=[ids.get(site, site) for site in pairs["site_id"]])


def describe_scope(rows: pd.DataFrame, *, items: str) -> pd.Series:
    """For every section what was asked of it and let off, for the notes; index ``site_id``."""
    sites = pd.Index(rows["site_id"].unique(), name="site_id")
    texts = pd.Series("", index=sites, dtype=object)
    if items == "5+X":
        table = standards.read_table(standards.newest_edition("surface-water-items"), name="items")
        extra = rows[rows["value"].notna() & ~rows["indicator"].isin(set(table["indicator"]))]
        names = _names_by_site(extra)
        texts = "按 5+X 评价（五项未核实；X：" + names.reindex(sites).fillna("无") + "）"
    let_off = _names_by_site(rows[rows["qualifier"] == LET_OFF]).reindex(sites).fillna("")
    return texts.where(let_off == "", (texts + "；自然本底不参评：" + let_off).str.removeprefix("；"))


def _names_by_site(rows: pd.DataFrame) -> pd.Series:
    pairs = rows[_PAIR].drop_duplicates().sort_values(_PAIR)
    return pairs.groupby("site_id")["indicator"].agg(
        lambda codes: "、".join(indicators()[code].name for code in codes if code in indicators())
    )


def _held_limits(rows: pd.DataFrame, *, standard: str, water_body_default: str) -> Floats:
    # The upper limit of the class that each row is held against, NaN where its item has none.
    method = standards.newest_edition("surface-water-method")
    held = numbers_of(rows, "target_class").fillna(standards.method_number(method, name="reference_class"))
    body = pd.Series(texts_of(rows, "water_body"), index=rows.index).replace("", water_body_default)
    edition = (
        standards.editions_by_date("surface-water", dates=rows["time"])
        if standard == "auto"
        else pd.Series(standard, index=rows.index)
    )
    limits = pd.Series(np.nan, index=rows.index)
    for (edition_id, water_body), group in rows.groupby([edition, body], sort=False):
        water = standards.find_edition(str(edition_id))
        items = standards.assessed_items(method, edition=water)
        high = pd.DataFrame(
            standards.class_table(water, items=items, water_body=str(water_body)).high, index=items
        )
        known = group[group["indicator"].isin(items)]
        column = np.clip(held[known.index].astype(int), 1, 5) - 1
        limits[known.index] = high.to_numpy()[high.index.get_indexer(known["indicator"]), column]
    found: Floats = limits.to_numpy()
    return found


def _in_pairs(rows: pd.DataFrame, pairs: pd.DataFrame) -> pd.Series:
    index = pd.MultiIndex.from_frame(rows[_PAIR].astype(str))
    return pd.Series(index.isin(pd.MultiIndex.from_frame(pairs[_PAIR].astype(str))), index=rows.index)


def _empty(rows: pd.DataFrame, where: pd.Series, qualifier: str) -> pd.DataFrame:
    if not where.any():
        return rows
    return rows.assign(
        value=rows["value"].mask(where),
        censored=rows["censored"].mask(where, False),
        qualifier=rows["qualifier"].mask(where, qualifier),
    )
