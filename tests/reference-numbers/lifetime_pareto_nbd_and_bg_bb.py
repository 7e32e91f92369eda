"""Likelihoods and predictions of Pareto/NBD and BG/BB in many-digit arithmetic.

On published customers, random and extreme inputs.

    python tests/reference-numbers/lifetime_pareto_nbd_and_bg_bb.py tests/vectors

Needs mpmath 1.3.0. Written from the formulas of the papers, by another way than the engine's: Gauss's hypergeometric
function (with as many digits as its differences lose) where the engine integrates, Tricomi's function, beta functions
where it multiplies.
"""

import json
import pathlib
import random
import sys

from mpmath import beta as B
from mpmath import binomial, exp, hyp2f1, hyperu, log, loggamma, mp, mpf, nstr, power, quad

mp.dps = 50
RANDOM = random.Random(20260102)
SOURCE = "mpmath 1.3.0 at 50 digits and more; tests/reference-numbers/lifetime_pareto_nbd_and_bg_bb.py"


def number(value):
    return float(nstr(value, 20))


# ---- Pareto/NBD ----------------------------------------------------------------------------------------------------


def pareto_terms(params, row):
    """Logarithms of the alive and dead terms: Fader and Hardie 2005, A note on deriving …, equations 18, 19."""
    r, alpha, s, beta = params
    x, t_x, age = row
    with mp.workdps(80 + int(4 * x**0.5) + int(2 * s)):
        common = loggamma(r + x) - loggamma(r) + r * log(alpha) + s * log(beta)
        alive = common - (r + x) * log(alpha + age) - s * log(beta + age)
        if t_x == age:
            return alive, None
        n = r + s + x

        def part(u):
            if alpha >= beta:
                return hyp2f1(n, s + 1, n + 1, (alpha - beta) / (alpha + u)) / power(alpha + u, n)
            return hyp2f1(n, r + x, n + 1, (beta - alpha) / (beta + u)) / power(beta + u, n)

        return alive, common + log(s / n) + log(part(t_x) - part(age))


def pareto_log_likelihood(params, row):
    alive, dead = pareto_terms(params, row)
    if dead is None:
        return alive
    with mp.workdps(80):
        top = max(alive, dead)
        return top + log(exp(alive - top) + exp(dead - top))


def pareto_alive(params, row):
    alive, dead = pareto_terms(params, row)
    return mpf(1) if dead is None else 1 / (1 + exp(dead - alive))


def lifetime_within(s, w, time):
    """Int_0^t (w/(w + v))^s dv."""
    return w * log(1 + time / w) if s == 1 else w / (s - 1) * (1 - power(w / (w + time), s - 1))


def pareto_count(params, n, time):
    r, alpha, s, beta = params

    def negative_binomial(u):
        return (
            exp(loggamma(r + n) - loggamma(r) - loggamma(n + 1))
            * power(alpha / (alpha + u), r)
            * power(u / (alpha + u), n)
        )

    gone = quad(
        lambda u: negative_binomial(u) * s * power(beta, s) * power(beta + u, -s - 1),
        [time * mpf(2) ** -k for k in range(12, -1, -1)],
    )
    first = quad(
        lambda u: negative_binomial(u) * s * power(beta, s) * power(beta + u, -s - 1), [0, time * mpf(2) ** -12]
    )
    return negative_binomial(time) * power(beta / (beta + time), s) + first + gone


def pareto_case(name, params, row, days, tolerance, rate=0.0027, counts=()):
    exact = [mpf(value) for value in params]
    r, alpha, s, beta = exact
    purchases = (row[0], mpf(row[1]), mpf(row[2]))
    alive = pareto_alive(exact, purchases)
    speed = (r + row[0]) / (alpha + purchases[2])
    expect = [
        {"measure": "log_likelihood", "value": number(pareto_log_likelihood(exact, purchases))},
        {"measure": "probability_alive", "value": number(alive)},
    ]
    for day in days:
        time = mpf(day) / 7
        to_come = alive * speed * lifetime_within(s, beta + purchases[2], time)
        expect.append({"measure": "conditional_expected_transactions", "days": day, "value": number(to_come)})
        expect.append(
            {
                "measure": "expected_transactions",
                "days": day,
                "value": number(r / alpha * lifetime_within(s, beta, time)),
            }
        )
    if rate is not None:
        w = beta + purchases[2]
        # Int e^(-delta t) (w/(w + t))^s dt = w U(1, 2 - s, delta w).
        residual = alive * speed * w * hyperu(1, 2 - s, mpf(rate) * w)
        expect.append(
            {"measure": "discounted_expected_residual_transactions", "discount_rate": rate, "value": number(residual)}
        )
    for count, day in counts:
        value = pareto_count(exact, count, mpf(day) / 7)
        expect.append({"measure": "probability_of_count", "count": count, "days": day, "value": number(value)})
    return {
        "name": name,
        "model": "pareto_nbd",
        "period_days": 7,
        "params": dict(zip(["r", "alpha", "s", "beta"], params, strict=True)),
        "row": {"frequency": row[0], "recency": row[1], "age": row[2], "monetary_value": 0},
        "expect": expect,
        "tolerance": tolerance,
    }


