"""What speaks for and against a suspect, in words."""

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from suizhou_geo.conventions import indicators as known_indicators
from suizhou_geo.spatial.likelihoods import Floats

#: Factors beyond which a kind of evidence speaks for or against a suspect.
_FOR, _AGAINST = 3.0, 1 / 3


def write_cards(
    table: pd.DataFrame,
    *,
    sources: gpd.GeoDataFrame,
    explained: Floats,
    cleared: Sequence[Sequence[str]],
    arriving: Floats,
    ambiguous: npt.NDArray[np.bool_],
    reported: Sequence[object],
    indicators: Sequence[str],
) -> list[str]:
    """One line per suspect: explained part, what arrives, clean sections below, timing, mix, permit, place.

    ``table`` has the factors of :data:`suizhou_geo.spatial.tracing.EVIDENCE`; the others go by its rows.
    """
    many = len(indicators) > 1
    names = "、".join(known_indicators()[code].name for code in indicators if code in known_indicators())
    reports = set(reported)
    cards = []
    for number, row in enumerate(table.itertuples()):
        parts = (
            f"单独可解释超标的 {explained[number]:.0%}",
            f"到达时剩 {arriving[number]:.0%}",
            f"其下游 {'、'.join(cleared[number])} 未见升高" if cleared[number] else "",
            _said("时间", row.timing, "吻合", "不吻合")
            if row.site_id in reports
            else "无排放时间记录"
            if reports
            else "",
            _said(f"指纹（{names}）", row.mix, "吻合", "不吻合") if many else "",
            _permit(sources, row.site_id),
            "所在河段不确定" if ambiguous[number] else "",
        )
        cards.append("；".join(filter(None, parts)))
    return cards


def _said(what: str, factor: float, good: str, bad: str) -> str:
    if factor >= _FOR:
        return f"{what}{good}"
    return f"{what}{bad}" if factor <= _AGAINST else f"{what}不足以区分"


def _permit(sources: gpd.GeoDataFrame, site: object) -> str:
    status = sources.at[site, "permit_status"] if "permit_status" in sources.columns else ""
    return f"许可状态：{status}" if isinstance(status, str) and status else ""
