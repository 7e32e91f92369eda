"""The tables of touchpoints that Rust, Python and Node cut alike: `tests/vectors/paths.json`."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any

import pyarrow as pa
import pytest
import wayfare
from conftest import REPOSITORY

VECTORS = json.loads((REPOSITORY / "tests" / "vectors" / "paths.json").read_text())
CASES = [pytest.param(case, id=case["name"]) for case in VECTORS["cases"]]
INSTANTS = ("at", "started_at", "ended_at")


def instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(timezone.utc)


def table(rows: list[dict[str, Any]]) -> pa.Table:
    columns = {
        "customer": pa.string(),
        "kind": pa.string(),
        "channel": pa.string(),
        "id": pa.string(),
        "value": pa.float64(),
    }
    given: dict[str, Any] = {name: pa.array([row.get(name) for row in rows], of) for name, of in columns.items()}
    return pa.table(given | {"at": pa.array([instant(row["at"]) for row in rows], pa.timestamp("us", tz="UTC"))})


def expected(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: instant(value) if name in INSTANTS else value for name, value in row.items()} for row in rows]


@pytest.mark.parametrize("case", CASES)
def test_a_table_is_cut_as_the_definition_says(case: dict[str, Any]) -> None:
    paths = wayfare.paths(table(case["rows"]), **case["options"])
    assert paths.to_table().to_pylist() == expected(case["paths"]), case["says"]
    assert paths.sessions().to_pylist() == expected(case["sessions"]), case["says"]
    assert len(paths) == len(case["paths"])
