"""Files of tables, for the command."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow  # type: ignore[import-untyped]
import pyarrow.compute  # type: ignore[import-untyped]
import pyarrow.csv  # type: ignore[import-untyped]
import pyarrow.feather  # type: ignore[import-untyped]
import pyarrow.parquet  # type: ignore[import-untyped]

from . import InvalidTableError, Journey

_TYPES = {"number": pyarrow.float64(), "text": pyarrow.string(), "boolean": pyarrow.bool_()}


class UnknownFormat(Exception):
    """A file whose name says nothing that can be read or written."""

    def __init__(self, file: Path) -> None:
        super().__init__(f"{file} is not .parquet, .csv or .arrow")


def read(file: Path, journey: Journey) -> pyarrow.Table:
    """The table of touchpoints or customers in a file. In CSV, the journey says which type a column has."""
    return _read(file, {**journey.attributes, **journey.touchpoint_fields})


def read_preferences(file: Path) -> pyarrow.Table:
    """The table of preferences in a file."""
    return _read(file, dict.fromkeys(("choice", "channel", "topic", "purpose", "source", "evidence"), "text"))


def read_inputs(file: Path, journey: Journey) -> pyarrow.Table:
    """The table of inputs in a file."""
    return _read(file, journey.inputs)


def _read(file: Path, kinds: Mapping[str, str]) -> pyarrow.Table:
    try:
        match _format(file):
            case "parquet":
                return pyarrow.parquet.read_table(file)
            case "arrow":
                return pyarrow.feather.read_table(file)
            case _:
                types = {name: _TYPES[kind] for name, kind in kinds.items()}
                types |= {"customer": pyarrow.string(), "id": pyarrow.string()}
                options = pyarrow.csv.ConvertOptions(column_types=types, strings_can_be_null=True)
                return pyarrow.csv.read_csv(file, convert_options=options)
    except pyarrow.ArrowInvalid as error:
        raise InvalidTableError(f"{file} cannot be read: {error}") from None


def write(table: pyarrow.Table, file: Path) -> None:
    """Writes a table in the format that the file's name says."""
    match _format(file):
        case "parquet":
            pyarrow.parquet.write_table(table, file)
        case "arrow":
            pyarrow.feather.write_feather(table, file)
        case _:
            pyarrow.csv.write_csv(table, file)


def _format(file: Path) -> str:
    match file.suffix.lower():
        case ".parquet" | ".pq":
            return "parquet"
        case ".arrow" | ".feather" | ".ipc":
            return "arrow"
        case ".csv":
            return "csv"
    raise UnknownFormat(file)


def records(
    journey: Journey,
    touchpoints: Path,
    customers: Path | None,
    customer: str,
    zone: str | None,
    ignore_extra_columns: bool,
) -> Iterator[tuple[datetime | None, bool, dict[str, Any]]]:
    """One customer's records in order: instant, whether it is an attribute change, what is known."""

    def of(file: Path, known: Mapping[str, str]) -> Iterator[tuple[datetime | None, dict[str, Any]]]:
        columns = {"customer", "at", "id", *known} if ignore_extra_columns else None
        return _of(journey, file, customer, zone, columns)

    rows = [(at, False, row) for at, row in of(touchpoints, journey.touchpoint_fields)]
    if customers is not None:
        rows += [(at, True, row) for at, row in of(customers, journey.attributes)]
    timed = [row for row in rows if row[0] is not None]
    return chain((row for row in rows if row[0] is None), sorted(timed, key=lambda row: (row[0], not row[1])))


def _of(
    journey: Journey, file: Path, customer: str, zone: str | None, columns: set[str] | None
) -> Iterator[tuple[datetime | None, dict[str, Any]]]:
    table = read(file, journey)
    if columns is not None:
        table = table.select([name for name in table.column_names if name in columns])
    if "customer" not in table.column_names:
        raise InvalidTableError(f"{file} has no column `customer`")
    keys = table.column("customer").cast(pyarrow.string())
    table = table.filter(pyarrow.compute.equal(keys, customer)).drop_columns(["customer"])
    for row in table.to_pylist():
        at = row.pop("at", None)
        if zone and isinstance(at, datetime) and at.tzinfo is None:
            at = pyarrow.compute.assume_timezone(pyarrow.scalar(at), zone).as_py()
        if isinstance(at, datetime) and at.tzinfo is None:
            raise InvalidTableError(
                f"column `at` of {file} has no time zone", help="--naive-time-zone says which it has"
            )
        yield at, {name: value for name, value in row.items() if value is not None}
