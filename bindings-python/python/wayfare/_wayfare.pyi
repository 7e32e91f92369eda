"""The native half of wayfare."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from os import PathLike
from typing import Any, Literal, Protocol, SupportsFloat, SupportsIndex, TypeAlias, final, overload, type_check_only

__all__ = [
    "BadRow",
    "Contribution",
    "Diagnostic",
    "Journey",
    "NextChange",
    "Profile",
    "Span",
    "Stage",
    "Transition",
    "View",
    "__version__",
    "_convert",
    "journey_schema",
    "rfm_cuts",
    "template_names",
    "template_text",
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

    def stages(self, track: str) -> list[str]:
        """The stages of a track, in file order. Raises `InvalidArgumentError` if there is no such track."""

    def profile(self, customer: str) -> Profile:
        """The profile of a customer nothing is known of yet."""

    @overload
    def run(
        self,
        touchpoints: _ArrowStream,
        *,
        customers: _ArrowStream | None = None,
        as_of: _Instant | Iterable[_Instant] | _ArrowStream,
        naive_time_zone: str | None = None,
        on_error: Literal["raise"] = "raise",
        extra_columns: Literal["refuse", "ignore"] = "refuse",
        progress: _Progress = None,
    ) -> Any:
        """What is true of every customer of a table: one row a customer and instant.

        - `touchpoints`: the columns `customer`, `at`, `kind`, and when present `id`, `channel`, `topic`, `value`,
          `direction`, `action`, `outcome` and one a declared property. In any order; none is left out.
        - `customers`: attributes. `customer`, a column an attribute, and when present `at` and `id`; an attribute
          without `at` always held.
        - `as_of`: an instant, several, or a table with the columns `customer` and `at`. Nothing later is seen.
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
        customers: _ArrowStream | None = None,
        as_of: _Instant | Iterable[_Instant] | _ArrowStream,
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
        customers: _ArrowStream | None = None,
        as_of: _Instant,
        explain: bool = False,
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
        customers: _ArrowStream | None = None,
        as_of: _Instant,
        explain: bool = False,
        naive_time_zone: str | None = None,
        on_error: Literal["collect"],
        extra_columns: Literal["refuse", "ignore"] = "refuse",
        progress: _Progress = None,
    ) -> tuple[Any, Any]: ...
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

    def __eq__(self, other: object, /) -> bool: ...
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
        """Which table: `touchpoints`, `customers` or `as_of`."""

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
