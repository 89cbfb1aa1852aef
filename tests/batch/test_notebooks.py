"""Notebooks and their parameters: typed, explained, and refused in Chinese when they do not fit."""

import json
import re

import pytest

from suizhou_geo.batch import check_parameters, find_notebook, list_notebooks, read_parameters
from suizhou_geo.batch.notebooks import read_title
from suizhou_geo.errors import InputError, UnknownNameError
from tests.batch.tiny import PARAMETERS, WRITE, write_notebook

VALUES = {"workspace": "w", "year": 2021, "month": 6}
FIT = [("0.25", 0.25), (1, 1.0), ("3", 3.0), (0.125, 0.125)]
UNFIT = ["一半", "1; import os", True, None, (0.5,), "0.5 + 0.5", object(), float("nan"), "1e999"]


def test_every_packaged_county_notebook_declares_typed_and_explained_parameters():
    for path in list_notebooks().values():
        for name, entry in read_parameters(path).items():
            assert entry["type"] in {"str", "int", "float", "bool"}, name
            assert entry["help"], name


def test_the_county_notebooks_are_numbered_and_the_walk_leads_to_each_by_its_question():
    titles = {read_title(path): path for path in list_notebooks().values()}
    assert sorted(title.split(". ")[0] for title in titles) == [str(n + 1) for n in range(len(titles))]
    [walk] = next(iter(titles.values())).parent.glob("00_*.ipynb")
    leads = "".join(json.loads(walk.read_text(encoding="utf-8"))["cells"][-1]["source"])
    for title, path in titles.items():
        opening = "".join(json.loads(path.read_text(encoding="utf-8"))["cells"][0]["source"])
        question = re.search(r"\*\*问题\*\*：(.+)", opening)[1]
        assert f"| {title.split('. ')[0]} | [{path.name}]({path.name}) | {question} |" in leads


@pytest.mark.parametrize(("given", "wanted"), FIT, ids=str)
def test_a_value_that_fits_gets_its_declared_type(tmp_path, given, wanted):
    checked = check_parameters(write_notebook(tmp_path, WRITE), values={**VALUES, "share": given})
    assert checked["share"] == wanted
    assert type(checked["share"]) is float


@pytest.mark.parametrize("given", UNFIT, ids=lambda value: type(value).__name__ + str(value)[:12])
def test_a_value_that_does_not_fit_is_refused(tmp_path, given):
    with pytest.raises(InputError, match="share"):
        check_parameters(write_notebook(tmp_path, WRITE), values={**VALUES, "share": given})


def test_half_a_character_is_refused_as_no_notebook_can_hold_it(tmp_path):
    with pytest.raises(InputError, match=r"workspace.*udcff"):
        check_parameters(write_notebook(tmp_path, WRITE), values={**VALUES, "workspace": "w\udcff"})


@pytest.mark.parametrize("name", ["shaer", "__import__('os').getcwd()", "a b", "share\n", ""])
def test_a_name_that_is_not_declared_is_refused(tmp_path, name):
    with pytest.raises(UnknownNameError, match="没有参数"):
        check_parameters(write_notebook(tmp_path, WRITE), values={**VALUES, name: 1})


def test_a_notebook_without_what_the_batch_fills_in_is_refused(tmp_path):
    lacking = PARAMETERS.replace("month: int = 6  # 月份\n", "")
    with pytest.raises(InputError, match=r"没有参数 month。.*parameters"):
        check_parameters(write_notebook(tmp_path, WRITE, parameters=lacking), values=VALUES)


BROKEN = {
    "no JSON": lambda _: "not JSON",
    "a list": lambda _: "[]",
    "no metadata": lambda notebook: json.dumps({**notebook, "metadata": {}}),
    "another language": lambda notebook: json.dumps(
        {**notebook, "metadata": {"kernelspec": {"name": "ir", "language": "R"}}}
    ),
}


@pytest.mark.parametrize("fault", BROKEN, ids=str)
def test_a_file_that_is_no_python_notebook_is_refused(tmp_path, fault):
    path = write_notebook(tmp_path, WRITE)
    path.write_text(BROKEN[fault](json.loads(path.read_text(encoding="utf-8"))), encoding="utf-8")
    with pytest.raises(InputError, match=r"tiny\.ipynb.*JupyterLab"):
        read_parameters(path)


def test_a_misspelt_notebook_is_met_with_the_nearest_name():
    with pytest.raises(UnknownNameError, match=r"county_overvew.*是否为 county_overview"):
        find_notebook("county_overvew")
