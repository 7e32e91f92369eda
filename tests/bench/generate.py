"""Makes a table of touchpoints, the same for the same arguments.

    python generate.py touchpoints.arrow --rows 10_000_000
    python generate.py touchpoints.parquet --rows 1_000_000 --keys int

Rows come in no order: customers, instants and kinds are drawn independently. Every customer has one touchpoint at
least. `value` is known exactly on purchases.
"""

import argparse
import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet

START = datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone.utc)
END = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)

KINDS = {"page_viewed": 0.60, "email_opened": 0.20, "purchased": 0.15, "ticket_opened": 0.05}
CHANNELS = ["email", "app", "web", "call_centre", "store"]
KEYS = ("string", "int", "dictionary")

ROWS_PER_BATCH = 1 << 20


def touchpoints(rows, customers=None, keys="string", seed=1):
    """A `pyarrow.Table` of `rows` touchpoints of `customers` customers (by default a tenth as many).

    `keys` is the type of the column `customer`: `string` (`c-0001234`), `int` (int32) or `dictionary`
    (int32 codes into strings, whose dictionary is in no order).
    """
    customers = max(1, rows // 10) if customers is None else customers
    if not 1 <= customers <= min(rows, 10_000_000):
        raise ValueError("there must be at least one touchpoint a customer, and at most 10,000,000 customers")
    if keys not in KEYS:
        raise ValueError(f"keys must be one of {', '.join(KEYS)}")
    random = np.random.default_rng(seed)

    number = random.integers(0, customers, rows, dtype=np.int32)
    number[:customers] = np.arange(customers, dtype=np.int32)
    random.shuffle(number)
    at = random.integers(microseconds(START), microseconds(END), rows, dtype=np.int64)
    kind = np.searchsorted(np.cumsum(list(KINDS.values()))[:-1], random.random(rows), side="right").astype(np.int8)
    channel = random.integers(0, len(CHANNELS), rows, dtype=np.int8)
    value = np.round(random.gamma(2.0, 25.0, rows) + 0.01, 2)
    purchased = kind == list(KINDS).index("purchased")

    columns = {
        "customer": customer_column(number, customers, keys, random),
        "at": pa.array(at, pa.timestamp("us", tz="UTC")),
        "kind": decoded(kind, list(KINDS)),
        "channel": decoded(channel, CHANNELS),
        "value": pa.array(value, mask=~purchased),
    }
    return in_batches(pa.table(columns))


def customer_column(number, customers, keys, random):
    if keys == "int":
        return pa.array(number)
    if keys == "string":
        return customer_names(number)
    order = random.permutation(customers).astype(np.int32)
    code_of = np.empty(customers, np.int32)
    code_of[order] = np.arange(customers, dtype=np.int32)
    return pa.DictionaryArray.from_arrays(pa.array(code_of[number]), customer_names(order))


def customer_names(number):
    """`c-0001234` for 1234, nine bytes each, made a digit at a time over the whole column."""
    text = np.empty((len(number), 9), np.uint8)
    text[:, 0] = ord("c")
    text[:, 1] = ord("-")
    rest = number.astype(np.int32)
    for place in range(8, 1, -1):
        rest, digit = np.divmod(rest, 10)
        text[:, place] = digit + ord("0")
    offsets = np.arange(len(number) + 1, dtype=np.int32) * 9
    return pa.StringArray.from_buffers(len(number), pa.py_buffer(offsets), pa.py_buffer(text))


def decoded(codes, names):
    return pa.DictionaryArray.from_arrays(pa.array(codes), pa.array(names)).cast(pa.string())


def in_batches(table):
    """The table as a reader of files would hand it over: in chunks, each with buffers of its own."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=ROWS_PER_BATCH)
    return pa.ipc.open_stream(sink.getvalue()).read_all()


def microseconds(instant):
    return int(instant.timestamp()) * 1_000_000


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, help="where to write: *.parquet, else an Arrow IPC file")
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--customers", type=int, help="by default a tenth of the rows")
    parser.add_argument("--keys", choices=KEYS, default="string")
    parser.add_argument("--int-keys", dest="keys", action="store_const", const="int", help="same as --keys int")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    table = touchpoints(given.rows, given.customers, given.keys, given.seed)
    if given.file.suffix == ".parquet":
        pa.parquet.write_table(table, given.file)
    else:
        with pa.ipc.new_file(given.file, table.schema) as writer:
            writer.write_table(table)
    print(f"{given.file}: {table.num_rows:,} touchpoints, {table.nbytes / 1e6:,.0f} MB")


if __name__ == "__main__":
    main()
