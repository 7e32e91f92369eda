"""What a user is told when a record, a table or an argument is wrong: the class and the whole text."""

from __future__ import annotations

import math
import pickle
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import wayfare
from conftest import SHOP, Snapshots, told

AT = datetime(2026, 3, 1, 9, 30, tzinfo=timezone.utc)
NOW = "2026-03-02T00:00:00Z"

RECORDS: dict[str, dict[Any, Any]] = {
    "nothing": {},
    "no_kind": {"at": AT},
    "kind_misspelt_key": {"at": AT, "knid": "purchased"},
    "no_at": {"kind": "purchased"},
    "at_none": {"kind": "purchased", "at": None},
    "at_naive": {"kind": "purchased", "at": datetime(2026, 3, 1)},
    "at_date": {"kind": "purchased", "at": date(2026, 3, 1)},
    "at_number": {"kind": "purchased", "at": 1_772_357_400},
    "at_text_without_offset": {"kind": "purchased", "at": "2026-03-01T09:30:00"},
    "at_text_no_instant": {"kind": "purchased", "at": "yesterday"},
    "at_text_finer": {"kind": "purchased", "at": "2026-03-01T09:30:00.0000001Z"},
    "at_pandas_nat": {"kind": "purchased", "at": pd.NaT},
    "at_pandas_naive": {"kind": "purchased", "at": pd.Timestamp("2026-03-01")},
    "at_pandas_finer": {"kind": "purchased", "at": pd.Timestamp("2026-03-01T09:30:00.000000001Z")},
    "at_numpy": {"kind": "purchased", "at": np.datetime64("2026-03-01")},
    "kind_unknown": {"at": AT, "kind": "purchsed"},
    "kind_number": {"at": AT, "kind": 7},
    "kind_none": {"at": AT, "kind": None},
    "field_unknown": {"at": AT, "kind": "purchased", "chanel": "web"},
    "field_of_another_kind": {"at": AT, "kind": "page_viewed", "items": 2},
    "customer": {"at": AT, "kind": "purchased", "customer": "c-42"},
    "channel_unknown": {"at": AT, "kind": "purchased", "channel": "stor"},
    "topic_unknown": {"at": AT, "kind": "purchased", "topic": "tent"},
    "direction_unknown": {"at": AT, "kind": "purchased", "direction": "in"},
    "value_text": {"at": AT, "kind": "purchased", "value": "12.50"},
    "value_boolean": {"at": AT, "kind": "purchased", "value": True},
    "value_nan": {"at": AT, "kind": "purchased", "value": math.nan},
    "value_infinite": {"at": AT, "kind": "purchased", "value": -math.inf},
    "value_decimal": {"at": AT, "kind": "purchased", "value": Decimal("12.50")},
    "value_list": {"at": AT, "kind": "purchased", "value": [1, 2]},
    "value_numpy_array": {"at": AT, "kind": "purchased", "value": np.array([1.0])},
    "items_past_2_53": {"at": AT, "kind": "purchased", "items": 2**53 + 1},
    "items_past_2_64": {"at": AT, "kind": "purchased", "items": -(2**70)},
    "gift_number": {"at": AT, "kind": "purchased", "gift": 1},
    "note_empty": {"at": AT, "kind": "purchased", "note": ""},
    "note_huge": {"at": AT, "kind": "purchased", "note": "x" * 70_000},
    "note_half_a_character": {"at": AT, "kind": "purchased", "note": "\ud800"},
    "note_bytes": {"at": AT, "kind": "purchased", "note": b"hello"},
    "id_number": {"at": AT, "kind": "purchased", "id": 1007},
    "key_number": {"at": AT, "kind": "purchased", 3: "x"},
    "key_half_a_character": {"at": AT, "kind": "purchased", "\udcff": "x"},
}


def table(**columns: Any) -> pa.Table:
    whole = {
        "customer": pa.array(["c-1", "c-2"]),
        "at": pa.array([AT, AT], pa.timestamp("us", "UTC")),
        "kind": pa.array(["purchased", "page_viewed"]),
    }
    return pa.table({name: column for name, column in {**whole, **columns}.items() if column is not None})


