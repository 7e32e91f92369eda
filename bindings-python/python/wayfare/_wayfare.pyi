"""The native half of wayfare."""

import builtins
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from os import PathLike
from typing import Any, Literal, Protocol, SupportsFloat, SupportsIndex, TypeAlias, final, overload, type_check_only

from ._identity import Resolution

__all__ = [
    "BadRow",
    "Candidate",
    "Comparison",
    "Consent",
    "Contribution",
    "Decision",
    "Diagnostic",
    "Diagram",
    "Factors",
    "Grid",
    "IdentityGraph",
    "Journey",
    "LifetimeModel",
    "MarkovCounts",
    "NextChange",
    "Paths",
    "PathsAnswer",
    "Profile",
    "ProgressModel",
    "Reach",
    "RunnerUp",
    "Span",
    "Stage",
    "Transition",
    "View",
    "__version__",
    "_convert",
    "ask_paths",
    "attribution_credits",
    "attribution_of",
    "attribution_orders",
    "attribution_side_by_side",
    "cut_paths",
    "funnel_of_rows",
    "holdout",
    "journey_schema",
    "lifetime_summary",
    "rfm_cuts",
    "template_names",
    "template_text",
    "time_in_stage_of_transitions",
]

__version__: str

@type_check_only
class _ArrowStream(Protocol):
    """A table of polars, pandas, pyarrow, duckdb …"""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...

_Instant: TypeAlias = datetime | str
_Value: TypeAlias = str | float | bool | SupportsIndex | None
_Known: TypeAlias = str | float | int | bool | None
_Progress: TypeAlias = bool | Callable[[int, int], Any] | None

def template_names() -> list[str]:
    """The names of the journeys that come with wayfare: `retail`, `subscription`, `insurance`."""

def template_text(name: str) -> str:
    """The text of a journey that comes with wayfare, to start a file from.

    Raises `InvalidArgumentError` if there is no such template.
    """

def journey_schema() -> dict[str, Any]:
    """The JSON Schema of the journey file, for editors."""

def rfm_cuts(values: Iterable[SupportsFloat], bands: int = 5) -> list[float]:
    """Cut points that put a population into equal bands, to write into an `rfm` score.

    `values` is the trait's value of each customer; NaN, which stands for an unknown one, is passed over.
    """

def holdout(
    customer: str,
    salt: str,
    share: float,
    algorithm: Literal["sha256", "growthbook_v2", "unleash"] = "sha256",
) -> bool:
    """Whether a customer is held out: whether their bucket, a published hash of `salt` and id, is less than `share`.

    Raises `InvalidArgumentError` unless `share` is from 0 to 1.
    """

def _convert(touchpoint: Mapping[str, _Value] | None = None, now: _Instant | None = None) -> bool:
    """Reads what `Profile.observe` or `Profile.view` reads and does nothing with it: what the boundary costs."""