# Customers of the CDNOW sample (id: repeat purchases, days to the last one, days observed), and the maximum-
# likelihood estimate there.
CDNOW = {
    1: (2, 213, 272),
    2: (1, 12, 272),
    3: (0, 0, 272),
    6: (7, 206, 272),
    157: (29, 264, 266),
    1516: (26, 216, 217),
    1000: (4, 171, 235),
}
ESTIMATE = [0.55327704685318, 10.5776834633023, 0.606239989127826, 11.668735288855]
# What the R package BTYD 2.4.3 stores for the same data: not a maximum, but published.
BTYD = [0.5533971432566355, 10.580198543474351, 0.6060624971176619, 11.656223670707698]

PARETO_EXTREME = [
    ("two_thousand_purchases", ESTIMATE, (2000, 39.0, 40.0)),
    ("long_gone_after_five_hundred_purchases", ESTIMATE, (500, 5.0, 40.0)),
    ("s_is_one", [0.5, 8.0, 1.0, 12.0], (2, 20.0, 30.0)),
    ("s_is_nearly_one", [0.5, 8.0, 1.000000001, 12.0], (2, 20.0, 30.0)),
    ("alpha_is_beta", [0.5, 9.0, 0.7, 9.0], (2, 20.0, 30.0)),
    ("alpha_is_nearly_beta", [0.5, 9.0, 0.7, 9.00000001], (2, 20.0, 30.0)),
    ("hardly_any_dropout", [0.4, 12.0, 1e-9, 10.0], (3, 20.0, 38.86)),
    ("heavy_dropout", [0.8, 3.0, 6.0, 0.5], (0, 0.0, 38.86)),
    ("heavy_dropout_and_a_return", [0.8, 3.0, 6.0, 0.5], (3, 20.0, 38.86)),
    ("at_once_or_never", [0.8, 3.0, 0.01, 1e-9], (0, 0.0, 38.86)),
    ("all_drop_out_alike", [0.4, 12.0, 300.0, 9000.0], (3, 20.0, 38.86)),
    ("all_buy_alike", [500.0, 5000.0, 0.8, 10.0], (3, 20.0, 38.86)),
    ("almost_no_purchases", [1e-6, 4.0, 0.8, 2.4], (0, 0.0, 38.86)),
    ("on_the_last_day", ESTIMATE, (0, 0.0, 0.0)),
    ("just_bought", ESTIMATE, (3, 38.86, 38.86)),
    ("all_within_an_hour", ESTIMATE, (3, 0.005, 0.006)),
    ("fast_buyers", [2.0, 1e-4, 0.5, 30.0], (0, 0.0, 30.0)),
    ("far_apart_scales", [1.5, 1e-5, 0.7, 1e5], (4, 10.0, 30.0)),
]


def log_uniform(low, high):
    return float(f"{10 ** RANDOM.uniform(low, high):.6g}")


def pareto_cases():
    for name, params in [("estimate", ESTIMATE), ("btyd", BTYD)]:
        for customer, (x, recency, age) in CDNOW.items():
            counts = [(0, 273), (1, 273), (7, 273), (40, 273)] if (name, customer) == ("estimate", 1) else []
            yield pareto_case(
                f"{name}_{customer}", params, (x, recency / 7, age / 7), [7, 273, 364, 3640], 1e-10, counts=counts
            )
    for at in range(40):
        params = [log_uniform(-1.5, 1), log_uniform(-0.5, 2), log_uniform(-1.5, 1), log_uniform(-0.5, 2)]
        age = round(RANDOM.uniform(1, 100), 2)
        x = RANDOM.choice([0, 0, 1, 2, 3, 5, 8, 20, 60])
        row = (x, round(RANDOM.uniform(0.1, 1) * age, 2) if x else 0.0, age)
        counts = [(RANDOM.choice([0, 1, 5]), 91)] if at % 4 == 0 else []
        yield pareto_case(
            f"random_{at}",
            params,
            row,
            [RANDOM.choice([7, 91, 364, 3640])],
            1e-10,
            RANDOM.choice([0.0027, 0.1, 1e-5]),
            counts,
        )
    for name, params, row in PARETO_EXTREME:
        yield pareto_case(name, params, row, [7, 364], 1e-8)


