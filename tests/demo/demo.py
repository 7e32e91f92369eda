"""The CDNOW purchase log through a journey file, in Python, Node and Rust.

    python tests/demo/demo.py CDNOW_master.txt --rust target/.../demo

The log is the one of Fader and Hardie: 23,570 customers of a music shop who bought first in January to March
1997, and their 69,659 purchases until the end of June 1998.
"""

import argparse
import collections
import datetime
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import wayfare
from wayfare import lifetime

HERE = Path(__file__).parent
JOURNEY = HERE / "cdnow.yaml"
CALIBRATION_END = "1997-09-30T23:59:59Z"
DATA_END = "1998-06-30T23:59:59Z"
CUSTOMER = "00111"

# Fader, Hardie and Lee 2005, Marketing Science 24(2), table 2; Fader and Hardie 2013, The Gamma-Gamma model of monetary
# value. Both of the sample of one customer in ten, over 39 weeks.
PUBLISHED = {
    "BG/NBD": {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426},
    "Gamma-Gamma": {"p": 6.25, "q": 3.74, "gamma": 15.44},
}
PUBLISHED_LOG_LIKELIHOOD = -9582.4


def read(log):
    """The log as a table of touchpoints. A day is an instant at its noon, UTC."""
    # The first line names the columns.
    rows = [line.split() for line in Path(log).read_text().splitlines()[1:] if line.strip()]
    days = [datetime.datetime.strptime(row[1], "%Y%m%d").replace(hour=12, tzinfo=datetime.timezone.utc) for row in rows]
    return pa.table(
        {
            "customer": [row[0] for row in rows],
            "at": pa.array(days, pa.timestamp("us", tz="UTC")),
            "kind": ["purchased"] * len(rows),
            "channel": ["web"] * len(rows),
            "cds": [float(row[2]) for row in rows],
            "value": [float(row[3]) for row in rows],
        }
    )


def say(title):
    print(f"\n{title}\n{'-' * len(title)}")


def by_stage(journey, touchpoints):
    """Customers by stage at both ends."""
    ends = {"39 weeks": CALIBRATION_END, "the end": DATA_END}
    tables = {name: journey.run(touchpoints, as_of=at) for name, at in ends.items()}
    for track in journey.tracks:
        say(f"Customers by stage: {track}")
        print(f"{'':16}" + "".join(f"{name:>12}" for name in tables))
        for stage in journey.stages(track):
            counts = [pc.sum(pc.equal(table[track], stage)).as_py() or 0 for table in tables.values()]
            print(f"{stage:16}" + "".join(f"{count:12,}" for count in counts))
    return tables["the end"]


def matrix(journey, moves):
    """How often customers went from one stage to another."""
    for track in journey.tracks:
        mine = moves.filter(pc.equal(moves["track"], track))
        counts = collections.Counter(zip(mine["from"].to_pylist(), mine["to"].to_pylist(), strict=True))
        stages = journey.stages(track)
        say(f"Transitions: {track} (from the row to the column)")
        print(f"{'':16}" + "".join(f"{stage:>13}" for stage in stages))
        for start in stages:
            print(f"{start:16}" + "".join(f"{counts[start, end] or '.':>13}" for end in stages))


def in_between(touchpoints, moves):
    """How many stage changes came when no purchase did."""
    bought = set(zip(touchpoints["customer"].to_pylist(), touchpoints["at"].to_pylist(), strict=True))
    alone = sum(key not in bought for key in zip(moves["customer"].to_pylist(), moves["at"].to_pylist(), strict=True))
    say("Continuous time")
    print(f"{moves.num_rows:,} stage changes; {alone:,} of them at instants when no purchase took place.")


def records(touchpoints, customer):
    """One customer's touchpoints as documents."""
    rows = touchpoints.filter(pc.equal(touchpoints["customer"], customer)).drop_columns(["customer"]).to_pylist()
    return [row | {"at": row["at"].strftime("%Y-%m-%dT%H:%M:%SZ")} for row in rows]


def one_customer(journey, touchpoints):
    """One customer's history line by line; gives what Node and Rust must agree with."""
    mine = records(touchpoints, CUSTOMER)
    profile = journey.profile(CUSTOMER)
    for record in mine:
        profile.observe(record)
    say(f"Customer {CUSTOMER}: {len(mine)} purchases")
    history = profile.history(DATA_END)
    for move in history:
        print(f"{move.at:%Y-%m-%d %H:%M}  {move.track}: {move.from_} -> {move.to}  [{move.cause}]  {move.because}")
    view = profile.view(DATA_END)
    for track, stage in view.stages.items():
        print(f"now {track}: {stage.stage} since {stage.since:%Y-%m-%d %H:%M}")
    for score, parts in view.make_up.items():
        elements = ", ".join(f"{part.element} {part.contribution:.2f}" for part in parts)
        print(f"now {score} = {view.scores[score]:.2f}: {elements}")
    return mine, profile.to_bytes(), profile.decide(DATA_END).to_dict()


def words(touchpoints):
    """Preferences that the log does not have: every tenth customer wants no marketing."""
    customers = pc.unique(touchpoints["customer"]).to_pylist()[::10]
    said = datetime.datetime.fromisoformat(CALIBRATION_END)
    return pa.table(
        {
            "customer": customers,
            "at": pa.array([said] * len(customers), pa.timestamp("us", tz="UTC")),
            "choice": ["out"] * len(customers),
            "purpose": ["marketing"] * len(customers),
        }
    )