@final
class Journey:
    """A checked, compiled journey file.

    It is immutable, may be shared between threads, and pickles by its text.
    """

    @staticmethod
    def from_file(path: str | PathLike[str]) -> Journey:
        """Reads, checks and compiles a journey file: JSON if it ends in `.json`, else YAML.

        Raises `InvalidJourneyError` with all problems in `diagnostics`, and `OSError` if there is no such file.
        """

    @staticmethod
    def from_yaml(text: str) -> Journey:
        """Reads, checks and compiles a journey written in YAML.

        Raises `InvalidJourneyError` with all problems in `diagnostics`.
        """

    @staticmethod
    def from_json(text: str) -> Journey:
        """Reads, checks and compiles a journey written in JSON.

        Raises `InvalidJourneyError` with all problems in `diagnostics`.
        """

    @staticmethod
    def from_dict(document: Mapping[str, Any]) -> Journey:
        """Checks and compiles a journey that is built of dicts, lists, text, numbers and booleans.

        Its diagnostics have paths, no spans. Raises `InvalidJourneyError` with all problems in `diagnostics`, and
        `InvalidArgumentError` for what no journey file can hold: keys that are not text, a cycle, NaN …
        """

    @staticmethod
    def template(name: str) -> Journey:
        """One of the journeys that come with wayfare: `retail`, `subscription`, `insurance`."""

    @property
    def name(self) -> str:
        """The journey's name."""

    @property
    def warnings(self) -> list[Diagnostic]:
        """What the check warned of: the journey runs, but perhaps not as meant."""

    @property
    def tracks(self) -> list[str]:
        """The tracks, in file order."""

    @property
    def traits(self) -> list[str]:
        """The traits, in file order."""

    @property
    def scores(self) -> list[str]:
        """The scores, in file order."""

    @property
    def segments(self) -> list[str]:
        """The segments, in file order."""

    @property
    def touchpoint_fields(self) -> dict[str, Literal["number", "text", "boolean"]]:
        """The fields a touchpoint may have beside `customer`, `at` and `id`, with their types."""

    @property
    def attributes(self) -> dict[str, Literal["number", "text", "boolean"]]:
        """The attributes a customer may have, with their types."""

    @property
    def inputs(self) -> dict[str, Literal["number", "text", "boolean"]]:
        """What the host may hand in with decisions, with the types."""

    def stages(self, track: str) -> list[str]:
        """The stages of a track, in file order. Raises `InvalidArgumentError` if there is no such track."""

    def profile(self, customer: str) -> Profile:
        """The profile of a customer nothing is known of yet."""

    @overload
    def run(
        self,
        touchpoints: _ArrowStream,
        *,
        preferences: _ArrowStream | None = None,
        customers: _ArrowStream | None = None,
        as_of: _Instant | Iterable[_Instant] | _ArrowStream,
        identity: IdentityGraph | None = None,
        naive_time_zone: str | None = None,
        on_error: Literal["raise"] = "raise",
        extra_columns: Literal["refuse", "ignore"] = "refuse",
        progress: _Progress = None,
    ) -> Any:
        """What is true of every customer of a table: one row a customer and instant.

        - `touchpoints`: the columns `customer`, `at`, `kind`, and when present `id`, `channel`, `topic`, `value`,
          `direction`, `action`, `outcome` and one a declared property. In any order; none is left out.
        - `preferences`: what customers allow: `customer`, `at`, `choice` (`in`, `out`, `pending`, `objected`), and when
          present `id`, `channel`, `topic`, `purpose`, `source`, `evidence`, `expires`.
        - `customers`: attributes. `customer`, a column an attribute, and when present `at` and `id`; an attribute
          without `at` always held.
        - `as_of`: an instant, several, or a table with the columns `customer` and `at`. Nothing later is seen.
        - `identity`: says who the rows of all tables are about: they have columns of identifiers, called after its
          kinds, in place of `customer`, and the result is by person.
        - `naive_time_zone`: the IANA zone of timestamps without one, which are refused otherwise.
        - `on_error`: `"collect"` gives the good rows' result and a table of the refused rows (`table`, `row`,
          `column`, `reason`); `"raise"` refuses the table if one row is bad.
        - `extra_columns`: `"ignore"` passes over columns that the journey does not know.
        - `progress`: `True` shows a bar; a function is called with rows done and rows in all, and stops the run by
          returning `False`.

        The result has the columns `customer`, `as_of` unless there is one instant only, one a trait, score and segment,
        a track's stage under the track's name and `<track>_since`, and `next_change_at`, sorted by customer. It is the
        kind of frame that `touchpoints` is (polars, pandas), else a `pyarrow.Table`; without pyarrow, an object with
        `__arrow_c_stream__`.

        All cores are used, other threads of Python go on, and Ctrl-C stops it. Raises `InvalidTableError`,
        `InvalidArgumentError`, `CancelledError`.
        """

    @overload
    def run(
        self,
        touchpoints: _ArrowStream,
        *,
        preferences: _ArrowStream | None = None,
        customers: _ArrowStream | None = None,
        as_of: _Instant | Iterable[_Instant] | _ArrowStream,
        identity: IdentityGraph | None = None,
        naive_time_zone: str | None = None,
        on_error: Literal["collect"],
        extra_columns: Literal["refuse", "ignore"] = "refuse",
        progress: _Progress = None,
    ) -> tuple[Any, Any]: ...
    @overload
    def transitions(
        self,
        touchpoints: _ArrowStream,
        *,
        preferences: _ArrowStream | None = None,
        customers: _ArrowStream | None = None,
        as_of: _Instant,
        explain: bool = False,
        identity: IdentityGraph | None = None,
        naive_time_zone: str | None = None,
        on_error: Literal["raise"] = "raise",
        extra_columns: Literal["refuse", "ignore"] = "refuse",
        progress: _Progress = None,
    ) -> Any:
        """Every move of every customer of a table up to `as_of`: one row a transition.

        The result has the columns `customer`, `track`, `at`, `from`, `to`, `cause` (`touchpoint`, `attribute` or
        `time`) and `record`, the id of the record that caused it, sorted by customer, then instant. `explain` adds
        `rule` and `because`. The arguments are those of `run`.
        """

    @overload
    def transitions(
        self,
        touchpoints: _ArrowStream,
        *,
        preferences: _ArrowStream | None = None,
        customers: _ArrowStream | None = None,
        as_of: _Instant,
        explain: bool = False,
        identity: IdentityGraph | None = None,
        naive_time_zone: str | None = None,
        on_error: Literal["collect"],
        extra_columns: Literal["refuse", "ignore"] = "refuse",
        progress: _Progress = None,
    ) -> tuple[Any, Any]: ...
    @overload
    def decide(
        self,
        touchpoints: _ArrowStream,
        *,
        preferences: _ArrowStream | None = None,
        customers: _ArrowStream | None = None,
        inputs: _ArrowStream | None = None,
        as_of: _Instant | Iterable[_Instant] | _ArrowStream,
        explain: bool = False,
        identity: IdentityGraph | None = None,
        naive_time_zone: str | None = None,
        on_error: Literal["raise"] = "raise",
        extra_columns: Literal["refuse", "ignore"] = "refuse",
        progress: _Progress = None,
    ) -> Any:
        """The one relevant thing to say to every customer of a table, or nothing: one row a customer and instant.

        - `inputs`: what the journey declares under `inputs`: `customer` and a column an input, one row a customer. What
          is not handed in is unknown.
        - `explain`: one row a candidate.

        The other arguments, and the kind of frame that comes out, are those of `run`. The result has the columns
        `customer`, `as_of` unless there is one instant only, `action`, `channel`, `topic`, `owner`, `priority`,
        `not_before`, `held_out` and `because`, sorted by customer. `because` is `first` if the action may be sent, else
        the reason that stops it; where there is nothing to say, the reason of the candidate that came furthest.

        With `explain` it has the columns `customer`, `as_of`, `action`, `channel`, `topic`, `owner`, `purpose`,
        `priority`, `gate`, `reason`, `not_before` and `because`, which says it in words; `gate` and `reason` are null
        for the candidate that is chosen.
        """

    @overload
    def decide(
        self,
        touchpoints: _ArrowStream,
        *,
        preferences: _ArrowStream | None = None,
        customers: _ArrowStream | None = None,
        inputs: _ArrowStream | None = None,
        as_of: _Instant | Iterable[_Instant] | _ArrowStream,
        explain: bool = False,
        identity: IdentityGraph | None = None,
        naive_time_zone: str | None = None,
        on_error: Literal["collect"],
        extra_columns: Literal["refuse", "ignore"] = "refuse",
        progress: _Progress = None,
    ) -> tuple[Any, Any]: ...
    def paths(self, table: _ArrowStream, **options: Any) -> Any:
        """`wayfare.paths` with the owners and, with a `track`, the stages of this journey."""

    @overload
    def ledger(
        self,
        preferences: _ArrowStream,
        *,
        as_of: _Instant | Iterable[_Instant] | _ArrowStream,
        naive_time_zone: str | None = None,
        on_error: Literal["raise"] = "raise",
        extra_columns: Literal["refuse", "ignore"] = "refuse",
        progress: _Progress = None,
    ) -> Any:
        """May there be contact? One row a customer, channel, purpose, and topic that the customer ever named.

        The result has the columns `customer`, `as_of` unless there is one instant only, `channel`, `purpose`, `topic`,
        `allowed`, `because`, and of the preference that decided `record_at` and `choice`. The arguments are those of
        `run`.
        """

    @overload
    def ledger(
        self,
        preferences: _ArrowStream,
        *,
        as_of: _Instant | Iterable[_Instant] | _ArrowStream,
        naive_time_zone: str | None = None,
        on_error: Literal["collect"],
        extra_columns: Literal["refuse", "ignore"] = "refuse",
        progress: _Progress = None,
    ) -> tuple[Any, Any]: ...
    @overload
    def reach(
        self,
        touchpoints: _ArrowStream,
        *,
        preferences: _ArrowStream | None = None,
        customers: _ArrowStream | None = None,
        inputs: _ArrowStream | None = None,
        as_of: _Instant | Iterable[_Instant] | _ArrowStream,
        naive_time_zone: str | None = None,
        on_error: Literal["raise"] = "raise",
        extra_columns: Literal["refuse", "ignore"] = "refuse",
        progress: _Progress = None,
    ) -> Reach:
        """Whom each action reaches, and how many customers each gate stops. The arguments are those of `decide`."""

    @overload
    def reach(
        self,
        touchpoints: _ArrowStream,
        *,
        preferences: _ArrowStream | None = None,
        customers: _ArrowStream | None = None,
        inputs: _ArrowStream | None = None,
        as_of: _Instant | Iterable[_Instant] | _ArrowStream,
        naive_time_zone: str | None = None,
        on_error: Literal["collect"],
        extra_columns: Literal["refuse", "ignore"] = "refuse",
        progress: _Progress = None,
    ) -> tuple[Reach, Any]: ...
    @overload
    def compare(
        self,
        other: Journey,
        touchpoints: _ArrowStream,
        *,
        preferences: _ArrowStream | None = None,
        customers: _ArrowStream | None = None,
        inputs: _ArrowStream | None = None,
        as_of: _Instant | Iterable[_Instant] | _ArrowStream | None = None,
        over: Iterable[_Instant] | None = None,
        naive_time_zone: str | None = None,
        on_error: Literal["raise"] = "raise",
        extra_columns: Literal["refuse", "ignore"] = "refuse",
        progress: _Progress = None,
    ) -> Comparison:
        """The same past under this file and another: who stands elsewhere, whose decision differs, what is sent.

        `over` is a list of instants and `as_of` one, or whatever else it may be in `run`; one of the two is given. The
        other arguments are those of `decide`. `differences` of the result is the kind of frame that `touchpoints` is.
        Raises what `decide` raises, `InvalidTableError` also if the two files accept different rows.
        """

    @overload
    def compare(
        self,
        other: Journey,
        touchpoints: _ArrowStream,
        *,
        preferences: _ArrowStream | None = None,
        customers: _ArrowStream | None = None,
        inputs: _ArrowStream | None = None,
        as_of: _Instant | Iterable[_Instant] | _ArrowStream | None = None,
        over: Iterable[_Instant] | None = None,
        naive_time_zone: str | None = None,
        on_error: Literal["collect"],
        extra_columns: Literal["refuse", "ignore"] = "refuse",
        progress: _Progress = None,
    ) -> tuple[Comparison, Any]: ...
    @overload
    def grid(
        self, touchpoints: None = None, *, customers: None = None, as_of: None = None, conversions: None = None
    ) -> Grid:
        """The experience grid, as the file has it: a cell a track, stage and channel, and what is missing.

        With touchpoints and `as_of`, one instant, it is filled with what happened up to then; `conversions` names the
        kinds of touchpoint that are conversions. The other arguments are those of `run`.
        """

    @overload
    def grid(
        self,
        touchpoints: _ArrowStream,
        *,
        customers: _ArrowStream | None = None,
        as_of: _Instant,
        conversions: Sequence[str] | None = None,
        naive_time_zone: str | None = None,
        on_error: Literal["raise"] = "raise",
        extra_columns: Literal["refuse", "ignore"] = "refuse",
        progress: _Progress = None,
    ) -> Grid: ...
    @overload
    def grid(
        self,
        touchpoints: _ArrowStream,
        *,
        customers: _ArrowStream | None = None,
        as_of: _Instant,
        conversions: Sequence[str] | None = None,
        naive_time_zone: str | None = None,
        on_error: Literal["collect"],
        extra_columns: Literal["refuse", "ignore"] = "refuse",
        progress: _Progress = None,
    ) -> tuple[Grid, Any]: ...
    def diagram(self) -> Diagram:
        """The tracks as a diagram."""

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Profile:
    """One customer's folded records: the single customer view.

    It is a function of the set of its records: their order of arrival, within the journey's `allowed_lateness`, does
    not matter. It pickles together with its journey.
    """

    @staticmethod
    def from_bytes(journey: Journey, data: bytes | bytearray) -> Profile:
        """A profile from what `to_bytes` gave.

        Raises `InvalidProfileError` for anything else, and `JourneyMismatchError` if it was folded with another
        journey.
        """

    @property
    def customer(self) -> str:
        """The customer's id."""

    @property
    def journey(self) -> Journey:
        """The journey that it is folded with."""

    @property
    def newest(self) -> datetime | None:
        """The instant of the newest record."""

    def observe(self, touchpoint: Mapping[str, Any] | None = None, /, **fields: Any) -> bool:
        """Folds a touchpoint, given as a mapping, as keywords, or both: `at`, `kind`, and what else is known of it.

        `at` is an aware `datetime` or RFC 3339 text. True if it was folded, False if a record with its `id` was there
        already. Raises `InvalidRecordError` if it does not fit the journey and `TooLateError` if it is older than
        `allowed_lateness` permits; the profile is unchanged then.
        """

    def set(
        self,
        attributes: Mapping[str, Any] | None = None,
        /,
        *,
        at: _Instant | None = None,
        id: str | None = None,
        **named: Any,
    ) -> bool:
        """Folds a change of attributes, given as a mapping, as keywords, or both. Without `at` it always held.

        `None` forgets an attribute. Returns and raises as `observe` does.
        """

    def prefer(self, preference: Mapping[str, Any] | None = None, /, **fields: Any) -> bool:
        """Takes in a preference, the customer's word, given as a mapping, as keywords, or both.

        - `at`: when it was said.
        - `choice`: `in`, `out`, `pending` (counts as no until an `in` follows) or `objected` (only an `in` that is at
          least as wide lifts it).
        - `channel`, `topic`, `purpose`: what it is about; any where it is not given.
        - `id`: a second preference with the same id changes nothing.
        - `source`, `evidence`: who recorded it, and what proves it.
        - `expires`: from that instant on it is as if it were not there.

        It may come late by any time. True if it was taken in, False if one with its `id` was there already. Raises
        `InvalidRecordError` if it does not fit the journey; the profile is unchanged then.
        """

    def unsubscribe_all(self, at: _Instant) -> bool:
        """Takes in a no to everything."""

    def unsubscribe(self, channel: str, at: _Instant) -> bool:
        """Takes in a no to a channel: what one click on "unsubscribe" says."""

    def request(self, at: _Instant, **fields: Any) -> bool:
        """Takes in the first half of a double opt-in: it counts once it is confirmed. Fields as `prefer` has them."""

    def confirm(self, at: _Instant, **fields: Any) -> bool:
        """Takes in the second half of a double opt-in. Fields as `prefer` has them."""

    def object(self, at: _Instant, **fields: Any) -> bool:
        """Takes in an objection, a complaint, a spam report. Fields as `prefer` has them."""

    def global_privacy_control(self, at: _Instant) -> None:
        """Takes in a Global Privacy Control signal: a no to each purpose that the journey says it is about."""

    def answer(self, ask: str, answer: _Value, at: _Instant) -> bool:
        """Takes in the answer to an ask: an attribute, or the preferences that the chosen answer expresses.

        Raises `InvalidArgumentError` if the journey has no such ask or the ask no such answer, else as `set` and
        `prefer`.
        """

    def consents(self, at: _Instant) -> list[Consent]:
        """For every channel and purpose, and every topic that the customer ever named: may we, at that instant?"""

    def consents_svg(self, at: _Instant) -> str:
        """The consents as a picture that stands alone: a row a channel, a column a purpose."""

    @overload
    def decide(
        self,
        now: _Instant,
        inputs: Mapping[str, _Value] | None = None,
        context: Mapping[str, _Value] | None = None,
        top: None = None,
    ) -> Decision:
        """The one relevant thing to say now, or nothing; with `top` the first few that may go together.

        - `inputs`: what the journey declares under `inputs`. What is not handed in is unknown.
        - `context`: what is told of the moment: `channel`, `topic`, and what the journey declares under `context`. With
          a `channel` the customer is there and is answered.
        - `top`: at most so many decisions, each of another action, as a list. The first is what `decide` says without.

        Raises `InvalidArgumentError` if an input is not declared or of the wrong type.
        """

    @overload
    def decide(
        self,
        now: _Instant,
        inputs: Mapping[str, _Value] | None = None,
        context: Mapping[str, _Value] | None = None,
        *,
        top: int,
    ) -> list[Decision]: ...
    def merge(self, other: Profile) -> None:
        """Takes in another profile's records: it becomes, to the last bit, the profile of the records of both.

        A record with an id that both have counts once; the customer stays the one that it was. One of the two must not
        have folded away anything yet, and all its records must come after what the other one has folded away: else it
        raises `TooLateError`, and nothing changes. Raises `JourneyMismatchError` too.
        """

    def view(self, now: _Instant) -> View:
        """What is true at an instant.

        Raises `InvalidArgumentError` if that is before records that were folded away: only a table remembers the whole
        past.
        """

    def next_change(self, now: _Instant) -> NextChange | None:
        """The first move that will happen after `now` if no further record comes."""

    def history(self, now: _Instant) -> list[Transition]:
        """The moves up to an instant, in order, each with its cause and the values that decided."""

    def to_bytes(self) -> bytes:
        """The profile as bytes, to keep it. The same records always give the same bytes."""

    def __eq__(self, other: builtins.object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]

