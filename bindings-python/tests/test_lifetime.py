"""Lifetime value as an analyst uses it: purchases in, predictions and pictures out."""

from __future__ import annotations

import pickle
from datetime import date, datetime, timedelta, timezone
from random import Random
from typing import Any

import matplotlib
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import sklearn.base
import wayfare
from wayfare.lifetime import BgBb, BgNbd, FittedModel, GammaGamma, MbgNbd, Nbd, ParetoNbd, summary

# Fader, Hardie and Lee 2005, table 2: the CDNOW sample, in weeks.
PUBLISHED = BgNbd.from_params(r=0.243, alpha=4.414, a=0.793, b=2.426)
FIRST = datetime(1997, 1, 1, tzinfo=timezone.utc)
UNTIL = "1997-12-31"
CALIBRATED = "1997-09-30"


def purchases(customers: int = 3000, seed: int = 7) -> pa.Table:
    """Customers who buy as BG/NBD says: gamma rates, beta dropout after each repeat purchase."""
    dice = Random(seed)
    rows: list[tuple[str, datetime, float]] = []
    for number in range(customers):
        begun = dice.randrange(84)
        rate, dropout, spend = dice.gammavariate(0.8, 1 / 5) / 7, dice.betavariate(0.8, 2.5), dice.uniform(10, 50)
        day = float(begun)
        while day < 365:
            rows.append((f"c-{number:05}", FIRST + timedelta(days=int(day)), round(spend * dice.uniform(0.5, 1.5), 2)))
            if day > begun and dice.random() < dropout:
                break
            day += dice.expovariate(rate)
    dice.shuffle(rows)
    return pa.table(
        {
            "customer": [row[0] for row in rows],
            "at": pa.array([row[1] for row in rows], pa.timestamp("us", "UTC")),
            "value": [row[2] for row in rows],
        }
    )


PURCHASES = purchases()
CUSTOMERS = summary(PURCHASES, observed_until=UNTIL)
FITTED = BgNbd().fit(CUSTOMERS)
SPEND = GammaGamma().fit(CUSTOMERS)


def test_purchases_become_customers() -> None:
    table = pl.DataFrame(
        {
            "customer": ["ada", "ada", "ada", "bo"],
            "at": [date(1997, 1, 1), date(1997, 1, 18), date(1997, 8, 2), date(1997, 3, 1)],
            "value": [29.33, 29.73, 14.96, 5.0],
        }
    )
    customers = summary(table, observed_until="1997-09-30")
    assert isinstance(customers, pl.DataFrame)
    assert customers.to_dicts() == [
        {"customer": "ada", "frequency": 2, "recency": 213 / 7, "age": 272 / 7, "monetary_value": (29.73 + 14.96) / 2},
        {"customer": "bo", "frequency": 0, "recency": 0.0, "age": 213 / 7, "monetary_value": 0.0},
    ]
    by_day = summary(table, period="day", observed_until=date(1997, 9, 30))
    assert by_day["age"].to_list() == [272.0, 213.0]


def test_every_kind_of_frame_comes_back_as_it_went_in() -> None:
    for kind, frame in (
        (pd.DataFrame, PURCHASES.to_pandas()),
        (pl.DataFrame, pl.DataFrame(PURCHASES)),
        (pa.Table, PURCHASES),
    ):
        customers = summary(frame, observed_until=UNTIL)
        assert isinstance(customers, kind)
        assert pa.table(customers).to_pylist() == CUSTOMERS.to_pylist()
        alive = FITTED.probability_alive(customers)
        assert list(pa.chunked_array(alive) if kind is pa.Table else pa.array(alive)) == list(
            FITTED.probability_alive(CUSTOMERS)
        )


def test_a_column_fits_the_rows_of_a_filtered_pandas_frame() -> None:
    frame = CUSTOMERS.to_pandas()
    some = frame[frame["frequency"] >= 2].copy()
    some["alive"] = FITTED.probability_alive(some)
    assert some["alive"].notna().all()
    assert list(FITTED.predict(some, days=90).index) == list(some.index)


def test_a_calibration_and_its_holdout() -> None:
    table = summary(PURCHASES, observed_until=UNTIL, calibration_until=CALIBRATED)
    assert table.column_names[-3:] == ["holdout_frequency", "holdout_days", "holdout_monetary_value"]
    assert set(table["holdout_days"].to_pylist()) == {92.0}
    days = {(row["customer"], row["at"].date()) for row in PURCHASES.to_pylist()}
    assert sum(table["frequency"].to_pylist()) + sum(table["holdout_frequency"].to_pylist()) == len(days) - len(table)


