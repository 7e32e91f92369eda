"""What is read off paths: funnels, transitions, time in stages, the most frequent paths, flows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from . import _frames
from ._errors import InvalidArgumentError
from ._wayfare import Paths as NativePaths
from ._wayfare import PathsAnswer, ask_paths, funnel_of_rows, time_in_stage_of_transitions

if TYPE_CHECKING:
    from typing_extensions import Self

Step: TypeAlias = str | Sequence[str] | Mapping[str, str | Sequence[str]]


class _Answer:
    """What was read off paths."""

    def __init__(self, answer: PathsAnswer) -> None:
        self._answer = answer

    def __eq__(self, other: object) -> bool:
        return self._answer == other._answer if isinstance(other, type(self)) else NotImplemented

    __hash__ = None  # type: ignore[assignment]


class _Picture(_Answer):
    def to_svg(self) -> str:
        """A picture that stands alone, and follows the reader's light or dark scheme."""
        return self._answer.to_svg()

    def _repr_svg_(self) -> str:
        return self.to_svg()


class _Counts(_Answer):
    def merge(self, *others: Self) -> Self:
        """The counts of these and of other pieces, the same as of one table."""
        answer = self._answer
        for other in others:
            answer = answer.merge(self._same(other))
        return type(self)(answer)

    def _same(self, other: object) -> PathsAnswer:
        if not isinstance(other, type(self)):
            raise InvalidArgumentError(f"`{type(other).__name__}` is not `{type(self).__name__}`")
        return other._answer


class Funnel(_Picture):
    """How far customers got through steps."""

    def to_table(self) -> Any:
        """A row a step: how many customers reached it, their share of those before, and in what time.

        The columns are `step`, `customers`, `share_of_first`, `share_of_before`, `median_days_from_before` and
        `median_days_from_first`.
        """
        return self._answer.table("steps")

    def drop_outs(self) -> Any:
        """Where customers left, and what they did next: step, next (null for nothing), customers, share.

        A funnel of raw rows has none: it looks at nothing but its steps.
        """
        return self._answer.table("drop_outs")


class TransitionMatrix(_Picture, _Counts):
    """How often paths went from one word to another, from their start, to a conversion or to their end without one."""

    def to_table(self) -> Any:
        """A row a transition: from, to, count, probability. Ends are `(start)`, `(conversion)` and `(null)`."""
        return self._answer.table("transitions")

    def subtract(self, other: TransitionMatrix) -> TransitionMatrix:
        """These transitions without those of a part of them."""
        return TransitionMatrix(self._answer.subtract(self._same(other)))


class Flow(_Picture):
    """The first steps of all paths."""

    def to_table(self) -> Any:
        """A row a band: step, from, to, paths."""
        return self._answer.table("links")


class StageTimes(_Answer):
    """How long customers stay."""

    def to_table(self) -> Any:
        """A row a stage: how often it was entered and left, quartiles of the time in it, and its restricted mean."""
        return self._answer.table("stages")

    def curve(self) -> Any:
        """The Kaplan-Meier curve of each stage: days, at_risk, left, censored, staying, lower and upper (of 95 %)."""
        return self._answer.table("curve")


class DirectlyFollows(_Counts):
    """Which activity comes directly after which, as pm4py wants it.

    `pm4py.view_dfg(graph.dfg, graph.start_activities, graph.end_activities)` draws it.
    """

    def to_table(self) -> Any:
        """A row a pair: from, to, count. `(start)` and `(end)` stand for the ends of cases."""
        return self._answer.table("edges")

    @property
    def dfg(self) -> dict[tuple[str, str], int]:
        """How often the second activity came directly after the first."""
        return dict(self._answer.graph()[0])

    @property
    def start_activities(self) -> dict[str, int]:
        """How often an activity was a case's first."""
        return dict(self._answer.graph()[1])

    @property
    def end_activities(self) -> dict[str, int]:
        """How often an activity was a case's last."""
        return dict(self._answer.graph()[2])


def funnel(
    table: Any,
    steps: Sequence[Step],
    *,
    within: str | None = None,
    by: str | None = None,
    exclude: Sequence[Step] = (),
    strict_increase: bool | None = None,
    customer: str | None = None,
    at: str | None = None,
    time_zone: str | None = None,
    on_error: Literal["raise", "collect"] = "raise",
    progress: bool | Callable[[int, int], Any] = False,
) -> Any:
    """How far customers get through steps, from raw rows: those of other kinds are left aside at once.

    `table` has the columns `customer`, `at`, and those that the steps name, `kind` unless `by` says another. The answer
    is that of `wayfare.paths(table).funnel(…)`, without what customers did next; what needs other rows than those of
    the steps (strict order, steps that share touchpoints) is asked there. With `on_error="collect"` rows of the steps
    that cannot be read are left out, and the result is the funnel and a frame of them.
    """
    request = funnel_request(steps, within=within, by=by, exclude=exclude, strict_increase=strict_increase)
    rows = said(customer=customer, at=at, time_zone=time_zone, on_error=on_error)
    answer, rejected = funnel_of_rows(table, request, rows, _frames.library(table), progress)
    return (Funnel(answer), rejected) if on_error == "collect" else Funnel(answer)


def time_in_stage(
    transitions: Any,
    observed_until: str | date,
    *,
    time_zone: str | None = None,
    restricted_to_days: float | None = None,
    progress: bool | Callable[[int, int], Any] = False,
) -> StageTimes:
    """How long customers stay in each stage, from a table of `Journey.transitions` and its `as_of`.

    A stay that is not over is censored at `observed_until`; a date is its whole day.
    """
    request = stage_request(None, observed_until, time_zone, restricted_to_days)
    return StageTimes(time_in_stage_of_transitions(transitions, request, _frames.library(transitions), progress))


def ask(paths: NativePaths, question: str, **asked: Any) -> PathsAnswer:
    """Asks paths a question of the core."""
    return ask_paths(paths, {question: said(**asked)})


def funnel_request(steps: Sequence[Step], exclude: Sequence[Step] = (), **choices: Any) -> dict[str, Any]:
    """A funnel as the core reads it."""
    if isinstance(steps, str):
        raise InvalidArgumentError("`steps` is one word", help='give a list, in order: `["viewed", "purchased"]`')
    return said(steps=[_step(step) for step in steps], exclude=[_step(step) for step in exclude], **choices)


def stage_request(
    by: str | None, observed_until: str | date | None, time_zone: str | None, restricted_to_days: float | None
) -> dict[str, Any]:
    """Time in stages as the core reads it."""
    until = observed_until.isoformat() if isinstance(observed_until, date) else observed_until
    days = None if restricted_to_days is None else float(restricted_to_days)
    return said(by=by, observed_until=until, time_zone=time_zone, restricted_to_days=days)


def _step(step: Step) -> Any:
    if isinstance(step, str):
        return step
    if isinstance(step, Mapping):
        return {name: words if isinstance(words, str) else list(words) for name, words in step.items()}
    return list(step)


def said(**choices: Any) -> dict[str, Any]:
    """Only what was said: every default is the core's."""
    return {name: choice for name, choice in choices.items() if choice is not None}
