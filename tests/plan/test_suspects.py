"""Suspects of a county's exceeding sections: which sections ask, for what, and that a page survives a bad network."""

import dataclasses
import json

import pytest

from suizhou_geo import files, plan
from suizhou_geo.conventions import CountyResult, Feature, Series
from suizhou_geo.errors import InputError
from suizhou_geo.packaged import packaged_folder
from suizhou_geo.plan.sections import monthly_values
from suizhou_geo.plan.suspects import SHOWN, worst_indicator

DEMO = files.open_workspace(packaged_folder("data", "suizhou"))
MONTHLY = monthly_values(files.read_workspace_observations(DEMO, medium="water"), year=2021, month=6)


def section(site: str, **values: tuple[float, float]) -> Feature:
    series = tuple(
        Series(code, code, "mg/L", ("2021-05", "2021-06"), (0.0, value), limit=limit)
        for code, (value, limit) in values.items()
    )
    return Feature(site, site, {"type": "Point", "coordinates": [113.0, 31.0]}, series=series)


def find(*sections: Feature) -> tuple[list[tuple[str, str, int]], str]:
    found, note = plan.find_suspects(DEMO, sections=sections, monthly=MONTHLY, year=2021, month=6)
    return [(each.section_id, each.indicator, each.rank) for each in found], note


def test_the_indicator_furthest_above_its_limit_is_traced() -> None:
    site = section("S03", tp=(0.3, 0.2), nh3n=(1.1, 1.0), cod=(19.0, 20.0))
    assert worst_indicator(site, period="2021-06") == "tp"
    assert worst_indicator(site, period="2021-07") == ""
    assert worst_indicator(section("S03", cod=(19.0, 20.0)), period="2021-06") == ""
    ranks, note = find(site, section("S01", tp=(0.1, 0.2)))
    assert ranks == [("S03", "tp", rank) for rank in range(1, SHOWN + 1)]
    assert "不是认定" in note


def test_a_section_that_cannot_be_traced_has_no_suspects() -> None:
    assert find(section("不在表中", tp=(0.3, 0.2))) == ([], "")
    assert find(section("S03")) == ([], "")


def test_a_workspace_without_rivers_or_with_a_circle_still_has_its_page(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = section("S03", tp=(0.3, 0.2))
    bare = dataclasses.replace(
        DEMO, layers={kind: spec for kind, spec in DEMO.layers.items() if kind != "rivers"}
    )
    shared = {"sections": (asked,), "monthly": MONTHLY, "year": 2021, "month": 6}
    assert plan.find_suspects(bare, **shared) == ((), "")

    def refuse(*_: object, **__: object) -> None:
        raise InputError("河网中有环：甲、乙、丙")

    monkeypatch.setattr("suizhou_geo.plan.tracing.build_workspace_network", refuse)
    found, note = plan.find_suspects(DEMO, **shared)
    assert found == ()
    assert "未做溯源：河网中有环：甲、乙、丙" in note


def test_the_same_number_for_two_sources_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    read = files.read_layer
    monkeypatch.setattr(
        files,
        "read_layer",
        lambda given, *, kind: read(given, kind="outfalls" if kind == "sources" else kind),
    )
    with pytest.raises(InputError, match="编号重复：O001"):
        plan.read_trace_input(DEMO, year=2021, month=6, monthly=MONTHLY)


def test_the_county_result_carries_its_suspects_through_json() -> None:
    result = plan.evaluate_county(DEMO, adcode="421381", year=2021, month=6)
    assert {each.section_id for each in result.suspects} == {"S12"}
    assert [each.rank for each in result.suspects] == list(range(1, SHOWN + 1))
    assert all(each.synthetic and each.evidence and each.name for each in result.suspects)
    assert CountyResult.from_json(result.to_json()) == result
    older = dataclasses.replace(result, suspects=()).as_dict()
    del older["suspects"]
    assert CountyResult.from_json(json.dumps(older)).suspects == ()