def test_a_journeys_touchpoints_serve_as_they_are() -> None:
    table = pa.table(
        {
            "customer": [1, 1, 1],
            "at": pa.array([FIRST, FIRST, FIRST + timedelta(days=7)], pa.timestamp("us", "UTC")),
            "kind": ["purchased", "page_viewed", "purchased"],
            "value": [5.0, None, 7.0],
            "topic": [None, "tents", None],
        }
    )
    assert summary(table, observed_until=UNTIL, of="purchased")["frequency"].to_pylist() == [1]
    with pytest.raises(wayfare.InvalidTableError, match="row 1, column `value`: `value` is missing"):
        summary(table, observed_until=UNTIL)
    _, rejected = summary(table, observed_until=UNTIL, on_error="collect")
    assert rejected["row"].to_pylist() == [1]


def test_returns_are_an_explicit_choice() -> None:
    table = pa.table(
        {
            "customer": ["ada", "ada"],
            "at": pa.array([FIRST, FIRST + timedelta(days=7)], pa.timestamp("us", "UTC")),
            "value": [20.0, -20.0],
        }
    )
    with pytest.raises(wayfare.InvalidTableError, match="say with `returns` what becomes of such rows"):
        summary(table, observed_until=UNTIL)
    assert summary(table, observed_until=UNTIL, returns="drop")["frequency"].to_pylist() == [0]
    assert summary(table, observed_until=UNTIL, returns="keep")["frequency"].to_pylist() == [1]


def test_the_published_model_predicts_one_customer() -> None:
    # The first customer of the CDNOW sample; 40-digit arithmetic at the published parameters.
    ada = {"frequency": 2, "recency": 213 / 7, "age": 272 / 7}
    assert PUBLISHED.probability_alive(**ada) == pytest.approx(0.7265897218354948, rel=1e-10)
    assert PUBLISHED.conditional_expected_transactions(days=39 * 7, **ada) == pytest.approx(
        1.226115806149322, rel=1e-10
    )
    assert PUBLISHED.conditional_expected_transactions(periods=39, **ada) == pytest.approx(1.226115806149322, rel=1e-10)


def test_a_fit_finds_the_parameters_that_made_the_data() -> None:
    intervals = FITTED.confidence_intervals(0.999)
    for name, true in (("r", 0.8), ("alpha", 5.0), ("a", 0.8), ("b", 2.5)):
        lower, upper = intervals[name]
        assert lower < true < upper, name
    assert FITTED.status == "converged"
    assert FITTED.customers == 3000
    assert FITTED.aic == pytest.approx(8 - 2 * FITTED.log_likelihood)
    assert FITTED.standard_errors is not None and set(FITTED.standard_errors) == {"r", "alpha", "a", "b"}
    assert FITTED.report is not None and FITTED.report["iterations"] > 0


def test_what_fits_shows_its_errors() -> None:
    shown = repr(FITTED)
    assert shown.startswith("<BgNbd fitted: r=") and " ± " in shown and "3,000 customers" in shown
    assert repr(PUBLISHED) == "<BgNbd fitted: r=0.243, alpha=4.414, a=0.793, b=2.426; a period of 7 days>"
    assert repr(BgNbd(period="day")) == "BgNbd(period='day')"


def test_known_parameters_have_no_errors() -> None:
    assert PUBLISHED.standard_errors is None
    assert PUBLISHED.status is None
    with pytest.raises(wayfare.InvalidArgumentError, match="given, not fitted"):
        PUBLISHED.confidence_intervals()
    with pytest.raises(wayfare.InvalidArgumentError, match="`r` is -1"):
        BgNbd.from_params(r=-1, alpha=1, a=1, b=1)


@pytest.mark.parametrize("kind", [BgNbd, MbgNbd, ParetoNbd, Nbd])
def test_every_model_of_purchases_fits_and_predicts(kind: Any) -> None:
    fitted = kind().fit(CUSTOMERS)
    table = fitted.predict(CUSTOMERS, days=91, spend=SPEND)
    assert table.column_names == [
        "customer",
        "probability_alive",
        "conditional_expected_transactions",
        "conditional_expected_spend",
        "customer_lifetime_value",
    ]
    assert all(0 <= alive <= 1 for alive in table["probability_alive"].to_pylist())
    one = CUSTOMERS.slice(5, 1).to_pylist()[0]
    one.pop("customer")
    assert fitted.probability_alive(**one) == table["probability_alive"][5].as_py()


