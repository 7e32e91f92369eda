"""Who is who: the cases that Rust, Python and Node share, tables, runs by person, and what is refused."""

from __future__ import annotations

import json
import pickle
from datetime import datetime, timezone
from typing import Any

import pyarrow as pa
import pytest
import wayfare
from conftest import REPOSITORY

CASES = [
    pytest.param(case, id=case["name"])
    for case in json.loads((REPOSITORY / "tests" / "vectors" / "identity.json").read_text())["cases"]
]
RULES = {"identifiers": {"card": {"limit": "1 ever"}, "email": {"normalize": ["lowercase"]}, "cookie": {}}}
AT = datetime(2026, 3, 1, tzinfo=timezone.utc)


def by_person(table: Any) -> dict[str, list[str]]:
    """Identifiers by person, off a table of persons."""
    persons: dict[str, list[str]] = {}
    for row in table.to_pylist():
        if row["person"] is not None:
            persons.setdefault(row["person"], []).append(f"{row['kind']}:{row['identifier']}")
    return {person: sorted(identifiers) for person, identifiers in persons.items()}


def stepped(graph: wayfare.IdentityGraph, step: dict[str, Any]) -> None:
    """Does what a step says, and holds what it tells against what is expected."""
    try:
        told = graph.link(step["link"]) if "link" in step else graph.unlink(step["unlink"])
    except wayfare.WayfareError as error:
        assert {"code": error.code, "message": str(error)} == step["error"]
    else:
        assert {key: told[key] for key in step["expect"]} == step["expect"]


@pytest.mark.parametrize("case", CASES)
def test_every_case_holds(case: dict[str, Any]) -> None:
    if "diagnostics" in case:
        with pytest.raises(wayfare.InvalidRulesError) as caught:
            wayfare.IdentityGraph(case["rules"])
        keys = ("code", "path", "message", "help")
        assert [{key: getattr(one, key) for key in keys} for one in caught.value.diagnostics] == case["diagnostics"]
        return
    graph = wayfare.IdentityGraph(case["rules"])
    for step in case["steps"]:
        stepped(graph, step)
    assert by_person(graph.persons()) == {person: sorted(all_) for person, all_ in case["persons"].items()}
    for asked in case.get("evidence", []):
        assert graph.evidence(tuple(asked["one"]), tuple(asked["other"])) == asked["expect"]
    again = wayfare.IdentityGraph.from_bytes(graph.to_bytes())
    assert again == graph == pickle.loads(pickle.dumps(graph))
    assert again.persons() == graph.persons()


def test_a_table_gives_persons_in_the_frame_that_came_in() -> None:
    table = pa.table({"a": ["x", "y", "p"], "b": ["y", "z", "q"]})
    graph = wayfare.IdentityGraph({"identifiers": {"cookie": {}}})
    persons, report, rejected = graph.resolve(table, columns={"a": "cookie", "b": "cookie"})
    assert by_person(persons) == {
        "cookie:x": ["cookie:x", "cookie:y", "cookie:z"],
        "cookie:p": ["cookie:p", "cookie:q"],
    }
    assert (report["records"], report["identifiers"], report["persons"]) == (3, 5, 2)
    assert rejected.num_rows == 0
    assert len(graph) == 0 and graph
    frame = graph.resolve(table.to_pandas(), columns={"a": "cookie", "b": "cookie"}).persons
    assert type(frame).__name__ == "DataFrame"


def test_bad_rows_are_refused_or_collected() -> None:
    graph = wayfare.IdentityGraph(RULES)
    table = pa.table({"email": ["ada@example.com", "", None], "card": [77, 78, None], "at": [AT, AT, AT]})
    with pytest.raises(wayfare.InvalidTableError, match="row 1, column `email`: `email` is empty text"):
        graph.resolve(table)
    persons, report, rejected = graph.resolve(table, on_error="collect")
    assert by_person(persons) == {"card:77": ["card:77", "email:ada@example.com"]}
    assert (report["refused"], rejected.column("reason").to_pylist()) == (
        2,
        ["`email` is empty text", "the row has no identifiers"],
    )
    told, bad = graph.link_table(table, on_error="collect")
    assert (told["records"], told["persons"], bad.num_rows, len(graph)) == (1, 1, 2, 1)
    with pytest.raises(wayfare.InvalidTableError, match="has a column `emial` that"):
        graph.resolve(pa.table({"emial": ["x"], "cookie": ["y"]}))
    with pytest.raises(wayfare.InvalidTableError, match="has no column of identifiers"):
        graph.resolve(pa.table({"id": ["x"]}))


