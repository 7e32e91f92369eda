"""Funnels and what else is read off paths, by the plainest way: every start and every touchpoint in turn.

    python tests/reference-numbers/path_analyses.py tests/vectors

Needs lifelines 0.30.0, whose Kaplan-Meier estimates are the expected times in stages; their quartiles are worked out
in exact fractions. Writes funnels.json and path_analyses.json.
"""

import json
import random
import statistics
import sys
from collections import Counter
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pandas as pd
from lifelines import KaplanMeierFitter
from lifelines.utils import restricted_mean_survival_time

DAY = 86_400
KINDS = ["viewed", "added", "searched", "purchased"]
CHANNELS = ["email", "search", "social", None]


def table(dice, customers, rows, spread):
    """Rows of customers in no order; many share an instant, and ids say which of those came first."""
    out = []
    for number in range(rows):
        kind = dice.choices(KINDS, [5, 3, 3, 2])[0]
        row = {"customer": f"c{dice.randrange(customers)}", "second": dice.randrange(spread), "id": f"r{number:04}"}
        row |= {"kind": kind, "channel": dice.choice(CHANNELS), "stage": dice.choice(["new", "active", "at_risk"])}
        out.append(row | {"value": round(dice.random() * 50, 2) if kind == "purchased" else None})
    dice.shuffle(out)
    return out


def histories(rows):
    people = {}
    for row in sorted(rows, key=lambda row: (row["customer"], row["second"], row["id"])):
        people.setdefault(row["customer"], []).append(row)
    return people


def paths(rows):
    """Each path's touchpoints and the conversion that ended it; a conversion begins the next."""
    for own in histories(rows).values():
        path = []
        for row in own:
            if row["kind"] == "purchased":
                yield path, row
                path = []
            else:
                path.append(row)
        if path:
            yield path, None


def serves(step, row, by):
    conditions = step if isinstance(step, dict) else {by: step}
    return all(row[name] in ([words] if isinstance(words, str) else words) for name, words in conditions.items())


SECONDS = {"s": 1, "m": 60, "h": 3600, "d": DAY}


def longest(own, asked):
    """The chain that reaches furthest over all starts, the first of those as long."""
    steps, by, exclude = asked["steps"], asked.get("by", "kind"), asked.get("exclude", [])
    within = asked.get("within")
    window = int(within[:-1]) * SECONDS[within[-1]] if within else float("inf")
    breaks = [any(serves(step, row, by) for step in exclude) for row in own]
    served = [[serves(step, row, by) for step in steps] for row in own]
    order = list(range(len(own)))
    if asked.get("same_instant", "any") == "any":
        first = [next((at for at, is_served in enumerate(each) if is_served), 99) for each in served]
        order.sort(key=lambda at: (own[at]["second"], breaks[at], first[at], at))
    best = []
    for place, start in enumerate(order):
        if breaks[start] or not served[start][0]:
            continue
        chain = [start]
        for at in order[place + 1 :]:
            if breaks[at] or len(chain) == len(steps) or own[at]["second"] - own[start]["second"] > window:
                break
            is_later = own[at]["second"] > own[chain[-1]]["second"]
            if served[at][len(chain)] and (is_later or not asked.get("strict_increase")):
                chain.append(at)
            elif asked.get("strict_order") or (asked.get("strict_deduplication") and any(served[at][: len(chain)])):
                break
        if len(chain) > len(best):
            best = chain
    return best


def median_days(seconds):
    return statistics.median(seconds) / DAY if seconds else None


