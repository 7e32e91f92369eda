"""The cases that Rust, Python and Node share: online, and the same records as a table."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pyarrow as pa
import pytest
import wayfare
from conftest import REPOSITORY

FILES = sorted((REPOSITORY / "tests" / "vectors").glob("*.json"))
CASES = [(f"{file.stem}/{case['name']}", case) for file in FILES for case in json.loads(file.read_text())["cases"]]
CUSTOMER = "c-1"


def cases(wanted: str) -> Any:
    """The cases that say something of `wanted`."""
    return pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in CASES if case.get(wanted)])


def same(found: Any, expected: Any) -> bool:
    """Equal to the last bit; an expected dict may leave keys out."""
    if isinstance(expected, dict):
        return isinstance(found, dict) and all(same(found.get(key), value) for key, value in expected.items())
    if isinstance(expected, list):
        return isinstance(found, list) and len(found) == len(expected) and all(map(same, found, expected))
    if isinstance(expected, bool) or isinstance(found, bool):
        return found is expected
    if isinstance(expected, float) and isinstance(found, float):
        return found.hex() == expected.hex()
    return bool(found == expected)


def folded(case: dict[str, Any], until: str | None = None) -> wayfare.Profile:
    """The records, or those up to an instant, as they arrive."""
    profile = wayfare.Journey.from_yaml(case["journey"]).profile(CUSTOMER)
    for record in case["records"] if until is None else known(case, until):
        if "set" in record:
            profile.set(record["set"], at=record.get("at"), id=record.get("id"))
        else:
            profile.observe(record)
    return profile


def known(case: dict[str, Any], until: str) -> list[dict[str, Any]]:
    return [record for record in case["records"] if not record.get("at") or moment(record["at"]) <= moment(until)]


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def last(case: dict[str, Any]) -> str:
    return max((view["at"] for view in case["views"]), key=moment)


@cases("views")
def test_views(case: dict[str, Any]) -> None:
    profile = folded(case)
    for view in case["views"]:
        try:
            found = profile.view(view["at"]).to_dict()
        except wayfare.InvalidArgumentError:
            # It looks back as far as `allowed_lateness`; what was true before is asked of one that has seen no more.
            found = folded(case, until=view["at"]).view(view["at"]).to_dict()
        assert same(found, view["expect"]), (case["says"], view["at"], found)


@cases("transitions")
def test_history(case: dict[str, Any]) -> None:
    profile = folded(case)
    found = [move.to_dict() for move in profile.history(last(case))]
    assert same(found, case["transitions"]), (case["says"], found)
    restored = wayfare.Profile.from_bytes(profile.journey, profile.to_bytes())
    assert restored == profile
    assert [move.to_dict() for move in restored.history(last(case))] == found


@cases("diagnostics")
def test_diagnostics(case: dict[str, Any]) -> None:
    try:
        found = wayfare.Journey.from_yaml(case["journey"]).warnings
    except wayfare.InvalidJourneyError as error:
        found = error.diagnostics
    places = ("line", "column")
    for diagnostic, expected in zip(found, case["diagnostics"], strict=True):
        shown = {
            key: getattr(diagnostic.span, key, None) if key in places else getattr(diagnostic, key) for key in expected
        }
        assert shown == expected, case["says"]


def tables(case: dict[str, Any]) -> tuple[wayfare.Journey, pa.Table, pa.Table]:
    """The journey, the touchpoints, the attribute changes."""
    journey = wayfare.Journey.from_yaml(case["journey"])
    touchpoints = [record for record in case["records"] if "set" not in record]
    changes = [
        {**record["set"], "at": record.get("at"), "id": record.get("id")}
        for record in case["records"]
        if "set" in record
    ]
    return journey, table(touchpoints, journey.touchpoint_fields), table(changes, journey.attributes)


def table(rows: list[dict[str, Any]], columns: Any) -> pa.Table:
    types = {"number": pa.float64(), "text": pa.string(), "boolean": pa.bool_()}
    fixed = {"customer": pa.string(), "at": pa.timestamp("us", "UTC"), "id": pa.string()}
    schema = pa.schema({**fixed, **{name: types[kind] for name, kind in columns.items()}})
    return pa.Table.from_pylist(
        [{**row, "customer": CUSTOMER, "at": row.get("at") and moment(row["at"])} for row in rows], schema=schema
    )


@cases("views")
def test_run(case: dict[str, Any]) -> None:
    """A table of the records says what the profile says."""
    journey, touchpoints, customers = tables(case)
    for view in case["views"]:
        rows = journey.run(touchpoints, customers=customers, as_of=view["at"]).to_pylist()
        if not known(case, view["at"]):
            assert rows == []
            continue
        (row,) = rows
        online = folded(case, until=view["at"]).view(view["at"])
        assert same(row, {**online.traits, **online.scores, **online.segments}), (case["says"], view["at"], row)
        assert {track: (row[track], row[f"{track}_since"]) for track in journey.tracks} == {
            track: (stage.stage, stage.since) for track, stage in online.stages.items()
        }
        assert row["next_change_at"] == (online.next_change and online.next_change.at)


@cases("transitions")
def test_transitions(case: dict[str, Any]) -> None:
    """A table of the records moves as the profile does, for the same reasons."""
    journey, touchpoints, customers = tables(case)
    rows = journey.transitions(touchpoints, customers=customers, as_of=last(case), explain=True).to_pylist()
    online = folded(case, until=last(case)).history(last(case))
    found = [
        (row["track"], row["at"], row["from"], row["to"], row["cause"], row["record"], row["because"]) for row in rows
    ]
    assert found == [(m.track, m.at, m.from_, m.to, m.cause, m.record, m.because) for m in online], case["says"]