TABLES: dict[str, Any] = {
    "a_list": [{"customer": "c-1"}],
    "a_dict": {"customer": ["c-1"]},
    "a_path": "touchpoints.parquet",
    "none": None,
    "polars_lazy": pl.LazyFrame({"customer": ["c-1"]}),
    "one_column": pa.chunked_array([["c-1"]]),
    "pandas_mixed": pd.DataFrame({"customer": ["c-1", 2], "kind": "purchased"}),
    "no_customer": table(customer=None),
    "no_at": table(at=None),
    "no_kind": table(kind=None),
    "customer_null": table(customer=pa.array(["c-1", None])),
    "customer_number": table(customer=pa.array([1.5, 2.5])),
    "customer_boolean": table(customer=pa.array([True, False])),
    "at_null": table(at=pa.array([AT, None], pa.timestamp("us", "UTC"))),
    "at_naive": table(at=pa.array([datetime(2026, 3, 1)] * 2, pa.timestamp("us"))),
    "at_date": table(at=pa.array([date(2026, 3, 1)] * 2)),
    "at_text": table(at=pa.array(["2026-03-01T09:30:00Z"] * 2)),
    "at_number": table(at=pa.array([1, 2])),
    "at_finer": table(at=pa.array([1, 1000], pa.timestamp("ns", "UTC"))),
    "at_too_far": table(at=pa.array([2**62, 0], pa.timestamp("s", "UTC"))),
    "kind_null": table(kind=pa.array(["purchased", None])),
    "kind_unknown": table(kind=pa.array(["purchased", "purchsed"])),
    "kind_number": table(kind=pa.array([1, 2])),
    "channel_unknown": table(channel=pa.array(["web", "stor"])),
    "topic_unknown": table(topic=pa.array(["tents", "tent"])),
    "direction_unknown": table(direction=pa.array(["inbound", "in"])),
    "value_text": table(value=pa.array(["1", "2"])),
    "value_boolean": table(value=pa.array([True, False])),
    "value_nan": table(value=pa.array([1.0, math.nan])),
    "value_infinite": table(value=pa.array([math.inf, None])),
    "value_past_2_53": table(value=pa.array([1, 2**53 + 1])),
    "value_decimal": table(value=pa.array([Decimal("1.50"), Decimal("2.50")])),
    "items_of_another_kind": table(items=pa.array([1, 2])),
    "gift_number": table(gift=pa.array([1, None])),
    "note_number": table(note=pa.array([1, None])),
    "note_empty": table(note=pa.array(["", None])),
    "column_unknown": table(chanel=pa.array(["web", None])),
    "column_list": table(note=pa.array([["a"], None])),
    "column_struct": table(value=pa.array([{"amount": 1}, None])),
    "column_twice": pa.Table.from_arrays([pa.array(["c-1"])] * 2, names=["customer", "customer"]),
    "pandas_named_index": pd.DataFrame(
        {"customer": ["c-1"], "at": [pd.Timestamp(AT)], "kind": ["purchased"]}, index=pd.Index([7], name="order")
    ),
}

CUSTOMERS: dict[str, Any] = {
    "no_customer": pa.table({"age": [41]}),
    "attribute_unknown": pa.table({"customer": ["c-1"], "pan": ["gold"]}),
    "attribute_type": pa.table({"customer": ["c-1"], "age": ["old"]}),
    "time_zone_unknown": pa.table({"customer": ["c-1"], "time_zone": ["Europe/Londn"]}),
    "naive": pa.table(
        {"customer": ["c-1"], "at": pa.array([datetime(2026, 3, 1)], pa.timestamp("us")), "plan": ["gold"]}
    ),
}


@pytest.mark.parametrize("name", RECORDS)
def test_a_wrong_record_is_refused_and_changes_nothing(
    profile: wayfare.Profile, snapshots: Snapshots, name: str
) -> None:
    before = profile.to_bytes()
    error = told(snapshots, "records", name, lambda: profile.observe(RECORDS[name]))
    assert isinstance(error, wayfare.InvalidRecordError)
    assert profile.to_bytes() == before


@pytest.mark.parametrize("name", TABLES)
def test_a_wrong_table_is_refused(journey: wayfare.Journey, snapshots: Snapshots, name: str) -> None:
    error = told(snapshots, "tables", name, lambda: journey.run(TABLES[name], as_of=NOW))
    assert isinstance(error, wayfare.InvalidTableError)


@pytest.mark.parametrize("name", CUSTOMERS)
def test_a_wrong_table_of_customers_is_refused(journey: wayfare.Journey, snapshots: Snapshots, name: str) -> None:
    told(snapshots, "customers", name, lambda: journey.run(table(), customers=CUSTOMERS[name], as_of=NOW))


