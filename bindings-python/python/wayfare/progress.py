"""How near customers are to a conversion at every touchpoint, and which touchpoints bring them nearer.

`fit` makes a model of the paths of customers: half of them tell how they go on, a quarter puts the probabilities right,
and the last quarter tells how good they are. The model says of every touchpoint how probable a conversion within the
horizon was just before it and just after it, ranks the points of the life cycle by that, and scores one customer.

A change in probability is an association, not lift: customers who meet a touchpoint differ from those who do not, and
were often on their way already. What a touchpoint causes is told by a holdout.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from ._errors import InvalidArgumentError
from ._paths import Paths
from ._wayfare import ProgressModel as NativeModel

__all__ = ["ProgressModel", "Score", "fit"]


class Score(NamedTuple):
    """How near a customer is."""

    probability: float
    """The probability of a conversion within the horizon."""
    later: list[float]
    """The same at the later instants, if nothing happens until then."""


def fit(
    paths: Paths,
    horizon: str | None = None,
    by: str | None = None,
    *,
    stage: str | None = None,
    value: float | None = None,
    memory: int | None = None,
    seed: int | None = None,
    steps: int | None = None,
) -> ProgressModel:
    """Fits, calibrates and tests a model of how near customers are to a conversion within `horizon` (30 days).

    Touchpoints are told apart `by` a dimension of the paths (`channel` unless it is said); with `stage`, the dimension
    that says where customers stand, by that too. The last `memory` touchpoints count: 0, 1 or 2, which is the default;
    rare states fall back to shorter ones by themselves. A conversion is worth `value`, the mean of the conversions
    unless it is said. The `seed` decides who fits, who calibrates and who tests.

    Raises `NotFittedError` if there are too few conversions.
    """
    request = _said(
        horizon=horizon,
        by=by,
        stage=stage,
        value=None if value is None else float(value),
        memory=memory,
        seed=seed,
        steps=steps,
    )
    return ProgressModel(NativeModel.fit(_native(paths), request), paths)


class ProgressModel:
    """A fitted model of progress. It keeps the paths that it was fitted to, but not in its document."""

    def __init__(self, model: NativeModel, paths: Paths | None = None) -> None:
        self._model = model
        self._paths = paths
        self._facts: dict[str, Any] = model.facts()

    @property
    def horizon(self) -> str:
        """Within which time a conversion counts."""
        return str(self._facts["horizon"])

    @property
    def by(self) -> str:
        """The dimension that touchpoints are told apart by."""
        return str(self._facts["by"])

    @property
    def value(self) -> float:
        """What a conversion is worth."""
        return float(self._facts["value"])

    @property
    def brier(self) -> float:
        """The mean squared difference of probability and outcome just after touchpoints of the tested customers."""
        return float(self._facts["calibration"]["brier"])

    @property
    def brier_skill(self) -> float:
        """How much better that is than the base rate: 0 is as good, 1 is best."""
        return float(self._facts["calibration"]["brier_skill"])

    @property
    def slope(self) -> float | None:
        """The calibration slope of the tested customers: 1 is best, below 1 probabilities are too extreme."""
        return _number(self._facts["calibration"]["slope"])

    @property
    def slope_interval(self) -> tuple[float, float] | None:
        """Its interval of 95 %, by customers."""
        return _pair(self._facts["calibration"]["slope_interval"])

    @property
    def intercept(self) -> float | None:
        """The calibration intercept of the tested customers: 0 is best."""
        return _number(self._facts["calibration"]["intercept"])

    @property
    def intercept_interval(self) -> tuple[float, float] | None:
        """Its interval of 95 %, by customers."""
        return _pair(self._facts["calibration"]["intercept_interval"])

    @property
    def assessment(self) -> dict[str, Any]:
        """How well probabilities just after touchpoints told what happened to the tested customers."""
        return dict(self._facts["calibration"])

    @property
    def assessment_between(self) -> dict[str, Any]:
        """The same at instants that lie anywhere between touchpoints."""
        return dict(self._facts["calibration_between"])

    @property
    def recalibration(self) -> dict[str, Any]:
        """What the chain's probabilities were put right by."""
        return dict(self._facts["recalibration"])

    @property
    def report(self) -> dict[str, Any]:
        """What became of customers and touchpoints; windows that end after the observation are left out and counted."""
        return dict(self._facts["report"])

    def at_touchpoints(self, paths: Paths | None = None) -> Any:
        """Every touchpoint that is no conversion, with the probability of one just before it and just after it.

        The columns are `customer`, `at`, the word and the stage under their names, `part` (what the model did with the
        customer: "fit", "calibrate", "test"), `before`, `after` and `change`. Before a customer's first touchpoint
        nothing is known. `paths` may be others than the model was fitted to.
        """
        return self._model.at_touchpoints(_native(self._known(paths)))

    def high_value_points(
        self, paths: Paths | None = None, *, draws: int | None = None, level: float | None = None
    ) -> Any:
        """Touchpoints and transitions by the mean change of the probability of a conversion, the greatest first.

        It is association, not lift. The columns are `point` ("touchpoint" or "transition"), `from`, `to`, perhaps
        `from_stage` and `to_stage`, `count`, `customers`, `mean_change`, `mean_value`, `change_x_value`, and the ends
        of its interval of `level` (0.95), `lower` and `upper`, by drawing customers again `draws` (200) times and
        counting the model anew. Customers' first touchpoints are not in: there is nothing before them.
        """
        request = _said(draws=draws, level=None if level is None else float(level))
        return self._model.high_value_points(_native(self._known(paths)), request)

    def calibration(self, *, between: bool = False) -> Any:
        """Predicted and observed of the tested customers, by tenths of their windows.

        The columns are `windows`, `conversions`, `mean_predicted`, `observed`, and the ends of its interval of 95 %,
        `lower` and `upper`. Windows begin just after touchpoints, or at instants `between` them.
        """
        library = "pyarrow" if self._paths is None else self._paths._native.library()
        return self._model.calibration(bool(between), library)

    def calibration_svg(self) -> str:
        """The same as a picture."""
        return self._model.calibration_svg()

    def score(
        self,
        history: Sequence[Mapping[str, Any]],
        now: str | datetime,
        *,
        later: Sequence[str | datetime] = (),
    ) -> Score:
        """How near one customer is now, and at `later` instants if nothing happens until then.

        `history` is the customer's touchpoints in order, each with `at`, the word under the name that the model is by
        (`channel`), perhaps the stage under its name, and `conversion=True` where it is one.
        """
        touchpoints = [{name: _instant(value) for name, value in touchpoint.items()} for touchpoint in history]
        request = {"history": touchpoints, "now": _instant(now), "later": [_instant(instant) for instant in later]}
        probability, rest = self._model.score(request)
        return Score(probability, rest)

    def to_dict(self) -> dict[str, Any]:
        """All of it as a JSON document."""
        return self._model.to_dict()

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> ProgressModel:
        """From a document of `to_dict`."""
        return cls(NativeModel.from_dict(document))

    def __reduce__(self) -> tuple[Any, ...]:
        return ProgressModel, (self._model,)

    def __eq__(self, other: object) -> bool:
        return self._model == other._model if isinstance(other, ProgressModel) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        slope = "unknown" if self.slope is None else f"{self.slope:.3f}"
        if self.slope_interval is not None:
            slope += " ({:.3f} to {:.3f})".format(*self.slope_interval)
        return (
            f"<ProgressModel by {self.by}: conversion within {self.horizon}, Brier score {self.brier:.4f}, "
            f"skill {self.brier_skill:.3f}, calibration slope {slope}>"
        )

    def _known(self, paths: Paths | None) -> Paths:
        known = self._paths if paths is None else paths
        if known is None:
            raise InvalidArgumentError(
                "the model does not hold its paths", help="pass the paths: a document does not keep them"
            )
        return known


def _native(paths: Paths) -> Any:
    if not isinstance(paths, Paths):
        raise InvalidArgumentError(f"`{type(paths).__name__}` is not paths", help="pass what `wayfare.paths` gave")
    return paths._native


def _instant(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _pair(value: Any) -> tuple[float, float] | None:
    return None if value is None else (float(value[0]), float(value[1]))


def _said(**choices: Any) -> dict[str, Any]:
    """Only what was said: every default is the core's."""
    return {name: choice for name, choice in choices.items() if choice is not None}
