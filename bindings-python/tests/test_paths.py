"""`wayfare.paths` and `wayfare.Paths` as Python has them: frames, arguments, messages."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import wayfare

ROWS = {
    "customer": ["ada", "ada", "ada", "bo"],
    "at": ["2026-03-01T10:00:00Z", "2026-03-02T10:00:00Z", "2026-03-02T10:05:00Z", "2026-03-04T09:00:00Z"],
    "kind": ["clicked", "clicked", "purchased", "clicked"],
    "channel": ["email", "search", "web", "email"],
    "value": [None, None, 59.9, None],
}


def touchpoints() -> pa.Table:
    at = pa.array(pd.to_datetime(ROWS["at"]).as_unit("us"), pa.timestamp("us", tz="UTC"))
    return pa.table(ROWS | {"at": at, "value": pa.array(ROWS["value"], pa.float64())})


def test_the_kind_of_frame_that_came_in_comes_out() -> None:
    table = touchpoints()
    for frame, kind in ((table, pa.Table), (table.to_pandas(), pd.DataFrame), (pl.DataFrame(table), pl.DataFrame)):
        paths = wayfare.paths(frame, conversion="purchased", lookback="30d", session_gap="30m")
        assert isinstance(paths.to_table(), kind)
        assert isinstance(paths.sessions(), kind)
        assert [str(path) for path in paths.to_table()["path"]] == ["email > search", "email"]


def test_what_became_of_the_rows_is_told() -> None:
    paths = wayfare.paths(touchpoints(), conversion=["purchased"], observed_until=date(2026, 3, 3))
    assert paths.dimensions == ["channel", "kind"]
    report = paths.report
    assert (report["rows"], report["conversions"], report["after_observation"], report["nulls"]) == (4, 1, 1, 0)
    assert repr(paths) == "<Paths: 1, 1 conversions, 0 without one>"


def test_strings_may_be_lists_or_columns() -> None:
    given: dict[str, Any] = {
        "path": ["a > b", "b", ""],
        "conversions": [2, 1, 1],
        "value": [3.0, 1.0, 0.5],
        "nulls": [4, 0, 0],
    }
    lists = wayfare.Paths.from_strings(**given)
    assert lists == wayfare.Paths.from_strings(*(pa.array(column) for column in given.values()))
    frame = pl.DataFrame(given)
    columns = wayfare.Paths.from_strings(frame["path"], frame["conversions"], frame["value"], frame["nulls"])
    assert isinstance(columns.to_table(), pl.DataFrame)
    assert lists.to_table().to_pylist() == [
        {"path": path, "touchpoints": n, "conversions": conversions, "value": value, "nulls": nulls}
        for n, path, conversions, value, nulls in zip((2, 1, 0), *given.values(), strict=True)
    ]
    other = wayfare.Paths.from_strings(["a|b"], [1], separator="|")
    assert other.to_table(separator="/")["path"].to_pylist() == ["a/b"]


def test_pieces_merge() -> None:
    table = touchpoints()
    whole = wayfare.paths(table, conversion="purchased")
    one, other = (wayfare.paths(part, conversion="purchased") for part in (table[:3], table[3:]))
    assert one.merge(other) == other.merge(one) == whole
    with pytest.raises(wayfare.InvalidArgumentError, match="1 of the customers are in both pieces"):
        one.merge(whole)
    with pytest.raises(wayfare.InvalidArgumentError, match="different `lookback`"):
        one.merge(wayfare.paths(table[3:], conversion="purchased", lookback="3d"))


def test_a_journey_tells_owner_and_stage() -> None:
    journey = wayfare.Journey.from_yaml(
        "wayfare: 1\nname: Shop\nchannels: { email: { owner: crm }, search: {}, web: {} }\n"
        "touchpoints: { clicked: {}, purchased: {} }\ntraits: { clicks: { count: clicked } }\n"
        "tracks: { relationship: [{ name: unknown }, { name: interested, when: clicks >= 1 }] }\n"
    )
    for cut in (journey.paths, lambda table, **options: wayfare.paths(table, journey=journey, **options)):
        paths = cut(touchpoints(), conversion="purchased", track="relationship")
        assert paths.dimensions == ["channel", "kind", "owner", "stage"]
        assert paths.to_table(by="stage")["path"].to_pylist() == ["unknown > interested", "unknown"]
        assert paths.to_table(by="owner")["path"].to_pylist() == ["crm > (none)", "crm"]


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "lookback": ({"lookback": "a month"}, "`a month` is not a duration"),
    "kind": ({"lookback": {"purchase": "30d"}}, "`lookback` names `purchase`, which is not a conversion"),
    "repeat": ({"repeat": "never"}, "there is no `repeat` `never`"),
    "unit": ({"unit": "day"}, "there is no `unit` `day`"),
    "session": ({"session": "week"}, "there is no `session` `week`"),
    "both": ({"session": "day", "session_gap": "30m"}, "`session` and `session_gap` are both given"),
    "touchpoints": ({"touchpoints": "purchased"}, "`purchased` is both a conversion and a touchpoint"),
    "track": ({"track": "relationship"}, "`track` and `customers` want a `journey`"),
    "by": ({}, "the paths have no `chanel`"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_cannot_be_meant_is_refused(wrong: str) -> None:
    options, message = WRONG[wrong]
    with pytest.raises(wayfare.InvalidArgumentError) as caught:
        wayfare.paths(touchpoints(), **({"conversion": "purchased"} | options)).to_table(by="chanel")
    assert str(caught.value).startswith(message)


def test_bad_rows_are_refused_or_collected() -> None:
    table = touchpoints().set_column(4, "value", pa.array([-1.0, None, -1.0, None]))
    with pytest.raises(
        wayfare.InvalidTableError, match="row 2, column `value`: `value` of a conversion is less than 0"
    ):
        wayfare.paths(table, conversion="purchased")
    paths, rejected = wayfare.paths(table, conversion="purchased", on_error="collect")
    assert (len(paths), rejected["row"].to_pylist()) == (2, [2])
