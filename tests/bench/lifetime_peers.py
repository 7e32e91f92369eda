"""What lifetime models cost in Python: summary, fit and expectation, by wayfare and by what else one would use.

    pip install -r requirements.txt                    # and the wheel of wayfare
    python lifetime_peers.py                           # CDNOW and 1 M simulated customers
    python lifetime_peers.py --customers 100_000 --runs 3

Seconds of cpu, the best of several runs, all in one process. wayfare's fits compute standard errors; those of lifetimes
as well. The CDNOW sample is the one that lifetimes ships, in two-decimal weeks.
"""

import argparse
import warnings

import numpy as np
import pandas as pd
import pyarrow as pa
from measure import best, show

warnings.filterwarnings("ignore")

WEEKS = 52
CDNOW = {"r": 0.2426, "alpha": 4.4136, "a": 0.7929, "b": 2.4259}
# Nearly everybody leaves at once: lifetimes took 151 s of cpu.
HEAVY = {"r": 0.25, "alpha": 4.0, "s": 5.0, "beta": 2.0}


def purchases(customers, seed):
    """Transactions of customers who buy and leave as BG/NBD has it, in days."""
    dice = np.random.default_rng(seed)
    rate = dice.gamma(CDNOW["r"], 1 / CDNOW["alpha"], customers)
    leaves = dice.beta(CDNOW["a"], CDNOW["b"], customers)
    week = dice.uniform(0, 12, customers)
    who, when = [np.arange(customers)], [week]
    alive = np.arange(customers)
    while alive.size:
        week = week + dice.exponential(1, alive.size) / np.maximum(rate[alive], 1e-300)
        here = week < WEEKS
        alive, week = alive[here], week[here]
        who.append(alive)
        when.append(week)
        stays = dice.random(alive.size) >= leaves[alive]
        alive, week = alive[stays], week[stays]
    who, when = np.concatenate(who), np.concatenate(when)
    mixed = dice.permutation(who.size)
    day = np.datetime64("2025-01-01T12:00:00", "us") + (when[mixed] * 7).astype("timedelta64[D]")
    return pa.table({"customer": who[mixed], "at": pa.array(day, pa.timestamp("us", tz="UTC"))})


def pareto(customers, seed, r, alpha, s, beta):
    """A summary of customers who buy and leave as Pareto/NBD has it."""
    dice = np.random.default_rng(seed)
    age = dice.uniform(27, 39, customers)
    rate, death = dice.gamma(r, 1 / alpha, customers), dice.gamma(s, 1 / beta, customers)
    lived = np.minimum(dice.exponential(1, customers) / np.maximum(death, 1e-300), age)
    frequency = dice.poisson(rate * lived)
    recency = np.where(frequency > 0, lived * dice.random(customers) ** (1 / np.maximum(frequency, 1)), 0.0)
    return pa.table({"customer": np.arange(customers), "frequency": frequency, "recency": recency, "age": age})


def summaries(table, runs):
    import duckdb
    from wayfare import lifetime

    ours, summary = best(lambda: lifetime.summary(table, observed_until="2025-12-31"), runs)
    connection = duckdb.connect()
    connection.register("arrow_purchases", table)
    connection.sql('CREATE TABLE purchases AS SELECT customer, "at" FROM arrow_purchases')
    query = """
        SELECT customer, count(*) - 1 AS frequency, date_diff('day', min(day), max(day)) / 7 AS recency,
               date_diff('day', min(day), DATE '2025-12-31') / 7 AS age
        FROM (SELECT DISTINCT customer, CAST("at" AS DATE) AS day FROM purchases) GROUP BY customer ORDER BY customer
    """
    connection.sql("SET TimeZone = 'UTC'")
    theirs, peer = best(lambda: connection.sql(query).to_arrow_table(), runs)
    for column in ("frequency", "recency", "age"):
        assert np.allclose(np.asarray(summary[column], float), np.asarray(peer[column], float)), column
    show(
        f"summary of {table.num_rows:,} purchases, customers as {table.schema.field(0).type}", ours, {"duckdb": theirs}
    )
    return summary


