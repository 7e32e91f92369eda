"""What a call from Python costs: `observe` and `view` beside calls that only convert the same arguments.

    python python_boundary.py                  # a journey of five traits, and the retail template
    python python_boundary.py --rounds 50

Each round starts from a customer of 200 touchpoints and folds 100 more, and looks at the customer after each. The
figure is the median round's nanoseconds of cpu for one touchpoint.
"""

import argparse
import gc
import statistics
import time
from datetime import datetime, timedelta, timezone

import wayfare

FIVE = """
wayfare: 1
name: Five traits, one track
channels: { web: {}, store: {} }
touchpoints: { page_viewed: {}, purchased: { properties: { items: number } }, message_clicked: {} }
traits:
  orders:           { count: purchased }
  spend:            { sum: value, of: purchased, output: true }
  last_value:       { last: value, of: purchased, output: true }
  days_since_order: { days_since: purchased }
  views_30d:        { count: page_viewed, within: 30d }
tracks:
  relationship:
    - { name: unknown }
    - { name: prospect, from: [unknown], when: views_30d >= 1 }
    - { name: first_time, from: [unknown, prospect], when: orders == 1 }
    - { name: repeat, from: [first_time, lapsed], when: orders >= 2 && days_since_order <= 90 }
    - { name: lapsed, from: [first_time, repeat], when: days_since_order > 90 }
"""

KNOWN, MORE = 200, 100
START = datetime(2025, 1, 1, tzinfo=timezone.utc)
KINDS = ("page_viewed", "purchased", "message_clicked")


def touchpoint(number):
    kind = KINDS[number % len(KINDS)]
    at = START + timedelta(hours=20 * number)
    fields = {"at": at, "id": f"t-{number}", "kind": kind, "channel": "web", "topic": "tents"}
    if kind == "purchased":
        fields |= {"value": 10.0 + number % 90, "items": 1 + number % 4}
    return fields


def nothing(touchpoint=None, now=None):
    return True


def median(rounds, prepare, work):
    """Of the rounds, the median cpu time for one touchpoint, in ns."""
    taken = []
    for _ in range(rounds):
        prepared = prepare()
        gc.disable()
        before = time.process_time_ns()
        work(*prepared)
        taken.append((time.process_time_ns() - before) / MORE)
        gc.enable()
    return statistics.median(taken)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=300)
    rounds = parser.parse_args().rounds

    for journey in (wayfare.Journey.from_yaml(FIVE), wayfare.Journey.template("retail")):
        measure(journey, rounds)


def measure(journey, rounds):
    profile = journey.profile("c-42")
    for number in range(KNOWN):
        profile.observe(touchpoint(number))
    blob = profile.to_bytes()
    asked = [(fields, fields["at"] + timedelta(minutes=5)) for fields in map(touchpoint, range(KNOWN, KNOWN + MORE))]

    def restored():
        return (wayfare.Profile.from_bytes(journey, blob),)

    def called(function):
        def work():
            for fields, now in asked:
                function(fields)
                function(None, now)

        return work

    def looked(read=None, held=False):
        def work(profile):
            view = None
            for fields, now in asked:
                if not held:
                    view = None
                profile.observe(fields)
                view = profile.view(now)
                if read is not None:
                    read(view)

        return work

    def folded(profile):
        for fields, _ in asked:
            profile.observe(fields)

    figures = {
        "two calls of Python that do nothing": median(rounds, tuple, called(nothing)),
        "two native calls that convert the arguments": median(rounds, tuple, called(wayfare._wayfare._convert)),
        "observe": median(rounds, restored, folded),
        "observe + view": median(rounds, restored, looked()),
        "observe + view, the view before it still held": median(rounds, restored, looked(held=True)),
        "observe + view + stages": median(rounds, restored, looked(lambda view: view.stages)),
        "observe + view + traits": median(rounds, restored, looked(lambda view: view.traits)),
        "observe + view + next_change": median(rounds, restored, looked(lambda view: view.next_change)),
        "observe + view + to_dict (everything)": median(rounds, restored, looked(lambda view: view.to_dict())),
    }
    boundary = figures["two native calls that convert the arguments"]
    print(f"\n{journey.name}: {len(journey.traits)} traits, {len(journey.tracks)} tracks; {KNOWN} touchpoints known")
    for name, nanoseconds in figures.items():
        print(f"{name:50} {nanoseconds:8,.0f} ns  {nanoseconds / boundary:6.2f} x the boundary")


if __name__ == "__main__":
    main()