@final
class View:
    """What is true of a customer at an instant. A later record does not change it.

    Each part is computed when it is first read.
    """

    @property
    def at(self) -> datetime:
        """The instant."""

    @property
    def stages(self) -> dict[str, Stage]:
        """Where the customer stands on each track."""

    @property
    def traits(self) -> dict[str, _Known]:
        """The traits; `None` if unknown."""

    @property
    def scores(self) -> dict[str, float | None]:
        """The scores; `None` if unknown."""

    @property
    def segments(self) -> dict[str, bool | None]:
        """The segments; `None` if membership is unknown."""

    @property
    def make_up(self) -> dict[str, list[Contribution]]:
        """What each element of each score contributes, before the score's own bounds."""

    @property
    def next_change(self) -> NextChange | None:
        """The first move that will happen if no further record comes."""

    def to_dict(self) -> dict[str, Any]:
        """All of it as a JSON document: `stages, traits, scores, make_up, segments, next_change`."""

@final
class Decision:
    """What to say to a customer at an instant, or nothing; and why. It sends nothing: it says what may be sent.

    A later record does not change it. Whatever is not the choice itself is computed when it is read.
    """

    @property
    def at(self) -> datetime:
        """The instant."""

    @property
    def action(self) -> str | None:
        """What to say; `None` if there is nothing to say. It may be sent only if `may_send` is true."""

    @property
    def channel(self) -> str | None:
        """By which channel."""

    @property
    def topic(self) -> str | None:
        """About what."""

    @property
    def owner(self) -> str | None:
        """The team that answers for it."""

    @property
    def purpose(self) -> str | None:
        """For what."""

    @property
    def question(self) -> str | None:
        """The question, if the action asks one."""

    @property
    def answers(self) -> list[str] | None:
        """The answers that the question offers; none are offered where any text may be the answer."""

    @property
    def priority(self) -> float | None:
        """How much it is worth to say it."""

    @property
    def factors(self) -> Factors | None:
        """What the priority is the product of."""

    @property
    def not_before(self) -> datetime | None:
        """The first instant at which it may go, if that is not now."""

    @property
    def held_out(self) -> bool:
        """Whether it is told only as what would have been said: the customer is left alone, to measure against."""

    @property
    def may_send(self) -> bool:
        """Whether there is something to say, and it may be said now."""

    @property
    def runner_up(self) -> RunnerUp | None:
        """The best other thing that could have been said."""

    @property
    def margin(self) -> float | None:
        """By how much the decision beats the runner-up."""

    @property
    def candidates(self) -> list[Candidate]:
        """Every action on every channel, in file order, with the gate that stopped it."""

    @property
    def because(self) -> str:
        """The reason in one line."""

    def explain(self) -> str:
        """All reasons in plain English."""

    def to_svg(self) -> str:
        """The candidates in the order of their priority, and their gates, as a picture that stands alone."""

    def _repr_svg_(self) -> str: ...
    def touchpoint(self, outcome: str | None = None) -> dict[str, Any]:
        """The touchpoint that says that it was said, for `Profile.observe`, with what came of it if that is known.

        Raises `InvalidArgumentError` if nothing may be sent now, or the journey does not say which kind of touchpoint
        it is.
        """

    def to_dict(self) -> dict[str, Any]:
        """All of it as a JSON document: the properties above and `at`."""

