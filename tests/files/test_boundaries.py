"""Boundaries cut from the text of their file are those that a parser finds, however the file is written."""

import json

import geopandas.testing
import pytest

from suizhou_geo.files import boundaries


@pytest.fixture
def other_hand(tmp_path, monkeypatch):
    """The same file of counties as another program would write it."""
    data = json.loads((boundaries._data_folder() / "district.geojson").read_text(encoding="utf-8"))
    chosen = [item for item in data["features"] if str(item["properties"]["gb"]).startswith("1564213")]
    rewritten = {"type": "FeatureCollection", "features": [dict(sorted(item.items())) for item in chosen]}
    (tmp_path / "district.geojson").write_text(json.dumps(rewritten, indent=1), encoding="utf-8")
    whole = boundaries.read_counties(["421303", "421321", "421381"])
    monkeypatch.setattr(boundaries, "_data_folder", lambda: tmp_path)
    for cached in (boundaries._rows, boundaries._shapes):
        cached.cache_clear()
    yield whole
    for cached in (boundaries._rows, boundaries._shapes):
        cached.cache_clear()


def test_the_way_a_file_is_written_does_not_matter(other_hand):
    geopandas.testing.assert_geodataframe_equal(boundaries.read_counties(), other_hand)