def funnel(rows, asked):
    by = asked.get("by", "kind")
    per_path = asked.get("per") == "path"
    units = [path + ([end] if end else []) for path, end in paths(rows)] if per_path else histories(rows).values()
    reached, before, first, left = Counter(), {}, {}, {}
    for own in units:
        chain = longest(own, asked)
        for step, at in enumerate(chain):
            reached[step] += 1
            if step:
                before.setdefault(step, []).append(own[at]["second"] - own[chain[step - 1]]["second"])
                first.setdefault(step, []).append(own[at]["second"] - own[chain[0]]["second"])
        if chain and len(chain) < len(asked["steps"]):
            after = max(chain) + 1
            word = (own[after][by] or "(none)") if after < len(own) else None
            left.setdefault(len(chain) - 1, Counter())[word] += 1
    steps = range(len(asked["steps"]))

    def share(step, of):
        return reached[step] / reached[of] if reached[of] else None

    return {
        "steps": {
            "customers": [reached[step] for step in steps],
            "share_of_first": [share(step, 0) for step in steps],
            "share_of_before": [share(step, max(step - 1, 0)) for step in steps],
            "median_days_from_before": [median_days(before.get(step)) for step in steps],
            "median_days_from_first": [median_days(first.get(step)) for step in steps],
        },
        "drop_outs": [
            [step, word, count]
            for step in sorted(left)
            for word, count in sorted(
                left[step].items(), key=lambda item: (-item[1], item[0] is not None, item[0] or "")
            )
        ],
    }


def funnels():
    dice = random.Random(20261122)
    steps = ["viewed", "added", "purchased"]
    questions = {
        "any_time": {"steps": steps},
        "within": {"steps": steps, "within": "40s"},
        "one_step": {"steps": ["added"]},
        "nobody": {"steps": ["viewed", "refunded"]},
        "either_word": {"steps": [["viewed", "searched"], "purchased"], "within": "1m"},
        "conditions": {
            "steps": [{"kind": "viewed", "channel": ["email", "search"]}, {"channel": "social"}],
            "within": "2m",
        },
        "strict_order": {"steps": steps, "within": "2m", "strict_order": True},
        "strict_deduplication": {"steps": steps, "within": "2m", "strict_deduplication": True},
        "strict_increase": {"steps": steps, "within": "40s", "strict_increase": True},
        "all_strict": {
            "steps": steps,
            "strict_order": True,
            "strict_deduplication": True,
            "strict_increase": True,
            "same_instant": "in_order",
        },
        "in_order": {"steps": steps, "within": "40s", "same_instant": "in_order"},
        "excluded": {"steps": steps, "within": "2m", "exclude": ["searched"]},
        "excluded_with_channel": {"steps": steps, "exclude": [{"kind": "searched", "channel": "email"}]},
        "repeated": {"steps": ["viewed", "viewed", "added", "viewed"], "within": "2m"},
        "by_channel": {"steps": ["email", "social"], "by": "channel", "within": "2m"},
        "per_path": {"steps": steps, "per": "path", "within": "3m"},
    }
    for name, asked in questions.items():
        rows = table(dice, 12, 90, 120)
        alone = {"strict_order", "strict_deduplication", "same_instant", "per"}.isdisjoint(asked) and name != "repeated"
        yield {"name": name, "rows": rows, "asked": asked, "raw": alone and name != "conditions", **funnel(rows, asked)}


def transitions(rows):
    counts = Counter()
    for path, end in paths(rows):
        words = ["(start)", *[row["channel"] or "(none)" for row in path], "(conversion)" if end else "(null)"]
        counts.update(pairwise(words))
    leaving = Counter()
    for (start, _), count in counts.items():
        leaving[start] += count
    return [[*pair, count, count / leaving[pair[0]]] for pair, count in counts.items()]


def top(rows, most):
    tallies = {}
    for path, end in paths(rows):
        words = tuple(row["channel"] or "(none)" for row in path)
        tally = tallies.setdefault(words, [0, 0, 0.0])
        tally[0 if end else 1] += 1
        tally[2] += end["value"] if end else 0.0
    # A touchpoint without a word comes after all that have one.
    ordered = sorted(
        tallies.items(), key=lambda item: (-sum(item[1][:2]), [(word == "(none)", word) for word in item[0]])
    )
    return [[" > ".join(words), c + n, c, n, v, c / (c + n)] for words, (c, n, v) in ordered[:most]]