@final
class Candidate:
    """An action on a channel, and what became of it."""

    @property
    def action(self) -> str:
        """The action."""

    @property
    def channel(self) -> str:
        """The channel."""

    @property
    def topic(self) -> str | None:
        """About what."""

    @property
    def owner(self) -> str | None:
        """The team that answers for it."""

    @property
    def purpose(self) -> str | None:
        """For what."""

    @property
    def priority(self) -> float | None:
        """What it is worth; `None` if it is not eligible, or a factor is unknown."""

    @property
    def gate(self) -> Literal["eligibility", "preference", "policy", "holdout", "arbitration"] | None:
        """Where it was stopped; `None` for the one that was chosen."""

    @property
    def reason(self) -> str | None:
        """Why, as the reference lists it."""

    @property
    def because(self) -> str:
        """Why, in words."""

    @property
    def rule(self) -> str | None:
        """The rule that stopped it, if one did."""

    @property
    def operands(self) -> dict[str, _Known]:
        """What the rule's operands were, called as rules call them: `orders`, `input.p_click`, `context.intent`."""

    @property
    def would_change(self) -> str | None:
        """What would have to change for it to pass that gate."""

    @property
    def not_before(self) -> datetime | None:
        """The first instant at which it may go, if nothing but time forbids it."""

