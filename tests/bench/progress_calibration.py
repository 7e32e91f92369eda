"""Whether progress is calibrated on customers whom its chain cannot describe, and how unsure the answer is.

    pip install numpy pyarrow                          # and the wheel of wayfare
    python progress_calibration.py                     # 30,000, 100,000 and 400,000 customers, eight splits each
    python progress_calibration.py --customers 30_000 --splits 3

Customers excite themselves (a Hawkes process: each touchpoint brings others within days) and differ for good in how
often they come, how much they are excited, and how readily they buy, nothing of which the model sees. A split decides
who fits, who calibrates and who tests; the slope is that of those who test, with its interval of 95 %.
"""

import argparse

import numpy as np
import pyarrow as pa
import wayfare
from wayfare import progress

DAYS = 180.0
DAY = 86_400_000_000
BEGIN = 1_767_225_600_000_000
CHANNELS = {
    "direct": (0.40, 0.5),
    "search": (0.25, 0.8),
    "social": (0.20, 1.0),
    "email": (0.10, 1.6),
    "call": (0.05, 3.0),
}


def touchpoints(customers, seed=5):
    dice = np.random.default_rng(seed)
    often = dice.gamma(0.7, 0.04, customers)
    excited = 0.9 * dice.beta(2, 3, customers)
    readily = dice.beta(1.2, 18, customers)
    counts = dice.poisson(often * DAYS)
    who, when = np.repeat(np.arange(customers), counts), dice.random(counts.sum()) * DAYS
    generations = []
    while len(who):
        generations.append((who, when))
        brought = dice.poisson(excited[who])
        who, when = np.repeat(who, brought), np.repeat(when, brought) + dice.exponential(1.0, brought.sum())
        who, when = who[when < DAYS], when[when < DAYS]
    who, when = (np.concatenate(part) for part in zip(*generations, strict=True))
    shares, pulls = np.array(list(CHANNELS.values())).T
    channel = dice.choice(len(CHANNELS), len(who), p=shares)
    buys = dice.random(len(who)) < np.minimum(readily[who] * pulls[channel], 0.9)
    who, channel = (np.concatenate([part, part[buys]]) for part in (who, channel))
    kind = np.repeat(["clicked", "purchased"], [len(buys), buys.sum()])
    when = np.concatenate([when, when[buys] + 1 / 24])
    seen = when < DAYS
    at = BEGIN + (when[seen] * DAY).astype(np.int64)
    return pa.table(
        {
            "customer": pa.array(who[seen]),
            "at": pa.array(at, pa.timestamp("us", "UTC")),
            "kind": pa.array(kind[seen]),
            "channel": pa.array(np.array(list(CHANNELS))[channel[seen]]),
        }
    )


def main():
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--customers", type=int, nargs="+", default=[30_000, 100_000, 400_000])
    asked.add_argument("--splits", type=int, default=8)
    asked = asked.parse_args()
    for customers in asked.customers:
        table = touchpoints(customers)
        paths = wayfare.paths(table, conversion="purchased", observed_until="2026-06-30T00:00:00Z")
        print(f"\n{customers:,} customers, {table.num_rows:,} touchpoints and purchases")
        slopes = []
        for split in range(asked.splits):
            model = progress.fit(paths, horizon="14d", seed=split)
            least, most = model.slope_interval
            print(
                f"  split {split}: slope {model.slope:.3f} ({least:.3f} to {most:.3f}), skill {model.brier_skill:.3f}",
                flush=True,
            )
            slopes.append(model.slope)
        within = sum(0.95 <= slope <= 1.05 for slope in slopes)
        print(f"  {within} of {len(slopes)} within 0.95 to 1.05; from {min(slopes):.3f} to {max(slopes):.3f}")


if __name__ == "__main__":
    main()
