"""What to say next: the customer's word, a decision, its reasons, and writing it back."""

from __future__ import annotations

import copy
import gc
import math
import pickle
from collections import ChainMap
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
import wayfare
from conftest import Snapshots, told

DESK = """
wayfare: 1
name: Desk
channels:
  email: { owner: crm, quiet_hours: { from: "21:00", to: "08:00" } }
  web: { owner: digital }
topics: [tents, boots]
touchpoints: { page_viewed: {}, purchased: {}, message_sent: {}, message_clicked: {}, ticket_opened: {} }
attributes: { shoe: number }
traits:
  days_since_order: { days_since: purchased }
  views: { count: page_viewed }
  tickets: { count: ticket_opened }
  interest: { favourite: topic, of: page_viewed, half_life: 7d }
  shoe: { attribute: shoe }
purposes:
  service: { required: true }
  marketing: { global_privacy_control: true }
inputs: { p_click: number, segment: text, fresh: boolean, stock: number, budget: number, pace: number }
context: { intent: text }
contact_policy:
  kind: message_sent
  caps:
    - { at_most: 1, per: 7d, purpose: marketing }
  vetoes:
    - { name: open ticket, when: tickets > 0, purposes: marketing }
asks:
  may_we: { question: May we write to you?, answers: { "yes": [{ choice: in }], "no": [{ choice: out }] } }
  shoe: { question: What is your size?, attribute: shoe }
actions:
  - { name: thank_you, purpose: service, channels: email, when: days_since_order < 2, value: 1 }
  - name: show_interest
    purpose: marketing
    topic: interest
    channels: [email, web]
    when: views > 0
    value: 12
    propensity: input.p_click
    boosts: [{ name: wants to buy, when: context.intent == "buy", add: 0.5 }]
  - name: plain
    purpose: marketing
    channels: web
    when: input.segment == "new" && input.fresh && input.pace > 0
    value: 100
  - { name: ask_first, purpose: service, channels: web, ask: may_we, kind: page_viewed }
"""

BOUGHT = datetime(2026, 1, 10, 12, tzinfo=timezone.utc)
NOW = BOUGHT + timedelta(days=1)
CLICKS = {"p_click": 0.2}


@pytest.fixture(scope="module")
def desk() -> wayfare.Journey:
    return wayfare.Journey.from_yaml(DESK)


@pytest.fixture
def customer(desk: wayfare.Journey) -> wayfare.Profile:
    """Who looked at tents and then bought."""
    profile = desk.profile("jane.doe@example.org")
    profile.observe(kind="page_viewed", at=BOUGHT - timedelta(hours=1), channel="web", topic="tents")
    profile.observe(kind="purchased", at=BOUGHT)
    return profile


def consents(profile: wayfare.Profile, at: datetime) -> dict[tuple[str, str], tuple[bool, str]]:
    return {(one.channel, one.purpose): (one.allowed, one.because) for one in profile.consents(at) if one.topic is None}


