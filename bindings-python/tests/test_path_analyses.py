"""What is read off paths: the vectors that Rust, Python and Node share, and what Python adds to them."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pytest
import wayfare
from conftest import REPOSITORY

VECTORS = REPOSITORY / "tests" / "vectors"


def cases(file: str) -> list[Any]:
    return [pytest.param(case, id=case["name"]) for case in json.loads((VECTORS / file).read_text())["cases"]]


def table(rows: list[dict[str, Any]]) -> pa.Table:
    columns = {name: [row[name] for row in rows] for name in ("customer", "id", "kind", "channel", "stage", "value")}
    at = pa.array([row["second"] * 1_000_000 for row in rows], pa.timestamp("us", tz="UTC"))
    return pa.table(columns | {"at": at, "value": pa.array(columns["value"], pa.float64())})


def cut(rows: list[dict[str, Any]]) -> wayfare.Paths:
    paths = wayfare.paths(table(rows), conversion="purchased")
    assert isinstance(paths, wayfare.Paths)
    return paths


def lines(found: pa.Table) -> list[list[Any]]:
    return [list(row.values()) for row in found.to_pylist()]


def close(found: Any, expected: Any) -> None:
    assert found == pytest.approx(expected, rel=1e-12, abs=1e-12) if isinstance(expected, float) else found == expected


def all_close(found: list[list[Any]], expected: list[list[Any]]) -> None:
    assert len(found) == len(expected)
    for row, wanted in zip(found, expected, strict=True):
        for cell, number in zip(row, wanted, strict=True):
            close(cell, number)


def ordered(rows: list[list[Any]]) -> list[list[Any]]:
    return sorted(rows, key=lambda row: json.dumps(row[:2]))


@pytest.mark.parametrize("case", cases("funnels.json"))
def test_funnels_are_what_every_start_and_every_touchpoint_in_turn_make_them(case: dict[str, Any]) -> None:
    asked = dict(case["asked"])
    steps = asked.pop("steps")
    told = cut(case["rows"]).funnel(steps, **asked)
    found = told.to_table().to_pydict()
    for name, expected in case["steps"].items():
        all_close([[number] for number in found[name]], [[number] for number in expected])
    names = found["step"]
    left = [[row["step"], row["next"], row["customers"]] for row in told.drop_outs().to_pylist()]
    assert left == [[names[step], word, count] for step, word, count in case["drop_outs"]]
    if case["raw"]:
        assert wayfare.funnel(table(case["rows"]), steps, **asked).to_table() == told.to_table()
    reached = cut(case["rows"]).funnel_customers(steps, **asked)["steps"].to_pylist()
    assert [sum(each > step for each in reached) for step in range(len(steps))] == case["steps"]["customers"]


@pytest.mark.parametrize("case", cases("path_analyses.json"))
def test_analyses_are_those_counted_one_by_one(case: dict[str, Any]) -> None:
    paths = cut(case["rows"])
    all_close(ordered(lines(paths.transition_matrix().to_table())), ordered(case["transition_matrix"]))
    all_close(lines(paths.top(5)), case["top"])
    all_close(ordered(lines(paths.exits())), ordered(case["exits"]))
    assert sorted(lines(paths.flow(case["flow"]["steps"]).to_table())) == sorted(case["flow"]["links"])
    graph, expected = paths.directly_follows(), case["directly_follows"]
    assert graph.dfg == {(start, end): count for start, end, count in expected["edges"]}
    assert (graph.start_activities, graph.end_activities) == (expected["start"], expected["end"])


@pytest.mark.parametrize("case", cases("path_analyses.json"))
def test_time_in_stages_is_what_lifelines_estimates(case: dict[str, Any]) -> None:
    second = case["time_in_stage"]["observed_until"]
    until = f"1970-01-01T00:{second // 60:02}:{second % 60:02}Z"
    times = cut(case["rows"]).time_in_stage(observed_until=until)
    found = {row["stage"]: row for row in times.to_table().to_pylist()}
    for stage, expected in case["time_in_stage"]["stages"].items():
        for name in expected.keys() - {"curve"}:
            close(found[stage][name], expected[name])
        curve = [list(row.values())[1:] for row in times.curve().to_pylist() if row["stage"] == stage]
        all_close(curve, expected["curve"])


def test_pieces_add_up_and_can_be_taken_away_again() -> None:
    rows = json.loads((VECTORS / "path_analyses.json").read_text())["cases"][1]["rows"]
    one, other = (cut([row for row in rows if (row["customer"] < "c2") is first]) for first in (True, False))
    both = one.transition_matrix().merge(other.transition_matrix())
    assert both == cut(rows).transition_matrix()
    assert both.subtract(other.transition_matrix()) == one.transition_matrix()
    assert other.directly_follows().merge(one.directly_follows()) == cut(rows).directly_follows()
    with pytest.raises(wayfare.InvalidArgumentError, match="times in what is taken away"):
        one.transition_matrix().subtract(both)
    with pytest.raises(wayfare.InvalidArgumentError, match="`Funnel` is not `TransitionMatrix`"):
        both.merge(one.funnel(["viewed"]))  # type: ignore[arg-type]


def test_stays_are_read_off_the_transitions_of_a_journey() -> None:
    days = [0, 3, 1, 1, None]
    at = pa.array([None if day is None else day * 86_400_000_000 for day in days], pa.timestamp("us", tz="UTC"))
    moves = pa.table(
        {
            "customer": ["ada", "ada", "bo", "bo", "cy"],
            "track": ["shop"] * 5,
            "at": at,
            "from": ["unknown", "prospect", "prospect", "unknown", "unknown"],
            "to": ["prospect", "first_time", "first_time", "prospect", "prospect"],
        }
    )
    told = wayfare.time_in_stage(moves, "1970-01-11T00:00:00Z").to_table().to_pylist()
    found = {row["stage"]: (row["entered"], row["left"], row["start_unknown"], row["median_days"]) for row in told}
    assert found == {"first_time": (2, 0, 0, None), "prospect": (2, 2, 1, 0.0), "unknown": (0, 0, 3, None)}


def test_pictures_are_shown_by_notebooks_and_hold_no_markup_of_names() -> None:
    paths = wayfare.Paths.from_strings(["<b> | a&b", "a&b"], [3, 1], nulls=[2, 5], separator="|")
    for picture in (paths.transition_matrix(), paths.flow(3), paths.funnel(["<b>", "a&b"], by="channel", per="path")):
        svg = picture._repr_svg_()
        assert svg == picture.to_svg()
        assert svg.startswith("<svg ")
        assert "<b>" not in svg


def test_the_frame_that_came_in_comes_out() -> None:
    polars = pytest.importorskip("polars")
    rows = json.loads((VECTORS / "path_analyses.json").read_text())["cases"][0]["rows"]
    frame = polars.DataFrame(table(rows))
    paths = wayfare.paths(frame, conversion="purchased")
    assert isinstance(paths.top(3), polars.DataFrame)
    assert isinstance(wayfare.funnel(frame, ["viewed", "added"]).to_table(), polars.DataFrame)


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda rows: wayfare.funnel(rows, []), "a funnel without steps"),
        (lambda rows: wayfare.funnel(rows, "viewed"), "`steps` is one word"),
        (lambda rows: wayfare.funnel(rows, ["viewed"], by="knd"), "has no column `knd`; did you mean `kind`"),
        (lambda rows: wayfare.funnel(rows, ["viewed", "viewed"]), "steps share touchpoints needs more than"),
        (lambda rows: wayfare.funnel(rows, ["viewed"], within="soon"), "`soon` is not a duration"),
        (lambda rows: wayfare.paths(rows).funnel(["viewed"], by="chanel"), "the paths have no `chanel`"),
        (lambda rows: wayfare.paths(rows).flow(21), "a flow of 21 steps"),
        (lambda rows: wayfare.paths(rows).time_in_stage(restricted_to_days=0), "`restricted_to_days` is 0"),
        (lambda rows: wayfare.Paths.from_strings(["a"], [1]).time_in_stage("channel"), "which have no times"),
        (lambda rows: wayfare.Paths.from_strings(["a"], [1]).directly_follows(), "do not tell customers apart"),
    ],
)
def test_what_cannot_be_meant_is_refused(ask: Any, said: str) -> None:
    rows = json.loads((VECTORS / "path_analyses.json").read_text())["cases"][0]["rows"]
    with pytest.raises(wayfare.InvalidArgumentError if "column" not in said else wayfare.InvalidTableError, match=said):
        ask(table(rows))


def test_pm4py_reads_the_graph() -> None:
    pm4py = pytest.importorskip("pm4py")
    rows = json.loads((VECTORS / "path_analyses.json").read_text())["cases"][1]["rows"]
    frame = table(rows).to_pandas().sort_values(["customer", "at", "id"])
    theirs = pm4py.discover_dfg(frame, activity_key="kind", timestamp_key="at", case_id_key="customer")
    graph = cut(rows).directly_follows()
    assert (graph.dfg, graph.start_activities, graph.end_activities) == tuple(dict(part) for part in theirs)