def fits(name, summary, runs, peer_runs):
    import lifetimes
    from wayfare import lifetime

    ours, model = best(lambda: lifetime.BgNbd().fit(summary), runs)
    columns = [np.asarray(summary[column], float) for column in ("frequency", "recency", "age")]
    theirs, peer = best(lambda: lifetimes.BetaGeoFitter().fit(*columns), peer_runs)
    show(f"BG/NBD fit with standard errors: {name}", ours, {"lifetimes": theirs})
    apart = max(abs(peer.params_[name] / value - 1) for name, value in model.params.items())
    print(f"  parameters of lifetimes are up to {apart:.1e} off ours")
    return model, peer


def pareto_fits(name, summary, runs, peer_runs):
    import lifetimes
    from wayfare import lifetime

    ours, _model = best(lambda: lifetime.ParetoNbd().fit(summary), runs)
    print(f"\nPareto/NBD fit: {name}: {ours / summary.num_rows * 1e6:.3f} us a customer")
    if peer_runs:
        columns = [np.asarray(summary[column], float) for column in ("frequency", "recency", "age")]
        theirs, _ = best(lambda: lifetimes.ParetoNBDFitter().fit(*columns), peer_runs)
        show(f"Pareto/NBD fit: {name}", ours, {"lifetimes": theirs})
    return ours / summary.num_rows


def clvkit_base(table):
    """The customers as clvkit wants them, in days."""
    from clvkit import CustomerBase

    at = table["at"].to_pandas().dt.tz_localize(None)
    rows = pd.DataFrame({"customer_id": np.asarray(table["customer"]), "date": at})
    return CustomerBase.from_transactions(rows, amount_col=None, time_unit="D", observation_period_end="2025-12-31")


def expectations(model, peer, summary, table, runs):
    from clvkit import BGNBD

    columns = [np.asarray(summary[column], float) for column in ("frequency", "recency", "age")]
    ours, found = best(lambda: model.conditional_expected_transactions(summary, days=39 * 7), runs)
    peers = {}
    theirs, expected = best(lambda: peer.conditional_expected_number_of_purchases_up_to_time(39, *columns), runs)
    peers["lifetimes"] = theirs
    # Its fit of a million customers takes minutes; the expectation costs the same whatever the parameters are.
    fitted, base = BGNBD().fit(clvkit_base(purchases(3_000, 5))), clvkit_base(table)
    peers["clvkit"], _ = best(lambda: fitted.predict(39 * 7, base), runs)
    show(f"expected transactions of {summary.num_rows:,} customers", ours, peers)
    print(f"  greatest difference {np.nanmax(np.abs(np.asarray(found, float) - np.asarray(expected, float))):.2g}")


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--customers", type=int, default=1_000_000)
    arguments.add_argument("--runs", type=int, default=5)
    asked = arguments.parse_args()
    import lifetimes
    from lifetimes.datasets import load_cdnow_summary

    cdnow = load_cdnow_summary()
    cdnow = pa.Table.from_pandas(cdnow.rename(columns={"ID": "customer", "T": "age"}), preserve_index=False)
    print(f"lifetimes {lifetimes.__version__}, pandas {pd.__version__}")
    table = purchases(asked.customers, 1)
    summary = summaries(table, asked.runs)
    texts = pa.array([f"c-{number:07}" for number in table["customer"].to_pylist()])
    summaries(table.set_column(0, "customer", texts), asked.runs)
    # Milliseconds want more runs.
    fits("CDNOW sample", cdnow, 10 * asked.runs, asked.runs)
    model, peer = fits(f"{summary.num_rows:,} customers", summary, asked.runs, 1)
    expectations(model, peer, summary, table, asked.runs)
    usual = pareto_fits("CDNOW sample", cdnow, asked.runs, 1)
    for name, params in (("like CDNOW", {"r": 0.55, "alpha": 10.6, "s": 0.6, "beta": 11.7}), ("heavy dropout", HEAVY)):
        cost = pareto_fits(f"{name}, {asked.customers:,} customers", pareto(asked.customers, 2, **params), 1, 0)
        print(f"  {cost / usual:.2f}x of what a customer of CDNOW costs")


if __name__ == "__main__":
    main()