@pytest.mark.parametrize(
    "name, as_of",
    {
        "naive": datetime(2026, 3, 1),
        "text": "tomorrow",
        "date": date(2026, 3, 1),
        "number": 5,
        "none": None,
        "empty": [],
        "one_of_many_naive": [AT, datetime(2026, 3, 1)],
        "nat": pd.NaT,
        "table_without_at": pa.table({"customer": ["c-1"]}),
        "table_naive": pa.table({"customer": ["c-1"], "at": pa.array([datetime(2026, 3, 1)], pa.timestamp("us"))}),
        "table_null": pa.table({"customer": ["c-1"], "at": pa.array([None], pa.timestamp("us", "UTC"))}),
    }.items(),
)
def test_a_wrong_as_of_is_refused(journey: wayfare.Journey, snapshots: Snapshots, name: str, as_of: Any) -> None:
    told(snapshots, "as_of", name, lambda: journey.run(table(), as_of=as_of))


def loops() -> dict[str, Any]:
    document: dict[str, Any] = {"wayfare": 1}
    document["traits"] = document
    return document


def nested(depth: int) -> Any:
    return {"a": nested(depth - 1)} if depth else 1


def doubling() -> Any:
    """Small in memory, endless as text."""
    value: Any = "x"
    for _ in range(40):
        value = [value, value]
    return value


@pytest.mark.parametrize(
    "name, document",
    {
        "on_as_true": {"scores": {"engagement": {"points": [{True: "purchased", "add": 1}]}}},
        "number_key": {"traits": {3: {"count": "any"}}},
        "cyclic": loops(),
        "deep": nested(40),
        "very_deep": nested(900),
        "doubling": doubling(),
        "nan": {"wayfare": math.nan},
        "past_2_53": {"wayfare": 2**53 + 1},
        "past_2_64": {"wayfare": 2**64},
        "a_date": {"name": date(2026, 3, 1)},
        "an_object": {"name": object},
        "a_list": [],
        "half_a_character": {"name": "\ud800"},
        "half_a_key": {"\ud800": 1},
        "errors": {"wayfare": 1, "name": "Shop", "touchpoints": {"bought": {}}, "segments": {"keen": "orders > 1"}},
    }.items(),
)
def test_a_wrong_document_is_refused(snapshots: Snapshots, name: str, document: Any) -> None:
    with pytest.raises(wayfare.WayfareError) as caught:
        wayfare.Journey.from_dict(document)
    snapshots.check("documents", name, f"{type(caught.value).__name__}: {caught.value}")


@pytest.mark.parametrize(
    "name, call",
    {
        "template": lambda journey, profile: wayfare.Journey.template("retial"),
        "template_text": lambda journey, profile: wayfare.template_text("shop"),
        "stages": lambda journey, profile: journey.stages("relation"),
        "on_error": lambda journey, profile: journey.run(table(), as_of=NOW, on_error="ignore"),
        "extra_columns": lambda journey, profile: journey.run(table(), as_of=NOW, extra_columns="drop"),
        "naive_time_zone": lambda journey, profile: journey.run(table(), as_of=NOW, naive_time_zone="Mars/Base"),
        "transitions_many": lambda journey, profile: journey.transitions(table(), as_of=[AT, AT]),
        "view_naive": lambda journey, profile: profile.view(datetime(2026, 3, 1)),
        "view_text": lambda journey, profile: profile.view("soon"),
        "next_change_number": lambda journey, profile: profile.next_change(1),
        "history_none": lambda journey, profile: profile.history(None),
        "set_nothing": lambda journey, profile: profile.set({}),
        "set_unknown": lambda journey, profile: profile.set(pan="gold"),
        "set_type": lambda journey, profile: profile.set(age="old"),
        "set_at_in_mapping": lambda journey, profile: profile.set({"at": AT, "age": 3}),
        "set_naive": lambda journey, profile: profile.set(age=3, at=datetime(2026, 3, 1)),
        "set_twice": lambda journey, profile: profile.set({"age": 3}, age=4),
        "observe_list": lambda journey, profile: profile.observe([("kind", "purchased")]),
        "observe_at_twice": lambda journey, profile: profile.observe({"at": AT}, at=AT, kind="purchased"),
        "observe_field_twice": lambda journey, profile: profile.observe({"value": 1}, value=2, at=AT, kind="purchased"),
        "bytes_foreign": lambda journey, profile: wayfare.Profile.from_bytes(journey, b"not a profile"),
        "bytes_empty": lambda journey, profile: wayfare.Profile.from_bytes(journey, b""),
        "bytes_damaged": lambda journey, profile: wayfare.Profile.from_bytes(journey, profile.to_bytes()[:-1] + b"\0"),
        "bytes_of_another_journey": lambda journey, profile: wayfare.Profile.from_bytes(
            wayfare.Journey.template("retail"), profile.to_bytes()
        ),
        "rfm_no_values": lambda journey, profile: wayfare.rfm_cuts([]),
        "rfm_infinite": lambda journey, profile: wayfare.rfm_cuts([1.0, math.inf]),
        "rfm_text": lambda journey, profile: wayfare.rfm_cuts(["1"]),
        "rfm_none": lambda journey, profile: wayfare.rfm_cuts([1, None]),
        "rfm_bands": lambda journey, profile: wayfare.rfm_cuts([1, 2, 3], bands=1),
    }.items(),
)
def test_a_wrong_argument_is_refused(
    journey: wayfare.Journey, profile: wayfare.Profile, snapshots: Snapshots, name: str, call: Any
) -> None:
    told(snapshots, "arguments", name, lambda: call(journey, profile))


