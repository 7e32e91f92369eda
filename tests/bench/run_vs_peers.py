"""Five traits by wayfare, by polars and by duckdb: the same table, the same answers, how long each takes.

    python run_vs_peers.py                             # 10 M touchpoints, string keys, all engines
    python run_vs_peers.py --keys int --only polars,duckdb
    python run_vs_peers.py --rows 1_000_000 --runs 3

Each formulation gets the table in memory, two threads, and a process of its own. Of an engine's formulations the
fastest (by wall time) counts.
"""

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

import generate
import measure
import peers
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.ipc

AS_OF = generate.END
TRAITS = ("orders", "spend", "last_value", "days_since_order", "views_30d")
ENGINES = ("wayfare", "polars", "duckdb")

JOURNEY = """
wayfare: 1
name: Five traits
channels: { email: {}, app: {}, web: {}, call_centre: {}, store: {} }
touchpoints: { page_viewed: {}, email_opened: {}, purchased: {}, ticket_opened: {} }
traits:
  orders:           { count: purchased, output: true }
  spend:            { sum: value, of: purchased, output: true }
  last_value:       { last: value, of: purchased, output: true }
  days_since_order: { days_since: purchased, output: true }
  views_30d:        { count: page_viewed, within: 30d, output: true }
"""


def wayfare(table, as_of):
    import wayfare as engine

    journey = engine.Journey.from_yaml(JOURNEY)
    return {"Journey.run": lambda: journey.run(table, as_of=as_of)}


PREPARE = {"wayfare": wayfare, "polars": peers.polars, "duckdb": peers.duckdb}


def work(engine, name, file, runs, folder):
    """One formulation's process: measures it and leaves its result in `folder`."""
    query = PREPARE[engine](measure.mapped(file), AS_OF)[name]
    result, figures = measure.measured(query, int(runs))
    result = plain(pa.table(result))
    with pa.ipc.new_file(Path(folder) / f"{engine} {name}.arrow", result.schema) as writer:
        writer.write_table(result)
    print(json.dumps(figures))


def plain(result):
    """Customer as text or int64, counts as int64, the rest as double; the engines differ in the types only."""
    customer = result["customer"]
    if pa.types.is_dictionary(customer.type):
        customer = pa.chunked_array(
            [
                pa.DictionaryArray.from_arrays(chunk.indices, chunk.dictionary.cast(pa.string()))
                for chunk in customer.chunks
            ]
        )
    key = pa.int64() if pa.types.is_integer(customer.type) else pa.large_string()
    columns = [customer.cast(key).combine_chunks()]
    for trait in TRAITS:
        of_type = pa.int64() if trait in ("orders", "views_30d") else pa.float64()
        columns.append(result[trait].cast(of_type).combine_chunks())
    return pa.table(columns, names=["customer", *TRAITS])


def check_equal(folder):
    """All results are the same, sorted by customer; sums of doubles may differ in how they were rounded."""
    files = sorted(Path(folder).glob("*.arrow"))
    first = pa.ipc.open_file(files[0]).read_all()
    customer = first["customer"].combine_chunks()
    if not pc.all(pc.less(customer[:-1], customer[1:]), min_count=0).as_py():
        sys.exit(f"{files[0].stem} is not sorted by customer")
    for file in files[1:]:
        other = pa.ipc.open_file(file).read_all()
        if not first["customer"].equals(other["customer"]):
            sys.exit(f"{file.stem} has other customers than {files[0].stem}, or another order")
        for trait in TRAITS:
            tolerance = 1e-12 if trait in ("spend", "days_since_order") else 0.0
            if not same(first[trait], other[trait], tolerance):
                sys.exit(f"{file.stem} and {files[0].stem} disagree on {trait}")
    print(f"{len(files)} results of {first.num_rows:,} customers agree")


def same(left, right, tolerance):
    if left.null_count != right.null_count or not left.is_null().equals(right.is_null()):
        return False
    error = pc.abs(pc.subtract(left, right))
    allowed = pc.multiply(pc.abs(left), tolerance)
    return pc.all(pc.less_equal(error, allowed), min_count=0).as_py()


def main():
    if sys.argv[1:2] == ["--worker"]:
        return work(*sys.argv[2:])
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--keys", choices=generate.KEYS, default="string")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", "--engines", default=",".join(ENGINES), help="a list of " + ", ".join(ENGINES))
    given = parser.parse_args()
    engines = given.only.split(",")
    if not set(engines) <= set(ENGINES):
        parser.error(f"--only takes a list of {', '.join(ENGINES)}")
    os.environ["POLARS_MAX_THREADS"] = os.environ["RAYON_NUM_THREADS"] = "2"

    with tempfile.TemporaryDirectory() as folder:
        table = generate.touchpoints(given.rows, keys=given.keys)
        file = Path(folder) / "touchpoints"
        with pa.ipc.new_file(file, table.schema) as writer:
            writer.write_table(table)
        size = table.nbytes / 1e6
        print(f"{given.rows:,} touchpoints, {given.keys} keys, {size:,.0f} MB; median of {given.runs} runs", flush=True)
        best = {}
        names = {engine: list(PREPARE[engine](table.slice(0, 1), AS_OF)) for engine in engines}
        del table
        for engine in engines:
            figures = [
                (name, measure.in_own_process(__file__, engine, name, file, given.runs, folder))
                for name in names[engine]
            ]
            best[engine] = report(engine, figures)
        check_equal(folder)
    for peer in engines:
        if "wayfare" in best and peer != "wayfare":
            wall, cpu = (best[peer][figure] / best["wayfare"][figure] for figure in ("wall", "cpu"))
            print(f"wayfare is {wall:.2f}x as fast as {peer} by wall time, {cpu:.2f}x by cpu time")
    if "wayfare" in best:
        print(
            f"wayfare: {given.rows / best['wayfare']['wall'] / 1e6:.1f} M touchpoints/s, "
            f"peak memory {1 + best['wayfare']['peak_mb'] / size:.2f}x the input columns"
        )


def report(engine, figures):
    """Prints each formulation, the fastest first, and returns its figures."""
    ordered = sorted(figures, key=lambda item: item[1]["wall"])
    for name, figure in ordered:
        print(
            f"  {engine:8} wall {figure['wall']:6.3f} s  cpu {figure['cpu']:6.3f} s  "
            f"(best {figure['best_wall']:.3f}, {figure['best_cpu']:.3f})  peak +{figure['peak_mb']:,.0f} MB  {name}",
            flush=True,
        )
    return next(figure for name, figure in ordered if not name.endswith(peers.UNCOUNTED))


if __name__ == "__main__":
    main()
