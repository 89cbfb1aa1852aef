"""Values of the plan from the workspace's own layers: how many of a task's places, projects or outfalls are done."""

from collections.abc import Mapping
from dataclasses import replace

import geopandas as gpd
import pandas as pd

from suizhou_geo.errors import InputError, Place
from suizhou_geo.files import Target
from suizhou_geo.plan.found import Found, items_text
from suizhou_geo.plan.layers import is_true, text_of
from suizhou_geo.plan.reported import counted, month_end


def registered_value(
    target: Target, frames: Mapping[str, gpd.GeoDataFrame], *, files: Mapping[str, str], year: int, month: int
) -> Found:
    """How many rows of the target's layer that belong to it (``where``) are done (``done``).

    Raises ``InputError`` for a column that the layer does not have.
    """
    frame = frames.get(target.layer)
    if frame is None:
        return Found(reason=f"工作区没有图层 {target.layer}")
    # A layer that nobody has filled yet lacks no column.
    own = frame if frame.empty else frame[_matches(target, frame, target.where)]
    if own.empty:
        return Found(reason="图层中没有本区域的对象")
    done = own[_matches(target, own, target.done)]
    found = counted(target, done=float(len(done)), planned=float(len(own)), year=year, month=month)
    if "due" in own.columns:
        # Places with due dates of their own are due then, not in proportion.
        due = pd.to_datetime(own["due"].map(text_of), errors="coerce")
        found = replace(found, required=float((due <= month_end(year, month)).sum()))
    marks = own["synthetic"].map(is_true) if "synthetic" in own.columns else pd.Series([False])
    left = (
        [text_of(name) for name in own.loc[~own.index.isin(done.index), "site_name"]]
        if "site_name" in own
        else []
    )
    return Found(
        value=found.value,
        goal=found.goal,
        required=found.required,
        progress=found.progress,
        rows=(items_text(files[target.layer], list(map(str, own.index))),),
        note=f"登记 {len(own)} 项，其中已完成 {len(done)} 项",
        change=f"尚未完成：{'、'.join(left[:3])}{f'等 {len(left)} 项' if len(left) > 3 else ''}"
        if left
        else "",
        synthetic=bool(marks.any()),
    )


def _matches(target: Target, frame: gpd.GeoDataFrame, wanted: Mapping[str, object]) -> "pd.Series[bool]":
    found = pd.Series(True, index=frame.index)
    for column, words in wanted.items():
        if column == "synthetic" and column not in frame.columns:
            # What does not say that a script made it is real.
            found &= "false" in {text_of(word).lower() for word in _words(words)}
            continue
        if column not in frame.columns:
            raise InputError(
                f"目标 {target.id} 用到的列 {column} 不在图层 {target.layer} 中",
                where=Place("计划文件"),
                why=f"图层的列：{'、'.join(map(str, frame.columns))}",
            )
        # A flag is True in one kind of file and "true" in another.
        accepted = {text_of(word).lower() for word in _words(words)}
        found &= frame[column].map(lambda cell: text_of(cell).lower()).isin(accepted)
    return found


def _words(given: object) -> list[object]:
    return list(given) if isinstance(given, list | tuple) else [given]