def test_from_the_first_word_to_the_cap(customer: wayfare.Profile, snapshots: Snapshots) -> None:
    """Nobody is sold to unasked; a yes opens it; what was said counts; and the next one waits its turn."""
    unasked = customer.decide(NOW, CLICKS)
    assert (unasked.action, unasked.channel, unasked.purpose) == ("ask_first", "web", "service")
    assert (unasked.question, unasked.answers) == ("May we write to you?", ["yes", "no"])
    snapshots.check("decisions", "explained_unasked", unasked.explain())

    assert customer.prefer(at=NOW, choice="in", purpose="marketing", source="web form") is True
    decision = customer.decide(NOW, CLICKS)
    assert (decision.action, decision.channel) == ("show_interest", "email")
    assert (decision.topic, decision.owner, decision.purpose) == ("tents", "crm", "marketing")
    assert (decision.may_send, decision.held_out, decision.not_before) == (True, False, None)
    assert (decision.question, decision.answers) == (None, None)
    assert decision.priority == 12 * 0.2
    factors = decision.factors
    assert factors is not None
    assert (factors.propensity, factors.value, factors.weight, factors.boosts) == (0.2, 12.0, 1.0, [])
    assert decision.runner_up is not None
    assert (decision.runner_up.action, decision.runner_up.channel, decision.runner_up.priority) == (
        "thank_you",
        "email",
        1.0,
    )
    assert decision.margin == pytest.approx(1.4)
    snapshots.check("decisions", "explained", decision.explain())
    assert decision.to_svg().startswith("<svg ")
    assert decision._repr_svg_() == decision.to_svg()
    snapshots.check("decisions", "because", decision.because)

    sent = decision.touchpoint()
    assert sent == {
        "at": NOW,
        "kind": "message_sent",
        "direction": "outbound",
        "channel": "email",
        "topic": "tents",
        "action": "show_interest",
        "purpose": "marketing",
        "owner": "crm",
    }
    assert customer.observe(sent) is True
    assert customer.decide(NOW, CLICKS).action == "thank_you"

    later = customer.decide(NOW + timedelta(days=2), CLICKS)
    assert (later.action, later.channel, later.may_send) == ("show_interest", "email", False)
    assert later.not_before == NOW + timedelta(days=7)
    snapshots.check("decisions", "explained_capped", later.explain())
    (capped,) = [one for one in later.candidates if (one.action, one.channel) == ("show_interest", "email")]
    assert (capped.gate, capped.reason, capped.not_before) == ("policy", "cap", NOW + timedelta(days=7))
    again = customer.decide(NOW + timedelta(days=7), CLICKS)
    assert (again.action, again.may_send) == ("show_interest", True)


def test_a_candidate_says_why_it_was_stopped(customer: wayfare.Profile) -> None:
    customer.prefer(at=NOW, choice="in")
    customer.observe(kind="ticket_opened", at=NOW)
    candidates = {(one.action, one.channel): one for one in customer.decide(NOW, CLICKS).candidates}
    assert list(candidates) == [
        ("thank_you", "email"),
        ("show_interest", "email"),
        ("show_interest", "web"),
        ("plain", "web"),
        ("ask_first", "web"),
    ]
    assert (candidates["thank_you", "email"].gate, candidates["thank_you", "email"].reason) == (None, None)
    vetoed = candidates["show_interest", "email"]
    assert (vetoed.gate, vetoed.reason, vetoed.rule, vetoed.operands) == (
        "policy",
        "veto",
        "tickets > 0",
        {"tickets": 1},
    )
    assert (vetoed.topic, vetoed.owner, vetoed.purpose, vetoed.priority) == ("tents", "crm", "marketing", 12 * 0.2)
    assert vetoed.would_change == "`tickets > 0` would have to be known and false"
    assert vetoed.because.startswith("the veto `open ticket` holds")
    assert vetoed.not_before is None
    assert repr(vetoed) == 'Candidate(action="show_interest", channel="email", reason="veto")'
    unknown = candidates["plain", "web"]
    assert (unknown.gate, unknown.reason, unknown.operands) == (
        "eligibility",
        "condition",
        {"input.segment": None, "input.fresh": None, "input.pace": None},
    )


@pytest.mark.parametrize(
    "inputs",
    [
        {"p_click": 0.2, "segment": "new", "fresh": True, "pace": 0.5},
        MappingProxyType({"p_click": 0.2, "segment": "new", "fresh": True, "pace": 0.5}),
        ChainMap({"p_click": 0.2}, {"segment": "new", "fresh": True, "pace": 0.5}),
        {"p_click": np.float64(0.2), "segment": np.str_("new"), "fresh": np.True_, "pace": np.int64(3)},
        {"p_click": None, "segment": "new", "fresh": True, "stock": 2**53, "budget": 1, "pace": 0.5},
    ],
    ids=["dict", "proxy", "chain", "numpy", "unknown"],
)
def test_every_way_to_hand_in_is_the_same(customer: wayfare.Profile, inputs: Any) -> None:
    customer.prefer(at=NOW, choice="in")
    decision = customer.decide(NOW, inputs)
    assert (decision.action, decision.channel, decision.priority) == ("plain", "web", 100.0)


