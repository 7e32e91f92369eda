"""Writes `tests/vectors/attribution_*.json`: credits of every model in exact fractions.

Heuristics share by fractions; a Markov chain is solved by elimination over fractions, once more for each word that is
removed; Shapley values are means over all orders of joining. Only the powers of two of time decay are not rational:
they have 60 digits. Nothing of wayfare is used.

    python tests/reference-numbers/attribution.py tests/vectors
"""

from __future__ import annotations

import itertools
import json
import random
import sys
from decimal import Decimal, getcontext
from fractions import Fraction
from pathlib import Path
from typing import Any

getcontext().prec = 60
DAY = 86_400_000_000

Row = tuple[list[str], int, Fraction, int]

# `toy_paths.csv`: path, conversions, their value, ends without one. Its published numbers are checked below.
TOY = [
    ("A", 10, 100, 90),
    ("B", 6, 60, 94),
    ("C", 2, 30, 48),
    ("A > B", 9, 120, 41),
    ("A > C", 5, 70, 35),
    ("B > C", 4, 40, 46),
    ("A > B > C", 12, 200, 28),
    ("A > A > B", 3, 33, 17),
    ("C > A > C", 2, 25, 18),
]


def words(rows: list[Row]) -> list[str]:
    return sorted({word for path, *_ in rows for word in path})


def by_path(rows: list[Row], shares: Any) -> dict[str, list[Fraction]]:
    """What words earn of conversions and of value where each path is split by itself."""
    earned = {word: [Fraction(0), Fraction(0)] for word in words(rows)}
    for path, conversions, value, _ in rows:
        if path:
            for word, share in zip(path, shares(path), strict=True):
                earned[word][0] += share * conversions
                earned[word][1] += share * value
    return earned


def first_touch(path: list[str]) -> list[Fraction]:
    return [Fraction(at == 0) for at in range(len(path))]


def last_touch(path: list[str]) -> list[Fraction]:
    return [Fraction(at == len(path) - 1) for at in range(len(path))]


def linear(path: list[str]) -> list[Fraction]:
    return [Fraction(1, len(path))] * len(path)


def position_based(first: Fraction, last: Fraction) -> Any:
    def shares(path: list[str]) -> list[Fraction]:
        if len(path) == 1:
            return [Fraction(1)]
        if len(path) == 2:
            return [first / (first + last), last / (first + last)]
        between = (1 - first - last) / (len(path) - 2)
        return [first, *[between] * (len(path) - 2), last]

    return shares


def coverage(path: list[str]) -> list[Fraction]:
    return [Fraction(1, len(set(path)) * path.count(word)) for word in path]


def solve(system: list[list[Fraction]], right: list[Fraction]) -> list[Fraction]:
    """By elimination (Gauss and Jordan)."""
    lines = [[*line, value] for line, value in zip(system, right, strict=True)]
    for step in range(len(lines)):
        pivot = next(row for row in range(step, len(lines)) if lines[row][step])
        lines[step], lines[pivot] = lines[pivot], lines[step]
        lines[step] = [entry / lines[step][step] for entry in lines[step]]
        for row in range(len(lines)):
            if row != step and lines[row][step]:
                factor = lines[row][step]
                lines[row] = [entry - factor * other for entry, other in zip(lines[row], lines[step], strict=True)]
    return [line[-1] for line in lines]


def removal_effects(rows: list[Row], order: int, nulls: bool) -> dict[str, list[Fraction]]:
    walks = []
    for path, conversions, value, ended in rows:
        ended = ended if nulls else 0
        if path and conversions + ended:
            grams = (
                [tuple(path)]
                if len(path) < order
                else [tuple(path[at : at + order]) for at in range(len(path) - order + 1)]
            )
            walks.append(([gram for gram, _ in itertools.groupby(grams)], conversions, value, ended))
    states = sorted({state for walk, *_ in walks for state in walk})
    number = {state: at for at, state in enumerate(states)}

    def absorbed(removed: str | None, of_value: bool) -> Fraction:
        size = len(states)
        flow = [[Fraction(0)] * size for _ in states]
        begun, gained, exits = [Fraction(0)] * size, [Fraction(0)] * size, [Fraction(0)] * size
        for walk, conversions, value, ended in walks:
            times = conversions + ended
            begun[number[walk[0]]] += times
            for one, other in itertools.pairwise(walk):
                flow[number[one]][number[other]] += times
            for state in walk:
                exits[number[state]] += times
            gained[number[walk[-1]]] += value if of_value else conversions
        gone = [removed in state for state in states]
        system = [
            [Fraction(row == to) - (0 if gone[row] or gone[to] else flow[row][to] / exits[row]) for to in range(size)]
            for row in range(size)
        ]
        ahead = solve(system, [Fraction(0) if gone[row] else gained[row] / exits[row] for row in range(size)])
        return sum((start * value for start, value in zip(begun, ahead, strict=True)), Fraction(0)) / sum(begun)

    every = [absorbed(None, of_value) for of_value in (False, True)]
    return {
        word: [
            1 - absorbed(word, of_value) / all_ if all_ else Fraction(0)
            for of_value, all_ in zip((False, True), every, strict=True)
        ]
        for word in words(rows)
    }