# ---- BG/BB ---------------------------------------------------------------------------------------------------------


def bb_parts(params, row):
    """Fader, Hardie and Shang 2010, equation 5: the alive and the dead term."""
    a, b, g, d = params
    x, t_x, n = row
    alive = B(a + x, b + n - x) / B(a, b) * B(g, d + n) / B(g, d)
    dead = sum((B(a + x, b + m - x) / B(a, b) * B(g + 1, d + m) / B(g, d) for m in range(t_x, n)), mpf(0))
    return alive, dead


def bb_survival(params, n):
    _, _, g, d = params
    return B(g, d + n) / B(g, d)


def bb_count(params, x, n):
    """Equation 8."""
    a, b, g, d = params
    alive = binomial(n, x) * B(a + x, b + n - x) / B(a, b) * bb_survival(params, n)
    dead = sum(
        (binomial(m, x) * B(a + x, b + m - x) / B(a, b) * B(g + 1, d + m) / B(g, d) for m in range(x, n)), mpf(0)
    )
    return alive + dead


def gauss(b, c, z):
    """2F1(1, b; c; z) by its own series: mpmath's does not end for large b and c."""
    total = term = mpf(1)
    n = 0
    while term > mpf(10) ** -mp.dps * total:
        term *= (b + n) / (c + n) * z
        total += term
        n += 1
    return total


def bb_case(name, params, row, ahead, tolerance, discount=0.1, counts=()):
    exact = [mpf(value) for value in params]
    a, b, g, d = exact
    x, t_x, n = row
    alive, dead = bb_parts(exact, row)
    likelihood = alive + dead
    # B(alpha + x + 1, beta + n - x)/B(alpha, beta)/L: buying at one more opportunity.
    once_more = B(a + x + 1, b + n - x) / B(a, b) / likelihood
    expect = [
        {"measure": "log_likelihood", "value": number(log(likelihood))},
        # Equation 11, at the next opportunity.
        {
            "measure": "probability_alive",
            "value": number(B(a + x, b + n - x) / B(a, b) * bb_survival(exact, n + 1) / likelihood),
        },
    ]
    for time in ahead:
        # Equations 9 and 13 before the sums are closed.
        to_come = once_more * sum((bb_survival(exact, n + k) for k in range(1, time + 1)), mpf(0))
        new = a / (a + b) * sum((bb_survival(exact, k) for k in range(1, time + 1)), mpf(0))
        expect.append({"measure": "conditional_expected_transactions", "days": time, "value": number(to_come)})
        expect.append({"measure": "expected_transactions", "days": time, "value": number(new)})
    # Equation 14.
    residual = (
        once_more
        * B(g, d + n + 1)
        / B(g, d)
        / (1 + mpf(discount))
        * gauss(d + n + 1, g + d + n + 1, 1 / (1 + mpf(discount)))
    )
    expect.append(
        {"measure": "discounted_expected_residual_transactions", "discount_rate": discount, "value": number(residual)}
    )
    for count, time in counts:
        expect.append(
            {
                "measure": "probability_of_count",
                "count": count,
                "days": time,
                "value": number(bb_count(exact, count, time)),
            }
        )
    return {
        "name": name,
        "model": "bg_bb",
        # One opportunity is called a day here, so that `days` counts them.
        "period_days": 1,
        "params": dict(zip(["alpha", "beta", "gamma", "delta"], params, strict=True)),
        "row": {"frequency": x, "recency": float(t_x), "age": float(n), "monetary_value": 0},
        "expect": expect,
        "tolerance": tolerance,
    }


# Fader, Hardie and Shang 2010, table 1 (`donationsSummary` of the R package BTYD): purchases, year of the last,
# donors; six years each.
DONATIONS = [
    (6, 6, 1203), (5, 6, 728), (4, 6, 512), (3, 6, 357), (2, 6, 234),
    (1, 6, 129), (5, 5, 335), (4, 5, 284), (3, 5, 225), (2, 5, 173), (1, 5, 119),
    (4, 4, 240), (3, 4, 181), (2, 4, 155), (1, 4, 78), (3, 3, 322),
    (2, 3, 255), (1, 3, 129), (2, 2, 613), (1, 2, 277), (1, 1, 1091), (0, 0, 3464),
]  # fmt: skip
DONATIONS_ESTIMATE = [1.20352235160191, 0.749716358172939, 0.656718208441832, 2.78344223257738]
DONATIONS_PUBLISHED = [1.204, 0.750, 0.657, 2.783]