def test_a_customer_who_is_there_is_answered(customer: wayfare.Profile) -> None:
    customer.prefer(at=NOW, choice="in")
    customer.observe(customer.decide(NOW, CLICKS).touchpoint())
    there = customer.decide(NOW, CLICKS, {"channel": "web", "intent": "buy"})
    assert (there.action, there.channel, there.may_send) == ("show_interest", "web", True)
    assert there.priority == 12 * 0.2 * 1.5
    assert there.factors is not None
    assert there.factors.boosts == [("wants to buy", 0.5)]
    said = there.touchpoint("accepted")
    assert (said["direction"], said["outcome"]) == ("inbound", "accepted")
    assert customer.observe(said) is True


def test_the_first_few_may_go_together(customer: wayfare.Profile) -> None:
    customer.prefer(at=NOW, choice="in")
    first, second = customer.decide(NOW, CLICKS, top=5)
    assert [(one.action, one.channel) for one in (first, second)] == [
        ("show_interest", "email"),
        ("thank_you", "email"),
    ]
    assert customer.decide(NOW, CLICKS).to_dict() == first.to_dict()
    assert [one.action for one in customer.decide(NOW, CLICKS, top=1)] == ["show_interest"]
    assert customer.decide(NOW, CLICKS, top=0) == []


def test_a_decision_stays_as_it_was(customer: wayfare.Profile) -> None:
    customer.prefer(at=NOW, choice="in")
    decision, unread = customer.decide(NOW, CLICKS), customer.decide(NOW, CLICKS)
    told_before = decision.to_dict(), decision.explain()
    customer.unsubscribe_all(NOW)
    customer.observe(kind="ticket_opened", at=NOW)
    assert customer.decide(NOW, CLICKS).action == "thank_you"
    assert (unread.to_dict(), unread.explain()) == told_before
    del customer
    gc.collect()
    assert unread.touchpoint()["action"] == "show_interest"


def test_a_document_has_all_of_it(customer: wayfare.Profile) -> None:
    customer.prefer(at=NOW, choice="in")
    decision = customer.decide(NOW, CLICKS)
    document = decision.to_dict()
    assert document["at"] == "2026-01-11T12:00:00Z"
    assert document["runner_up"] == {"action": "thank_you", "channel": "email", "priority": 1.0}
    assert document["factors"] == {"propensity": 0.2, "value": 12.0, "weight": 1.0, "boosts": []}
    for key in ("action", "channel", "topic", "owner", "purpose", "question", "answers", "priority"):
        assert document[key] == getattr(decision, key), key
    for key in ("held_out", "may_send", "margin", "because", "not_before"):
        assert document[key] == getattr(decision, key), key
    assert [one["action"] for one in document["candidates"]] == [one.action for one in decision.candidates]


def test_quiet_hours_are_the_customers_own(customer: wayfare.Profile) -> None:
    customer.set(time_zone="Asia/Tokyo")
    decision = customer.decide(NOW, CLICKS)
    (silent,) = [one for one in decision.candidates if one.action == "thank_you"]
    assert (silent.gate, silent.reason) == ("policy", "quiet_hours")
    assert silent.not_before == datetime(2026, 1, 11, 23, tzinfo=timezone.utc)


def test_the_one_word_helpers(desk: wayfare.Journey) -> None:
    profile = desk.profile("c-1")
    assert consents(profile, NOW)["email", "marketing"] == (False, "default_out")
    assert consents(profile, NOW)["email", "service"] == (True, "required")
    days = [NOW + timedelta(days=day) for day in range(8)]
    assert profile.request(days[0], purpose="marketing", channel="email", evidence="form 7") is True
    assert consents(profile, days[0])["email", "marketing"] == (False, "pending")
    assert profile.confirm(days[1], purpose="marketing", id="click-1") is True
    assert profile.confirm(days[1], purpose="marketing", id="click-1") is False
    assert consents(profile, days[1])["web", "marketing"] == (True, "opted_in")
    assert profile.unsubscribe("web", days[2]) is True
    assert consents(profile, days[2])["web", "marketing"] == (False, "opted_out")
    assert consents(profile, days[2])["email", "marketing"] == (True, "opted_in")
    assert profile.global_privacy_control(days[3]) is None  # type: ignore[func-returns-value]
    assert consents(profile, days[3])["email", "marketing"] == (False, "opted_out")
    profile.prefer(at=days[4], choice="in", expires=days[5])
    assert consents(profile, days[4])["email", "marketing"] == (True, "opted_in")
    assert consents(profile, days[5])["email", "marketing"] == (False, "opted_out")
    assert profile.object(days[6], channel="email") is True
    profile.confirm(days[6], purpose="marketing")
    assert consents(profile, days[6])["email", "marketing"] == (False, "objected")
    assert profile.unsubscribe_all(days[7]) is True
    assert consents(profile, days[7])["web", "marketing"] == (False, "opted_out")
    assert consents(profile, days[7])["web", "service"] == (True, "required")


