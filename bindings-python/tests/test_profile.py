"""One customer: what goes in, what is read, what is kept."""

from __future__ import annotations

import copy
import pickle
from collections import ChainMap
from datetime import datetime, timedelta, timezone
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
import wayfare

AT = datetime(2026, 3, 1, 9, 30, 0, 123456, tzinfo=timezone.utc)


class Moment(datetime):
    """A class of somebody's own."""


@pytest.mark.parametrize(
    "at",
    [
        AT,
        "2026-03-01T09:30:00.123456Z",
        "2026-03-01T10:30:00.123456+01:00",
        AT.astimezone(ZoneInfo("Asia/Tokyo")),
        AT.astimezone(timezone(timedelta(hours=-9, minutes=-30))),
        pd.Timestamp(AT),
        pd.Timestamp(AT).tz_convert("Europe/London"),
        Moment(2026, 3, 1, 9, 30, 0, 123456, tzinfo=timezone.utc),
    ],
    ids=repr,
)
def test_every_way_to_write_an_instant_is_the_same_instant(profile: wayfare.Profile, at: Any) -> None:
    profile.observe(kind="purchased", at=at)
    assert profile.newest == AT
    assert profile.newest.tzinfo is timezone.utc
    assert profile.view(at).at == AT


@pytest.mark.parametrize("year", [1, 999, 1582, 1899, 1969, 1970, 2026, 2041, 2042, 2262, 9000, 9998])
@pytest.mark.parametrize("microsecond", [0, 1, 499_999, 999_999])
def test_no_microsecond_is_lost_in_any_year(profile: wayfare.Profile, year: int, microsecond: int) -> None:
    at = datetime(year, 12, 31, 23, 59, 59, microsecond, tzinfo=timezone.utc)
    profile.observe(kind="purchased", at=at)
    assert profile.newest == at
    assert profile.view(at).stages["relationship"].since == at


def test_the_hour_that_comes_twice(profile: wayfare.Profile) -> None:
    london = ZoneInfo("Europe/London")
    first = datetime(2026, 10, 25, 1, 30, tzinfo=london)
    profile.observe(kind="purchased", at=first.replace(fold=1))
    assert profile.newest == datetime(2026, 10, 25, 1, 30, tzinfo=timezone.utc)
    profile.observe(kind="purchased", at=first)
    assert profile.view("2026-10-25T00:30:00Z").traits["orders"] == 1


FIELDS: dict[str, Any] = {"kind": "purchased", "at": AT, "channel": "store", "value": 59.9, "items": 2, "gift": True}


@pytest.mark.parametrize(
    "observe",
    [
        lambda profile: profile.observe(FIELDS),
        lambda profile: profile.observe(**FIELDS),
        lambda profile: profile.observe(
            {"kind": "purchased", "at": AT, "channel": "store"}, value=59.9, items=2, gift=True
        ),
        lambda profile: profile.observe(MappingProxyType(FIELDS)),
        lambda profile: profile.observe(ChainMap({"channel": "store"}, FIELDS)),
        lambda profile: profile.observe({**FIELDS, "value": np.float64(59.9), "items": np.int32(2), "gift": np.True_}),
        lambda profile: profile.observe({**FIELDS, "value": np.array(59.9), "channel": np.str_("store")}),
        lambda profile: profile.observe({**FIELDS, "note": None, "id": None, "topic": None}),
    ],
    ids=["dict", "keywords", "both", "proxy", "chain", "numpy", "numpy_0d", "unknown"],
)
def test_every_way_to_write_a_touchpoint_is_the_same_touchpoint(journey: wayfare.Journey, observe: Any) -> None:
    expected, found = journey.profile("c-42"), journey.profile("c-42")
    assert expected.observe(FIELDS) is True
    assert observe(found) is True
    assert found == expected


def test_a_duplicate_changes_nothing(profile: wayfare.Profile) -> None:
    assert profile.observe(FIELDS, id="order-1") is True
    before = profile.to_bytes()
    assert profile.observe(FIELDS, id="order-1") is False
    assert profile.to_bytes() == before
    assert profile.set(plan="gold", id="change-1", at=AT) is True
    assert profile.set(plan="silver", id="change-1", at=AT) is False
    assert profile.view(AT).traits["tier"] == "gold"


def test_attributes(profile: wayfare.Profile) -> None:
    profile.set({"plan": "gold"}, age=41, newsletter=True)
    profile.set(plan="silver", at=AT)
    assert profile.view(AT - timedelta(days=1)).traits["tier"] == "gold"
    assert profile.view(AT).traits["tier"] == "silver"
    profile.set(plan=None, at=AT + timedelta(days=1))
    assert profile.view(AT + timedelta(days=1)).traits["tier"] is None


