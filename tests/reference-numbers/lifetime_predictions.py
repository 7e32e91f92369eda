"""Likelihoods and predictions of the lifetime models in 50-digit arithmetic, at random and at extreme inputs.

    python tests/reference-numbers/lifetime_predictions.py > tests/vectors/lifetime_extremes.json

Needs mpmath 1.3.0. Written from the formulas of the papers, by another way than the engine's: Gauss's hypergeometric
function for the expectations, numerical integration for the discounted ones.
"""

import json
import random
import sys

from mpmath import beta, exp, hyp2f1, log, loggamma, mp, mpf, quad

mp.dps = 60
RANDOM = random.Random(20260101)


def log_beta(a, b):
    return loggamma(a) + loggamma(b) - loggamma(a + b)


def parts(first, params, row):
    """Logarithms of the likelihood's terms: alive at the end, and dropped out at the last chance (if any)."""
    r, alpha, a, b = params
    x, t_x, age = row
    n = x + first
    common = loggamma(r + x) - loggamma(r) + r * log(alpha)
    alive = common + log_beta(a, b + n) - log_beta(a, b) - (r + x) * log(alpha + age)
    if n == 0:
        return alive, None
    return alive, common + log_beta(a + 1, b + n - 1) - log_beta(a, b) - (r + x) * log(alpha + t_x)


def log_likelihood(first, params, row):
    alive, dead = parts(first, params, row)
    return alive if dead is None else log(exp(alive) + exp(dead))


def probability_alive(first, params, row):
    alive, dead = parts(first, params, row)
    return mpf(1) if dead is None else 1 / (1 + exp(dead - alive))


def posterior(first, params, row):
    r, alpha, a, b = params
    x, _, age = row
    return r + x, alpha + age, a, b + x + first


def gauss(a, b, c, z):
    """2F1 by its own series, as far as that is quick; mpmath's transformations do not converge for large parameters."""
    if z > mpf("0.9995"):
        return hyp2f1(a, b, c, z)
    total = term = mpf(1)
    n = 0
    while abs(term) > mpf(10) ** -mp.dps * abs(total) or n < a:
        term *= (a + n) * (b + n) / ((c + n) * (n + 1)) * z
        total += term
        n += 1
    return total


def to_come(first, params, row, time):
    """Fader, Hardie and Lee 2005, equation 10, without P(alive)."""
    r, alpha, a, b = posterior(first, params, row)
    c = a + b - 1
    z = time / (alpha + time)
    return c / (a - 1) * (1 - (1 - z) ** r * gauss(r, b, c, z))


def expected(first, params, row, time):
    alive = probability_alive(first, params, row)
    if params[2] == 1:
        with mp.workdps(150):
            near = [*params[:2], params[2] + mpf(10) ** -70, params[3]]
            return alive * to_come(first, near, row, time)
    with mp.workdps(120):
        return alive * to_come(first, params, row, time)


def discounted(first, params, row, rate):
    r, alpha, a, b = posterior(first, params, row)
    with mp.workdps(22):
        ends = [mpf(0)] + [alpha * mpf(2) ** k for k in range(-8, 60) if alpha * mpf(2) ** k * rate < 80] + [80 / rate]
        total = quad(lambda t: exp(-rate * t) * hyp2f1(r + 1, a, a + b, -t / alpha), ends)
    return probability_alive(first, params, row) * r / alpha * total


def number(value):
    return float(mp.nstr(value, 20))


def case(name, model, params, row, days, rate, tolerance):
    first = {"bg_nbd": 0, "mbg_nbd": 1}[model]
    exact = [mpf(value) for value in params]
    purchases = (row[0], mpf(row[1]), mpf(row[2]))
    new = (0, mpf(0), mpf(0))
    expect = [
        {"measure": "probability_alive", "value": number(probability_alive(first, exact, purchases))},
    ]
    if row[2] > 0:
        # Of a customer who was not observed it is 0, and in 60 digits nearly so.
        expect.append({"measure": "log_likelihood", "value": number(log_likelihood(first, exact, purchases))})
    for day in days:
        time = mpf(day) / 7
        expect.append(
            {
                "measure": "conditional_expected_transactions",
                "days": day,
                "value": number(expected(first, exact, purchases, time)),
            }
        )
        expect.append(
            {"measure": "expected_transactions", "days": day, "value": number(expected(first, exact, new, time))}
        )
    if rate is not None:
        value = discounted(first, exact, purchases, mpf(rate))
        expect.append(
            {"measure": "discounted_expected_residual_transactions", "discount_rate": rate, "value": number(value)}
        )
    return {
        "name": name,
        "model": model,
        "period_days": 7,
        "params": dict(zip(["r", "alpha", "a", "b"], params, strict=True)),
        "row": {"frequency": row[0], "recency": row[1], "age": row[2], "monetary_value": 0},
        "expect": expect,
        "tolerance": tolerance,
    }


