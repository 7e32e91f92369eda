"""What a customer is worth: purchases summed up, the models of the literature fitted to them, and what they predict.

>>> from wayfare.lifetime import BgNbd
>>> model = BgNbd.from_params(r=0.243, alpha=4.414, a=0.793, b=2.426)
>>> round(model.probability_alive(frequency=2, recency=213 / 7, age=272 / 7), 6)
0.72659

`summary` turns a table of purchases into one of customers, `BgNbd().fit(summary)` and its kin find the parameters,
and what `fit` gives predicts, for one customer or for a table. Times of customers are in periods of the model, a
week unless it is said otherwise; how far ahead a prediction looks is always in `days`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from . import _frames
from ._errors import InvalidArgumentError
from ._plots import plot_frequency_histogram, plot_holdout, plot_probability_alive_matrix, plot_tracking
from ._wayfare import LifetimeModel, lifetime_summary

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = [
    "BgBb",
    "BgNbd",
    "FittedModel",
    "GammaGamma",
    "MbgNbd",
    "Nbd",
    "ParetoNbd",
    "plot_frequency_histogram",
    "plot_holdout",
    "plot_probability_alive_matrix",
    "plot_tracking",
    "summary",
]


def summary(
    transactions: Any,
    period: str | float = "week",
    *,
    observed_until: str | date,
    calibration_until: str | date | None = None,
    time_zone: str | None = None,
    returns: Literal["refuse", "drop", "net_within_day", "keep"] | None = None,
    of: str | Sequence[str] = (),
    customer: str | None = None,
    at: str | None = None,
    value: str | None = None,
    on_error: Literal["raise", "collect"] = "raise",
    progress: bool | Callable[[int, int], Any] = False,
) -> Any:
    """Sums up purchases by customer, in the kind of frame that `transactions` is.

    The columns are `customer`, `frequency` (days with a repeat purchase), `recency` (from the first purchase to the
    last), `age` (from the first to the end of the observation), both in periods, and if the table has values
    `monetary_value`, the mean of the repeat purchases. With `calibration_until` these are of the calibration, and
    `holdout_frequency`, `holdout_days` and `holdout_monetary_value` of the time after it; customers who came later
    are left aside.

    `transactions` has the columns `customer`, `at` and perhaps `value`, or those that are named. With `of`, rows
    count whose `kind` is one of these, so that a journey's touchpoints serve. Purchases of one day are one; days
    are counted in `time_zone` (UTC unless it is said), and times without a zone are of that zone. A date as
    `observed_until` is its whole day. `returns` says what becomes of values of zero or less. With
    `on_error="collect"` bad rows are left out, and the result is the frame and a frame of the bad rows.
    """
    request = _said(
        period=_period(period),
        observed_until=_until(observed_until),
        calibration_until=None if calibration_until is None else _until(calibration_until),
        time_zone=time_zone,
        returns=returns,
        of=[of] if isinstance(of, str) else list(of),
        customer=customer,
        at=at,
        value=value,
        on_error=on_error,
    )
    table, rejected, _ = lifetime_summary(transactions, request, progress)
    return (table, rejected) if on_error == "collect" else table


class _Model:
    """A model that is not fitted yet: its choices, which are the period of times and perhaps a prior.

    A prior holds beliefs from before the data, each `{"median": …, "spread": …}`, for small tables: it is added to the
    summed log-likelihood, and fades as customers come in. `spread` is the standard deviation of the logarithm.
    """

    _name: ClassVar[str]
    _choices: ClassVar[tuple[str, ...]] = ("period", "prior")

    def __init__(self, *, period: str | float = "week", prior: Mapping[str, Any] | None = None) -> None:
        self.period = period
        self.prior = prior

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The choices by name, as scikit-learn asks for them."""
        return {name: getattr(self, name) for name in self._choices}

    def set_params(self, **choices: Any) -> Self:
        """Changes choices, as scikit-learn does."""
        for name, choice in choices.items():
            if name not in self._choices:
                raise InvalidArgumentError(
                    f"`{type(self).__name__}` has no choice `{name}`", help=f"it has {', '.join(self._choices)}"
                )
            setattr(self, name, choice)
        return self

    def fit(
        self,
        summary: Any,
        y: None = None,
        *,
        weights: str | None = None,
        life: Sequence[str] = (),
        trans: Sequence[str] = (),
        penalty: tuple[float, float] | None = None,
    ) -> FittedModel:
        """Finds the parameters that make the table of customers most likely, and gives the fitted model.

        `summary` has the columns that `wayfare.lifetime.summary` makes, in this model's period. `weights` names a
        column of how many customers each row stands for. `life` and `trans` name columns of covariates that bear on
        how long customers stay and how often they buy, `penalty` the weights of their squared coefficients; `BgNbd`
        and `ParetoNbd` take them. `y` is there for scikit-learn and not looked at.

        Raises `NotFittedError` if there is no maximum to find: its `status` says why, and at a limit what the limit
        model estimates.
        """
        ridge = None if penalty is None else [float(weight) for weight in penalty]
        request = _said(
            period=_period(self.period),
            prior=None if self.prior is None else dict(self.prior),
            weights=weights,
            life=list(life),
            trans=list(trans),
            penalty=ridge,
        )
        return FittedModel(LifetimeModel.fit(self._name, summary, request))

    def __repr__(self) -> str:
        said = ((name, getattr(self, name)) for name in self._choices)
        choices = ", ".join(f"{name}={choice!r}" for name, choice in said if choice is not None)
        return f"{type(self).__name__}({choices})"

    @classmethod
    def _known(cls, period: str | float, **params: float) -> FittedModel:
        named = [(name, float(value)) for name, value in params.items()]
        return FittedModel(LifetimeModel.from_params(cls._name, named, _period(period)))


