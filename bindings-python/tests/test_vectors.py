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
# Cases without a journey are numbers of models, or tables.
CASES = [
    (f"{file.stem}/{case['name']}", case)
    for file in FILES
    for case in json.loads(file.read_text()).get("cases", [])
    if "journey" in case
]
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
    profile = wayfare.Journey.from_yaml(case["journey"]).profile(case.get("customer", CUSTOMER))
    for record in case.get("records", []) if until is None else known(case, until):
        if "choice" in record:
            profile.prefer(record)
        elif "set" in record:
            profile.set(record["set"], at=record.get("at"), id=record.get("id"))
        else:
            profile.observe(record)
    return profile


def known(case: dict[str, Any], until: str) -> list[dict[str, Any]]:
    return [
        record for record in case.get("records", []) if not record.get("at") or moment(record["at"]) <= moment(until)
    ]


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


def decided(profile: wayfare.Profile, asked: dict[str, Any]) -> list[wayfare.Decision]:
    found = profile.decide(asked["at"], asked.get("inputs"), asked.get("context"), asked.get("top"))
    return found if isinstance(found, list) else [found]


def row(rows: list[dict[str, Any]], like: dict[str, Any], keys: tuple[str, ...]) -> dict[str, Any] | None:
    return next((row for row in rows if all(row[key] == like.get(key) for key in keys)), None)


def agrees(document: dict[str, Any], expected: dict[str, Any]) -> bool:
    """Of `candidates` the given ones are compared."""
    candidates = expected.get("candidates", [])
    rows = [row(document["candidates"], candidate, ("action", "channel")) for candidate in candidates]
    rest = {key: value for key, value in expected.items() if key != "candidates"}
    return same(document, rest) and all(map(same, rows, candidates))


@cases("decisions")
def test_decisions(case: dict[str, Any]) -> None:
    profile = folded(case)
    for asked in case["decisions"]:
        if "error" in asked:
            with pytest.raises(wayfare.WayfareError) as caught:
                decided(profile, asked)
            assert caught.value.code == asked["error"], case["says"]
            continue
        try:
            found = decided(profile, asked)
        except wayfare.InvalidArgumentError:
            # It looks back as far as `allowed_lateness`; what was true before is asked of one that has seen no more.
            found = decided(folded(case, until=asked["at"]), asked)
        expected = asked["expect"] if "top" in asked else [asked["expect"]]
        documents = [decision.to_dict() for decision in found]
        assert len(documents) == len(expected), (case["says"], asked["at"], documents)
        for decision, document, parts in zip(found, documents, expected, strict=True):
            assert agrees(document, parts), (case["says"], asked["at"], parts, document)
            read = [decision.action, decision.channel, decision.may_send, decision.held_out, decision.priority]
            assert read == [document[key] for key in ("action", "channel", "may_send", "held_out", "priority")]
            assert decision.not_before == (document["not_before"] and moment(document["not_before"]))


@cases("consents")
def test_consents(case: dict[str, Any]) -> None:
    profile = folded(case)
    for asked in case["consents"]:
        found = [consent.to_dict() for consent in profile.consents(asked["at"])]
        keys = ("channel", "purpose", "topic")
        for expected in asked["expect"]:
            assert same(row(found, expected, keys), expected), (case["says"], asked["at"], expected, found)
        if asked.get("whole"):
            assert [[one[key] for key in keys] for one in found] == [
                [one.get(key) for key in keys] for one in asked["expect"]
            ]


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
    touchpoints = [record for record in case["records"] if "set" not in record and "choice" not in record]
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