def test_a_consent_names_the_record(desk: wayfare.Journey) -> None:
    profile = desk.profile("c-1")
    said = {"at": NOW, "choice": "in", "id": "p-1", "topic": "tents", "purpose": "marketing", "source": "call"}
    profile.prefer(MappingProxyType(said), expires=NOW + timedelta(days=9), evidence=None)
    (consent,) = [one for one in profile.consents(NOW) if one.record and one.channel == "web"]
    assert (consent.purpose, consent.topic, consent.allowed, consent.because) == (
        "marketing",
        "tents",
        True,
        "opted_in",
    )
    assert consent.record == {**said, "channel": None, "evidence": None, "expires": NOW + timedelta(days=9)}
    assert profile.prefer(consent.record) is False
    assert consent.to_dict()["record"]["expires"] == "2026-01-20T12:00:00Z"
    assert repr(consent) == (
        'Consent(channel="web", purpose="marketing", topic="tents", allowed=True, because="opted_in")'
    )
    assert profile.consents(NOW) == profile.consents(NOW)
    assert profile.consents_svg(NOW).startswith("<svg ")
    assert len(set(profile.consents(NOW))) == len(profile.consents(NOW))


def test_an_answer_is_a_preference_or_an_attribute(customer: wayfare.Profile) -> None:
    assert customer.answer("may_we", "yes", NOW) is True
    assert consents(customer, NOW)["email", "marketing"] == (True, "opted_in")
    assert customer.decide(NOW, CLICKS).action == "show_interest"
    assert customer.answer("shoe", np.int64(43), NOW) is True
    assert customer.view(NOW).traits["shoe"] == 43


def test_words_outlive_bytes_and_pickle(customer: wayfare.Profile) -> None:
    customer.prefer(at=NOW, choice="in", source="ünï")
    for again in (
        wayfare.Profile.from_bytes(customer.journey, customer.to_bytes()),
        pickle.loads(pickle.dumps(customer)),
    ):
        assert again == customer
        assert again.decide(NOW, CLICKS).to_dict() == customer.decide(NOW, CLICKS).to_dict()


def test_a_holdout_is_the_same_everywhere() -> None:
    """The first eight bytes of SHA-256(salt, 0x00, id), over 2^64: `printf '2026-q4\\0c-42' | sha256sum`."""
    import hashlib

    for number in range(50):
        digest = hashlib.sha256(b"2026-q4\0" + f"c-{number}".encode()).digest()
        bucket = int.from_bytes(digest[:8], "big") / 2**64
        assert wayfare.holdout(f"c-{number}", "2026-q4", 0.3) is (bucket < 0.3)
    for algorithm in ("sha256", "growthbook_v2", "unleash"):
        held = sum(wayfare.holdout(f"c-{number}", "s", 0.2, algorithm) for number in range(5_000))  # type: ignore[arg-type]
        assert 850 < held < 1_150, algorithm
        assert wayfare.holdout("c-1", "s", 1.0, algorithm=algorithm) is True  # type: ignore[arg-type]
        assert wayfare.holdout("c-1", "s", 0.0, algorithm=algorithm) is False  # type: ignore[arg-type]


def test_a_decision_shows_no_customer_and_is_not_pickled(customer: wayfare.Profile) -> None:
    decision = customer.decide(NOW, CLICKS)
    assert repr(decision) == "<wayfare.Decision at 2026-01-11T12:00:00Z>"
    assert repr(decision.factors) == "Factors(propensity=1.0, value=2.4000000000000004, weight=1.0, boosts=[])"
    for pickled in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError, match=r"cannot pickle 'wayfare\.Decision' object"):
            pickled(decision)
    with pytest.raises(TypeError):
        wayfare.Decision()  # type: ignore[call-arg]