class BgNbd(_Model):
    """BG/NBD: customers buy at random while alive, and may leave unseen after any repeat purchase.

    Fader, Hardie and Lee 2005, "Counting your customers" the easy way, Marketing Science 24(2).
    """

    _name = "bg_nbd"

    @classmethod
    def from_params(cls, *, r: float, alpha: float, a: float, b: float, period: str | float = "week") -> FittedModel:
        """The model with parameters that are known: it predicts, and has no standard errors."""
        return cls._known(period, r=r, alpha=alpha, a=a, b=b)


class MbgNbd(_Model):
    """MBG/NBD: as BG/NBD, but customers may leave after the first purchase already.

    Batislam, Denizel and Filiztekin 2007, International Journal of Research in Marketing 24(3).
    """

    _name = "mbg_nbd"

    @classmethod
    def from_params(cls, *, r: float, alpha: float, a: float, b: float, period: str | float = "week") -> FittedModel:
        """The model with parameters that are known: it predicts, and has no standard errors."""
        return cls._known(period, r=r, alpha=alpha, a=a, b=b)


class ParetoNbd(_Model):
    """Pareto/NBD: customers buy at random while alive, and may leave unseen at any time.

    Schmittlein, Morrison and Colombo 1987, Management Science 33(1).
    """

    _name = "pareto_nbd"

    @classmethod
    def from_params(cls, *, r: float, alpha: float, s: float, beta: float, period: str | float = "week") -> FittedModel:
        """The model with parameters that are known: it predicts, and has no standard errors."""
        return cls._known(period, r=r, alpha=alpha, s=s, beta=beta)


class Nbd(_Model):
    """NBD: customers buy at random, and none ever leaves; the limit of the others.

    Ehrenberg 1959, Applied Statistics 8(1).
    """

    _name = "nbd"

    @classmethod
    def from_params(cls, *, r: float, alpha: float, period: str | float = "week") -> FittedModel:
        """The model with parameters that are known: it predicts, and has no standard errors."""
        return cls._known(period, r=r, alpha=alpha)


class BgBb(_Model):
    """BG/BB: as BG/NBD, of opportunities (a season, a campaign) in place of time.

    `recency` and `age` of its table count opportunities, and predictions look `periods` ahead.
    Fader, Hardie and Shang 2010, Marketing Science 29(6).
    """

    _name = "bg_bb"

    @classmethod
    def from_params(
        cls, *, alpha: float, beta: float, gamma: float, delta: float, period: str | float = "week"
    ) -> FittedModel:
        """The model with parameters that are known: it predicts, and has no standard errors."""
        return cls._known(period, alpha=alpha, beta=beta, gamma=gamma, delta=delta)