def exits(rows):
    left, met, on = Counter(), Counter(), Counter()
    for path, end in paths(rows):
        words = [row["channel"] for row in path]
        met.update(words)
        on.update(set(words))
        if words and not end:
            left[words[-1]] += 1
    return [[word, left[word], met[word], on[word], left[word] / met[word], left[word] / left.total()] for word in met]


def directly_follows(rows):
    edges, starts, ends = Counter(), Counter(), Counter()
    for own in histories(rows).values():
        kinds = [row["kind"] for row in own]
        starts[kinds[0]] += 1
        ends[kinds[-1]] += 1
        edges.update(pairwise(kinds))
    return {"edges": [[*pair, count] for pair, count in edges.items()], "start": dict(starts), "end": dict(ends)}


def flow(rows, steps):
    links = Counter()
    for path, end in paths(rows):
        words = [row["channel"] or "(none)" for row in path]
        shown = [*words, "(conversion)" if end else "(null)"] if words else []
        links.update(
            (at + 1, shown[at], shown[at + 1])
            for at in range(min(steps, len(shown) - 1))
            if at + 1 < steps or len(words) <= steps
        )
    return [[*link, count] for link, count in links.items()]


def stays(rows, until):
    """How long each run of one stage lasted, and whether it was over."""
    for own in histories(rows).values():
        current = None
        for row in own:
            if row["second"] > until:
                break
            if current is None or current[0] != row["stage"]:
                if current:
                    yield current[0], row["second"] - current[1], True
                current = (row["stage"], row["second"])
        if current:
            yield current[0], until - current[1], False


def stage_times(rows, until):
    told = {}
    frame = pd.DataFrame(list(stays(rows, until)), columns=["stage", "seconds", "over"])
    for stage, own in frame.groupby("stage"):
        fitted = KaplanMeierFitter().fit(own["seconds"] / DAY, own["over"])
        longest_stay = own["seconds"].max() / DAY
        events = fitted.event_table.loc[lambda events: events["removed"] > 0]
        survival = fitted.survival_function_["KM_estimate"]
        band = fitted.confidence_interval_
        mean, variance = restricted_mean_survival_time(fitted, t=longest_stay, return_variance=True)
        told[stage] = {
            "entered": len(own),
            "left": int(own["over"].sum()),
            "median_days": quantile(fitted, 0.5),
            "lower_quartile_days": quantile(fitted, 0.75),
            "upper_quartile_days": quantile(fitted, 0.25),
            "restricted_mean_days": float(mean),
            "curve": [
                [float(days), *counts(events, days), float(survival[days]), *[float(end) for end in band.loc[days]]]
                for days in events.index
            ],
        }
        assert variance >= 0.0
    return told


def quantile(fitted, staying):
    """In fractions: lifelines' own share of 3 in 4 is a last bit more than 0.75, so that it looks further."""
    share = Fraction(1)
    for days, row in fitted.event_table.iterrows():
        if row["observed"]:
            share *= 1 - Fraction(int(row["observed"]), int(row["at_risk"]))
            if share <= Fraction(staying):
                return float(days)
    return None


def counts(events, days):
    return [int(events[name][days]) for name in ("at_risk", "observed", "censored")]


def analyses():
    dice = random.Random(20261123)
    for name, customers, count, spread in [("few", 4, 24, 60), ("many", 25, 260, 400), ("ties", 6, 60, 8)]:
        rows = table(dice, customers, count, spread)
        until = spread * 3 // 4
        yield {
            "name": name,
            "rows": rows,
            "transition_matrix": transitions(rows),
            "top": top(rows, 5),
            "exits": exits(rows),
            "directly_follows": directly_follows(rows),
            "flow": {"steps": 3, "links": flow(rows, 3)},
            "time_in_stage": {"observed_until": until, "stages": stage_times(rows, until)},
        }


for name, cases in [("funnels", funnels), ("path_analyses", analyses)]:
    document = {
        "source": "tests/reference-numbers/path_analyses.py; stays: lifelines 0.30.0, quartiles in fractions",
        "cases": list(cases()),
    }
    written = json.dumps(document, indent=1)
    (Path(sys.argv[1]) / f"{name}.json").write_text(written + "\n")