def test_bg_bb_counts_opportunities() -> None:
    # The donations of Fader, Hardie and Shang 2010 at the maximum, in 50-digit arithmetic.
    model = BgBb.from_params(
        alpha=1.20352235160191, beta=0.749716358172939, gamma=0.656718208441832, delta=2.78344223257738
    )
    donor = {"frequency": 6, "recency": 6, "age": 6}
    assert model.probability_alive(**donor) == pytest.approx(0.9304335755154889, rel=1e-10)
    assert model.conditional_expected_transactions(periods=5, **donor) == pytest.approx(3.752544221887034, rel=1e-10)


def test_intervals_hold_the_estimate() -> None:
    delta = FITTED.conditional_expected_transactions(CUSTOMERS, days=91, interval=0.95)
    names = ["conditional_expected_transactions" + end for end in ("", "_standard_error", "_lower", "_upper")]
    assert delta.column_names == names
    rows = [dict(zip(("estimate", "error", "lower", "upper"), row.values(), strict=True)) for row in delta.to_pylist()]
    assert all(row["lower"] <= row["estimate"] <= row["upper"] for row in rows)
    one = {"frequency": 3, "recency": 20.0, "age": 40.0}
    drawn = [FITTED.probability_alive(interval=0.95, draws=500, seed=1, **one) for _ in range(2)]
    assert drawn[0] == drawn[1]
    estimate, error, lower, upper = drawn[0]
    assert lower < estimate < upper and error > 0


def test_a_model_that_cannot_be_fitted_says_why() -> None:
    nobody = pa.table({"frequency": [0, 0], "recency": [0.0, 0.0], "age": [10.0, 20.0]})
    with pytest.raises(wayfare.NotFittedError) as caught:
        BgNbd().fit(nobody)
    assert caught.value.status["status"] in {"too_little_data", "flat", "boundary"}


def test_tables_that_no_customer_can_have_are_refused() -> None:
    wrong = pa.table({"frequency": [1, 2], "recency": [3.0, 30.0], "age": [10.0, 20.0]})
    with pytest.raises(wayfare.InvalidTableError, match="row 1, column `recency`"):
        FITTED.probability_alive(wrong)
    with pytest.raises(wayfare.InvalidTableError, match="rename its column `T` to `age`"):
        FITTED.probability_alive(pa.table({"frequency": [1], "recency": [1.0], "T": [2.0]}))
    with pytest.raises(wayfare.InvalidArgumentError, match="wants `days`"):
        FITTED.conditional_expected_transactions(CUSTOMERS)
    with pytest.raises(wayfare.InvalidArgumentError, match="is no model of spend"):
        FITTED.customer_lifetime_value(CUSTOMERS, spend=FITTED, days=90)


def test_what_fits_goes_through_pickles_and_documents() -> None:
    for model in (FITTED, PUBLISHED, SPEND):
        assert pickle.loads(pickle.dumps(model)) == model
        assert FittedModel.from_dict(model.to_dict()) == model
    assert PUBLISHED.to_dict()["model"] == "bg_nbd"
    assert FITTED != PUBLISHED


def test_habits_of_scikit_learn() -> None:
    model = BgNbd(period="day")
    assert model.get_params() == {"period": "day", "prior": None}
    assert sklearn.base.clone(model).period == "day"
    assert model.set_params(period="week") is model
    with pytest.raises(wayfare.InvalidArgumentError, match="no choice `perod`"):
        model.set_params(perod="week")


def test_a_fit_goes_into_a_journey_and_says_the_same_there() -> None:
    document = {
        "wayfare": 1,
        "name": "Shop",
        "touchpoints": {"purchased": {}},
        "lifetime": {"orders": {name: PUBLISHED.to_dict()[name] for name in ("model", "period_days", "params")}},
        "traits": {"alive": {"lifetime": "probability_alive", "of": "purchased", "model": "orders", "output": True}},
    }
    journey = wayfare.Journey.from_dict(document)
    touchpoints = PURCHASES.append_column("kind", pa.array(["purchased"] * len(PURCHASES)))
    in_journey = journey.run(touchpoints, as_of="1997-12-31T23:59:59Z")
    assert in_journey["alive"].to_pylist() == PUBLISHED.probability_alive(CUSTOMERS).to_pylist()


