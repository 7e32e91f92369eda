"""Writes tests/vectors/progress.json: a model of progress worked out a second time, by numpy and dense linear algebra.

    python progress.py > ../vectors/progress.json

Only the definitions are shared with the core: the split by hash, bins of age, shrinkage, the grid of the recursion and
the regressions, as docs/src/paths/progress.md has them. States are dicts here, hazards arrays over bins, and each step
of the recursion is one dense solve.
"""

import json
import math
import random
from collections import Counter, defaultdict
from itertools import pairwise

import numpy as np

MASK = (1 << 64) - 1
DAY = 86_400_000_000
HORIZON, STEPS, UNTIL, RARE, PRIOR = 7 * DAY, 20, 120 * DAY, 30, 10.0
LAST = 47
BINS = LAST - 20 + 2
STARTS = [0] + [1 << (20 + k) for k in range(BINS - 1)]
NODES = [0] + [(4 + k % 4) << (18 + k // 4) for k in range((LAST - 20) * 4 + 1)]
BUY = "buy"
GAUSS = np.polynomial.legendre.leggauss(40)


def finalized(x):
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9 & MASK
    x = (x ^ (x >> 27)) * 0x94D049BB133111EB & MASK
    return x ^ (x >> 31)


def mixed(x):
    return finalized((x + 0x9E3779B97F4A7C15) & MASK)


def part(key):
    return ("fit", "fit", "calibrate", "test")[mixed(key ^ mixed(0x70617274)) * 4 >> 64]


def people():
    """Customers whose next step depends on the last one, some of whom come back within minutes."""
    chance = random.Random(4)
    rates = {"ad": (0.10, 0.05, 0.15, 0.02), "email": (0.05, 0.15, 0.10, 0.10), "shop": (0.05, 0.05, 0.25, 0.30)}
    rows = []
    for customer in range(300):
        at, word = chance.uniform(0, 60), chance.choice(list(rates))
        while at < 120:
            rows.append((customer, int(at * DAY), "seen", word))
            if chance.random() < 0.2:
                at += chance.uniform(0, 0.01)
                word = "shop"
                continue
            at += chance.expovariate(sum(rates[word]))
            word = chance.choices(["ad", "email", "shop", BUY], rates[word])[0]
            if word == BUY:
                rows.append((customer, min(int(at * DAY), UNTIL + 1), "purchased", "shop"))
                at += chance.expovariate(0.2)
                word = "email"
    rows = [row for row in rows if row[1] < UNTIL]
    return rows


def stays(events):
    """(state, from, until, next) of one customer; a state is (bought, word before, word)."""
    bought, before = False, "start"
    for number, (at, word) in enumerate(events):
        bought = bought or word == BUY
        last = number + 1 == len(events)
        yield (
            (bought, before, word),
            at,
            UNTIL if last else events[number + 1][0],
            None if last else events[number + 1][1],
        )
        before = word


def shorter(state, level):
    return (("any",), (state[0],), (state[0], state[2]), state)[level]


def bin_of(age):
    return max(b for b in range(BINS) if STARTS[b] <= age)


def age_class(b):
    return 0 if b <= 10 else 1 if b <= 16 else 2


class Chain:
    def __init__(self, histories):
        tallies = defaultdict(lambda: {"ages": [], "next": [Counter(), Counter(), Counter()]})
        for events in histories:
            for state, start, end, following in stays(events):
                for level in range(4):
                    tally = tallies[level, shorter(state, level)]
                    tally["ages"].append((end - start, following))
                    if following not in (None, BUY):
                        tally["next"][age_class(bin_of(end - start))][(state, following)] += 1
        kept = sorted((k for k in tallies if k[0] == 0 or len(tallies[k]["ages"]) >= RARE), key=str)
        kept.sort(key=lambda k: k[0])
        self.place = {key: number for number, key in enumerate(kept)}
        self.rows = []
        for level, state in kept:
            tally = tallies[level, state]
            exposure, touched, bought = np.zeros(BINS), np.zeros(BINS), np.zeros(BINS)
            for age, following in tally["ages"]:
                b = bin_of(age)
                for at in range(1, BINS):
                    end = STARTS[at + 1] if at + 1 < BINS else math.inf
                    exposure[at] += max(0, min(age, end) - STARTS[at])
                exposure[0] += b > 0 or following is not None
                touched[b] += following not in (None, BUY)
                bought[b] += following == BUY
            if level == 0:
                touch, buy, parent = crude(touched, exposure), crude(bought, exposure), 0
            else:
                example = next(full for (at, full) in tallies if at == 3 and shorter(full, level) == state)
                parent = self.find(example, level - 1)
                touch = shrunk(touched, exposure, self.rows[parent][0])
                buy = shrunk(bought, exposure, self.rows[parent][1])
            at_once = max(1.0, touch[0] + buy[0])
            touch[0], buy[0] = touch[0] / at_once, buy[0] / at_once
            self.rows.append((touch, buy))
            tally["parent"] = parent
        n = len(kept)
        self.moves = np.zeros((3, n, n))
        for number, (level, state) in enumerate(kept):
            tally, prior = tallies[level, state], PRIOR if level else 0.0
            for at in range(3):
                after = tally["next"][at]
                if not after and not level:
                    after = sum(tally["next"], Counter())
                total = sum(after.values()) + prior
                for (full, word), count in after.items():
                    # The shorter state knows nothing of what it leaves out.
                    known = (full[0] if level else False, full[2] if level >= 2 else "any", word)
                    self.moves[at, number, self.find(known)] += count / total
                if level:
                    self.moves[at, number] += prior / total * self.moves[at, tally["parent"]]

    def find(self, state, longest=3):
        for level in range(longest, 0, -1):
            if (level, shorter(state, level)) in self.place:
                return self.place[level, shorter(state, level)]
        return 0


def crude(events, exposure):
    hazards, before = np.zeros(BINS), 0.0
    for b in range(BINS):
        hazards[b] = events[b] / exposure[b] if exposure[b] > 0 else before
        before = hazards[b] if b else 0.0
    return hazards


def shrunk(events, exposure, base):
    factor = (events.sum() + PRIOR) / ((exposure * base).sum() + PRIOR)
    prior = factor * base
    return np.array(
        [(d + PRIOR) / (e + PRIOR / p) if p > 0 else 0.0 for d, e, p in zip(events, exposure, prior, strict=True)]
    )


def kernel(touch, buy, age):
    """Of each step the first three moments of touchpoints by class, and conversions so far."""
    step = HORIZON / STEPS
    once = (touch[0], buy[0]) if age == 0 else (0.0, 0.0)
    left, sofar = 1.0 - sum(once), [once[1]]
    masses = np.zeros((3, STEPS, 3))
    for at in range(STEPS):
        inside = {s - age for s in STARTS if at * step < s - age < (at + 1) * step}
        edges = sorted({at * step, (at + 1) * step} | inside)
        total = sofar[-1]
        for low, high in pairwise(edges):
            b = bin_of((low + high) / 2 + age)
            lt, lb = (0.0, 0.0) if b == 0 else (touch[b], buy[b])
            # Gauss-Legendre of 40 points is exact to the last digits for such smooth functions.
            x, w = GAUSS
            u = (high - low) * (x + 1) / 2
            density = left * np.exp(-(lt + lb) * u) * w * (high - low) / 2
            total += lb * density.sum()
            theta = (u + low) / step - at
            for k in range(3):
                masses[age_class(b), at, k] += lt * (density * theta**k).sum()
            left *= math.exp(-(lt + lb) * (high - low))
        sofar.append(total)
    return once[0], sofar, masses


def weights(moments, last):
    zeroth, first, second = moments
    if last:
        return zeroth - first, first, 0.0
    return (second - 3 * first) / 2 + zeroth, 2 * first - second, (second - first) / 2


def solved(chain):
    n = len(chain.rows)
    kernels = [kernel(*row, 0) for row in chain.rows]
    g = np.zeros((STEPS + 1, n))
    for at in range(STEPS + 1):
        matrix, right = np.eye(n), np.zeros(n)
        for s, (once, sofar, masses) in enumerate(kernels):
            right[s] = sofar[at]
            matrix[s] -= once * chain.moves[0, s]
            for c in range(3):
                for j in range(at):
                    for shift, weight in enumerate(weights(masses[c, j], at - j == 1)):
                        if weight and shift + j == 0:
                            matrix[s] -= weight * chain.moves[c, s]
                        elif weight:
                            right[s] += weight * chain.moves[c, s] @ g[at - j - shift]
        g[at] = np.linalg.solve(matrix, right)
    table = np.zeros((n, len(NODES)))
    for s, row in enumerate(chain.rows):
        table[s, 0] = g[STEPS, s]
        for number, age in enumerate(NODES[1:], 1):
            _, sofar, masses = kernel(*row, age)
            table[s, number] = sofar[STEPS] + sum(
                weight * chain.moves[c, s] @ g[STEPS - j - shift]
                for c in range(3)
                for j in range(STEPS)
                for shift, weight in enumerate(weights(masses[c, j], STEPS - j == 1))
                if weight
            )
    return table


def at_age(nodes, age):
    number = max(k for k, start in enumerate(NODES) if start <= age)
    if number in (0, len(NODES) - 1):
        return nodes[number]
    share = (age - NODES[number]) / (NODES[number + 1] - NODES[number])
    return nodes[number] + (nodes[number + 1] - nodes[number]) * share


def logit(p):
    return np.log((p + 1e-9) / (1 - p + 1e-9))


def regressed(columns, happened, offset=0.0):
    beta = np.zeros(columns.shape[1])
    for _ in range(60):
        p = 1 / (1 + np.exp(-(offset + columns @ beta)))
        beta += np.linalg.solve((columns.T * (p * (1 - p))) @ columns, columns.T @ (happened - p))
    return beta


def windows(histories, keys, wanted, probability):
    """(probability, age, happened, at a touchpoint) of every window that ends within the observation."""
    for customer in sorted(histories):
        if part(keys[customer]) != wanted:
            continue
        events, all_stays = histories[customer], list(stays(histories[customer]))

        def later(number, end, events=events):
            return any(w == BUY and t <= end for t, w in events[number + 1 :])

        for number, (state, at, _, _) in enumerate(all_stays):
            if state[2] != BUY and at + HORIZON <= UNTIL:
                yield probability(state, 0), 0, later(number, at + HORIZON), True
        apart = max(HORIZON, (UNTIL - events[0][0]) // 8, 1)
        instant = events[0][0] + (mixed(keys[customer] ^ mixed(0x696E7374616E74)) * apart >> 64)
        while instant + HORIZON <= UNTIL:
            number = max(k for k, (t, _) in enumerate(events) if t <= instant)
            age = instant - events[number][0]
            yield probability(all_stays[number][0], age), age, later(number, instant + HORIZON), False
            instant += apart


def main():
    rows = people()
    histories = defaultdict(list)
    for customer, at, kind, channel in rows:
        histories[customer].append((at, BUY if kind == "purchased" else channel))
    keys = {customer: finalized(customer) for customer in histories}
    chain = Chain(events for customer, events in sorted(histories.items()) if part(keys[customer]) == "fit")
    raw = solved(chain)
    seen = list(windows(histories, keys, "calibrate", lambda state, age: at_age(raw[chain.find(state)], age)))
    p, age, happened, fresh = (np.array(column, float) for column in zip(*seen, strict=True))
    fresh = fresh.astype(bool)
    line = regressed(np.column_stack([np.ones(fresh.sum()), logit(p[fresh])]), happened[fresh])
    quiet = age[~fresh] / (age[~fresh] + HORIZON)
    bend = regressed(
        np.column_stack([quiet, quiet * logit(p[~fresh])]), happened[~fresh], line[0] + line[1] * logit(p[~fresh])
    )
    share = np.array(NODES) / (np.array(NODES) + HORIZON)
    x = logit(raw)
    table = 1 / (1 + np.exp(-(line[0] + line[1] * x + share * (bend[0] + bend[1] * x))))

    def found(state, age):
        return at_age(table[chain.find(state)], age)

    tested = [(p, y) for p, _, y, at_touchpoint in windows(histories, keys, "test", found) if at_touchpoint]
    p, y = (np.array(column, float) for column in zip(*tested, strict=True))
    intercept, slope = regressed(np.column_stack([np.ones(len(p)), logit(p)]), y)
    points, touchpoints = defaultdict(list), []
    for customer in sorted(histories):
        before, previous = None, None
        for state, at, until, _ in stays(histories[customer]):
            if state[2] != BUY:
                after = found(state, 0)
                touchpoints.append((customer, at, before, after))
                if before is not None:
                    points[None, state[2]].append(after - before)
                    points[previous, state[2]].append(after - before)
            before, previous = found(state, until - at), state[2]

    def call(word):
        return "conversion" if word == BUY else word

    example = [("ad", 100.0), ("email", 101.5), ("shop", 101.505)]
    state = list(stays([(int(day * DAY), word) for word, day in example]))[-1][0]
    document = {
        "source": "numpy 2; tests/reference-numbers/progress.py",
        "touchpoints": {
            name: [row[number] for row in rows] for number, name in enumerate(["customer", "at", "kind", "channel"])
        },
        "conversion": "purchased",
        "observed_until": "1970-05-01T00:00:00Z",
        "options": {"horizon": "7d", "by": "channel", "steps": STEPS},
        "tolerance": 1e-8,
        "expect": {
            "states": len(chain.rows),
            "recalibration": dict(
                zip(["intercept", "slope", "quiet_intercept", "quiet_slope"], map(float, [*line, *bend]), strict=True)
            ),
            "windows": len(tested),
            "brier": float(((p - y) ** 2).mean()),
            "slope": float(slope),
            "intercept": float(intercept),
            "touchpoints": [
                {"row": row, "before": None if t[2] is None else float(t[2]), "after": float(t[3])}
                for row, t in enumerate(touchpoints)
                if row % 97 < 3
            ],
            "points": [
                {"from": origin and call(origin), "to": to, "count": len(c), "mean_change": float(np.mean(c))}
                for (origin, to), c in sorted(points.items(), key=lambda point: -np.mean(point[1]))
            ],
            "score": {
                "history": [
                    {"at": "1970-04-11T00:00:00Z", "channel": "ad"},
                    {"at": "1970-04-12T12:00:00Z", "channel": "email"},
                    {"at": "1970-04-12T12:07:12Z", "channel": "shop"},
                ],
                "now": "1970-04-12T13:00:00Z",
                "later": ["1970-04-13T13:00:00Z", "1970-05-13T13:00:00Z"],
                "probabilities": [float(found(state, seconds * 1_000_000)) for seconds in (3168, 89568, 2681568)],
            },
        },
    }
    print(json.dumps(document, separators=(",", ":")))


main()
