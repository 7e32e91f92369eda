"""Draws the pictures of the lifetime pages.

    python lifetime.py target/demo/lifetimes/datasets docs/src/lifetime/pictures

CDNOW's sample and the donations come from the Python package lifetimes 0.11.3; the pictures hold no customer's data,
only sums.
"""

import csv
import datetime
import sys
from pathlib import Path

import matplotlib
import pyarrow as pa
from matplotlib import pyplot
from wayfare import lifetime

matplotlib.use("svg")
matplotlib.rcParams.update({"svg.hashsalt": "wayfare", "svg.fonttype": "none", "figure.figsize": (7, 3.6)})

DATES = {"calibration_until": "1997-09-30", "observed_until": "1998-06-30", "returns": "keep"}


def sample(datasets):
    rows = [line.split() for line in (datasets / "CDNOW_sample.txt").read_text().splitlines() if line.strip()]
    days = [datetime.datetime.strptime(row[2], "%Y%m%d").replace(tzinfo=datetime.timezone.utc) for row in rows]
    at = pa.array(days, pa.timestamp("us", tz="UTC"))
    return pa.table({"customer": [row[0] for row in rows], "at": at, "value": [float(row[4]) for row in rows]})


def donations(datasets):
    """A row a pattern of gifts, and how many donors have it."""
    with (datasets / "donations.csv").open() as file:
        rows = list(csv.DictReader(file))
    # The file numbers its rows in the first column, and says how many donors show the pattern in `weights`.
    numbers = {name: [int(float(row[column])) for row in rows] for name, column in COLUMNS.items()}
    numbers["customer"] = list(range(len(rows)))
    return pa.table(numbers)


COLUMNS = {"frequency": "frequency", "recency": "recency", "age": "periods", "weights": "weights"}


def save(ax, file):
    ax.figure.tight_layout()
    ax.figure.savefig(file, metadata={"Date": None, "Creator": None})
    pyplot.close(ax.figure)
    print(file)


def main(datasets, to):
    purchases = sample(datasets)
    summary = lifetime.summary(purchases, period="week", **DATES)
    save(lifetime.plot_tracking(lifetime.BgNbd().fit(summary), purchases, **DATES), to / "bg-nbd.svg")
    pareto = lifetime.ParetoNbd().fit(summary)
    save(lifetime.plot_tracking(pareto, purchases, cumulative=True, **DATES), to / "pareto-nbd.svg")
    save(lifetime.plot_frequency_histogram(lifetime.MbgNbd().fit(summary), summary), to / "mbg-nbd.svg")

    gifts = donations(datasets)
    donors = lifetime.BgBb(period="year").fit(gifts, weights="weights")
    save(lifetime.plot_probability_alive_matrix(donors, gifts), to / "bg-bb.svg")

    spend = lifetime.GammaGamma.from_params(p=6.25, q=3.74, gamma=15.44)
    _, ax = pyplot.subplots()
    means = list(range(1, 151))
    for times in (1, 2, 5, 20):
        customers = [{"frequency": times, "recency": 1.0, "age": 2.0, "monetary_value": float(mean)} for mean in means]
        expected = [spend.conditional_expected_spend(**customer) for customer in customers]
        ax.plot(means, expected, label=f"{times} repeat purchase{'s' if times > 1 else ''}")
    ax.plot(means, means, color="grey", linewidth=1, linestyle=":", label="their own mean")
    ax.set_xlabel("mean of the customer's purchases")
    ax.set_ylabel("expected spend")
    ax.legend()
    save(ax, to / "gamma-gamma.svg")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
