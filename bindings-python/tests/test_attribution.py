"""What attribution is in Python: frames like those that came in, facts, counts, and what is refused."""

from __future__ import annotations

import pickle
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import wayfare
from wayfare import attribution
from wayfare.attribution import MarkovCounts

TEXTS = ["A", "A > B", "A > A > B"]
CONVERSIONS, VALUE, NULLS = [10, 9, 3], [100.0, 120.0, 33.0], [90, 41, 17]


@pytest.fixture
def paths() -> Any:
    return wayfare.Paths.from_strings(TEXTS, CONVERSIONS, VALUE, NULLS)


@pytest.mark.parametrize(
    ("column", "kind"), [(pl.Series, pl.DataFrame), (pd.Series, pd.DataFrame), (pa.array, pa.Table)]
)
def test_frames_come_out_as_columns_came_in(column: Any, kind: type) -> None:
    paths = wayfare.Paths.from_strings(column(TEXTS), column(CONVERSIONS), column(VALUE), column(NULLS))
    for found in (
        attribution.linear(paths),
        attribution.all_models(paths),
        attribution.credits(paths, "linear"),
        attribution.select_order(paths, [1, 2], folds=2),
        MarkovCounts.from_paths(paths).attribution(),
    ):
        assert isinstance(found, kind)


def test_facts_name_the_game_and_the_order(paths: Any) -> None:
    table, facts = attribution.shapley(paths, game="rate", facts=True)
    assert (facts["model"], facts["by"], facts["game"], facts["method"]) == ("shapley", "channel", "rate", "exact")
    assert table.column_names == ["channel", "conversions", "value", "shapley_value", "shapley_value_value"]
    _, facts = attribution.markov(paths, order=2, facts=True)
    assert (facts["order"], facts["nulls"], facts["method"]) == (2, True, "lu")


def test_credits_add_up_in_plain_python(paths: Any) -> None:
    calls = [
        attribution.first_touch(paths),
        attribution.last_touch(paths),
        attribution.linear(paths),
        attribution.position_based(paths, first=0.3, last=0.3),
        attribution.markov(paths, nulls=False),
        attribution.markov(paths, order=3),
        attribution.shapley(paths, ordered=True),
        attribution.shapley(paths, game="rate", interval=0.9, replicates=20, seed=3),
    ]
    for table in calls:
        assert sum(table.column("conversions").to_pylist()) == 22
        assert sum(table.column("value").to_pylist()) == 253


def test_counts_are_merged_subtracted_pickled_and_written(paths: Any) -> None:
    whole = MarkovCounts.from_paths(paths, order=2)
    counts = MarkovCounts(2)
    for text, conversions, value, nulls in zip(TEXTS, CONVERSIONS, VALUE, NULLS, strict=True):
        counts.add(text.split(" > "), conversions=conversions, value=value, nulls=nulls)
    assert counts == whole
    assert pickle.loads(pickle.dumps(counts)) == whole
    assert counts.to_bytes() == whole.to_bytes()
    more = MarkovCounts(2)
    more.add([None, "C"], nulls=2)
    counts.merge(more)
    assert counts != whole
    counts.subtract(more)
    assert counts == whole
    assert (counts.order, counts.by, counts.states, counts.conversions) == (2, "channel", 3, 22)
    assert repr(counts) == "<MarkovCounts by channel, order 2: 3 states, 22 conversions>"
    assert counts.attribution().equals(attribution.markov(paths, order=2))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda p: attribution.linear(p, "chanel"), "the paths have no `chanel`; did you mean `channel`?"),
        (
            lambda p: attribution.linear(p, interval=95),
            "an interval of the level 95; give a number between 0 and 1, like 0.95",
        ),
        (
            lambda p: attribution.time_decay(p, half_life="7d"),
            "time decay needs the times of touchpoints, and paths that came as strings have none; make the paths of a "
            "table of touchpoints, or take `position_based`",
        ),
        (lambda p: attribution.shapley(p, game="rates"), 'there is no game `rates`; write "coverage" or "rate"'),
        (
            lambda p: attribution.credits(p, "linear", order=2),
            "`linear` takes no `order`; it is a choice of `markov`",
        ),
        (
            lambda p: attribution.linear([p]),
            "`list` is not paths; pass what `wayfare.paths` or `Paths.from_strings` gave",
        ),
        (
            lambda p: MarkovCounts.from_bytes(MarkovCounts.from_paths(p).to_bytes()[:-3]),
            "the bytes are counts that were damaged; restore them, or count the paths again",
        ),
        (
            lambda p: MarkovCounts().subtract(MarkovCounts.from_paths(p)),
            "the counts to subtract are not part of these counts; subtract counts that were added before, from the "
            "same paths",
        ),
        (lambda p: MarkovCounts().add(["A"], value=3.0), "a path has a value, but no conversion"),
        (
            lambda p: wayfare.Paths.from_strings(["A", "A >"], [1, 1]),
            "path 1 has an empty part between two separators",
        ),
        (lambda p: wayfare.Paths.from_strings(["A", None], [1, 1]), "path 1 is missing"),
        (
            lambda p: wayfare.Paths.from_strings(["A", "B"], [1, 1.5]),
            "path 1 has `conversions` that are not a whole number of 0 or more",
        ),
    ],
)
def test_what_is_wrong_is_said(paths: Any, call: Any, message: str) -> None:
    with pytest.raises(wayfare.InvalidArgumentError) as caught:
        call(paths)
    assert str(caught.value) == message
