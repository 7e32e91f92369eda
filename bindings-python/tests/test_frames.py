"""Tables of every kind in, the same kind out, and whatever their types, the same answer."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pytest
import wayfare

START = datetime(2026, 1, 1, tzinfo=timezone.utc)
NOW = datetime(2026, 6, 1, tzinfo=timezone.utc)

ROWS = [
    {
        "customer": f"c-{number % 7}",
        "at": START + timedelta(hours=11 * number),
        "id": f"t-{number}",
        "kind": "purchased" if number % 3 == 0 else "page_viewed",
        "channel": "web" if number % 2 else "store",
        "topic": None if number % 5 else "tents",
        "value": number / 4 if number % 3 == 0 else None,
    }
    for number in range(200)
]
TOUCHPOINTS = pa.Table.from_pylist(ROWS).set_column(
    1, "at", pa.array([row["at"] for row in ROWS], pa.timestamp("us", "UTC"))
)


@pytest.fixture(scope="module")
def expected(request: pytest.FixtureRequest) -> pa.Table:
    journey = request.getfixturevalue("journey")
    table = journey.run(TOUCHPOINTS, as_of=NOW)
    assert isinstance(table, pa.Table)
    assert table.column("customer").to_pylist() == [f"c-{number}" for number in range(7)]
    return table


def relation() -> Any:
    return duckdb.from_arrow(TOUCHPOINTS)


class Opaque:
    """A table of a library nobody knows."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return TOUCHPOINTS.__arrow_c_stream__(requested_schema)


@pytest.mark.parametrize(
    "frame, kind",
    [
        (lambda: TOUCHPOINTS, pa.Table),
        (lambda: TOUCHPOINTS.to_batches(max_chunksize=17)[0].schema.empty_table(), pa.Table),
        (lambda: TOUCHPOINTS.combine_chunks().to_batches()[0], pa.Table),
        (
            lambda: pa.RecordBatchReader.from_batches(TOUCHPOINTS.schema, TOUCHPOINTS.to_batches(max_chunksize=17)),
            pa.Table,
        ),
        (lambda: pl.DataFrame(TOUCHPOINTS), pl.DataFrame),
        (lambda: TOUCHPOINTS.to_pandas(), pd.DataFrame),
        (lambda: TOUCHPOINTS.to_pandas(types_mapper=pd.ArrowDtype), pd.DataFrame),
        (lambda: TOUCHPOINTS.to_pandas().sample(frac=1, random_state=3), pd.DataFrame),
        (relation, pa.Table),
        (Opaque, pa.Table),
    ],
    ids=[
        "pyarrow",
        "empty",
        "batch",
        "reader",
        "polars",
        "pandas",
        "pandas_arrow",
        "pandas_shuffled",
        "duckdb",
        "opaque",
    ],
)
def test_the_kind_of_frame_that_came_in_comes_out(
    journey: wayfare.Journey, expected: pa.Table, frame: Any, kind: type
) -> None:
    table = frame()
    empty = getattr(table, "num_rows", None) == 0
    found = journey.run(table, as_of=NOW)
    assert type(found) is kind
    assert type(journey.transitions(frame(), as_of=NOW)) is kind
    plain = found if kind is pa.Table else pa.table(found)
    assert plain.column_names == expected.column_names
    assert plain.select(["customer", "orders", "spend", "relationship"]).to_pylist() == (
        [] if empty else expected.select(["customer", "orders", "spend", "relationship"]).to_pylist()
    )
    if not empty:
        assert [at and at.timestamp() for at in plain.column("relationship_since").to_pylist()] == [
            at and at.timestamp() for at in expected.column("relationship_since").to_pylist()
        ]