def test_the_frequency_histogram_counts_everybody() -> None:
    table = FITTED.frequency_histogram(CUSTOMERS)
    assert table["frequency"].to_pylist() == list(range(8))
    assert sum(table["actual"].to_pylist()) == len(CUSTOMERS)
    assert sum(table["expected"].to_pylist()) == pytest.approx(len(CUSTOMERS))
    assert table["expected"][0].as_py() == pytest.approx(table["actual"][0].as_py(), rel=0.05)


def test_tracking_adds_up_to_the_repeat_purchases() -> None:
    table = FITTED.tracking(PURCHASES, observed_until=UNTIL)
    assert table["cumulative_actual"][-1].as_py() == sum(CUSTOMERS["frequency"].to_pylist())
    assert table["cumulative_expected"][-1].as_py() == pytest.approx(table["cumulative_actual"][-1].as_py(), rel=0.05)
    expected = sum(FITTED.expected_transactions(periods=age) for age in CUSTOMERS["age"].to_pylist())
    assert table["cumulative_expected"][-1].as_py() == pytest.approx(expected, rel=1e-9)
    split = FITTED.tracking(PURCHASES, observed_until=UNTIL, calibration_until=CALIBRATED)
    # 39 weeks of calibration, 13 of holdout, and a day.
    assert sum(split["is_holdout"].to_pylist()) == 14


def test_the_holdout_by_frequency() -> None:
    table = summary(PURCHASES, observed_until=UNTIL, calibration_until=CALIBRATED)
    fitted = BgNbd().fit(table)
    found = fitted.holdout_by_frequency(table, 4)
    assert sum(found["customers"].to_pylist()) == len(table)
    bought = sum(n * mean for n, mean in zip(found["customers"].to_pylist(), found["actual"].to_pylist(), strict=True))
    assert bought == pytest.approx(sum(table["holdout_frequency"].to_pylist()))
    with pytest.raises(wayfare.InvalidTableError, match="has no holdout"):
        fitted.holdout_by_frequency(CUSTOMERS)


def test_who_is_alive_by_frequency_and_recency() -> None:
    table = FITTED.probability_alive_matrix(pl.DataFrame(CUSTOMERS), 3)
    oldest = int(max(CUSTOMERS["age"].to_pylist()))
    assert table.height == 4 * (oldest + 1)
    row = table.filter(frequency=2, recency=oldest).to_dicts()[0]
    age = max(CUSTOMERS["age"].to_pylist())
    assert row["probability_alive"] == FITTED.probability_alive(frequency=2, recency=float(oldest), age=age)
    assert table.filter(frequency=0, recency=1)["probability_alive"].to_list() == [None]


def test_the_pictures_are_axes_that_can_be_drawn_on() -> None:
    matplotlib.use("Agg")
    from matplotlib import pyplot

    lifetime = wayfare.lifetime
    table = summary(PURCHASES, observed_until=UNTIL, calibration_until=CALIBRATED)
    axes = [
        lifetime.plot_tracking(FITTED, PURCHASES, observed_until=UNTIL, calibration_until=CALIBRATED, cumulative=True),
        lifetime.plot_frequency_histogram(FITTED, CUSTOMERS.to_pandas()),
        lifetime.plot_probability_alive_matrix(FITTED, CUSTOMERS, 10),
        lifetime.plot_holdout(FITTED, table),
    ]
    assert [type(ax).__name__ for ax in axes] == ["Axes"] * 4
    assert axes[0].get_ylabel() == "cumulative repeat purchases"
    drawn = pyplot.subplots()[1]
    assert lifetime.plot_holdout(FITTED, table, ax=drawn) is drawn
    pyplot.close("all")


def test_covariates_move_a_fit_and_are_read_again_to_predict() -> None:
    dice = Random(3)
    table = CUSTOMERS.append_column("urban", pa.array([float(dice.random() < 0.5) for _ in range(len(CUSTOMERS))]))
    fitted = BgNbd().fit(table, trans=["urban"])
    assert "trans.urban" in fitted.params
    lower, upper = fitted.confidence_intervals(0.999)["trans.urban"]
    assert lower < 0 < upper, "it was drawn at random"
    assert len(fitted.probability_alive(table)) == len(table)
    with pytest.raises(wayfare.WayfareError, match="urban"):
        fitted.probability_alive(CUSTOMERS)