PREFERENCES: dict[str, dict[Any, Any]] = {
    "nothing": {},
    "no_at": {"choice": "in"},
    "no_choice": {"at": NOW, "purpose": "marketing"},
    "at_naive": {"at": datetime(2026, 1, 11), "choice": "in"},
    "at_date": {"at": date(2026, 1, 11), "choice": "in"},
    "at_text": {"at": "2026-01-11", "choice": "in"},
    "choice_unknown": {"at": NOW, "choice": "yes"},
    "choice_misspelt": {"at": NOW, "choice": "objekted"},
    "choice_boolean": {"at": NOW, "choice": True},
    "field_unknown": {"at": NOW, "choice": "out", "chanel": "email"},
    "customer": {"at": NOW, "choice": "out", "customer": "c-1"},
    "channel_unknown": {"at": NOW, "choice": "out", "channel": "emial"},
    "channel_number": {"at": NOW, "choice": "out", "channel": 3},
    "channel_list": {"at": NOW, "choice": "out", "channel": ["email"]},
    "topic_unknown": {"at": NOW, "choice": "out", "topic": "tent"},
    "purpose_unknown": {"at": NOW, "choice": "out", "purpose": "sales"},
    "purpose_empty": {"at": NOW, "choice": "out", "purpose": ""},
    "expires_before": {"at": NOW, "choice": "in", "expires": NOW - timedelta(days=1)},
    "expires_at_once": {"at": NOW, "choice": "in", "expires": NOW},
    "expires_naive": {"at": NOW, "choice": "in", "expires": datetime(2027, 1, 1)},
    "expires_number": {"at": NOW, "choice": "in", "expires": 7},
    "evidence_huge": {"at": NOW, "choice": "in", "evidence": "x" * 70_000},
    "evidence_half_a_character": {"at": NOW, "choice": "in", "evidence": "\ud800"},
    "key_number": {"at": NOW, "choice": "in", 7: "x"},
}


@pytest.mark.parametrize("name", PREFERENCES)
def test_a_wrong_preference_is_refused_and_changes_nothing(
    customer: wayfare.Profile, snapshots: Snapshots, name: str
) -> None:
    before = customer.to_bytes()
    error = told(snapshots, "preferences", name, lambda: customer.prefer(PREFERENCES[name]))
    assert isinstance(error, wayfare.InvalidRecordError)
    assert customer.to_bytes() == before