@final
class Factors:
    """What a priority is the product of: propensity, value, weight, and 1 plus what the boosts add."""

    @property
    def propensity(self) -> float:
        """How probably it works."""

    @property
    def value(self) -> float:
        """What it is worth if it works; of an ask, what the answer could unlock."""

    @property
    def weight(self) -> float:
        """What the business adds."""

    @property
    def boosts(self) -> list[tuple[str, float]]:
        """The boosts that held: what each is called, and what it added."""

    def __eq__(self, other: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]

@final
class RunnerUp:
    """The best candidate of another action."""

    @property
    def action(self) -> str:
        """Its action."""

    @property
    def channel(self) -> str:
        """Its channel."""

    @property
    def priority(self) -> float:
        """Its priority."""

    def __eq__(self, other: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]

@final
class Consent:
    """Whether there may be contact on a channel, for a purpose, perhaps about a topic; and which record says so."""

    @property
    def channel(self) -> str:
        """The channel."""

    @property
    def purpose(self) -> str:
        """The purpose."""

    @property
    def topic(self) -> str | None:
        """The topic; `None` for contact about nothing in particular."""

    @property
    def allowed(self) -> bool:
        """Whether there may be contact."""

    @property
    def because(
        self,
    ) -> Literal["required", "opted_in", "opted_out", "pending", "objected", "default_in", "default_out"]:
        """What decided."""

    @property
    def record(self) -> dict[str, Any] | None:
        """The preference that decided, if one did: a dict as `Profile.prefer` takes it."""

    def to_dict(self) -> dict[str, Any]:
        """All of it as a JSON document: `channel, purpose, topic, allowed, because, record`."""

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Stage:
    """Where a customer stands on one track."""

    @property
    def stage(self) -> str:
        """The stage."""

    @property
    def since(self) -> datetime | None:
        """When it was entered; for a stage never left, the instant of the first record. `None` if it was always so."""

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class NextChange:
    """The next move, if nothing happens."""

    @property
    def at(self) -> datetime:
        """When."""

    @property
    def track(self) -> str:
        """On which track."""

    @property
    def from_(self) -> str:
        """From which stage."""

    @property
    def to(self) -> str:
        """To which stage."""

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Contribution:
    """What one element of a score contributes."""

    @property
    def element(self) -> str:
        """The element."""

    @property
    def contribution(self) -> float | None:
        """What it adds to the score; `None` if it is unknown."""

    def __eq__(self, other: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]