def test_a_result_is_pleasant_in_each_library(journey: wayfare.Journey) -> None:
    frame = journey.run(TOUCHPOINTS.to_pandas(), as_of=NOW)
    assert str(frame.dtypes["relationship_since"]) == "datetime64[us, UTC]"
    assert frame.dtypes["orders"] == "int64"
    polars = journey.run(pl.DataFrame(TOUCHPOINTS), as_of=NOW)
    assert polars.schema["relationship_since"] == pl.Datetime("us", "UTC")
    assert polars.filter(pl.col("orders") > 9)["customer"].dtype == pl.String


@pytest.mark.parametrize(
    "key",
    [
        pa.large_string(),
        pa.string_view(),
        pa.dictionary(pa.int8(), pa.string()),
        pa.dictionary(pa.int32(), pa.large_string()),
        pa.dictionary(pa.uint16(), pa.string()),
    ],
    ids=str,
)
def test_text_of_every_type(journey: wayfare.Journey, expected: pa.Table, key: pa.DataType) -> None:
    table = TOUCHPOINTS
    for name in ("customer", "kind", "channel", "topic"):
        at = table.column_names.index(name)
        column = table.column(name)
        column = pc.cast(column, key) if not pa.types.is_dictionary(key) else encoded(column, key)
        table = table.set_column(at, name, column)
    found = journey.run(table, as_of=NOW)
    assert found.drop_columns(["customer"]).equals(expected.drop_columns(["customer"]))
    assert pc.cast(found.column("customer"), pa.string()).to_pylist() == expected.column("customer").to_pylist()


def encoded(column: Any, key: Any) -> Any:
    words = pc.unique(column.drop_null()).cast(key.value_type)
    places = pc.index_in(column.cast(key.value_type), words).combine_chunks()
    return pa.DictionaryArray.from_arrays(places.cast(key.index_type), words)


@pytest.mark.parametrize("key", [pa.int8(), pa.int32(), pa.int64(), pa.uint8(), pa.uint64()], ids=str)
@pytest.mark.parametrize("base", [0, 100])
def test_integer_keys(journey: wayfare.Journey, expected: pa.Table, key: pa.DataType, base: int) -> None:
    numbers = [base + int(row["customer"][2:]) for row in ROWS]
    found = journey.run(TOUCHPOINTS.set_column(0, "customer", pa.array(numbers, key)), as_of=NOW)
    assert pa.types.is_integer(found.schema.field("customer").type)
    assert found.column("customer").to_pylist() == [base + number for number in range(7)]
    assert found.drop_columns(["customer"]).equals(expected.drop_columns(["customer"]))


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", ["UTC", "Etc/UTC", "+02:00", "America/New_York"])
def test_timestamps_of_every_unit_and_zone(journey: wayfare.Journey, expected: pa.Table, unit: str, zone: str) -> None:
    column = TOUCHPOINTS.column("at").cast(pa.timestamp(unit, zone))
    assert journey.run(TOUCHPOINTS.set_column(1, "at", column), as_of=NOW).equals(expected)


def test_naive_timestamps_need_a_zone(journey: wayfare.Journey, expected: pa.Table) -> None:
    naive = TOUCHPOINTS.set_column(1, "at", TOUCHPOINTS.column("at").cast(pa.timestamp("us")))
    with pytest.raises(wayfare.InvalidTableError, match="naive_time_zone"):
        journey.run(naive, as_of=NOW)
    assert journey.run(naive, as_of=NOW, naive_time_zone="UTC").equals(expected)
    east = journey.run(naive, as_of=NOW, naive_time_zone="Asia/Tokyo")
    moved = [at - timedelta(hours=9) for at in expected.column("relationship_since").to_pylist()]
    assert east.column("relationship_since").to_pylist() == moved


def test_order_and_chunks_do_not_matter(journey: wayfare.Journey, expected: pa.Table) -> None:
    shuffled = TOUCHPOINTS.take(pa.array([(number * 77) % 200 for number in range(200)]))
    chunks = pa.Table.from_batches(shuffled.to_batches(max_chunksize=9))
    assert journey.run(chunks, as_of=NOW).equals(expected)
    assert journey.run(TOUCHPOINTS.sort_by("customer"), as_of=NOW).equals(expected)