CALLS: dict[str, Callable[[wayfare.Profile], Any]] = {
    "prefer_list": lambda profile: profile.prefer([("choice", "in")]),  # type: ignore[arg-type]
    "prefer_twice": lambda profile: profile.prefer({"at": NOW, "choice": "in"}, at=NOW),
    "prefer_expires_twice": lambda profile: profile.prefer(
        {"at": NOW, "choice": "in", "expires": "2027-01-01T00:00:00Z"}, expires=NOW
    ),
    "unsubscribe_unknown": lambda profile: profile.unsubscribe("emial", NOW),
    "unsubscribe_naive": lambda profile: profile.unsubscribe("email", datetime(2026, 1, 1)),
    "unsubscribe_all_none": lambda profile: profile.unsubscribe_all(None),  # type: ignore[arg-type]
    "request_choice": lambda profile: profile.request(NOW, choice="in"),
    "request_unknown": lambda profile: profile.request(NOW, purpse="marketing"),
    "confirm_channel": lambda profile: profile.confirm(NOW, channel="post"),
    "object_expires": lambda profile: profile.object(NOW, expires=NOW),
    "privacy_control_text": lambda profile: profile.global_privacy_control("now"),
    "answer_unknown_ask": lambda profile: profile.answer("may_wee", "yes", NOW),
    "answer_unknown": lambda profile: profile.answer("may_we", "perhaps", NOW),
    "answer_number": lambda profile: profile.answer("may_we", 1, NOW),
    "answer_attribute_type": lambda profile: profile.answer("shoe", "large", NOW),
    "answer_list": lambda profile: profile.answer("shoe", [43], NOW),  # type: ignore[arg-type]
    "consents_naive": lambda profile: profile.consents(datetime(2026, 1, 1)),
    "decide_naive": lambda profile: profile.decide(datetime(2026, 1, 1)),
    "decide_none": lambda profile: profile.decide(None),  # type: ignore[call-overload]
    "input_unknown": lambda profile: profile.decide(NOW, {"p_clikc": 0.2}),
    "input_number_as_text": lambda profile: profile.decide(NOW, {"p_click": "0.2"}),
    "input_number_as_boolean": lambda profile: profile.decide(NOW, {"p_click": True}),
    "input_text_as_number": lambda profile: profile.decide(NOW, {"segment": 3}),
    "input_text_empty": lambda profile: profile.decide(NOW, {"segment": ""}),
    "input_boolean_as_number": lambda profile: profile.decide(NOW, {"fresh": 1}),
    "input_nan": lambda profile: profile.decide(NOW, {"p_click": math.nan}),
    "input_infinite": lambda profile: profile.decide(NOW, {"p_click": math.inf}),
    "input_past_2_53": lambda profile: profile.decide(NOW, {"stock": 2**53 + 1}),
    "input_past_2_64": lambda profile: profile.decide(NOW, {"stock": -(2**70)}),
    "input_decimal": lambda profile: profile.decide(NOW, {"p_click": Decimal("0.2")}),
    "input_list": lambda profile: profile.decide(NOW, {"p_click": [0.2]}),  # type: ignore[dict-item]
    "input_half_a_character": lambda profile: profile.decide(NOW, {"segment": "\ud800"}),
    "input_key_number": lambda profile: profile.decide(NOW, {7: 0.2}),  # type: ignore[dict-item]
    "input_key_half_a_character": lambda profile: profile.decide(NOW, {"\ud800": 0.2}),
    "inputs_list": lambda profile: profile.decide(NOW, [("p_click", 0.2)]),  # type: ignore[call-overload]
    "inputs_number": lambda profile: profile.decide(NOW, 0.2),  # type: ignore[call-overload]
    "context_unknown": lambda profile: profile.decide(NOW, context={"intnet": "buy"}),
    "context_type": lambda profile: profile.decide(NOW, context={"intent": 7}),
    "context_channel": lambda profile: profile.decide(NOW, context={"channel": "wbe"}),
    "context_topic": lambda profile: profile.decide(NOW, context={"topic": "tent"}),
    "context_text": lambda profile: profile.decide(NOW, context="web"),  # type: ignore[call-overload]
    "top_negative": lambda profile: profile.decide(NOW, top=-1),
    "top_fraction": lambda profile: profile.decide(NOW, top=1.5),  # type: ignore[call-overload]
    "touchpoint_of_nothing": lambda profile: profile.decide(NOW - timedelta(days=9)).touchpoint(),
    "holdout_share": lambda profile: wayfare.holdout("c-1", "s", 1.5),
    "holdout_share_nan": lambda profile: wayfare.holdout("c-1", "s", math.nan),
    "holdout_algorithm": lambda profile: wayfare.holdout("c-1", "s", 0.5, "sha265"),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("name", CALLS)
def test_a_wrong_call_is_refused_and_changes_nothing(desk: wayfare.Journey, snapshots: Snapshots, name: str) -> None:
    profile = desk.profile("jane.doe@example.org")
    before = profile.to_bytes()
    error = told(snapshots, "decisions", name, lambda: CALLS[name](profile))
    assert "jane" not in str(error)
    assert profile.to_bytes() == before


def test_a_journey_that_does_not_say_the_kind(snapshots: Snapshots) -> None:
    journey = wayfare.Journey.from_yaml(DESK.replace("  kind: message_sent\n", ""))
    profile = journey.profile("c-1")
    profile.observe(kind="purchased", at=BOUGHT)
    decision = profile.decide(NOW)
    assert decision.action == "thank_you"
    told(snapshots, "decisions", "touchpoint_without_a_kind", decision.touchpoint)