@final
class Transition:
    """One move of a customer on a track, and why."""

    @property
    def track(self) -> str:
        """The track."""

    @property
    def at(self) -> datetime | None:
        """When; `None` for "from the beginning of time"."""

    @property
    def from_(self) -> str:
        """The stage that was left."""

    @property
    def to(self) -> str:
        """The stage that was entered."""

    @property
    def cause(self) -> Literal["touchpoint", "attribute", "time"]:
        """What caused it."""

    @property
    def record(self) -> str | None:
        """The id of the record that caused it, if one did and had an id."""

    @property
    def rule(self) -> str:
        """The rule that decided: that of the stage entered, or, after a fall, the one that no longer held."""

    @property
    def fell(self) -> bool:
        """Whether it was a fall to the first stage, because `rule` no longer held."""

    @property
    def operands(self) -> dict[str, _Known]:
        """What the rule's operands were at that instant."""

    @property
    def because(self) -> str:
        """The rule and what its operands were, in one line: `orders >= 2 (orders = 3)`."""

    def to_dict(self) -> dict[str, Any]:
        """All of it as a JSON document: `track, at, from, to, cause, record, rule, fell, operands`."""

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Reach:
    """Whom the actions of a journey reach, and which gate stops the others."""

    @property
    def customers(self) -> int:
        """Customers, or customers and instants if several were asked about."""

    @property
    def addressed(self) -> int:
        """For whom something may be sent."""

    @property
    def held_out(self) -> int:
        """Who would be addressed, were they not held out."""

    @property
    def waiting(self) -> int:
        """For whom something may be sent later, if nothing changes."""

    @property
    def unaddressed(self) -> int:
        """For whom there is nothing to say."""

    @property
    def actions(self) -> list[dict[str, Any]]:
        """A dict an action, in file order.

        `action`, how many customers each gate stopped (`eligibility`, `preference`, `policy`, `holdout`,
        `arbitration`), `chosen`, and in `reasons` the same by reason.
        """

    @property
    def channels(self) -> list[dict[str, Any]]:
        """A dict a channel, in file order.

        `channel`, and `may_use`: the customers who allow contact on it for some purpose that is not required.
        """

    def to_text(self) -> str:
        """A plain table: a line an action, a column a gate."""

    def to_svg(self) -> str:
        """The decision funnel as a picture that stands alone."""

    def _repr_svg_(self) -> str: ...
    def to_dict(self) -> dict[str, Any]:
        """All of it as a JSON document: the properties above."""

    def __eq__(self, other: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]

@final
class Comparison:
    """The same past under two journey files."""

    @property
    def customers(self) -> int:
        """Customers, or customers and instants if several were asked about."""

    @property
    def stages(self) -> list[dict[str, Any]]:
        """A dict a stage of the tracks that both files have: `track`, `stage`, customers `before` and `after`."""

    @property
    def moves(self) -> list[dict[str, Any]]:
        """Those who stand elsewhere: dicts of `track`, `from`, `to` and `customers`."""

    @property
    def changes(self) -> list[dict[str, Any]]:
        """Decisions that differ in the same way, the commonest first.

        Dicts of `action_before`, `channel_before`, `because_before`, `action_after`, `channel_after`, `because_after`
        and `customers`.
        """

    @property
    def before(self) -> dict[str, float]:
        """What the decisions of the one file come to.

        `sent`, `capped`, `vetoed`, `held_out`, and the `value` of what may be sent: the sum of the priorities.
        """

    @property
    def after(self) -> dict[str, float]:
        """What those of the other come to."""

    @property
    def differences(self) -> Any:
        """A table, in the kind of frame that `touchpoints` is: one row a customer and instant whose decision differs.

        Its columns are `customer`, `as_of` unless there is one instant only, and those of `changes` but the last.
        """

    @property
    def is_empty(self) -> bool:
        """Whether the two files say the same of everybody."""

    def to_text(self) -> str:
        """The comparison in a few lines."""

    def to_svg(self) -> str:
        """Stages and contacts before and after as a picture that stands alone."""

    def _repr_svg_(self) -> str: ...
    def to_dict(self) -> dict[str, Any]:
        """All of it but `differences` as a JSON document."""

    def __eq__(self, other: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]

@final
class Grid:
    """The experience grid: per track, stage and channel, who answers and what may be said."""

    @property
    def gaps(self) -> list[dict[str, Any]]:
        """What is missing, or there for nothing: dicts of `code`, `path`, `message` and perhaps `help`."""

    def only(self, track: str) -> Grid:
        """The grid of one track alone. Raises `InvalidArgumentError` if there is no such track."""

    def to_dict(self) -> dict[str, Any]:
        """All of it as a JSON document: `tracks`, their `stages`, their `cells`, and `gaps`."""

    def to_text(self) -> str:
        """A plain table, and the gaps."""

    def to_html(self) -> str:
        """One page of HTML that stands alone: nothing is loaded, nothing runs."""

    def to_svg(self) -> str:
        """A picture that stands alone."""

    def to_table(self) -> Any:
        """A table, a row a cell, as a `pyarrow.Table`; without pyarrow, an object with `__arrow_c_stream__`."""

    def _repr_html_(self) -> str: ...
    def __eq__(self, other: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]

@final
class Diagram:
    """The tracks of a journey as a diagram."""

    def to_dict(self) -> dict[str, Any]:
        """All of it as a JSON document: `tracks`, their `stages` and `transitions`."""

    def to_mermaid(self) -> str:
        """The diagram as Mermaid writes one."""

    def to_svg(self) -> str:
        """A picture that stands alone."""

    def _repr_svg_(self) -> str: ...
    def __eq__(self, other: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]

@final
class Diagnostic:
    """One problem of a journey file."""

    @property
    def code(self) -> str:
        """Stable name of the problem, as the reference lists it: `unknown_stage`, `type_mismatch` …"""

    @property
    def severity(self) -> Literal["error", "warning"]:
        """A file with an error cannot run; one with warnings can."""

    @property
    def path(self) -> str:
        """Where in the document: `tracks.relationship[2].from[0]`."""

    @property
    def span(self) -> Span | None:
        """Where in the text, when the journey came as text."""

    @property
    def message(self) -> str:
        """What is wrong."""

    @property
    def help(self) -> str | None:
        """What to do about it."""

    def render(self, source: str, file: str) -> str:
        """The problem with its source line underlined, in plain text."""

    def __eq__(self, other: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]