def test_attributes_in_a_table(journey: wayfare.Journey) -> None:
    customers = pl.DataFrame(
        {
            "customer": ["c-1", "c-1", "c-9"],
            "plan": ["basic", "gold", "silver"],
            "at": [None, datetime(2026, 5, 1, tzinfo=timezone.utc), None],
        }
    )
    for frame in (customers, customers.to_arrow(), customers.to_pandas()):
        tiers = dict(
            journey.run(TOUCHPOINTS, customers=frame, as_of=NOW).select(["customer", "tier"]).to_pydict().items()
        )
        assert dict(zip(tiers["customer"], tiers["tier"], strict=True))["c-1"] == "gold"
        early = journey.run(TOUCHPOINTS, customers=frame, as_of="2026-04-01T00:00:00Z").to_pylist()
        assert {row["customer"]: row["tier"] for row in early}["c-1"] == "basic"
        assert {row["customer"]: row["tier"] for row in early}["c-9"] == "silver"


@pytest.mark.parametrize(
    "as_of",
    [
        [START, NOW],
        ("2026-01-01T00:00:00Z", NOW),
        (at for at in (START, NOW)),
        pd.Series([START, NOW]),
        pd.DatetimeIndex([START, NOW]),
        pl.Series([START, NOW]),
    ],
    ids=["list", "tuple", "generator", "pandas", "pandas_index", "polars"],
)
def test_several_instants(journey: wayfare.Journey, expected: pa.Table, as_of: Any) -> None:
    rows = journey.run(TOUCHPOINTS, as_of=as_of)
    late = rows.filter(pc.equal(rows.column("as_of"), pa.scalar(NOW, pa.timestamp("us", "UTC"))))
    assert late.drop_columns(["as_of"]).equals(expected)
    assert rows.num_rows > late.num_rows


@pytest.mark.parametrize("kind", ["pyarrow", "polars", "pandas"])
def test_a_table_of_instants_gives_training_features(journey: wayfare.Journey, kind: str) -> None:
    asked = pa.table(
        {
            "customer": ["c-3", "c-1", "c-1"],
            "at": pa.array([NOW, START + timedelta(days=20), START + timedelta(days=50)], pa.timestamp("us", "UTC")),
        }
    )
    frame = {"pyarrow": asked, "polars": pl.DataFrame(asked), "pandas": asked.to_pandas()}[kind]
    rows = journey.run(TOUCHPOINTS, as_of=frame).to_pylist()
    assert len(rows) == 3
    for row in rows:
        profile = journey.profile(row["customer"])
        for record in ROWS:
            if record["customer"] == row["customer"] and record["at"] <= row["as_of"]:
                profile.observe({name: value for name, value in record.items() if name != "customer"})
        view = profile.view(row["as_of"])
        assert {name: row[name] for name in journey.traits} == view.traits
        assert row["relationship"] == view.stages["relationship"].stage


def test_a_result_goes_in_again(journey: wayfare.Journey) -> None:
    moves = journey.transitions(pl.DataFrame(TOUCHPOINTS), as_of=NOW, explain=True)
    assert moves.columns == ["customer", "track", "at", "from", "to", "cause", "record", "rule", "because"]
    asked = moves.select("customer", "at").head(5)
    assert journey.run(pl.DataFrame(TOUCHPOINTS), as_of=asked).height == 5


def test_without_pyarrow_the_arrow_object_itself_comes_out(
    journey: wayfare.Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wayfare._frames.importlib.util.find_spec", lambda name: None)
    found = journey.run(TOUCHPOINTS, as_of=NOW)
    assert not isinstance(found, pa.Table)
    assert pl.DataFrame(found).height == 7
    with pytest.raises(wayfare.InvalidTableError, match="pyarrow is not there"):
        journey.run(TOUCHPOINTS.to_pandas(), as_of=NOW)