def test_a_run_is_by_person() -> None:
    journey = wayfare.Journey.from_yaml(
        "wayfare: 1\nname: Shop\ntouchpoints: { purchased: {} }\n"
        "traits: { orders: { count: purchased, output: true } }\n"
    )
    graph = wayfare.IdentityGraph(RULES)
    graph.link(at=AT, identifiers={"cookie": "8f3a", "email": "Ada@example.com"}, id="login")
    touchpoints = pa.table(
        {
            "cookie": ["8f3a", None, "77b1", "77b1"],
            "email": [None, "ADA@example.com", None, "bo@example.com"],
            "at": [AT] * 4,
            "kind": ["purchased"] * 4,
        }
    )
    result = journey.run(touchpoints, identity=graph, as_of=datetime(2026, 4, 1, tzinfo=timezone.utc))
    assert dict(zip(result["customer"].to_pylist(), result["orders"].to_pylist(), strict=True)) == {
        "email:ada@example.com": 2,
        "cookie:77b1": 1,
        "email:bo@example.com": 1,
    }
    both = touchpoints.append_column("customer", pa.array(["c"] * 4))
    with pytest.raises(wayfare.InvalidTableError, match="has a column `customer` and identifiers as well"):
        journey.run(both, identity=graph, as_of=AT)
    with pytest.raises(wayfare.InvalidTableError, match="has no column of identifiers"):
        journey.run(touchpoints.drop_columns(["cookie", "email"]), identity=graph, as_of=AT)


def test_profiles_of_one_person_merge_exactly() -> None:
    journey = wayfare.Journey.template("retail")
    card, browser, both = (journey.profile("c-1") for _ in range(3))
    for profile in (card, both):
        profile.observe(at="2026-03-02T00:00:00Z", kind="purchased", channel="store", value=20.0, id="p1")
    for profile in (browser, both):
        profile.observe(at="2026-03-01T00:00:00Z", kind="purchased", channel="store", value=10.0, id="p0")
    browser.observe(at="2026-03-02T00:00:00Z", kind="purchased", channel="store", value=20.0, id="p1")
    card.merge(browser)
    assert card.to_bytes() == both.to_bytes()
    for profile, at in ((card, "2026-06-01"), (browser, "2026-07-01")):
        for day in ("02T00:00:00Z", "28T00:00:00Z"):
            profile.observe(at=f"{at[:8]}{day}", kind="purchased", channel="store", value=1.0)
    before = card.to_bytes()
    with pytest.raises(wayfare.TooLateError, match="both profiles have folded records away"):
        card.merge(browser)
    assert card.to_bytes() == before


@pytest.mark.parametrize(
    ("record", "says"),
    [
        ({"identifiers": {"cookie": "x"}}, "`at` is missing"),
        ({"at": AT, "identifiers": {"cookie": float("nan")}}, "`cookie` is not text"),
        ({"at": AT, "identifiers": {"cookie": 7}}, "`cookie` is not text"),
        ({"at": AT, "identifiers": {"cookie": "\ud800"}}, "`cookie` is not text"),
        ({"at": AT, "identifiers": ["x"]}, "`identifiers` is not a dict"),
        ({"at": AT, "identifiers": {"cookie": "x" * 70_000}}, "more than 65536 bytes"),
        ({"at": AT, "identifiers": {"cookie": ["x"] * 2_000}}, "more than 1000 identifiers"),
        ({"at": AT, "identifier": {"cookie": "x"}}, "has no field `identifier`"),
        ({"at": "2026-03-01", "identifiers": {"cookie": "x"}}, "`at`: "),
    ],
)
def test_hostile_records_are_refused(record: dict[str, Any], says: str) -> None:
    graph = wayfare.IdentityGraph(RULES)
    with pytest.raises(wayfare.InvalidRecordError, match=says):
        graph.link(record)
    cyclic: dict[str, Any] = {"at": AT}
    cyclic["identifiers"] = {"cookie": [cyclic]}
    with pytest.raises(wayfare.InvalidRecordError):
        graph.link(cyclic)
    assert len(graph) == 0
    with pytest.raises(wayfare.InvalidIdentityError, match="not an identity graph"):
        wayfare.IdentityGraph.from_bytes(b"WFRP")