def test_a_record_that_is_too_late(profile: wayfare.Profile, snapshots: Snapshots) -> None:
    profile.observe(kind="purchased", at=AT)
    error = told(
        snapshots, "arguments", "too_late", lambda: profile.observe(kind="purchased", at=AT - timedelta(days=8))
    )
    assert isinstance(error, wayfare.TooLateError)
    assert profile.view(AT).traits["orders"] == 1


def test_a_view_from_before_what_is_remembered(profile: wayfare.Profile, snapshots: Snapshots) -> None:
    for days in range(0, 40, 4):
        profile.observe(kind="purchased", at=AT + timedelta(days=days))
    told(snapshots, "arguments", "view_too_early", lambda: profile.view(AT))


def test_the_error_of_a_journey_file_has_all_problems() -> None:
    with pytest.raises(wayfare.InvalidJourneyError) as caught:
        wayfare.Journey.from_yaml(
            SHOP.replace("count: purchased", "count: purchsed").replace("from: [customer]", "from: [custmer]")
        )
    found = {
        (diagnostic.code, diagnostic.help) for diagnostic in caught.value.diagnostics if diagnostic.severity == "error"
    }
    assert len(found) == 2, found
    assert {help for _, help in found} == {"did you mean `purchased`?", "did you mean `customer`?"}
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == str(caught.value)


def test_bad_rows_are_listed_and_counted(journey: wayfare.Journey) -> None:
    bad = table(value=pa.array([math.nan, math.inf]))
    with pytest.raises(wayfare.InvalidTableError) as caught:
        journey.run(bad, as_of=NOW)
    rows = caught.value.rows
    assert [(row.table, row.row, row.column) for row in rows] == [
        ("touchpoints", 0, "value"),
        ("touchpoints", 1, "value"),
    ]
    assert pickle.loads(pickle.dumps(caught.value)).rows == rows


def test_collect_gives_the_good_rows_and_the_refused_ones(journey: wayfare.Journey) -> None:
    mixed = table(value=pa.array([12.5, math.inf]))
    frame, refused = journey.run(mixed, as_of=NOW, on_error="collect")
    assert frame.column("customer").to_pylist() == ["c-1"]
    assert [(row["table"], row["row"], row["column"]) for row in refused.to_pylist()] == [("touchpoints", 1, "value")]
    frame, refused = journey.transitions(mixed, as_of=NOW, on_error="collect")
    assert frame.column("to").to_pylist() == ["customer"]
    assert refused.num_rows == 1


def test_extra_columns_can_be_passed_over(journey: wayfare.Journey) -> None:
    extra = table(warehouse=pa.array(["north", "south"]))
    assert journey.run(extra, as_of=NOW, extra_columns="ignore").num_rows == 2


def test_there_is_a_class_for_each_kind() -> None:
    for name in wayfare.__all__:
        kind = getattr(wayfare, name)
        if isinstance(kind, type) and issubclass(kind, Exception):
            assert issubclass(kind, wayfare.WayfareError)
    assert issubclass(wayfare.InvalidArgumentError, ValueError)


def test_no_customer_data_in_errors(journey: wayfare.Journey) -> None:
    secret = "jane.doe@example.org"
    wrong = [
        {"at": AT, "kind": "purchased", "value": secret},
        {"at": AT, "kind": "purchased", "gift": secret},
        {"at": secret, "kind": "purchased"},
    ]
    for record in wrong:
        with pytest.raises(wayfare.WayfareError) as caught:
            journey.profile(secret).observe(record)
        assert secret not in str(caught.value)
    assert secret not in repr(journey.profile(secret))
    frame = pd.DataFrame({"customer": [secret, 2], "at": [AT, AT], "kind": ["purchased", "purchased"]})
    with pytest.raises(wayfare.InvalidTableError) as caught_table:
        journey.run(frame, as_of=NOW)
    assert secret not in str(caught_table.value)
