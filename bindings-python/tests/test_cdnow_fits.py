"""The fits of the CDNOW sample, to many digits; the data are those that the Python package lifetimes ships."""

from __future__ import annotations

import csv
import json
from datetime import datetime, timezone
from typing import Any

import pyarrow as pa
import pytest
from conftest import REPOSITORY
from wayfare import lifetime

DATASETS = REPOSITORY / "target" / "demo" / "lifetimes" / "datasets"
NUMBERS = json.loads((REPOSITORY / "tests" / "reference-numbers" / "cdnow_fits.json").read_text())
MODELS: dict[str, Any] = {
    "bg_nbd": lifetime.BgNbd,
    "mbg_nbd": lifetime.MbgNbd,
    "nbd": lifetime.Nbd,
    "pareto_nbd": lifetime.ParetoNbd,
    "gamma_gamma": lifetime.GammaGamma,
}

pytestmark = pytest.mark.skipif(not DATASETS.exists(), reason="the data are fetched by `make test-python`")


def exact(returns: Any) -> pa.Table:
    """The calibration of the sample, from its purchases. A CD that was given away is a purchase without a value."""
    rows = [line.split() for line in (DATASETS / "CDNOW_sample.txt").read_text().splitlines() if line.strip()]
    days = [datetime.strptime(row[2], "%Y%m%d").replace(tzinfo=timezone.utc) for row in rows]
    columns = {
        "customer": [row[0] for row in rows],
        "at": pa.array(days, pa.timestamp("us", tz="UTC")),
        "value": [float(row[4]) for row in rows],
    }
    return lifetime.summary(pa.table(columns), observed_until="1997-09-30", returns=returns)


def rounded() -> pa.Table:
    """The summary as lifetimes ships it: weeks, and means, of two decimals."""
    with (DATASETS / "cdnow_customers_summary_with_transactions.csv").open() as lines:
        rows = list(csv.DictReader(lines))
    named = {"recency": "t_x", "age": "T", "monetary_value": "zbar"}
    columns: dict[str, Any] = {"frequency": [int(row["x"]) for row in rows]}
    columns |= {name: [float(row[given]) for row in rows] for name, given in named.items()}
    return pa.table(columns)


@pytest.mark.parametrize("fit", NUMBERS["fits"], ids=lambda fit: f"{fit['model']}/{fit['weeks']}")
def test_the_maximum_is_found_to_many_digits(fit: dict[str, Any]) -> None:
    returns = "drop" if fit["model"] == "gamma_gamma" else "keep"
    customers = exact(returns) if fit["weeks"] == "exact" else rounded()
    model = MODELS[fit["model"]]().fit(customers)
    allowed = NUMBERS["tolerance"]
    assert model.log_likelihood == pytest.approx(fit["log_likelihood"], rel=0, abs=allowed["log_likelihood"])
    assert model.params == pytest.approx(fit["params"], rel=allowed["params"])
    assert model.standard_errors == pytest.approx(fit["standard_errors"], rel=allowed["standard_errors"])
