"""Sessions, paths to conversion and transitions of a table of touchpoints: wayfare beside chdb, duckdb and polars.

    pip install -r requirements.txt chdb               # and the wheel of wayfare
    python paths_peers.py                              # 10 M touchpoints of 2 M customers
    python paths_peers.py --rows 1_000_000 --engines wayfare polars --runs 3
    python paths_peers.py --growth                     # wayfare from 1 M to 30 M rows

Each engine has a process of its own, reads the same memory-mapped Arrow table, and gives: the number of 30-minute
sessions, of paths that converted and that did not, and how often each channel followed another on a path, its start,
conversion and null as well. All of them
agree to the last count. Cpu seconds, and the peak of memory beyond what was there before.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.ipc
from measure import in_own_process, mapped, measured

CHANNELS = [
    "affiliate",
    "call_centre",
    "direct",
    "display",
    "email",
    "organic_search",
    "paid_search",
    "paid_social",
    "push",
    "referral",
    "social",
    "video",
]
KINDS = ["clicked", "viewed", "purchased"]
BEGIN = np.datetime64("2026-01-01", "us").astype("int64")
DAY = 86_400_000_000
GAP = 30 * 60 * 1_000_000
LOOKBACK = 30 * DAY
ENGINES = ["wayfare", "chdb", "duckdb", "polars"]


def touchpoints(rows, seed=0):
    """Five touchpoints a customer, half of them in bursts; a tenth are purchases. No two of a customer's coincide."""
    dice = np.random.default_rng(seed)
    customers = max(rows // 5, 1)
    customer = np.sort(dice.integers(0, customers, rows))
    burst = dice.random(rows) < 0.5
    step = np.where(burst, dice.integers(1, 20 * 60 * 1_000_000, rows), dice.integers(GAP, 20 * DAY, rows))
    first = np.r_[True, customer[1:] != customer[:-1]]
    start = dice.integers(0, 30 * DAY, rows)
    walked = np.cumsum(np.where(first, 0, step))
    at = (
        BEGIN
        + walked
        - np.repeat(walked[first], np.diff(np.r_[np.flatnonzero(first), rows]))
        + np.repeat(start[first], np.diff(np.r_[np.flatnonzero(first), rows]))
    )
    kind = np.where(dice.random(rows) < 0.1, 2, dice.integers(0, 2, rows))
    channel = np.minimum(dice.geometric(0.18, rows) - 1, len(CHANNELS) - 1)
    value = np.where(kind == 2, np.round(dice.gamma(2.0, 30.0, rows), 2), np.nan)
    order = dice.permutation(rows)

    def texts(codes, words):
        return pa.DictionaryArray.from_arrays(pa.array(codes[order], pa.int32()), words).cast(pa.string())

    names = pc.binary_join_element_wise("c", pc.utf8_lpad(pa.array(np.arange(customers)).cast(pa.string()), 8, "0"), "")
    return pa.table(
        {
            "customer": pa.DictionaryArray.from_arrays(pa.array(customer[order], pa.int32()), names).cast(pa.string()),
            "at": pa.array(at[order], pa.timestamp("us", tz="UTC")),
            "kind": texts(kind, KINDS),
            "channel": texts(channel, CHANNELS),
            "value": pa.array(value[order], mask=kind[order] != 2),
        }
    )


def of_wayfare(table):
    import wayfare

    paths = wayfare.paths(table, conversion="purchased", lookback="30d", session_gap="30m")
    matrix = paths.transition_matrix().to_table()
    counts = {(row["from"], row["to"]): row["count"] for row in matrix.to_pylist() if row["count"]}
    report = paths.report
    return report["sessions"], report["conversions"], report["nulls"], counts


def of_polars(table):
    import polars as pl

    conversion = pl.col("kind") == "purchased"
    frame = (
        pl.from_arrow(table)
        .lazy()
        .sort("customer", "at")
        .with_columns(at=pl.col("at").dt.epoch("us"), converts=conversion)
        .with_columns(
            passed=pl.col("converts").cast(pl.Int32).cum_sum().over("customer") - pl.col("converts").cast(pl.Int32),
            begins=(pl.col("at").diff().over("customer") > GAP).fill_null(True),
        )
        .with_columns(
            ended=pl.when(pl.col("converts")).then(pl.col("at")).max().over("customer", "passed"),
        )
        .with_columns(
            on=pl.col("ended").is_not_null() & (pl.col("at") >= pl.col("ended") - LOOKBACK),
        )
        .collect()
    )
    touches = (
        frame.lazy()
        .filter(~pl.col("converts"))
        .with_columns(
            before=pl.col("channel").shift().over("customer", "passed", "on"),
        )
        .collect()
    )
    ends = touches.group_by("customer", "passed", "on").agg(pl.col("channel").last())
    inner = touches.with_columns(pl.col("before").fill_null("(start)")).group_by("before", "channel").len()
    last = ends.group_by("channel", "on").len()
    conversions = int(frame["converts"].sum())
    counts = {(a, b): n for a, b, n in inner.iter_rows()}
    counts |= {(a, "(conversion)" if on else "(null)"): n for a, on, n in last.iter_rows()}
    bare = conversions - int(ends["on"].sum())
    if bare:
        counts["(start)", "(conversion)"] = bare
    return int(frame["begins"].sum()), conversions, int((~ends["on"]).sum()), counts


QUERY = """
WITH {begin} touches AS (
  SELECT customer, t, channel, kind = 'purchased' AS converts,
    {lag_t} AS before_t,
    sum({converted}) OVER (PARTITION BY customer ORDER BY t) - {converted} AS passed
  FROM (SELECT customer, {micros} AS t, channel, kind FROM {table})
), ended AS (
  SELECT *, max(CASE WHEN converts THEN t ELSE -1 END) OVER (PARTITION BY customer, passed) AS end_t FROM touches
), marked AS (
  SELECT *, (end_t >= 0 AND t >= end_t - {lookback}) AS is_on FROM ended
), followed AS (
  SELECT *, {lag_channel} AS previous, {lead_channel} AS next FROM marked WHERE NOT converts
)
"""


def sql(engine):
    """One statement an engine: all rows of counts, the first column says of what."""
    partition = "OVER (PARTITION BY customer, passed, is_on ORDER BY t"
    if engine == "chdb":
        frame = " ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING"
        lag = {
            "lag_t": f"lagInFrame(t, 1, -1) OVER (PARTITION BY customer ORDER BY t{frame})",
            "lag_channel": f"lagInFrame(channel, 1, '(start)') {partition}{frame})",
            "lead_channel": f"leadInFrame(channel, 1, '') {partition}{frame})",
            "micros": 'toUnixTimestamp64Micro("at")',
            "table": "Python(table)",
        }
    else:
        lag = {
            "lag_t": "lag(t, 1, -1) OVER (PARTITION BY customer ORDER BY t)",
            "lag_channel": f"lag(channel, 1, '(start)') {partition})",
            "lead_channel": f"lead(channel, 1, '') {partition})",
            "micros": 'epoch_us("at")',
            "table": "touchpoints",
        }
    lag["converted"] = "CASE WHEN kind = 'purchased' THEN 1 ELSE 0 END"
    return (
        QUERY.format(begin="", lookback=LOOKBACK, **lag)
        + f"""
SELECT 'sessions' AS what, '' AS a, '' AS b, count(*) AS n FROM touches WHERE before_t < 0 OR t - before_t > {GAP}
UNION ALL SELECT 'conversions', '', '', count(*) FROM touches WHERE converts
UNION ALL SELECT 'step', previous, channel, count(*) FROM followed GROUP BY previous, channel
UNION ALL SELECT 'end', channel, CASE WHEN is_on THEN '(conversion)' ELSE '(null)' END, count(*)
FROM followed WHERE next = '' GROUP BY 2, 3
"""
    )


def of_rows(rows):
    found = {"sessions": 0, "conversions": 0}
    counts = {}
    for what, a, b, n in rows:
        if what in found:
            found[what] = n
        else:
            counts[a, b] = n
    ended = {to: sum(n for (_, b), n in counts.items() if b == to) for to in ("(conversion)", "(null)")}
    bare = found["conversions"] - ended["(conversion)"]
    if bare:
        counts["(start)", "(conversion)"] = bare
    return found["sessions"], found["conversions"], ended["(null)"], counts


def of_duckdb(table):
    import duckdb

    connection = duckdb.connect()
    connection.sql("SET TimeZone = 'UTC'")
    connection.register("touchpoints", table)
    return of_rows(connection.sql(sql("duckdb")).fetchall())


def of_chdb(table):
    import chdb

    answer = chdb.query(sql("chdb"), "ArrowTable")
    return of_rows(tuple(row.values()) for row in answer.to_pylist())


def worker(file, engine, runs):
    table = mapped(file)
    call = {"wayfare": of_wayfare, "chdb": of_chdb, "duckdb": of_duckdb, "polars": of_polars}[engine]
    globals()["table"] = table
    (sessions, conversions, nulls, counts), figures = measured(lambda: call(table), runs)
    found = [sessions, conversions, nulls, sorted([*pair, int(n)] for pair, n in counts.items())]
    print(json.dumps({"figures": figures, "found": found}))


def compare(rows, engines, runs, folder):
    file = Path(folder) / f"{rows}.arrow"
    table = touchpoints(rows)
    with pa.ipc.new_file(str(file), table.schema) as writer:
        writer.write_table(table, max_chunksize=1 << 20)
    del table
    print(f"\n{rows:,} touchpoints")
    told = {engine: in_own_process(Path(__file__), file, engine, runs) for engine in engines}
    file.unlink()
    ours = told[engines[0]]
    for engine, answer in told.items():
        if answer["found"] != ours["found"]:
            sys.exit(f"{engine} finds {answer['found'][:3]}, {engines[0]} {ours['found'][:3]}")
        figures, base = answer["figures"], ours["figures"]
        times = f"{figures['cpu']:8.2f} s cpu {figures['cpu'] / base['cpu']:6.1f}x   {figures['wall']:7.2f} s wall"
        print(f"  {engine:8}{times}   {figures['peak_mb']:8.0f} MB peak {figures['peak_mb'] / base['peak_mb']:5.1f}x")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--worker", nargs=3)
    parser.add_argument("--rows", type=lambda text: int(text.replace("_", "")), default=10_000_000)
    parser.add_argument("--engines", nargs="+", default=ENGINES, choices=ENGINES)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--growth", action="store_true")
    asked = parser.parse_args()
    if asked.worker:
        file, engine, runs = asked.worker
        worker(file, engine, int(runs))
        return
    with tempfile.TemporaryDirectory() as folder:
        for rows in (1_000_000, 3_000_000, 10_000_000, 30_000_000) if asked.growth else (asked.rows,):
            compare(rows, ["wayfare"] if asked.growth else asked.engines, asked.runs, folder)


if __name__ == "__main__":
    main()
