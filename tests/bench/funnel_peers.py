"""What a funnel in a time window costs from raw rows, by wayfare and by chdb (ClickHouse's `windowFunnel`).

    pip install chdb -r requirements.txt              # and the wheel of wayfare
    python funnel_peers.py                            # 10 M rows, 2 M customers, 3 steps
    python funnel_peers.py --rows 1_000_000 --customers 200_000 --runs 5

Seconds of cpu of all threads, the best of several runs; both read the same Arrow table of texts in one process, take
turns, and must come to the same numbers.
"""

import argparse
import gc
import json

import numpy as np
import pyarrow as pa
from measure import cpu_seconds

STEPS = ["viewed", "added", "purchased"]
KINDS = ["page", "viewed", "searched", "clicked", "added", "opened", "rated", "purchased", "left", "called"]
SHARES = [0.3, 0.2, 0.12, 0.1, 0.08, 0.08, 0.02, 0.04, 0.04, 0.02]
WITHIN = 7 * 86_400


def touchpoints(rows, customers, seed):
    """Touchpoints of customers over a quarter, in no order."""
    dice = np.random.default_rng(seed)
    who = dice.integers(0, customers, rows)
    kinds = pa.DictionaryArray.from_arrays(pa.array(dice.choice(len(KINDS), rows, p=SHARES), pa.int32()), KINDS)
    at = dice.integers(0, 90 * 86_400 * 1_000_000, rows) + 1_767_225_600_000_000
    keys = pa.array(np.char.add("c-", np.char.zfill(who.astype(str), 8)))
    at = pa.array(at, pa.timestamp("us", tz="UTC"))
    return pa.table({"customer": keys, "at": at, "kind": kinds.cast(pa.string())})


def ours(table):
    import wayfare

    return wayfare.funnel(table, STEPS, within=f"{WITHIN}s").to_table()["customers"].to_pylist()


def theirs(connection, table):
    steps = ", ".join(f"kind = '{step}'" for step in STEPS)
    kinds = ", ".join(f"'{step}'" for step in STEPS)
    # Rows of other kinds are left aside by it too.
    found = connection.query(
        f"""SELECT countIf(level >= 1), countIf(level >= 2), countIf(level >= 3) FROM (
            SELECT windowFunnel({WITHIN * 1_000_000})(toUInt64(toUnixTimestamp64Micro(at)), {steps}) AS level
            FROM Python(table) WHERE kind IN ({kinds}) GROUP BY customer)""",
        "JSONCompact",
    )
    return [int(count) for count in json.loads(found.bytes())["data"][0]]


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rows", type=int, default=10_000_000)
    arguments.add_argument("--customers", type=int, default=2_000_000)
    arguments.add_argument("--runs", type=int, default=3)
    said = arguments.parse_args()
    import chdb

    connection = chdb.connect()
    table = touchpoints(said.rows, said.customers, 7)
    seconds, answers = {"wayfare": [], "chdb": []}, {}
    for _ in range(said.runs):
        for name, ask in [("wayfare", lambda: ours(table)), ("chdb", lambda: theirs(connection, table))]:
            gc.collect()
            began = cpu_seconds()
            answers[name] = ask()
            seconds[name].append(cpu_seconds() - began)
    assert answers["wayfare"] == answers["chdb"], answers
    best = {name: min(times) for name, times in seconds.items()}
    print(f"{said.rows:,} rows, {said.customers:,} customers: {answers['wayfare']}")
    for name, cpu in best.items():
        print(f"  {name:10}{cpu:8.2f} s of cpu  {cpu / best['wayfare']:6.2f}x")


if __name__ == "__main__":
    main()
