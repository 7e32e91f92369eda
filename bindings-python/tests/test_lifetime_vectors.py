"""The numbers of lifetime models that Rust, Python and Node share: `tests/vectors/lifetime_*.json`, from many-digit arithmetic."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pytest
from conftest import REPOSITORY
from wayfare import lifetime

FILES = sorted((REPOSITORY / "tests" / "vectors").glob("lifetime_*.json"))
CASES = [
    pytest.param(case, id=f"{file.stem}/{case['name']}") for file in FILES for case in json.loads(file.read_text())["cases"] if "row" in case
]
MODELS: dict[str, Any] = {
    "bg_nbd": lifetime.BgNbd,
    "mbg_nbd": lifetime.MbgNbd,
    "nbd": lifetime.Nbd,
    "pareto_nbd": lifetime.ParetoNbd,
    "bg_bb": lifetime.BgBb,
    "gamma_gamma": lifetime.GammaGamma,
}
RELATIVE = 1e-10
ABSOLUTE = 1e-300


def test_the_vectors_are_found() -> None:
    assert len(CASES) > 50


@pytest.mark.parametrize("case", CASES)
def test_a_row_is_predicted_as_many_digits_say(case: dict[str, Any]) -> None:
    model = MODELS[case["model"]].from_params(**case["params"], period=case.get("period_days", 7))
    table = pa.table({name: [value] for name, value in case["row"].items()})
    for expected in case["expect"]:
        how = {name: value for name, value in expected.items() if name not in ("measure", "value", "tolerance")}
        measure = expected["measure"]
        found = predicted(model, measure, case["row"], how)
        close = pytest.approx(expected["value"], rel=expected.get("tolerance", case.get("tolerance", RELATIVE)), abs=ABSOLUTE)
        assert found == close, (measure, how)
        if measure not in ("expected_transactions", "probability_of_count"):
            call = model.log_likelihood_of if measure == "log_likelihood" else getattr(model, measure)
            assert call(table, **how).to_pylist() == [found], (measure, how)


def predicted(model: Any, measure: str, row: dict[str, float], how: dict[str, float]) -> float:
    if measure in ("expected_transactions", "probability_of_count"):
        return float(getattr(model, measure)(**how))
    call = model.log_likelihood_of if measure == "log_likelihood" else getattr(model, measure)
    return float(call(**row, **how))