def decisions(journey, touchpoints):
    """What to say to everybody, and three decisions explained."""
    preferences = words(touchpoints)
    best = journey.decide(touchpoints, preferences=preferences, as_of=DATA_END)
    say(f"What to say on {DATA_END[:10]}, at the end of the day")
    told = collections.Counter(zip(best["action"].to_pylist(), best["because"].to_pylist(), strict=True))
    for (action, because), customers in told.most_common():
        print(f"{customers:8,}  {action or 'nothing'} ({because})")
    morning = "1998-07-01T09:00:00Z"
    say("The decision funnel of the next morning")
    print(journey.reach(touchpoints, preferences=preferences, as_of=morning).to_text())
    best = journey.decide(touchpoints, preferences=preferences, as_of=morning)
    for because in ("first", "opted_out", "held_out"):
        customer = best.filter(pc.equal(best["because"], because))["customer"][0].as_py()
        profile = journey.profile(customer)
        for record in records(touchpoints, customer):
            profile.observe(record)
        said = preferences.filter(pc.equal(preferences["customer"], customer)).drop_columns(["customer"])
        for word in said.to_pylist():
            profile.prefer(word)
        say(f"Customer {customer}")
        print(profile.decide(morning).explain())


def read_sample(log):
    """The sample of one customer in ten: number in the log, number in the sample, day, CDs, value."""
    rows = [line.split() for line in Path(log).read_text().splitlines() if line.strip()]
    days = [datetime.datetime.strptime(row[2], "%Y%m%d").replace(tzinfo=datetime.timezone.utc) for row in rows]
    at = pa.array(days, pa.timestamp("us", tz="UTC"))
    return pa.table({"customer": [row[0] for row in rows], "at": at, "value": [float(row[4]) for row in rows]})


def worth(sample):
    """Two models fitted to 39 weeks, beside what was published, and whom they say to be worth most."""
    free = lifetime.summary(sample, period="week", observed_until=CALIBRATION_END[:10], returns="keep")
    paid = lifetime.summary(sample, period="week", observed_until=CALIBRATION_END[:10], returns="drop")
    buying, spend = lifetime.BgNbd().fit(free), lifetime.GammaGamma().fit(paid)
    say(f"What the {free.num_rows:,} customers of the sample are worth")
    print(f"{'':20}{'published':>10}{'ours':>12}{'standard error':>17}")
    for name, model in (("BG/NBD", buying), ("Gamma-Gamma", spend)):
        for parameter, published in PUBLISHED[name].items():
            ours, error = model.params[parameter], model.standard_errors[parameter]
            print(f"{name + ' ' + parameter:20}{published:>10}{ours:12.6f}{error:17.6f}")
    print(f"{'BG/NBD likelihood':20}{PUBLISHED_LOG_LIKELIHOOD:>10}{buying.log_likelihood:12.4f}")
    value = buying.customer_lifetime_value(free, spend=spend, days=360, interval=0.95)
    order = pc.sort_indices(value, [("customer_lifetime_value", "descending")])[:10]
    best = value.take(order)
    say("The ten who are worth most in the next 360 days, with 95 % intervals")
    for row, buyer in zip(best.to_pylist(), free.take(order).to_pylist(), strict=True):
        low, high = row["customer_lifetime_value_lower"], row["customer_lifetime_value_upper"]
        bought = f"{buyer['frequency']:3} repeat purchases of {buyer['monetary_value']:6.2f}"
        print(f"{buyer['customer']}  {bought}  worth {row['customer_lifetime_value']:8.2f}  ({low:.2f} to {high:.2f})")


def agree(mine, expected, decision, rust):
    """Node and Rust fold the same records; the bytes of their profiles and their decisions must be ours."""
    say("The same customer in Node and Rust")
    with tempfile.TemporaryDirectory() as folder:
        question = Path(folder) / "question.json"
        asked = {"journey": JOURNEY.read_text(), "customer": CUSTOMER, "records": mine, "now": DATA_END}
        question.write_text(json.dumps(asked))
        programs = {"Node": ["node", HERE / "demo.mjs", question], "Rust": [rust, question]}
        answers = {
            name: subprocess.run(call, check=True, capture_output=True).stdout for name, call in programs.items()
        }
    wanted = expected.hex()
    for language, answer in answers.items():
        answer = json.loads(answer)
        print(f"{language}: {answer['stages']}, profile of {len(answer['profile']) // 2} bytes")
        if answer["profile"] != wanted or answer["decision"] != decision:
            sys.exit(f"{language} disagrees with Python")
    print("Python, Node and Rust agree to the last bit.")


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("log", type=Path)
    arguments.add_argument("--rust", required=True, help="the Rust program")
    arguments = arguments.parse_args()
    journey = wayfare.Journey.from_file(JOURNEY)
    touchpoints = read(arguments.log)
    customers = len(pc.unique(touchpoints["customer"]))
    print(f"{customers:,} customers, {touchpoints.num_rows:,} purchases")
    by_stage(journey, touchpoints)
    moves = journey.transitions(touchpoints, as_of=DATA_END)
    matrix(journey, moves)
    in_between(touchpoints, moves)
    decisions(journey, touchpoints)
    worth(read_sample(arguments.log.with_name("CDNOW_sample.txt")))
    mine, profile, decision = one_customer(journey, touchpoints)
    agree(mine, profile, decision, arguments.rust)


if __name__ == "__main__":
    main()
