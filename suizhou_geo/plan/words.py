"""The sentences of a county's page, written from its numbers."""

from collections.abc import Sequence

from suizhou_geo.conventions import Feature, SectionStatus, chance_text, class_label

#: Sections named in the headline; the panel lists the rest.
NAMED_SECTIONS = 3


def headline(sections: Sequence[Feature], *, month: int) -> str:
    """One sentence: how many sections are good this year so far, and where the trouble is.

    >>> headline([], month=6)
    '截至 6 月，本区域没有可评价的水质断面。'
    """
    judged = [site for site in sections if site.section and site.section.year_to_date_class is not None]
    if not judged:
        return f"截至 {month} 月，本区域没有可评价的水质断面。"
    good = sum((status(site).year_to_date_class or 0) <= 3 for site in judged)
    start = f"截至 {month} 月，{len(judged)} 个断面中 {good} 个累计均值达到或优于Ⅲ类（{100 * good / len(judged):.1f}%）"
    troubled = [site for site in judged if status(site).needs_attention]
    if not troubled:
        return f"{start}，当月全部达到目标类别。"
    named = "、".join(_trouble(site) for site in troubled[:NAMED_SECTIONS])
    more = f"等 {len(troubled)} 处" if len(troubled) > NAMED_SECTIONS else ""
    return f"{start}；需要关注：{named}{more}。"


def status(site: Feature) -> SectionStatus:
    """The section status of a feature that has one."""
    if site.section is None:
        raise ValueError(f"{site.id} is not a section")
    return site.section


def _trouble(site: Feature) -> str:
    section = status(site)
    so_far, target = section.year_to_date_class or 0, section.target_class or 6
    if so_far <= target and (section.water_class or 0) <= target:
        return (
            f"{site.name}（全年达标概率{chance_text(section.p_attain)}）"
            if section.p_attain is not None
            else site.name
        )
    if so_far > target:
        label, pollutants = class_label(section.year_to_date_class), section.year_to_date_pollutants
        when = "累计"
    else:
        label, pollutants, when = section.class_label, section.main_pollutants, "当月"
    return f"{site.name}（{when}{label}类{'，' + pollutants if pollutants else ''}）"
