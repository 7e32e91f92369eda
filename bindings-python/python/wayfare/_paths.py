"""Customers' touchpoints one after the other, and the paths to conversion among them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Literal

from . import _frames
from ._errors import InvalidArgumentError
from ._path_analyses import (
    DirectlyFollows,
    Flow,
    Funnel,
    StageTimes,
    Step,
    TransitionMatrix,
    ask,
    funnel_request,
    stage_request,
)
from ._wayfare import Journey, cut_paths
from ._wayfare import Paths as NativePaths


def paths(
    table: Any,
    *,
    conversion: str | Sequence[str] = (),
    touchpoints: str | Sequence[str] = (),
    lookback: str | Mapping[str, str] | None = None,
    repeat: Literal["restart", "all", "first"] | None = None,
    unit: Literal["touchpoint", "session"] | None = None,
    session_gap: str | None = None,
    session: Literal["day"] | None = None,
    observed_until: str | date | None = None,
    time_zone: str | None = None,
    dimensions: Sequence[str] = (),
    journey: Journey | None = None,
    track: str | None = None,
    customers: Any = None,
    customer: str | None = None,
    at: str | None = None,
    kind: str | None = None,
    channel: str | None = None,
    value: str | None = None,
    on_error: Literal["raise", "collect"] = "raise",
    progress: bool | Callable[[int, int], Any] = False,
) -> Any:
    """Cuts a table of touchpoints into the paths of its customers to conversion, and those that did not convert.

    `table` has the columns `customer`, `at`, `kind`, and where there are such `channel`, `id`, `value`, `action`,
    `owner`, `stage`, or those that are named; further columns of text by `dimensions`. Touchpoints of a kind of
    `conversion` are conversions; of the others those of a kind of `touchpoints` may earn credit, all unless it is said.

    The path to a conversion is what came within `lookback` before it, the boundary included ("30d", or by kind of
    conversion), and after the conversion before it: with `repeat="all"` its whole lookback again, with "first" only a
    customer's first conversion counts. With `unit="session"` its elements are sessions, which a pause longer than
    `session_gap` parts (30 minutes unless it is said), or with `session="day"` the midnight of `time_zone`.

    With a `journey`, `owner` is who answers for a touchpoint's channel, and with a `track` `stage` is the stage of that
    track in which the touchpoint found the customer; `customers` are attributes, as in `journey.run`.

    Rows after `observed_until` are left aside; a date is its whole day. With `on_error="collect"` bad rows are left
    out, and the result is the paths and a frame of the bad rows.
    """
    request = _said(
        conversion=_words(conversion),
        touchpoints=_words(touchpoints),
        lookback=dict(lookback) if isinstance(lookback, Mapping) else lookback,
        repeat=repeat,
        unit=unit,
        session_gap=session_gap,
        session=session,
        observed_until=observed_until.isoformat() if isinstance(observed_until, date) else observed_until,
        time_zone=time_zone,
        dimensions=list(dimensions),
        customer=customer,
        at=at,
        kind=kind,
        channel=channel,
        value=value,
        on_error=on_error,
    )
    if journey is None and (track is not None or customers is not None):
        raise InvalidArgumentError("`track` and `customers` want a `journey`")
    native, rejected = cut_paths(table, request, _frames.library(table), journey, track, customers, progress)
    return (Paths(native), rejected) if on_error == "collect" else Paths(native)


class Paths:
    """Paths of customers, from `wayfare.paths` or `Paths.from_strings`; their number is its length.

    Paths of pieces of a table merge to those of the whole, as long as every piece holds whole customers.
    """

    def __init__(self, native: NativePaths) -> None:
        self._native = native

    @classmethod
    def from_strings(
        cls,
        path: Any,
        conversions: Any,
        value: Any = None,
        nulls: Any = None,
        *,
        separator: str | None = None,
    ) -> Paths:
        """Paths as texts, `"email > search"`, each with its conversions, their value, and how often it led to none.

        Each argument is a list or a column. An empty text is a path without a touchpoint.
        """
        given = {"path": path, "conversions": conversions, "value": value, "nulls": nulls}
        table = _frames.of_columns({name: column for name, column in given.items() if column is not None}, "paths")
        return cls(NativePaths.from_table(table, separator, _frames.library(path)))

    def merge(self, *others: Paths) -> Paths:
        """These and those of other pieces, the same as of one table, whatever the order of the pieces."""
        native = self._native
        for other in others:
            if not isinstance(other, Paths):
                raise InvalidArgumentError(f"`{type(other).__name__}` is not paths", help="merge what `paths` gave")
            native = native.merge(other._native)
        return Paths(native)

    @property
    def report(self) -> dict[str, Any]:
        """What became of the rows of the table."""
        return dict(self._native.report())

    @property
    def dimensions(self) -> list[str]:
        """What is known of every touchpoint: `channel`, `kind` …"""
        return list(self._native.dimensions())

    def to_table(self, *, by: str | None = None, separator: str | None = None) -> Any:
        """A row a path: customer, number, path, touchpoints, when it began and ended, conversions, value, nulls."""
        return self._native.to_table(by, separator)

    def sessions(self, *, by: str | None = None) -> Any:
        """A row a session: customer, session, start and end, touchpoints, first and last, converted, value."""
        return self._native.sessions(by)

    def funnel(
        self,
        steps: Sequence[Step],
        *,
        within: str | None = None,
        by: str | None = None,
        exclude: Sequence[Step] = (),
        strict_order: bool | None = None,
        strict_deduplication: bool | None = None,
        strict_increase: bool | None = None,
        same_instant: Literal["any", "in_order"] | None = None,
        per: Literal["customer", "path"] | None = None,
    ) -> Funnel:
        """How far customers get through steps: of each the chain counts that reaches furthest, whatever it starts from.

        A step is a word of `by` (the kind unless it is said), a list of words of which one will do, or a dict of words
        by dimension that must all fit. All steps lie `within` so long of the first, the boundary included.
        Touchpoints of `exclude` end a chain; with `strict_order` so does any that is not the next step, with
        `strict_deduplication` one that repeats a step. With `strict_increase` each step is later than the one before;
        else those of one instant count in any order, or with `same_instant="in_order"` by their ids.
        """
        request = funnel_request(
            steps,
            within=within,
            by=by,
            exclude=exclude,
            strict_order=strict_order,
            strict_deduplication=strict_deduplication,
            strict_increase=strict_increase,
            same_instant=same_instant,
            per=per,
        )
        return Funnel(ask(self._native, "funnel", **request))

    def funnel_customers(self, steps: Sequence[Step], **choices: Any) -> Any:
        """How far each customer got through a funnel: customer, steps, step, first_at, last_at. Asked as `funnel`."""
        return ask(self._native, "funnel_customers", **funnel_request(steps, **choices)).table("table")

    def transition_matrix(self, by: str | None = None) -> TransitionMatrix:
        """How often paths go from one word to another, from their start, to a conversion or an end without one."""
        return TransitionMatrix(ask(self._native, "transition_matrix", by=by))

    def time_in_stage(
        self,
        by: str | None = None,
        *,
        observed_until: str | date | None = None,
        time_zone: str | None = None,
        restricted_to_days: float | None = None,
    ) -> StageTimes:
        """How long customers stay with each word of `by`, the stage unless it is said; what is not over is censored."""
        request = stage_request(by, observed_until, time_zone, restricted_to_days)
        return StageTimes(ask(self._native, "time_in_stage", **request))

    def top(self, n: int | None = None, *, by: str | None = None, separator: str | None = None) -> Any:
        """The paths gone most often: path, paths, conversions, nulls, value, conversion_rate."""
        return ask(self._native, "top", n=n, by=by, separator=separator).table("table")

    def exits(self, by: str | None = None) -> Any:
        """Where people leave: the last touchpoints of paths that did not convert, with exits, touchpoints and rates."""
        return ask(self._native, "exits", by=by).table("table")

    def directly_follows(
        self, by: str | None = None, *, per: Literal["customer", "path"] | None = None
    ) -> DirectlyFollows:
        """Which activity comes directly after which: the graph that process mining starts from."""
        return DirectlyFollows(ask(self._native, "directly_follows", by=by, per=per))

    def flow(self, steps: int | None = None, *, by: str | None = None, most: int | None = None) -> Flow:
        """The first steps of all paths, and where they go from there; the `most` frequent words apart at each step."""
        return Flow(ask(self._native, "flow", steps=steps, by=by, most=most))

    def __len__(self) -> int:
        return len(self._native)

    def __eq__(self, other: object) -> bool:
        return self._native == other._native if isinstance(other, Paths) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        report = self.report
        return f"<Paths: {len(self):,}, {report['conversions']:,} conversions, {report['nulls']:,} without one>"


def _words(given: str | Sequence[str]) -> list[str]:
    return [given] if isinstance(given, str) else list(given)


def _said(**choices: Any) -> dict[str, Any]:
    """Only what was said: every default is the core's."""
    return {name: choice for name, choice in choices.items() if choice is not None}