def rate_game(rows: list[Row]) -> dict[str, list[Fraction]]:
    players = words(rows)

    def worth(joined: frozenset[str], which: int) -> Fraction:
        within = [row for row in rows if row[0] and set(row[0]) <= joined]
        paths = sum(row[1] + row[3] for row in within)
        return Fraction(sum(row[which] for row in within), paths) if paths else Fraction(0)

    known: dict[Any, Fraction] = {}
    sums = {word: [Fraction(0), Fraction(0)] for word in players}
    orders = list(itertools.permutations(players))
    for order in orders:
        for at, word in enumerate(order):
            for place, which in ((0, 1), (1, 2)):
                with_it, without = (frozenset(order[: at + 1]), which), (frozenset(order[:at]), which)
                for key in (with_it, without):
                    if key not in known:
                        known[key] = worth(*key)
                sums[word][place] += known[with_it] - known[without]
    return {word: [total / len(orders) for total in both] for word, both in sums.items()}


def in_proportion(rows: list[Row], weights: dict[str, list[Fraction]]) -> dict[str, list[Fraction]]:
    totals = [sum(row[1] for row in rows if row[0]), sum((row[2] for row in rows if row[0]), Fraction(0))]
    sums = [sum((both[place] for both in weights.values()), Fraction(0)) for place in (0, 1)]
    return {
        word: [
            total * weight / all_ if all_ else Fraction(0)
            for total, weight, all_ in zip(totals, both, sums, strict=True)
        ]
        for word, both in weights.items()
    }


def case(
    name: str,
    rows: list[Row],
    earned: dict[str, list[Any]],
    choices: dict[str, Any],
    measures: dict[str, Any] | None = None,
) -> dict[str, Any]:
    labels: list[str] = words(rows)
    expect = {
        "words": labels,
        "conversions": [float(earned[word][0]) for word in labels],
        "value": [float(earned[word][1]) for word in labels],
        **{key: [float(values[word]) for word in labels] for key, values in (measures or {}).items()},
    }
    nobody = [row for row in rows if not row[0] and row[1]]
    if nobody:
        expect["words"] = [*labels, "unattributed"]
        expect["conversions"].append(float(sum(row[1] for row in nobody)))
        expect["value"].append(float(sum((row[2] for row in nobody), Fraction(0))))
        for key in measures or {}:
            expect[key].append(None)
    return {"name": name, **choices, "expect": expect}


def cases(rows: list[Row]) -> list[dict[str, Any]]:
    made = [
        case(name, rows, by_path(rows, shares), {"model": name})
        for name, shares in (("first_touch", first_touch), ("last_touch", last_touch), ("linear", linear))
    ]
    for first, last in (("0.4", "0.4"), ("0.5", "0.25"), ("1.0", "0.0")):
        shares = position_based(Fraction(first), Fraction(last))
        choices = {"model": "position_based", "first": float(first), "last": float(last)}
        made.append(case(f"position_based {first} {last}", rows, by_path(rows, shares), choices))
    for order, nulls in itertools.product((1, 2, 3), (True, False)):
        effects = removal_effects(rows, order, nulls)
        named = {"removal_effect": 0, "removal_effect_value": 1}
        measures = {name: {word: both[place] for word, both in effects.items()} for name, place in named.items()}
        choices = {"model": "markov", "order": order, "nulls": nulls}
        made.append(
            case(
                f"markov {order}{'' if nulls else ' without nulls'}",
                rows,
                in_proportion(rows, effects),
                choices,
                measures,
            )
        )
    made.append(case("shapley coverage", rows, by_path(rows, coverage), {"model": "shapley", "game": "coverage"}))
    values = rate_game(rows)
    measures = {
        name: {word: both[place] for word, both in values.items()}
        for name, place in (("shapley_value", 0), ("shapley_value_value", 1))
    }
    made.append(case("shapley rate", rows, in_proportion(rows, values), {"model": "shapley", "game": "rate"}, measures))
    return made