@final
class Span:
    """A place in the text of a journey file."""

    @property
    def start(self) -> int:
        """First byte."""

    @property
    def end(self) -> int:
        """One past the last byte."""

    @property
    def line(self) -> int:
        """Line, counted from 1."""

    @property
    def column(self) -> int:
        """Column in characters, counted from 1."""

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class BadRow:
    """One row of a table that was refused."""

    def __new__(cls, table: str, row: int, column: str, reason: str) -> BadRow: ...
    @property
    def table(self) -> str:
        """Which table: `touchpoints`, `customers`, `as_of`, `preferences` or `inputs`."""

    @property
    def row(self) -> int:
        """The row, counted from 0."""

    @property
    def column(self) -> str:
        """The column."""

    @property
    def reason(self) -> str:
        """Why, without the customer's data."""

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class IdentityGraph:
    """Who is who: persons made of the identifiers that records saw together.

    It is a function of the set of its records and its rules: the order in which records come does not matter. They
    count in the order of their instant, then id, then content. A person's id is the identifier of theirs that was seen
    first, as `kind:value`. It pickles with its records.

    `rules` are a dict or YAML text: under `identifiers` the kinds, the first of the highest priority, each with an
    optional `limit` (`"1 ever"`, `"5 weekly"`, `"3 per 90d"`), `blocked` values (`*` stands for any text) and
    `normalize` (`trim`, `lowercase`); under `blocked` what no kind may have. Raises `InvalidRulesError` with every
    problem.
    """

    def __new__(cls, rules: Mapping[str, Any] | str) -> IdentityGraph: ...
    @staticmethod
    def from_bytes(data: bytes) -> IdentityGraph:
        """A graph from what `to_bytes` gave. Raises `InvalidIdentityError`."""

    def link(self, record: Mapping[str, Any] | None = None, /, **fields: Any) -> dict[str, Any]:
        """Takes in a record, as a mapping, as keywords, or both: `at`, `identifiers` (kinds and values, or lists of
        values), and perhaps `id`.

        Says what it did: `outcome` (`new`, `joined`, `merged`, `nobody`, `duplicate`), `person`, the identifiers of the
        record that were `dropped` and why, and the persons that were `merged`, `split`, `renamed` or are `gone`. Raises
        `InvalidRecordError`; nothing changes then.
        """

    def unlink(self, id: str) -> dict[str, Any]:
        """Takes the record with an id out again: afterwards the graph is as if it had never been linked.

        Says which `person` it belonged to, and what came of the persons: `split`, `merged`, `renamed`, `gone`. Raises
        `InvalidArgumentError` if no record has the id.
        """

    def person(self, kind: str, value: str) -> str | None:
        """The id of the person that an identifier belongs to; `None` if the graph does not know it."""

    def members(self, person: str) -> list[dict[str, Any]]:
        """The identifiers of a person: `kind`, `value`, `first_seen`."""

    def evidence(self, one: tuple[str, str], other: tuple[str, str]) -> list[dict[str, Any]] | None:
        """The records that connect two identifiers, each a kind and a value: `id`, `at`, `from`, `to`.

        It is the shortest chain, of several the one of the earliest records; `None` if they are not of one person.
        """

    def persons(self) -> Any:
        """Every identifier that belongs to a person: a `pyarrow.Table` of `kind`, `identifier`, `person`."""

    def resolve(
        self,
        table: _ArrowStream,
        *,
        columns: Mapping[str, str] | None = None,
        naive_time_zone: str | None = None,
        on_error: Literal["raise", "collect"] = "raise",
        extra_columns: Literal["refuse", "ignore"] = "refuse",
    ) -> Resolution:
        """The persons of the graph's records and those of a table together; the graph stays as it is.

        A row is a record: a column a kind of identifier, called after it, and where there are such `at` and `id`.
        `columns` names other columns and their kinds, among them two of one kind. Gives `persons` (a row an identifier:
        `kind`, `identifier`, `person`) in the kind of frame that came in, a `report`, and the `rejected` rows.
        """

    @overload
    def link_table(
        self,
        table: _ArrowStream,
        *,
        columns: Mapping[str, str] | None = None,
        naive_time_zone: str | None = None,
        on_error: Literal["raise"] = "raise",
        extra_columns: Literal["refuse", "ignore"] = "refuse",
    ) -> dict[str, int]:
        """Links every row of a table as a record, and says what became of the rows. It has to have a column `at`."""

    @overload
    def link_table(
        self,
        table: _ArrowStream,
        *,
        columns: Mapping[str, str] | None = None,
        naive_time_zone: str | None = None,
        on_error: Literal["collect"],
        extra_columns: Literal["refuse", "ignore"] = "refuse",
    ) -> tuple[dict[str, int], Any]: ...
    def with_rules(self, rules: Mapping[str, Any] | str) -> IdentityGraph:
        """The same records under other rules. Values stay as the rules so far normalized them."""

    @property
    def rules(self) -> dict[str, Any]:
        """The rules as a document."""

    def to_bytes(self) -> bytes:
        """The graph as bytes, to keep it. The same records always give the same bytes."""

    def __len__(self) -> int: ...
    def __bool__(self) -> bool: ...

@final
class Paths:
    """Paths, and the library whose frames they came in."""

    @staticmethod
    def from_table(table: Any, separator: str | None, library: str) -> Paths:
        """Paths as texts, of a table with `path`, `conversions`, and where there are such `value` and `nulls`."""

    def merge(self, other: Paths) -> Paths:
        """As of one table with all rows of both."""

    def report(self) -> dict[str, Any]:
        """What became of the rows."""

    def dimensions(self) -> list[str]:
        """The names of what is known of every touchpoint."""

    def to_table(self, by: str | None, separator: str | None) -> Any:
        """A row a path."""

    def sessions(self, by: str | None) -> Any:
        """A row a session."""

    def library(self) -> str:
        """The library whose frames the paths came in."""

    def __len__(self) -> int: ...
    def __eq__(self, other: object, /) -> bool: ...

@final
class MarkovCounts:
    """The counts of an absorbing chain, and the library whose frames they answer with."""

    def __new__(cls, request: Mapping[str, Any]) -> MarkovCounts: ...
    @staticmethod
    def from_paths(paths: Paths, request: Mapping[str, Any]) -> MarkovCounts:
        """The counts of paths."""

    @staticmethod
    def from_bytes(bytes: bytes) -> MarkovCounts: ...
    def to_bytes(self) -> bytes: ...
    def add(self, path: Sequence[str | None], conversions: int, value: float, nulls: int) -> None:
        """Adds a path."""

    def merge(self, other: MarkovCounts) -> None:
        """Adds other counts."""

    def subtract(self, other: MarkovCounts) -> None:
        """Takes other counts away."""

    def order(self) -> int: ...
    def by(self) -> str: ...
    def states(self) -> int: ...
    def conversions(self) -> int: ...
    def attribution(self) -> tuple[Any, dict[str, Any]]:
        """Credits by word, and what they are."""

    def __reduce__(self) -> tuple[Any, tuple[bytes]]: ...
    def __eq__(self, other: object, /) -> bool: ...