BB_EXTREME = [
    ("gamma_is_one", [1.2, 0.75, 1.0, 2.8], (3, 4, 6)),
    ("a_hundred_opportunities", [1.2, 0.75, 0.7, 2.8], (30, 60, 100)),
    ("hardly_any_dropout", [1.2, 0.75, 1e-9, 2.8], (3, 4, 6)),
    ("all_drop_out_alike", [1.2, 0.75, 2000.0, 18000.0], (3, 4, 6)),
    ("all_buy_alike", [3000.0, 7000.0, 0.7, 2.8], (3, 4, 6)),
    ("polarised", [0.002, 0.006, 0.003, 0.004], (3, 4, 6)),
    ("no_opportunity_yet", [1.2, 0.75, 0.7, 2.8], (0, 0, 0)),
    ("one_missed", [1.2, 0.75, 0.7, 2.8], (0, 0, 1)),
]


def bb_cases():
    for name, params in [("estimate", DONATIONS_ESTIMATE), ("published", DONATIONS_PUBLISHED)]:
        for x, t_x, _ in DONATIONS:
            counts = [(x, 5), (x, 12)] if (t_x, name) == (6, "estimate") else []
            yield bb_case(f"donations_{name}_{x}_{t_x}", params, (x, t_x, 6), [5, 10], 1e-10, counts=counts)
    for at in range(20):
        params = [log_uniform(-1, 1), log_uniform(-1, 1), log_uniform(-1, 1), log_uniform(-1, 1)]
        n = RANDOM.choice([3, 6, 12, 52])
        t_x = RANDOM.randint(0, n)
        row = (RANDOM.randint(1, t_x) if t_x else 0, t_x, n)
        yield bb_case(f"random_{at}", params, row, [RANDOM.choice([1, 5, 40])], 1e-10, RANDOM.choice([0.1, 0.0027]))
    for name, params, row in BB_EXTREME:
        yield bb_case(name, params, row, [1, 40], 1e-8)


def donations_fit():
    """The maximum by Newton's method in many digits; standard errors from the inverse of the Hessian."""
    from mpmath import diag, matrix

    def total(point):
        params = [exp(value) for value in point]
        return sum(weight * log(sum(bb_parts(params, (x, t_x, 6)))) for x, t_x, weight in DONATIONS)

    def shifted(point, *steps):
        moved = list(point)
        for at, step in steps:
            moved[at] += step
        return moved

    h = mpf(10) ** -12
    point = [log(mpf(value)) for value in DONATIONS_ESTIMATE]
    for _ in range(3):
        gradient = matrix(
            [(total(shifted(point, (i, h))) - total(shifted(point, (i, -h)))) / (2 * h) for i in range(4)]
        )
        hessian = matrix(4, 4)
        for i in range(4):
            for j in range(i, 4):
                corners = [
                    sign * other * total(shifted(point, (i, sign * h), (j, other * h)))
                    for sign in (1, -1)
                    for other in (1, -1)
                ]
                hessian[i, j] = hessian[j, i] = sum(corners) / (4 * h * h)
        step = -(hessian**-1) * gradient
        point = [value + move for value, move in zip(point, step, strict=True)]
    values = [exp(value) for value in point]
    covariance = diag(values) * (-(hessian**-1)) * diag(values)
    names = ["alpha", "beta", "gamma", "delta"]
    return {
        "name": "donations",
        "model": "bg_bb",
        "period_days": 1,
        "summary": {
            "frequency": [x for x, _, _ in DONATIONS],
            "recency": [float(t_x) for _, t_x, _ in DONATIONS],
            "age": [6.0 for _ in DONATIONS],
            "weights": [float(weight) for _, _, weight in DONATIONS],
        },
        "fit": {
            "params": dict(zip(names, map(number, values), strict=True)),
            "standard_errors": {name: number(covariance[i, i] ** mpf("0.5")) for i, name in enumerate(names)},
            "log_likelihood": number(total(point)),
        },
        "tolerance": 1e-7,
    }


def write(folder, name, cases):
    path = pathlib.Path(folder) / name
    path.write_text(json.dumps({"source": SOURCE, "cases": cases}, indent=1) + "\n")


def main():
    folder = sys.argv[1]
    write(folder, "lifetime_pareto_nbd.json", list(pareto_cases()))
    write(folder, "lifetime_bg_bb.json", [donations_fit(), *bb_cases()])


main()
