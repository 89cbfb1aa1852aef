"""The manners of a scikit-learn estimator: its common checks, each of those left out with its reason."""

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.utils.estimator_checks import check_estimator
from sklearn.utils.validation import check_is_fitted

from suizhou_geo import forecast

_MATRIX = "X 是带站点和时间坐标的 DataArray，fit 还要年份；此检查只给没有坐标的矩阵"
_HERE = _MATRIX + "；同样的要求由本文件对 DataArray 检查"
_COLUMNS = "没有特征列：各维由名称辨认，不由列数"

#: Common checks that do not apply, and why.
LEFT_OUT = {
    "check_fit_score_takes_y": "没有 y：要预测的是序列自身；评分由 backtest 作出",
    "check_estimators_overwrite_params": _HERE,
    "check_dont_overwrite_parameters": _HERE,
    "check_estimators_fit_returns_self": _HERE,
    "check_readonly_memmap_input": _HERE,
    "check_estimators_pickle": _HERE,
    "check_dict_unchanged": _HERE,
    "check_fit_idempotent": _HERE,
    "check_fit_check_is_fitted": _HERE,
    "check_estimators_dtypes": _HERE,
    "check_f_contiguous_array_estimator": _HERE,
    "check_fit2d_1sample": _HERE + "（只有一个站点）",
    "check_methods_subset_invariance": "站点一起抽取，邻近站点的误差同向；少一个站点，抽取的路径就不同",
    "check_methods_sample_order_invariance": "路径按站点的次序抽取；换次序后概率相近而路径不同",
    "check_n_features_in_after_fitting": _COLUMNS,
    "check_n_features_in": _COLUMNS,
    "check_fit2d_1feature": _COLUMNS,
    "check_fit1d": _MATRIX,
    "check_fit2d_predict1d": "没有 predict：结果是路径而不是一个值",
    "check_positive_only_tag_during_fit": _MATRIX,
    "check_complex_data": _MATRIX,
    "check_dtype_object": _MATRIX,
    "check_estimators_empty_data_messages": _MATRIX + "；空数组的中文报错在本文件检查",
    "check_pipeline_consistency": "前面没有可接的变换：变换会丢掉坐标",
    "check_estimators_nan_inf": "缺测是监测数据的常态，NaN 是允许的输入",
    "check_estimator_sparse_tag": "月值立方体不是稀疏矩阵",
    "check_estimator_sparse_array": "月值立方体不是稀疏矩阵",
    "check_estimator_sparse_matrix": "月值立方体不是稀疏矩阵",
}


def _months(dtype: str = "float64") -> xr.DataArray:
    random = np.random.default_rng(3)
    times = pd.date_range("2015-01-01", periods=60, freq="MS")
    level = 40 + 15 * np.cos(np.arange(60) * np.pi / 6)
    values = level * np.exp(random.normal(0, 0.1, (5, 60)))
    return xr.DataArray(
        values.astype(dtype),
        coords={"site": list("甲乙丙丁戊"), "time": times},
        dims=("site", "time"),
        name="pm2_5",
    )


@pytest.fixture
def model() -> forecast.AttainmentForecaster:
    """Few paths: what is tested are manners."""
    return forecast.AttainmentForecaster(n_paths=20, random_state=4)


def test_every_common_check_passes_or_is_left_out_with_a_reason(model: forecast.AttainmentForecaster) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        results = check_estimator(model, on_skip=None, on_fail=None)
    by_status: dict[str, set[str]] = {"passed": set(), "failed": set(), "skipped": set()}
    for result in results:
        by_status[result["status"]].add(result["check_name"])
    assert by_status["failed"] == set(LEFT_OUT)
    assert len(by_status["passed"]) >= 11
    # scikit-learn skips this one itself unless SciPy is told to take other arrays.
    assert by_status["skipped"] <= {"check_array_api_input"}


def test_fit_returns_itself_and_keeps_parameters_and_data(model: forecast.AttainmentForecaster) -> None:
    data, before = _months(), _months()
    assert model.fit(data, year=2019) is model
    assert data.identical(before)
    assert model.get_params() == {"n_paths": 20, "random_state": 4}
    added = {name for name in vars(model) if name not in model.get_params()}
    assert all(name.endswith("_") for name in added)


def test_sampling_changes_nothing_of_the_model(model: forecast.AttainmentForecaster) -> None:
    data = _months()
    before = pickle.dumps(model.fit(data, year=2019))
    first = model.sample_paths(data, known_months=4)
    assert pickle.dumps(model) == before
    copy = pickle.loads(before)  # noqa: S301  (our own bytes)
    assert copy.sample_paths(data, known_months=4).identical(first)
    assert model.sample_paths(data, known_months=4).identical(first)
    assert model.fit(data, year=2019).sample_paths(data, known_months=4).identical(first)


def test_not_fitted_is_told_and_a_clone_is_not_fitted(model: forecast.AttainmentForecaster) -> None:
    with pytest.raises(NotFittedError, match="AttainmentForecaster"):
        model.sample_paths(_months(), known_months=4)
    check_is_fitted(model.fit(_months(), year=2019))
    with pytest.raises(NotFittedError, match="AttainmentForecaster"):
        check_is_fitted(clone(model))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_read_only_transposed_and_single_precision_arrays(
    model: forecast.AttainmentForecaster, dtype: str
) -> None:
    data = _months(dtype)
    expected = model.fit(data, year=2019).sample_paths(data, known_months=4)
    turned = data.copy(data=np.asfortranarray(data.to_numpy())).transpose("time", "site")
    turned.to_numpy().flags.writeable = False
    assert clone(model).fit(turned, year=2019).sample_paths(turned, known_months=4).identical(expected)


def test_one_site_is_enough(model: forecast.AttainmentForecaster) -> None:
    alone = _months().isel(site=[2])
    paths = model.fit(alone, year=2019).sample_paths(alone, known_months=4)
    assert paths.sizes["site"] == 1
    assert np.isfinite(paths).all()


def test_an_empty_array_is_refused(model: forecast.AttainmentForecaster) -> None:
    with pytest.raises(ValueError, match="数据是空的"):
        model.fit(_months().isel(site=[]), year=2019)
