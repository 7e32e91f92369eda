"""A shop's clickstream: its stages, sessions, funnel, and what each way of attribution makes of its paths.

    python tests/demo/ecom.py ecom.csv.gz

The clickstream ships in the Python package retentioneering: 600 visitors, 31,106 events from January to June 2024.
"""

import argparse
import collections
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import wayfare
from wayfare import attribution, progress

JOURNEY = Path(__file__).parent / "ecom.yaml"
DATA_END = "2024-06-30T00:00:00Z"
STEPS = ["product_view", "add_to_cart", "shipping_details", "payment_details", "purchase"]


def read(file):
    """The events as touchpoints: the device is the channel."""
    events = pyarrow.csv.read_csv(file)
    at = pc.assume_timezone(events["timestamp"].cast(pa.timestamp("us")), "UTC")
    return pa.table(
        {
            "customer": events["user_id"],
            "at": at,
            "kind": events["event"],
            "channel": events["platform"],
            "acquisition": events["acquisition_channel"],
        }
    )


def say(title):
    print(f"\n{title}\n{'-' * len(title)}")


def show(table):
    """A small table, numbers to the right."""
    widths = [max(len(name) + 2, 12) for name in table.column_names[1:]]
    line = "{!s:18}" + "".join(f"{{:>{width}}}" for width in widths)
    print(line.format(*table.column_names))
    for row in table.to_pylist():
        cells = [f"{cell:,.4f}" if isinstance(cell, float) else str(cell) for cell in row.values()]
        print(line.format(*cells))


def stages(journey, touchpoints):
    """Where the visitors stand at the end, and how they moved."""
    table = journey.run(touchpoints, as_of=DATA_END, extra_columns="ignore")
    moves = journey.transitions(touchpoints, as_of=DATA_END, extra_columns="ignore")
    for track in journey.tracks:
        say(f"Stages: {track}")
        now = collections.Counter(table[track].to_pylist())
        entered = collections.Counter(moves.filter(pc.equal(moves["track"], track))["to"].to_pylist())
        for stage in journey.stages(track):
            print(f"{stage:24}{now[stage]:6,} stand there at the end, {entered[stage]:7,} times entered")


def paths(journey, touchpoints):
    """Sessions, the funnel, and how paths end."""
    found = wayfare.paths(
        touchpoints,
        conversion="purchase",
        lookback="30d",
        unit="session",
        observed_until=DATA_END,
        dimensions=["acquisition"],
        journey=journey,
        track="shopping",
    )
    sessions = found.sessions(by="kind")
    bought = pc.sum(sessions["converted"]).as_py()
    say("Sessions and paths")
    print(f"{sessions.num_rows:,} sessions, {bought:,} with a purchase; {found}")
    say("Funnel: within a day of the first look at a product")
    show(found.funnel(STEPS, within="1d").to_table())
    return found


def credits(found):
    """Every model side by side."""
    for by in ("channel", "acquisition", "stage"):
        say(f"Purchases credited by {by}, sessions as the elements of paths")
        show(attribution.all_models(found, by=by))
    say("Removal effects of devices, with 95 % intervals")
    effects = attribution.markov(found, by="channel", interval=0.95, replicates=500, seed=1)
    measures = ["removal_effect", "removal_effect_lower", "removal_effect_upper"]
    show(effects.select(["channel", "conversions", "lower", "upper", *measures]))


def nearer(found):
    """Which steps bring visitors nearer to a purchase."""
    model = progress.fit(found, horizon="7d", by="kind")
    say("The steps after which a purchase within seven days is more probable than before: an association, not lift")
    low, high = model.slope_interval
    print(f"On visitors it was not fitted to: Brier score {model.brier:.4f}, calibration slope {model.slope:.2f}")
    print(f"(95 % interval {low:.2f} to {high:.2f})")
    points = model.high_value_points()
    frequent = points.filter(pc.greater_equal(points["count"], 100))
    show(frequent.select(["from", "to", "count", "customers", "mean_change", "lower", "upper"]).slice(0, 6))


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("events", type=Path)
    arguments = arguments.parse_args()
    journey = wayfare.Journey.from_file(JOURNEY)
    touchpoints = read(arguments.events)
    print(f"{len(pc.unique(touchpoints['customer'])):,} visitors, {touchpoints.num_rows:,} events")
    stages(journey, touchpoints)
    found = paths(journey, touchpoints)
    credits(found)
    nearer(wayfare.paths(touchpoints, conversion="purchase", observed_until=DATA_END))


if __name__ == "__main__":
    main()
