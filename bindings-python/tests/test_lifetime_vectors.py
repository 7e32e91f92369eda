"""The numbers of lifetime models that Rust, Python and Node share: `tests/vectors/lifetime_*.json`."""

from __future__ import annotations

import json
import sys
from typing import Any

import pyarrow as pa
import pytest
from conftest import REPOSITORY
from wayfare import lifetime

FILES = sorted((REPOSITORY / "tests" / "vectors").glob("lifetime_*.json"))
ALL = [
    pytest.param(case, id=f"{file.stem}/{case['name']}")
    for file in FILES
    for case in json.loads(file.read_text())["cases"]
]
CASES = [case for case in ALL if "row" in case.values[0]]
FITS = [case for case in ALL if "fit" in case.values[0]]
MODELS: dict[str, Any] = {
    "bg_nbd": lifetime.BgNbd,
    "mbg_nbd": lifetime.MbgNbd,
    "nbd": lifetime.Nbd,
    "pareto_nbd": lifetime.ParetoNbd,
    "bg_bb": lifetime.BgBb,
    "gamma_gamma": lifetime.GammaGamma,
}
LEAST_NORMAL = sys.float_info.min


def test_the_vectors_are_found() -> None:
    assert len(CASES) > 100
    assert FITS


def close(found: float, expected: float, tolerance: float, scale: float = 0.0) -> bool:
    """Relative to the expected number, but for one that may be next to nothing."""
    return abs(found - expected) <= tolerance * max(abs(expected), scale) + LEAST_NORMAL


@pytest.mark.parametrize("case", CASES)
def test_a_row_is_predicted_as_many_digits_say(case: dict[str, Any]) -> None:
    model = MODELS[case["model"]].from_params(**case["params"], period=case["period_days"])
    table = pa.table({name: [value] for name, value in case["row"].items()})
    for expected in case["expect"]:
        how = {name: value for name, value in expected.items() if name not in ("measure", "value")}
        measure = expected["measure"]
        found = predicted(model, measure, case["row"], how)
        scale = 1.0 if measure == "log_likelihood" else 0.0
        assert close(found, expected["value"], case["tolerance"], scale), (measure, how, found, expected["value"])
        if measure not in ("expected_transactions", "probability_of_count"):
            call = model.log_likelihood_of if measure == "log_likelihood" else getattr(model, measure)
            assert call(table, **how).to_pylist() == [found], (measure, how)


def predicted(model: Any, measure: str, row: dict[str, float], how: dict[str, float]) -> float:
    if measure in ("expected_transactions", "probability_of_count"):
        return float(getattr(model, measure)(**how))
    call = model.log_likelihood_of if measure == "log_likelihood" else getattr(model, measure)
    return float(call(**row, **how))


@pytest.mark.parametrize("case", FITS)
def test_a_fit_finds_the_maximum(case: dict[str, Any]) -> None:
    weights = "weights" if "weights" in case["summary"] else None
    fitted = MODELS[case["model"]](period=case["period_days"]).fit(pa.table(case["summary"]), weights=weights)
    for found, expected in ((fitted.params, "params"), (fitted.standard_errors, "standard_errors")):
        for name, value in case["fit"][expected].items():
            assert close(found[name], value, case["tolerance"]), (expected, name)
    assert abs(fitted.log_likelihood - case["fit"]["log_likelihood"]) < 1e-7