def attribution_of(paths: Paths, request: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Credits by word, and what they are."""

def attribution_credits(paths: Paths, request: Mapping[str, Any]) -> Any:
    """Credits of every conversion."""

def attribution_side_by_side(paths: Paths, by: str | None, measure: str | None) -> Any:
    """Every model beside the others."""

def attribution_orders(paths: Paths, request: Mapping[str, Any]) -> Any:
    """How well chains of several orders foretell paths that they have not seen."""

def cut_paths(
    touchpoints: Any,
    request: Mapping[str, Any],
    library: str,
    journey: Journey | None = None,
    track: str | None = None,
    customers: Any = None,
    progress: bool | Callable[[int, int], Any] | None = None,
) -> tuple[Paths, Any]:
    """Cuts a table of touchpoints into paths: the paths, and the refused rows if they are collected."""

@final
class PathsAnswer:
    """The answer to a question about paths, and the library whose frames its tables are."""

    def table(self, name: str) -> Any:
        """Its table of that name, as a frame."""

    def to_svg(self) -> str:
        """Its picture."""

    def merge(self, other: PathsAnswer) -> PathsAnswer:
        """The counts of both."""

    def subtract(self, other: PathsAnswer) -> PathsAnswer:
        """These counts without the others."""

    def graph(self) -> tuple[list[tuple[tuple[str, str], int]], list[tuple[str, int]], list[tuple[str, int]]]:
        """The pairs, starts and ends of a directly-follows graph."""

    def __eq__(self, other: object, /) -> bool: ...

def ask_paths(paths: Paths, question: Mapping[str, Any]) -> PathsAnswer:
    """The answer to a question about paths."""

def funnel_of_rows(
    table: Any,
    request: Mapping[str, Any],
    rows: Mapping[str, Any],
    library: str,
    progress: bool | Callable[[int, int], Any] | None = None,
) -> tuple[PathsAnswer, Any]:
    """A funnel of raw rows: the answer, and the refused rows if they are collected."""

def time_in_stage_of_transitions(
    transitions: Any,
    request: Mapping[str, Any],
    library: str,
    progress: bool | Callable[[int, int], Any] | None = None,
) -> PathsAnswer:
    """Time in stages, of a table of transitions."""

@final
class ProgressModel:
    """A fitted model of progress."""

    @staticmethod
    def fit(paths: Paths, request: Mapping[str, Any]) -> ProgressModel:
        """Fits, calibrates and tests a model on paths."""

    @staticmethod
    def from_dict(model: Mapping[str, Any]) -> ProgressModel:
        """From a document of `to_dict`."""

    def to_dict(self) -> dict[str, Any]:
        """All of it as a JSON document."""

    def facts(self) -> dict[str, Any]:
        """What it says of itself, as a document."""

    def at_touchpoints(self, paths: Paths) -> Any:
        """A row a touchpoint of paths."""

    def high_value_points(self, paths: Paths, request: Mapping[str, Any]) -> Any:
        """A row a touchpoint or transition."""

    def calibration(self, between: bool, library: str) -> Any:
        """A row a tenth of the windows of the customers that it was tested on, as a frame of a library."""

    def calibration_svg(self) -> str:
        """The same as a picture."""

    def score(self, request: Mapping[str, Any]) -> tuple[float, list[float]]:
        """The probability of one customer now, and at later instants."""

    def __eq__(self, other: object, /) -> bool: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

@final
class LifetimeModel:
    """A fitted lifetime model of any kind."""

    @staticmethod
    def fit(model: str, summary: Any, request: Mapping[str, Any]) -> LifetimeModel:
        """Fits the model of a name to a table of customers."""

    @staticmethod
    def from_params(model: str, params: Sequence[tuple[str, float]], period: str | float) -> LifetimeModel:
        """The model of a name with parameters that are known; `period` as in a request."""

    @staticmethod
    def from_dict(model: Mapping[str, Any]) -> LifetimeModel:
        """From a document of `to_dict`."""

    def to_dict(self) -> dict[str, Any]:
        """All of it as a JSON document."""

    def facts(self) -> dict[str, Any]:
        """What it says of itself, as a document."""

    def confidence_intervals(self, level: float) -> dict[str, list[float]]:
        """The intervals of its parameters by name."""

    def predict(self, summary: Any, request: Mapping[str, Any], spend: LifetimeModel | None) -> Any:
        """One prediction of every row of a table."""

    def predict_all(self, summary: Any, request: Mapping[str, Any], spend: LifetimeModel | None) -> Any:
        """Every prediction of every row of a table."""

    def predict_one(
        self, row: Mapping[str, Any], request: Mapping[str, Any], spend: LifetimeModel | None
    ) -> list[float]:
        """One prediction of one customer: the estimate, and with an interval its standard error and ends."""

    def frequency_histogram(self, summary: Any, most: int | None) -> Any:
        """How many customers have which frequency, beside how many are expected to."""

    def probability_alive_matrix(self, summary: Any, most_frequency: int | None) -> Any:
        """Who is alive by frequency and recency."""

    def holdout_by_frequency(self, summary: Any, most: int | None) -> Any:
        """The holdout by frequency in the calibration."""

    def tracking(self, transactions: Any, request: Mapping[str, Any]) -> Any:
        """Repeat purchases by period, beside what is expected."""

    def __eq__(self, other: object, /) -> bool: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

def lifetime_summary(
    transactions: Any, request: Mapping[str, Any], progress: bool | Callable[[int, int], Any] | None = None
) -> tuple[Any, Any, dict[str, Any]]:
    """Transactions summed up by customer: the frame, the refused rows if they are collected, and the report."""
