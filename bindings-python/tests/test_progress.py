"""`wayfare.progress` as Python has it, and the numbers that Rust, Python and Node share."""

from __future__ import annotations

import json
import pickle
from datetime import datetime
from functools import cache
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import wayfare
from conftest import REPOSITORY
from wayfare import progress

FILE = json.loads((REPOSITORY / "tests" / "vectors" / "progress.json").read_text())


def touchpoints() -> pa.Table:
    columns = FILE["touchpoints"]
    table = pa.table({name: pa.array(cells) for name, cells in columns.items() if name != "at"})
    return table.append_column("at", pa.array(columns["at"], pa.timestamp("us", "UTC")))


def cut(frame: Any) -> Any:
    return wayfare.paths(frame, conversion=FILE["conversion"], observed_until=FILE["observed_until"])


@cache
def fitted() -> progress.ProgressModel:
    return progress.fit(cut(touchpoints()), **FILE["options"])


def close(found: float, expected: float) -> bool:
    return bool(abs(found - expected) <= FILE["tolerance"] * max(1.0, abs(expected)))


def test_the_model_is_that_of_dense_linear_algebra() -> None:
    model, expect = fitted(), FILE["expect"]
    assert model.report["states"] == expect["states"]
    assert model.assessment["windows"] == expect["windows"]
    assert model.slope is not None
    assert model.intercept is not None
    assert close(model.brier, expect["brier"])
    assert close(model.slope, expect["slope"])
    assert close(model.intercept, expect["intercept"])
    rows = model.at_touchpoints().to_pylist()
    for wanted in expect["touchpoints"]:
        row = rows[wanted["row"]]
        assert close(row["after"], wanted["after"])
        assert (row["before"] is None) == (wanted["before"] is None)
        if wanted["before"] is not None:
            assert close(row["before"], wanted["before"])
            assert row["change"] == row["after"] - row["before"]
    points = model.high_value_points(draws=0).to_pylist()
    assert [(point["from"], point["to"], point["count"]) for point in points] == [
        (point["from"], point["to"], point["count"]) for point in expect["points"]
    ]
    for point, wanted in zip(points, expect["points"], strict=True):
        assert close(point["mean_change"], wanted["mean_change"])
        assert point["lower"] is None
    scored = expect["score"]
    found = model.score(scored["history"], scored["now"], later=scored["later"])
    assert all(map(close, [found.probability, *found.later], scored["probabilities"]))


def test_instants_may_be_datetimes() -> None:
    scored = FILE["expect"]["score"]
    history = [touchpoint | {"at": datetime.fromisoformat(touchpoint["at"])} for touchpoint in scored["history"]]
    found = fitted().score(history, datetime.fromisoformat(scored["now"]))
    assert close(found.probability, scored["probabilities"][0])


def test_the_kind_of_frame_that_came_in_comes_out() -> None:
    for frame, kind in ((touchpoints().to_pandas(), pd.DataFrame), (pl.DataFrame(touchpoints()), pl.DataFrame)):
        model = progress.fit(cut(frame), **FILE["options"])
        for table in (model.at_touchpoints(), model.high_value_points(draws=2), model.calibration(between=True)):
            assert isinstance(table, kind)
        assert model == fitted()


def test_a_document_and_a_pickle_are_the_model_without_its_paths() -> None:
    model = fitted()
    document = json.loads(json.dumps(model.to_dict()))
    for again in (progress.ProgressModel.from_dict(document), pickle.loads(pickle.dumps(model))):
        assert again == model
        paths = cut(touchpoints())
        assert again.at_touchpoints(paths).equals(model.at_touchpoints())
        assert again.high_value_points(paths, draws=3).equals(model.high_value_points(draws=3))
        with pytest.raises(wayfare.InvalidArgumentError, match="does not hold its paths"):
            again.at_touchpoints()


def test_intervals_hold_the_estimate_and_the_picture_stands_alone() -> None:
    points = fitted().high_value_points(draws=100).to_pylist()
    inside = [point["lower"] <= point["change_x_value"] <= point["upper"] for point in points]
    assert sum(inside) >= 0.9 * len(inside)
    assert fitted().calibration_svg().startswith("<svg")
    assert "calibration slope" in repr(fitted())


def test_what_is_wrong_is_said() -> None:
    model, scored = fitted(), FILE["expect"]["score"]
    with pytest.raises(wayfare.InvalidArgumentError, match="history has `chanel`, which the model does not know"):
        model.score([{"at": scored["now"], "chanel": "ad"}], scored["now"])
    with pytest.raises(wayfare.InvalidArgumentError, match="the history has no touchpoint"):
        model.score([], scored["now"])
    with pytest.raises(wayfare.InvalidArgumentError, match="a touchpoint after `now`"):
        model.score(scored["history"], "1970-04-01T00:00:00Z")
    with pytest.raises(wayfare.InvalidArgumentError, match="is not paths"):
        progress.fit(touchpoints())  # type: ignore[arg-type]
    seen = touchpoints().filter(pa.compute.equal(touchpoints()["kind"], "seen"))
    with pytest.raises(wayfare.NotFittedError, match="nobody of those whom the model is fitted to converts"):
        progress.fit(cut(seen))
