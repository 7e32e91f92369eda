"""Which touchpoints earn a conversion: credits that add up.

>>> import wayfare
>>> from wayfare import attribution
>>> paths = wayfare.Paths.from_strings(["A", "A > B"], conversions=[10, 9], value=[100, 120], nulls=[90, 41])
>>> attribution.linear(paths).to_pydict()
{'channel': ['A', 'B'], 'conversions': [14.5, 4.5], 'value': [160.0, 60.0]}

Every function takes `wayfare.Paths` and gives a table in the kind of frame that the paths came from: a row for each
word of `by` (`channel` unless it is said; any dimension of the paths), `conversions` and `value`. These columns sum to
the conversions of the paths and to their value exactly. Conversions without a touchpoint are the row `unattributed`,
touchpoints without a text in the dimension a row without one.

With `interval=0.95`, say, there are a standard error and the ends of an interval for each number, from `replicates`
samples of the customers (200 unless it is said); the same `seed`, the same interval. With `facts=True` the result is
the table and a dict of what its numbers are and how they were found.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from ._errors import InvalidArgumentError
from ._paths import Paths, _said
from ._wayfare import MarkovCounts as NativeCounts
from ._wayfare import attribution_credits, attribution_of, attribution_orders, attribution_side_by_side

__all__ = [
    "MarkovCounts",
    "all_models",
    "credits",
    "first_touch",
    "last_touch",
    "linear",
    "markov",
    "position_based",
    "select_order",
    "shapley",
    "time_decay",
]


def first_touch(
    paths: Paths,
    by: str | None = None,
    *,
    interval: float | None = None,
    replicates: int | None = None,
    seed: int | None = None,
    facts: bool = False,
) -> Any:
    """The first touchpoint of each path has its conversions."""
    return _credited(paths, facts, model="first_touch", by=by, interval=interval, replicates=replicates, seed=seed)


def last_touch(
    paths: Paths,
    by: str | None = None,
    *,
    interval: float | None = None,
    replicates: int | None = None,
    seed: int | None = None,
    facts: bool = False,
) -> Any:
    """The last touchpoint of each path has its conversions."""
    return _credited(paths, facts, model="last_touch", by=by, interval=interval, replicates=replicates, seed=seed)


def linear(
    paths: Paths,
    by: str | None = None,
    *,
    interval: float | None = None,
    replicates: int | None = None,
    seed: int | None = None,
    facts: bool = False,
) -> Any:
    """All touchpoints of a path have the same part; a word that is there twice has two."""
    return _credited(paths, facts, model="linear", by=by, interval=interval, replicates=replicates, seed=seed)


def position_based(
    paths: Paths,
    by: str | None = None,
    *,
    first: float | None = None,
    last: float | None = None,
    interval: float | None = None,
    replicates: int | None = None,
    seed: int | None = None,
    facts: bool = False,
) -> Any:
    """The first and the last touchpoint have fractions (0.4 each unless it is said), the others share the rest.

    Of two touchpoints each has its fraction's part of the sum of both; one alone has everything.
    """
    request = {"model": "position_based", "first": first, "last": last}
    return _credited(paths, facts, **request, by=by, interval=interval, replicates=replicates, seed=seed)


def time_decay(
    paths: Paths,
    by: str | None = None,
    *,
    half_life: str,
    interval: float | None = None,
    replicates: int | None = None,
    seed: int | None = None,
    facts: bool = False,
) -> Any:
    """A touchpoint has half of what one `half_life` ("7d") later has. The paths must have times."""
    request = {"model": "time_decay", "half_life": half_life}
    return _credited(paths, facts, **request, by=by, interval=interval, replicates=replicates, seed=seed)


def markov(
    paths: Paths,
    by: str | None = None,
    *,
    order: int | None = None,
    nulls: bool | None = None,
    interval: float | None = None,
    replicates: int | None = None,
    seed: int | None = None,
    facts: bool = False,
) -> Any:
    """By removal effects of an absorbing Markov chain, solved exactly; they are columns too.

    States are `order` touchpoints (1 unless it is said). With `nulls=False` paths that did not convert are left aside.
    """
    request = {"model": "markov", "order": order, "nulls": nulls}
    return _credited(paths, facts, **request, by=by, interval=interval, replicates=replicates, seed=seed)


def shapley(
    paths: Paths,
    by: str | None = None,
    *,
    game: Literal["coverage", "rate"] | None = None,
    ordered: bool | None = None,
    standard_error: float | None = None,
    permutations: int | None = None,
    interval: float | None = None,
    replicates: int | None = None,
    seed: int | None = None,
    facts: bool = False,
) -> Any:
    """By Shapley values of a game.

    `coverage` (unless it is said): a set of words is worth the conversions of the paths whose words all lie in it, so
    that distinct words of a path share equally; with `ordered=True` there is a row for each place on the path.
    `rate`: it is worth the share of conversions among those paths; exact up to 22 words, beyond them from random
    permutations until no standard error is above `standard_error` (0.001) of the whole or there were `permutations`
    (100,000).
    """
    request = {"model": "shapley", "game": game, "ordered": ordered}
    sampling = {"standard_error": standard_error, "permutations": permutations}
    return _credited(paths, facts, **request, **sampling, by=by, interval=interval, replicates=replicates, seed=seed)


def all_models(paths: Paths, by: str | None = None, *, measure: Literal["conversions", "value"] | None = None) -> Any:
    """A column a model with its usual choices, and a last row `total`. Time decay is there if the paths have times."""
    return attribution_side_by_side(_native(paths), by, measure)


def credits(
    paths: Paths,
    model: Literal["first_touch", "last_touch", "linear", "position_based", "time_decay", "markov", "shapley"],
    by: str | None = None,
    **choices: Any,
) -> Any:
    """The credits of every conversion: a row for each word of each path that converted, with the model's `choices`.

    The columns are `customer` (where customers are known), `path` (its number), the word, `conversions` (that the path
    stands for), `credit` of each, and `value` of all. The credits of a path sum to 1 and their values to its value,
    exactly. Of `markov` and the `rate` game a path is shared out by the removal effects or Shapley values of its words.
    """
    return attribution_credits(_native(paths), _said(model=model, by=by, **choices))


def select_order(
    paths: Paths,
    orders: Sequence[int] | None = None,
    *,
    by: str | None = None,
    folds: int | None = None,
    seed: int | None = None,
) -> Any:
    """How well chains of several orders (1 to 4 unless it is said) foretell paths of customers they have not seen.

    A row an order: `order`, `contexts`, `log_likelihood`, `log_loss` a path, and which is `best`. The customers are
    dealt into `folds` (5 unless it is said), and each fold is foretold by the others.
    """
    asked = _said(orders=None if orders is None else list(orders), by=by, folds=folds, seed=seed)
    return attribution_orders(_native(paths), asked)


class MarkovCounts:
    """The counts of an absorbing Markov chain: whole numbers that are added, merged and taken away again.

    Counts of pieces of the paths, in any order, come to the same credits as those of the whole, to the last bit.

    >>> counts = MarkovCounts(order=1)
    >>> counts.add(["C1", "C2", "C3"], conversions=1)
    >>> counts.add(["C1"], nulls=1)
    >>> counts.add(["C2", "C3"], nulls=1)
    >>> counts.attribution().column("removal_effect").to_pylist()
    [0.5, 1.0, 1.0]
    """

    def __init__(self, order: int | None = None, *, by: str | None = None) -> None:
        self._native = NativeCounts(_said(order=order, by=by))

    @classmethod
    def _of(cls, native: NativeCounts) -> MarkovCounts:
        made = cls.__new__(cls)
        made._native = native
        return made

    @classmethod
    def from_paths(
        cls, paths: Paths, order: int | None = None, *, by: str | None = None, nulls: bool | None = None
    ) -> MarkovCounts:
        """The counts of paths; with `nulls=False` of those that converted."""
        return cls._of(NativeCounts.from_paths(_native(paths), _said(order=order, by=by, nulls=nulls)))

    @classmethod
    def from_bytes(cls, data: bytes) -> MarkovCounts:
        """What `to_bytes` gave; bytes that were damaged are refused."""
        return cls._of(NativeCounts.from_bytes(data))

    def to_bytes(self) -> bytes:
        """The counts, for another program or another day. Equal counts give equal bytes."""
        return self._native.to_bytes()

    def add(self, path: Sequence[str | None], *, conversions: int = 0, value: float = 0.0, nulls: int = 0) -> None:
        """Adds a path that converted so often, for so much value together, and so often did not."""
        self._native.add(list(path), conversions, value, nulls)

    def merge(self, *others: MarkovCounts) -> None:
        """Adds the counts of other pieces."""
        for other in others:
            self._native.merge(_counts(other))

    def subtract(self, other: MarkovCounts) -> None:
        """Takes the counts of a piece away that was added before."""
        self._native.subtract(_counts(other))

    @property
    def order(self) -> int:
        """The length of the states."""
        return self._native.order()

    @property
    def by(self) -> str:
        """What the words are: `channel` …"""
        return self._native.by()

    @property
    def states(self) -> int:
        """How many states there are."""
        return self._native.states()

    @property
    def conversions(self) -> int:
        """The conversions that were counted."""
        return self._native.conversions()

    def attribution(self, *, facts: bool = False) -> Any:
        """What `markov` gives of the paths that were counted."""
        table, found = self._native.attribution()
        return (table, found) if facts else table

    def __eq__(self, other: object) -> bool:
        return self._native == other._native if isinstance(other, MarkovCounts) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Any, tuple[bytes]]:
        return MarkovCounts.from_bytes, (self.to_bytes(),)

    def __repr__(self) -> str:
        counted = f"{self.states:,} states, {self.conversions:,} conversions"
        return f"<MarkovCounts by {self.by}, order {self.order}: {counted}>"


def _credited(paths: Paths, facts: bool, **choices: Any) -> Any:
    table, found = attribution_of(_native(paths), _said(**choices))
    return (table, found) if facts else table


def _native(paths: Any) -> Any:
    if isinstance(paths, Paths):
        return paths._native
    raise InvalidArgumentError(
        f"`{type(paths).__name__}` is not paths", help="pass what `wayfare.paths` or `Paths.from_strings` gave"
    )


def _counts(other: Any) -> NativeCounts:
    if isinstance(other, MarkovCounts):
        return other._native
    raise InvalidArgumentError(f"`{type(other).__name__}` is not counts", help="pass what `MarkovCounts` gave")