class GammaGamma(_Model):
    """Gamma-Gamma: what a customer's purchases are worth on average, independent of how often they buy.

    Fader and Hardie 2013, "The Gamma-Gamma model of monetary value".
    """

    _name = "gamma_gamma"

    @classmethod
    def from_params(cls, *, p: float, q: float, gamma: float, period: str | float = "week") -> FittedModel:
        """The model with parameters that are known: it predicts, and has no standard errors."""
        return cls._known(period, p=p, q=q, gamma=gamma)


_NAMES: dict[str, str] = {kind._name: kind.__name__ for kind in (BgNbd, MbgNbd, ParetoNbd, Nbd, BgBb, GammaGamma)}


class FittedModel:
    """A model with its parameters: it predicts.

    Each prediction takes a table of customers, and gives a column of the library that the table is of; or it takes
    one customer as `frequency=`, `recency=`, `age=` and `monetary_value=`, and gives a number. With `interval=0.95`
    it gives the estimate with its standard error and ends as well: columns of a frame, or a tuple. Intervals are by
    the delta method, or by `draws` of the parameters from a `seed`; they are of the expectation, and not of what
    one customer will do.
    """

    def __init__(self, model: LifetimeModel) -> None:
        self._model = model
        self._facts: dict[str, Any] = model.facts()

    @property
    def model(self) -> str:
        """The model's name: `bg_nbd` …"""
        return str(self._facts["model"])

    @property
    def params(self) -> dict[str, float]:
        """The parameters by the literature's names."""
        return dict(self._facts["params"])

    @property
    def period_days(self) -> float:
        """Days in the period that the parameters, and customers' times, are counted in."""
        return float(self._facts["period_days"])

    @property
    def standard_errors(self) -> dict[str, float] | None:
        """Of the parameters, from the curvature of the log-likelihood; `None` if the parameters were given."""
        errors = self._facts["standard_errors"]
        return None if errors is None else dict(errors)

    @property
    def log_likelihood(self) -> float | None:
        """Of the data at the estimate; `None` if the parameters were given."""
        return self._fact("log_likelihood")

    @property
    def aic(self) -> float | None:
        """Akaike's information criterion."""
        return self._fact("aic")

    @property
    def bic(self) -> float | None:
        """Schwarz's information criterion."""
        return self._fact("bic")

    @property
    def customers(self) -> float | None:
        """Customers that the fit saw: the sum of their weights."""
        return self._fact("customers")

    @property
    def status(self) -> str | None:
        """How the fit ended: "converged"; `None` if the parameters were given. Any other end is a `NotFittedError`."""
        status = self._facts["status"]
        return None if status is None else str(status["status"])

    @property
    def report(self) -> dict[str, Any] | None:
        """How the fit went: iterations, starts, the norm of the gradient, the condition number."""
        report = self._facts["report"]
        return None if report is None else dict(report)

    def _fact(self, name: str) -> float | None:
        fact = self._facts[name]
        return None if fact is None else float(fact)

    def confidence_intervals(self, level: float = 0.95) -> dict[str, tuple[float, float]]:
        """The interval of each parameter: Wald's, symmetric in the logarithm."""
        return {name: (lower, upper) for name, (lower, upper) in self._model.confidence_intervals(float(level)).items()}

    def predict(
        self,
        summary: Any,
        *,
        days: float | None = None,
        periods: float | None = None,
        spend: FittedModel | None = None,
        discount: float | None = None,
        margin: float | None = None,
        interval: float | None = None,
        draws: int | None = None,
        seed: int | None = None,
    ) -> Any:
        """Every prediction of every customer, as a frame beside the column `customer`.

        Who is alive, purchases to expect within `days`, and with a fitted `GammaGamma` as `spend` what a purchase
        and the customer are worth.
        """
        request = _ahead(days, periods, interval, draws, seed)
        request |= _said(discount=_number(discount), margin=_number(margin))
        table = self._model.predict_all(summary, request, None if spend is None else spend._model)
        return _frames.aligned(summary, table)

    def probability_alive(
        self,
        summary: Any = None,
        *,
        interval: float | None = None,
        draws: int | None = None,
        seed: int | None = None,
        **customer: float,
    ) -> Any:
        """That the customer has not left by the end of the observation."""
        return self._predicted("probability_alive", summary, customer, _ahead(None, None, interval, draws, seed))

    def conditional_expected_transactions(
        self,
        summary: Any = None,
        *,
        days: float | None = None,
        periods: float | None = None,
        interval: float | None = None,
        draws: int | None = None,
        seed: int | None = None,
        **customer: float,
    ) -> Any:
        """Purchases to expect of the customer in the next `days`."""
        request = _ahead(days, periods, interval, draws, seed)
        return self._predicted("conditional_expected_transactions", summary, customer, request)

    def expected_transactions(
        self,
        days: float | None = None,
        *,
        periods: float | None = None,
        interval: float | None = None,
        draws: int | None = None,
        seed: int | None = None,
    ) -> Any:
        """Purchases to expect of a new customer within `days` of the first, which does not count."""
        request = _ahead(days, periods, interval, draws, seed)
        return self._predicted("expected_transactions", None, {"frequency": 0, "recency": 0.0, "age": 0.0}, request)

    def probability_of_count(self, count: int, days: float | None = None, *, periods: float | None = None) -> float:
        """That a new customer makes exactly so many repeat purchases within `days` of the first."""
        request = _said(count=int(count), days=_number(days), periods=_number(periods))
        return float(
            self._predicted("probability_of_count", None, {"frequency": 0, "recency": 0.0, "age": 0.0}, request)
        )

    def discounted_expected_residual_transactions(
        self,
        summary: Any = None,
        *,
        discount_rate: float,
        interval: float | None = None,
        draws: int | None = None,
        seed: int | None = None,
        **customer: float,
    ) -> Any:
        """All purchases to come, each discounted continuously at `discount_rate` per period."""
        request = _ahead(None, None, interval, draws, seed) | {"discount_rate": float(discount_rate)}
        return self._predicted("discounted_expected_residual_transactions", summary, customer, request)

    def conditional_expected_spend(
        self,
        summary: Any = None,
        *,
        interval: float | None = None,
        draws: int | None = None,
        seed: int | None = None,
        **customer: float,
    ) -> Any:
        """What a purchase of the customer is worth on average: of a fitted `GammaGamma`."""
        return self._predicted(
            "conditional_expected_spend", summary, customer, _ahead(None, None, interval, draws, seed)
        )

    def customer_lifetime_value(
        self,
        summary: Any = None,
        *,
        spend: FittedModel,
        days: float | None = None,
        discount: float | None = None,
        margin: float | None = None,
        interval: float | None = None,
        draws: int | None = None,
        seed: int | None = None,
        **customer: float,
    ) -> Any:
        """What the customer is worth over the next `days`, with a fitted `GammaGamma` as `spend`.

        Purchases of each 30 days count at the end of them, discounted by `(1 + discount) ** (days / 30)`, times
        `margin`: 0.01 and 1 unless it is said, as in `lifetimes`.
        """
        request = _ahead(days, None, interval, draws, seed)
        request |= _said(discount=_number(discount), margin=_number(margin))
        return self._predicted("customer_lifetime_value", summary, customer, request, spend)

    def log_likelihood_of(self, summary: Any = None, **customer: float) -> Any:
        """Each customer's part of the log-likelihood."""
        return self._predicted("log_likelihood", summary, customer, {})

    def frequency_histogram(self, summary: Any, most: int | None = None) -> Any:
        """How many customers made so many repeat purchases, beside how many are expected to; 7 and more in one row."""
        return self._model.frequency_histogram(summary, most)

    def probability_alive_matrix(self, summary: Any, most_frequency: int | None = None) -> Any:
        """The probability to be alive by `frequency` and `recency`, a row a pair."""
        return self._model.probability_alive_matrix(summary, most_frequency)

    def holdout_by_frequency(self, summary: Any, most: int | None = None) -> Any:
        """The holdout beside what was expected of it, by frequency in the calibration."""
        return self._model.holdout_by_frequency(summary, most)

    def tracking(
        self,
        transactions: Any,
        *,
        observed_until: str | date,
        calibration_until: str | date | None = None,
        time_zone: str | None = None,
        returns: Literal["refuse", "drop", "net_within_day", "keep"] | None = None,
        of: str | Sequence[str] = (),
        customer: str | None = None,
        at: str | None = None,
        value: str | None = None,
    ) -> Any:
        """Repeat purchases by period beside what is expected, and both summed up; arguments as of `summary`."""
        request = _said(
            observed_until=_until(observed_until),
            calibration_until=None if calibration_until is None else _until(calibration_until),
            time_zone=time_zone,
            returns=returns,
            of=[of] if isinstance(of, str) else list(of),
            customer=customer,
            at=at,
            value=value,
        )
        return self._model.tracking(transactions, request)

    def to_dict(self) -> dict[str, Any]:
        """All of it as a JSON document; `model`, `period_days` and `params` are as a journey file has them."""
        return self._model.to_dict()

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> FittedModel:
        """From a document of `to_dict`."""
        return cls(LifetimeModel.from_dict(document))

    def __reduce__(self) -> tuple[Any, ...]:
        return FittedModel, (self._model,)

    def __eq__(self, other: object) -> bool:
        return self._model == other._model if isinstance(other, FittedModel) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        errors = self.standard_errors or {}
        shown = (
            f"{name}={value:.4g}" + (f" ± {errors[name]:.2g}" if name in errors else "")
            for name, value in self.params.items()
        )
        fit = (
            ""
            if self.customers is None
            else f", {self.customers:,.12g} customers, log-likelihood {self.log_likelihood:.2f}"
        )
        kind = _NAMES.get(self.model, self.model)
        return f"<{kind} fitted: {', '.join(shown)}; a period of {self.period_days:g} days{fit}>"

    def _predicted(
        self,
        measure: str,
        summary: Any,
        customer: Mapping[str, float],
        request: dict[str, Any],
        spend: FittedModel | None = None,
    ) -> Any:
        request = {"measure": measure} | request
        model = None if spend is None else spend._model
        if summary is None:
            found = self._model.predict_one(_customer(customer), request, model)
            return found[0] if len(found) == 1 else tuple(found)
        if customer:
            raise InvalidArgumentError(
                f"`{next(iter(customer))}` is given beside a table", help="give one or the other"
            )
        table = self._model.predict(summary, request, model)
        return _frames.column(summary, table, measure) if "interval" not in request else _frames.aligned(summary, table)


def _customer(given: Mapping[str, float]) -> dict[str, Any]:
    known = ("frequency", "recency", "age", "monetary_value")
    for name in given:
        if name not in known:
            raise InvalidArgumentError(f"there is no argument `{name}`", help=f"a customer has {', '.join(known)}")
    row: dict[str, Any] = {name: float(given.get(name, 0.0)) for name in known}
    if "frequency" not in given:
        raise InvalidArgumentError(
            "no customers are given", help="pass a table, or `frequency=`, `recency=` and `age=`"
        )
    row["frequency"] = int(given["frequency"])
    return row


def _ahead(
    days: float | None, periods: float | None, interval: float | None, draws: int | None, seed: int | None
) -> dict[str, Any]:
    return _said(days=_number(days), periods=_number(periods), interval=_number(interval), draws=draws, seed=seed)


def _number(value: float | None) -> float | None:
    return None if value is None else float(value)


def _period(period: str | float) -> str | float:
    return period if isinstance(period, str) else float(period)


def _until(until: str | date) -> str:
    return until if isinstance(until, str) else until.isoformat()


def _said(**choices: Any) -> dict[str, Any]:
    """Only what was said: every default is the core's."""
    return {name: choice for name, choice in choices.items() if choice is not None}