def test_a_view_says_what_is_true(profile: wayfare.Profile) -> None:
    profile.observe(kind="page_viewed", at=AT - timedelta(days=3), topic="tents")
    profile.observe(kind="purchased", at=AT, value=120, id="order-1")
    view = profile.view(AT)
    assert view.at == AT
    assert {track: stage.stage for track, stage in view.stages.items()} == {
        "relationship": "customer",
        "interest": "cold",
    }
    assert view.stages["relationship"].since == AT
    assert view.traits == {
        "orders": 1,
        "spend": 120.0,
        "days_since_order": 0.0,
        "views_30d": 1,
        "tier": None,
        "last_topic": "tents",
    }
    assert [type(view.traits[name]) for name in ("orders", "spend")] == [int, float]
    assert view.segments == {"regular": False, "big": True}
    parts = {part.element: part.contribution for part in view.make_up["engagement"]}
    assert parts == {"page_viewed": 2 ** (-3 / 14), "purchased": 20.0}
    assert view.scores == {"engagement": pytest.approx(sum(parts.values()), rel=1e-15)}
    change = view.next_change
    assert change == profile.next_change(AT)
    assert (change.track, change.from_, change.to) == ("relationship", "customer", "lapsed")
    assert change.at == AT + timedelta(days=90, microseconds=1)


def test_a_view_stays_as_it_was(profile: wayfare.Profile) -> None:
    profile.observe(kind="purchased", at=AT)
    view, unread = profile.view(AT), profile.view(AT)
    assert view.traits["orders"] == 1
    profile.observe(kind="purchased", at=AT)
    assert unread.traits["orders"] == 1
    assert view.scores == unread.scores
    assert profile.view(AT).traits["orders"] == 2


def test_history_says_why(profile: wayfare.Profile) -> None:
    profile.observe(kind="page_viewed", at=AT)
    profile.observe(kind="purchased", at=AT + timedelta(days=2), id="order-1")
    moves = profile.history(AT + timedelta(days=365))
    assert [(move.track, move.from_, move.to, move.cause, move.record) for move in moves] == [
        ("relationship", "unknown", "prospect", "touchpoint", None),
        ("relationship", "prospect", "customer", "touchpoint", "order-1"),
        ("relationship", "customer", "lapsed", "time", None),
    ]
    bought = moves[1]
    assert bought.at == AT + timedelta(days=2)
    assert bought.rule == "orders >= 1 && days_since_order <= 90"
    assert bought.operands == {"orders": 1, "days_since_order": 0.0}
    assert bought.because == "orders >= 1 && days_since_order <= 90 (orders = 1, days_since_order = 0)"
    assert bought.fell is False
    assert bought.to_dict()["from"] == "prospect"
    assert moves == profile.history(AT + timedelta(days=365))
    assert len({*moves, *moves}) == 3


def test_values_show_themselves(profile: wayfare.Profile) -> None:
    profile.observe(kind="purchased", at="2026-03-01T09:30:00Z")
    view = profile.view("2026-03-01T09:30:00Z")
    assert repr(view.stages["relationship"]) == 'Stage(stage="customer", since=2026-03-01T09:30:00Z)'
    assert repr(view.next_change) == (
        'NextChange(at=2026-05-30T09:30:00.000001Z, track="relationship", from_="customer", to="lapsed")'
    )
    assert repr(view.make_up["engagement"][1]) == 'Contribution(element="purchased", contribution=20.0)'
    assert repr(profile.history(view.at)[0]) == (
        'Transition(track="relationship", at=2026-03-01T09:30:00Z, from_="unknown", to="customer", cause="touchpoint")'
    )
    assert repr(view) == "<wayfare.View at 2026-03-01T09:30:00Z>"
    assert repr(profile) == '<wayfare.Profile of journey "Shop">'


def test_bytes_and_pickle_give_the_same_profile(profile: wayfare.Profile) -> None:
    profile.observe(FIELDS, id="order-1")
    profile.set(plan="gold")
    kept = wayfare.Profile.from_bytes(profile.journey, profile.to_bytes())
    assert kept == profile
    assert kept != kept.journey.profile("c-42")
    assert kept != "c-42"
    for again in (pickle.loads(pickle.dumps(profile)), copy.copy(profile), copy.deepcopy(profile)):
        assert again == profile
        assert again.customer == "c-42"
        again.observe(FIELDS)
        assert again != profile
    assert wayfare.Profile.from_bytes(profile.journey, bytearray(profile.to_bytes())) == profile


def test_order_of_arrival_does_not_matter(journey: wayfare.Journey) -> None:
    records = [
        {"kind": "purchased", "at": AT + timedelta(hours=hour), "id": f"o-{hour}", "value": hour / 7}
        for hour in range(24)
    ]
    forward, backward = journey.profile("c-1"), journey.profile("c-1")
    for record in records:
        forward.observe(record)
    for record in reversed(records):
        backward.observe(record)
    assert forward.to_bytes() == backward.to_bytes()


def test_a_customer_is_text(journey: wayfare.Journey) -> None:
    with pytest.raises(TypeError):
        journey.profile(42)  # type: ignore[arg-type]
    assert journey.profile("Zoë 🧭").customer == "Zoë 🧭"
