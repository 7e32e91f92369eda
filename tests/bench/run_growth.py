"""How the work of wayfare grows: with touchpoints, with stages, with tracks.

    python run_growth.py                               # 1 M, 10 M and 30 M touchpoints, every shape of tracks
    python run_growth.py --sizes 1_000_000 --runs 3

The five traits are those of `run_vs_peers.py`. A stage more is a rule more over them; the rules alternate between
counts, which change at touchpoints only, and time since an order, which turns between them. Two tracks of five
stages should run at 3 M touchpoints a second at least.
"""

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

import generate
import measure
import pyarrow as pa
import pyarrow.ipc
from run_vs_peers import AS_OF, JOURNEY

SHAPES = {"five traits": [], "1 stage": [1], "5 stages": [5], "20 stages": [20], "two tracks of 5": [5, 5]}


def journey_text(tracks):
    """The journey with one track for each number of stages."""
    lines = ["tracks:"] if tracks else []
    for index, stages in enumerate(tracks):
        lines.append(f"  track_{index + 1}:")
        lines += [f"    - {stage}" for stage in track(stages, index)]
    return JOURNEY + "\n".join(lines) + "\n"


def track(stages, index):
    """The stages of one track: bought n times, silent for a while after that, bought again, and so on."""
    if stages == 1:
        return ["{ name: everyone, while: orders >= 0 }"]
    lines = ["{ name: start }"]
    for number in range(1, stages):
        orders = (number + 1) // 2
        if number % 2 == 1:
            rule = f"orders >= {orders}" if index == 0 else f"spend >= {50 * orders}"
        else:
            rule = f"days_since_order > {20 * orders + 30 * index}"
        lines.append(f"{{ name: stage_{number}, when: {rule} }}")
    return lines


def work(file, shape, runs):
    import wayfare

    table = measure.mapped(file)
    journey = wayfare.Journey.from_yaml(journey_text(SHAPES[shape]))
    _, figures = measure.measured(lambda: journey.run(table, as_of=AS_OF), int(runs))
    print(json.dumps(figures))


def main():
    if sys.argv[1:2] == ["--worker"]:
        return work(*sys.argv[2:])
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000_000, 10_000_000, 30_000_000])
    parser.add_argument("--shapes", nargs="+", choices=SHAPES, default=list(SHAPES))
    parser.add_argument("--keys", choices=generate.KEYS, default="string")
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    os.environ["RAYON_NUM_THREADS"] = "2"

    for rows in given.sizes:
        with tempfile.TemporaryDirectory() as folder:
            table = generate.touchpoints(rows, keys=given.keys)
            file = Path(folder) / "touchpoints"
            with pa.ipc.new_file(file, table.schema) as writer:
                writer.write_table(table)
            size = table.nbytes / 1e6
            print(f"{rows:,} touchpoints, {given.keys} keys, {size:,.0f} MB; median of {given.runs} runs", flush=True)
            del table
            for shape in given.shapes:
                figure = measure.in_own_process(__file__, file, shape, given.runs)
                print(
                    f"  {shape:16} wall {figure['wall']:7.3f} s  cpu {figure['cpu']:7.3f} s  "
                    f"{rows / figure['wall'] / 1e6:6.2f} M touchpoints/s  "
                    f"{figure['cpu'] / rows * 1e9:6.1f} ns of cpu a touchpoint  "
                    f"peak memory {1 + figure['peak_mb'] / size:.2f}x the input columns",
                    flush=True,
                )


if __name__ == "__main__":
    main()
