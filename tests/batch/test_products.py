"""Products: inside their folder, whole, and the page last."""

import pytest

from suizhou_geo.batch.products import county_folder, forget_failed, keep_failed, publish
from suizhou_geo.errors import InputError
from suizhou_geo.saving import sha256_of


def test_a_link_that_leads_out_of_the_folder_is_refused(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    root = tmp_path / "maps"
    root.mkdir()
    (root / "421303").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError, match=r"421303.*elsewhere"):
        county_folder(root, adcode="421303")
    assert county_folder(root, adcode="421321") == root / "421321"


@pytest.mark.parametrize("adcode", ["../42130", "421303/", "4213\x00", "42130３", "", "421303\n"], ids=ascii)
def test_a_folder_is_named_by_a_code_and_by_nothing_else(tmp_path, adcode):
    with pytest.raises(InputError, match="格式不对"):
        county_folder(tmp_path, adcode=adcode)


def test_the_page_is_published_last_and_folders_are_kept(tmp_path):
    staging = tmp_path / ".staging"
    (staging / "tables").mkdir(parents=True)
    for name in ("a.html", "b.json", "tables/c.csv"):
        (staging / name).write_text(name, encoding="utf-8")
    hashes = publish(staging, folder=tmp_path)
    assert list(hashes) == ["b.json", "tables/c.csv", "a.html"]
    assert hashes["tables/c.csv"] == sha256_of(tmp_path / "tables" / "c.csv")
    assert (tmp_path / "tables" / "c.csv").read_text(encoding="utf-8") == "tables/c.csv"


def test_the_notebook_of_a_failure_is_kept_apart_until_a_success(tmp_path):
    executed, kept = tmp_path / "staging" / "a.ipynb", tmp_path / "a.failed.ipynb"
    executed.parent.mkdir()
    keep_failed(executed, folder=tmp_path)
    assert not kept.exists()
    for text in ("first", "second"):
        executed.write_text(text, encoding="utf-8")
        keep_failed(executed, folder=tmp_path)
        assert kept.read_text(encoding="utf-8") == text
        assert not executed.exists()
    forget_failed("a", folder=tmp_path)
    forget_failed("a", folder=tmp_path)
    assert not kept.exists()