def spend(name, params, row, tolerance):
    p, q, gamma = [mpf(value) for value in params]
    x, z = row[0], mpf(row[1])
    expect = [{"measure": "conditional_expected_spend", "value": number(p * (gamma + x * z) / (p * x + q - 1))}]
    if x:
        likelihood = (
            -log(beta(p * x, q))
            + q * log(gamma)
            + (p * x - 1) * log(z)
            + p * x * log(mpf(x))
            - (p * x + q) * log(gamma + x * z)
        )
        expect.append({"measure": "log_likelihood", "value": number(likelihood)})
    return {
        "name": name,
        "model": "gamma_gamma",
        "period_days": 7,
        "params": dict(zip(["p", "q", "gamma"], params, strict=True)),
        "row": {"frequency": x, "recency": float(bool(x)), "age": 10.0, "monetary_value": row[1] if x else 0.0},
        "expect": expect,
        "tolerance": tolerance,
    }


def log_uniform(low, high):
    return float(f"{10 ** RANDOM.uniform(low, high):.6g}")


def random_cases():
    for number_of in range(30):
        model = ["bg_nbd", "mbg_nbd"][number_of % 2]
        params = [log_uniform(-1.5, 1), log_uniform(-0.5, 2), log_uniform(-1.5, 1), log_uniform(-1, 1.5)]
        age = round(RANDOM.uniform(1, 100), 2)
        x = RANDOM.choice([0, 0, 1, 2, 3, 5, 8, 20, 60])
        row = (x, round(RANDOM.uniform(0.1, 1) * age, 2) if x else 0.0, age)
        yield case(
            f"random_{number_of}",
            model,
            params,
            row,
            [RANDOM.choice([7, 91, 364, 3640])],
            0.0027 if number_of % 3 == 0 else None,
            1e-10,
        )
    for number_of in range(10):
        params = [log_uniform(-0.5, 1.5), log_uniform(0.1, 1.5), log_uniform(-1, 3)]
        yield spend(f"random_spend_{number_of}", params, (RANDOM.choice([0, 1, 2, 7, 40]), log_uniform(-1, 4)), 1e-10)


PUBLISHED = [0.243, 4.414, 0.793, 2.426]
EXTREME = [
    ("two_thousand_purchases", "bg_nbd", PUBLISHED, (2000, 39.0, 40.0), [364]),
    ("long_gone_after_five_hundred_purchases", "bg_nbd", PUBLISHED, (500, 5.0, 30.0), [273]),
    ("a_is_one", "bg_nbd", [0.243, 4.414, 1.0, 2.426], (2, 30.43, 38.86), [273, 364]),
    ("a_is_nearly_one", "bg_nbd", [0.243, 4.414, 1.000000001, 2.426], (2, 30.43, 38.86), [273, 364]),
    ("a_is_one_mbg", "mbg_nbd", [0.5, 6.0, 1.0, 1.6], (0, 0.0, 38.86), [364]),
    ("hardly_any_dropout", "bg_nbd", [0.4, 12.0, 1e-6, 1.5], (3, 20.0, 38.86), [364]),
    ("all_drop_out_alike", "bg_nbd", [0.4, 12.0, 2000.0, 18000.0], (3, 20.0, 38.86), [364]),
    ("all_buy_alike", "bg_nbd", [5000.0, 50000.0, 0.8, 2.4], (3, 20.0, 38.86), [364]),
    ("many_to_come_and_early_dropout", "bg_nbd", [800.0, 20.0, 3.0, 1.0], (5, 0.2, 0.3), [7, 364]),
    ("fast_buyers", "mbg_nbd", [2.0, 0.001, 0.5, 3.0], (0, 0.0, 0.0), [7, 364]),
    ("a_thousand_years", "bg_nbd", PUBLISHED, (2, 30.43, 38.86), [365000]),
    ("almost_no_purchases", "bg_nbd", [1e-6, 4.0, 0.8, 2.4], (0, 0.0, 38.86), [364]),
    ("on_the_last_day", "bg_nbd", PUBLISHED, (0, 0.0, 0.0), [364]),
    ("an_hour_ahead", "mbg_nbd", [0.525, 6.183, 0.891, 1.614], (2, 30.43, 38.86), [0.0416666666666667]),
    ("polarised_dropout", "bg_nbd", [0.5, 8.0, 0.002, 0.006], (4, 30.0, 38.86), [364]),
    ("five_thousand_purchases", "mbg_nbd", [0.525, 6.183, 0.891, 1.614], (5000, 38.0, 38.86), [364]),
]

DISCOUNTED = ["a_is_one", "a_is_one_mbg", "hardly_any_dropout", "fast_buyers", "polarised_dropout", "on_the_last_day"]


def main():
    cases = list(random_cases())
    cases += [case(*one, 0.0027 if one[0] in DISCOUNTED else None, 1e-8) for one in EXTREME]
    cases += [
        spend("one_purchase_of_a_cent", [6.25, 3.74, 15.44], (1, 0.01), 1e-8),
        spend("a_thousand_purchases_of_a_million", [6.25, 3.74, 15.44], (1000, 1e6), 1e-8),
        spend("large_shapes", [5000.0, 3000.0, 20.0], (3, 33.0), 1e-8),
    ]
    source = "mpmath 1.3.0 at 60 digits and more; tests/reference-numbers/lifetime_predictions.py"
    json.dump({"source": source, "cases": cases}, sys.stdout, indent=1)
    sys.stdout.write("\n")


main()
