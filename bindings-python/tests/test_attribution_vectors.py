"""The credits that Rust, Python and Node share: `tests/vectors/attribution_*.json`, in exact fractions."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pytest
import wayfare
from conftest import REPOSITORY
from wayfare import attribution

FILES = sorted((REPOSITORY / "tests" / "vectors").glob("attribution_*.json"))
CASES = [
    pytest.param(content, case, id=f"{file.stem}/{case['name']}")
    for file in FILES
    for content in [json.loads(file.read_text())]
    for case in content["cases"]
]


def test_the_vectors_are_found() -> None:
    assert len(CASES) >= 44


def paths_of(content: dict[str, Any]) -> Any:
    if "paths" in content:
        return wayfare.Paths.from_strings(**content["paths"])
    columns = content["touchpoints"]
    table = pa.table({name: pa.array(cells) for name, cells in columns.items() if name != "at"})
    table = table.append_column("at", pa.array(columns["at"], pa.timestamp("us", "UTC")))
    return wayfare.paths(table, conversion=content["conversion"])


@pytest.mark.parametrize(("content", "case"), CASES)
def test_credits_are_those_of_exact_fractions(content: dict[str, Any], case: dict[str, Any]) -> None:
    paths = paths_of(content)
    choices = {name: value for name, value in case.items() if name not in ("name", "model", "expect")}
    found = getattr(attribution, case["model"])(paths, **choices)
    expect = dict(case["expect"])
    assert found.column("channel").to_pylist() == expect.pop("words")
    for name, expected in expect.items():
        most = max(abs(value) for value in expected if value is not None)
        for value, wanted in zip(found.column(name).to_pylist(), expected, strict=True):
            assert (value is None) == (wanted is None), name
            if value is not None:
                assert abs(value - wanted) <= 1e-13 * most, (name, value, wanted)
    assert sum(found.column("conversions").to_pylist()) == round(sum(expect["conversions"]))