def paths_file(source: str, rows: list[Row]) -> dict[str, Any]:
    paths = {
        "path": [" > ".join(row[0]) for row in rows],
        "conversions": [row[1] for row in rows],
        "value": [float(row[2]) for row in rows],
        "nulls": [row[3] for row in rows],
    }
    return {"source": source, "paths": paths, "cases": cases(rows)}


def random_rows(seed: int) -> list[Row]:
    draw = random.Random(seed)
    names = ["email", "search", "social", "store", "web"]
    rows: list[Row] = [([], 3, Fraction("59.85"), 4)]
    for _ in range(40):
        path = [draw.choice(names) for _ in range(draw.randint(1, 6))]
        conversions = draw.randint(0, 4)
        value = Fraction(draw.randint(1, 30_000), 100) if conversions else Fraction(0)
        rows.append((path, conversions, value, draw.randint(0, 6)))
    return rows


def timed_file() -> dict[str, Any]:
    """Touchpoints with times, each customer with one conversion; credits by 2^(-time to the conversion / half-life)."""
    draw = random.Random(4)
    columns: dict[str, list[Any]] = {name: [] for name in ("customer", "at", "kind", "channel", "value")}
    journeys = []
    for customer in range(12):
        at, touches = 1_760_000_000_000_000 + draw.randrange(DAY), []
        for _ in range(draw.randint(1, 6)):
            touches.append((at, draw.choice(["email", "store", "web"])))
            at += draw.randrange(10 * DAY)
        value = Fraction(draw.randint(100, 20_000), 100)
        journeys.append((touches, at, value))
        for instant, channel in touches:
            for name, cell in zip(columns, (f"c{customer}", instant, "viewed", channel, None), strict=True):
                columns[name].append(cell)
        for name, cell in zip(columns, (f"c{customer}", at, "purchased", "store", float(value)), strict=True):
            columns[name].append(cell)
    made = []
    for half_life, days in (("7d", 7), ("36h", Decimal("1.5"))):
        earned: dict[str, list[Decimal]] = {word: [Decimal(0), Decimal(0)] for word in ("email", "store", "web")}
        for touches, end, value in journeys:
            weights = [Decimal(2) ** (-Decimal(end - at) / (Decimal(days) * DAY)) for at, _ in touches]
            for (_, word), weight in zip(touches, weights, strict=True):
                share = weight / sum(weights)
                earned[word][0] += share
                earned[word][1] += share * value.numerator / value.denominator
        expect = {"words": sorted(earned)}
        expect |= {
            name: [float(earned[word][place]) for word in sorted(earned)]
            for name, place in (("conversions", 0), ("value", 1))
        }
        made.append(
            {"name": f"time_decay {half_life}", "model": "time_decay", "half_life": half_life, "expect": expect}
        )
    source = "60-digit decimals; tests/reference-numbers/attribution.py"
    return {"source": source, "touchpoints": columns, "conversion": "purchased", "cases": made}


def main(folder: Path) -> None:
    exact = "exact fractions; tests/reference-numbers/attribution.py"
    toy: list[Row] = [
        (path.split(" > "), conversions, Fraction(value), nulls) for path, conversions, value, nulls in TOY
    ]
    published = {
        "coverage": [round(float(both[0]), 1) for both in by_path(toy, coverage).values()],
        "value": [round(float(both[1]), 6) for both in by_path(toy, coverage).values()],
        "rate": [round(float(both[0]), 6) for both in rate_game(toy).values()],
        "markov": [round(float(both[0]), 6) for both in removal_effects(toy, 1, True).values()],
    }
    assert published == {
        "coverage": [23.5, 18.0, 11.5],
        "value": [290.666667, 223.166667, 164.166667],
        "rate": [0.066619, 0.031381, 0.014767],
        "markov": [0.542651, 0.542404, 0.496318],
    }, published
    chain: list[Row] = [
        (["C1", "C2", "C3"], 1, Fraction(10), 0),
        (["C1"], 0, Fraction(0), 1),
        (["C2", "C3"], 0, Fraction(0), 1),
    ]
    files = {
        "toy": paths_file(f"{exact}; the rows of toy_paths.csv", toy),
        "chain": paths_file(exact, chain),
        "random": paths_file(exact, random_rows(1)),
        "times": timed_file(),
    }
    for name, content in files.items():
        (folder / f"attribution_{name}.json").write_text(json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
