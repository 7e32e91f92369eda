"""Decisions over tables: what to say to everybody, whom that reaches, and what another file would say."""

from __future__ import annotations

import random
from datetime import datetime, timedelta, timezone
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import wayfare
from conftest import Snapshots
from test_errors import told

STORE = """
wayfare: 1
name: Store
time_zone: Europe/London
allowed_lateness: 30d
channels:
  email: { owner: crm, quiet_hours: { from: "21:00", to: "08:00" } }
  app:   { owner: digital }
  phone: { owner: service }
topics: [tents, boots]
touchpoints:
  page_viewed: {}
  purchased: {}
  ticket_opened: {}
  message_sent: {}
attributes: { plan: text }
traits:
  orders: { count: purchased }
  views_30d: { count: page_viewed, within: 30d }
  tickets_7d: { count: ticket_opened, within: 7d }
  days_since_order: { days_since: purchased }
  interest: { last: topic, of: page_viewed }
  plan: { attribute: plan }
tracks:
  relationship:
    - { name: unknown }
    - { name: prospect, from: [unknown], when: views_30d >= 1 }
    - { name: customer, when: orders >= 1 }
purposes:
  service: { required: true }
  marketing: {}
  research: { default: opted_in }
inputs: { p_click: number, offer: text, vip: boolean }
contact_policy:
  kind: message_sent
  caps:
    - { at_most: 2, per: 7d }
    - { at_most: 1, per: calendar_day, channel: email }
  vetoes:
    - { when: tickets_7d > 0, purposes: [marketing] }
actions:
  - { name: thank_you, purpose: service, channels: [email, app], when: days_since_order < 10, value: 5, limit: 1 }
  - name: show_interest
    purpose: marketing
    topic: interest
    channels: [app, email]
    value: 12
    propensity: input.p_click
    boosts: [{ when: input.vip, add: 0.5 }]
  - name: win_back
    purpose: marketing
    channels: [phone, email]
    when: days_since_order > 40 && plan != "basic"
    value: 9
  - name: offer
    purpose: marketing
    channels: email
    when: input.offer == "spring"
    stages: { relationship: prospect }
  - { name: survey, purpose: research, channel: preferred, when: orders >= 2, value: 2 }
holdout: { share: 0.15, salt: test }
"""
NOW = datetime(2026, 6, 1, 9, 30, tzinfo=timezone.utc)
INSTANT = pa.timestamp("us", "UTC")
CHANNELS = ["email", "app", "phone"]


def touchpoints_of(dice: random.Random, customer: str) -> list[dict[str, Any]]:
    rows = []
    for number in range(dice.randrange(1, 14)):
        row: dict[str, Any] = {
            "customer": customer,
            "id": f"{customer}-{number}",
            "at": NOW - timedelta(minutes=dice.randrange(0, 29 * 24 * 60 if dice.random() < 0.8 else 80 * 24 * 60)),
            "kind": dice.choices(["page_viewed", "purchased", "ticket_opened", "message_sent"], [4, 3, 1, 2])[0],
            "channel": dice.choice(CHANNELS),
        }
        if row["kind"] == "page_viewed":
            row["topic"] = dice.choice(["tents", "boots", None])
        if row["kind"] == "message_sent":
            row |= {"direction": "outbound", "action": dice.choice(["thank_you", "show_interest", "survey"])}
        rows.append(row)
    return rows


def preferences_of(dice: random.Random, customer: str) -> list[dict[str, Any]]:
    return [
        {
            "customer": customer,
            "at": NOW - timedelta(hours=dice.randrange(1, 2000)),
            "choice": dice.choices(["in", "out", "pending", "objected"], [5, 2, 1, 1])[0],
            "channel": dice.choice([None, *CHANNELS]),
            "purpose": dice.choice([None, "marketing", "research"]),
            "topic": dice.choice([None, None, "tents"]),
            "expires": dice.choice([None, None, NOW - timedelta(minutes=1), NOW + timedelta(days=1)]),
        }
        for _ in range(dice.randrange(0, 4))
    ]


class Everybody:
    """Customers by chance, as rows and as tables."""

    def __init__(self, seed: int, customers: int = 150) -> None:
        dice = random.Random(seed)
        names = [f"c-{number:03}" for number in range(customers)]
        self.touchpoints = [row for name in names for row in touchpoints_of(dice, name)]
        self.preferences = [row for name in names for row in preferences_of(dice, name)]
        for row in self.preferences:
            if row["expires"] and row["expires"] <= row["at"]:
                row["expires"] = None
        self.inputs = [
            {
                "customer": name,
                "p_click": dice.choice([None, dice.random()]),
                "offer": dice.choice([None, "spring", "autumn"]),
                "vip": dice.choice([None, True, False]),
            }
            for name in names
            if dice.random() < 0.8
        ]
        zones = ["America/New_York", "Asia/Tokyo", None]
        self.customers = [
            {"customer": name, "plan": dice.choice(["basic", "gold", None]), "time_zone": dice.choice(zones)}
            for name in names
        ]
        for name, schema in SCHEMAS.items():
            rows = dice.sample(getattr(self, name), len(getattr(self, name)))
            setattr(self, f"{name}_table", pa.Table.from_pylist(rows, schema=pa.schema(schema)))

    def asked(self, frame: Any = lambda table: table) -> dict[str, Any]:
        return {name: frame(getattr(self, f"{name}_table")) for name in ("preferences", "customers", "inputs")}


SCHEMAS: dict[str, Any] = {
    "touchpoints": {
        "customer": pa.string(),
        "id": pa.string(),
        "at": INSTANT,
        "kind": pa.string(),
        "channel": pa.string(),
        "topic": pa.string(),
        "direction": pa.string(),
        "action": pa.string(),
    },
    "preferences": {
        "customer": pa.string(),
        "at": INSTANT,
        "choice": pa.string(),
        "channel": pa.string(),
        "purpose": pa.string(),
        "topic": pa.string(),
        "expires": INSTANT,
    },
    "inputs": {"customer": pa.string(), "p_click": pa.float64(), "offer": pa.string(), "vip": pa.bool_()},
    "customers": {"customer": pa.string(), "plan": pa.string(), "time_zone": pa.string()},
}


@pytest.fixture(scope="module")
def store() -> wayfare.Journey:
    return wayfare.Journey.from_yaml(STORE)


@pytest.fixture(scope="module")
def people() -> Any:
    return Everybody(7)


def test_everybody_is_told_what_they_are_told_alone(store: wayfare.Journey) -> None:
    seen = set()
    for seed in range(4):
        people = Everybody(seed)
        rows = store.decide(people.touchpoints_table, **people.asked(), as_of=NOW).to_pylist()
        assert [row["customer"] for row in rows] == sorted({row["customer"] for row in people.customers})
        inputs = {row["customer"]: {**row, "customer": None} for row in people.inputs}
        for row in rows:
            name = row["customer"]
            profile = store.profile(name)
            known = next(one for one in people.customers if one["customer"] == name)
            profile.set({key: value for key, value in known.items() if key != "customer"})
            for record in sorted(
                (one for one in people.touchpoints if one["customer"] == name), key=lambda one: one["at"]
            ):
                profile.observe(
                    {key: value for key, value in record.items() if key != "customer" and value is not None}
                )
            for word in people.preferences:
                if word["customer"] == name:
                    profile.prefer({key: value for key, value in word.items() if key != "customer"})
            given = {key: value for key, value in inputs.get(name, {}).items() if key != "customer"}
            alone = profile.decide(NOW, given)
            fields = ("action", "channel", "topic", "owner", "priority", "not_before", "held_out")
            assert {field: row[field] for field in fields} == {field: getattr(alone, field) for field in fields}, name
            assert alone.may_send == (row["because"] == "first")
            seen.add((row["action"], row["because"], row["not_before"] is None))
    # The table is worth something only if much of what can happen does.
    assert len(seen) > 12, seen
    assert {"first", "held_out", "cap", "veto"} <= {because for _, because, _ in seen}, seen


def test_an_explained_decision_is_that_decision(store: wayfare.Journey, people: Any) -> None:
    rows = store.decide(people.touchpoints_table, **people.asked(), as_of=NOW).to_pylist()
    candidates = store.decide(people.touchpoints_table, **people.asked(), as_of=NOW, explain=True).to_pylist()
    assert list(candidates[0]) == [
        *("customer", "action", "channel", "topic", "owner", "purpose", "priority", "gate", "reason", "not_before"),
        "because",
    ]
    for row in rows:
        mine = [one for one in candidates if one["customer"] == row["customer"]]
        assert len(mine) == 10
        chosen = [(one["action"], one["channel"], one["priority"]) for one in mine if one["gate"] is None]
        said = [(row["action"], row["channel"], row["priority"])] if row["because"] == "first" else []
        assert chosen == said


def test_several_instants_and_a_table_of_them(store: wayfare.Journey, people: Any) -> None:
    early = NOW - timedelta(days=20)
    one = store.decide(people.touchpoints_table, **people.asked(), as_of=NOW)
    both = store.decide(people.touchpoints_table, **people.asked(), as_of=[early, NOW]).to_pylist()
    assert [{**row, "as_of": None} for row in both if row["as_of"] == NOW] == [
        {**row, "as_of": None} for row in one.to_pylist()
    ]
    asked = pa.table({"customer": ["c-001", "c-002"], "at": pa.array([early, NOW], INSTANT)})
    rows = store.decide(people.touchpoints_table, **people.asked(), as_of=asked).to_pylist()
    assert rows == [row for row in both if (row["customer"], row["as_of"]) in {("c-001", early), ("c-002", NOW)}]


def polars_of(table: pa.Table) -> pl.DataFrame:
    return pl.DataFrame(table)


@pytest.mark.parametrize(
    "frame, kind",
    [
        (lambda table: table, pa.Table),
        (polars_of, pl.DataFrame),
        (lambda table: table.to_pandas(types_mapper=pd.ArrowDtype), pd.DataFrame),
        (duckdb.from_arrow, pa.Table),
    ],
    ids=["pyarrow", "polars", "pandas", "duckdb"],
)
def test_the_kind_of_frame_that_came_in_comes_out(store: wayfare.Journey, people: Any, frame: Any, kind: type) -> None:
    expected = store.decide(people.touchpoints_table, **people.asked(), as_of=NOW)
    touchpoints, asked = frame(people.touchpoints_table), people.asked(frame)
    found = store.decide(touchpoints, **asked, as_of=NOW)
    assert type(found) is kind
    plain = found if kind is pa.Table else pa.table(found)
    for name in ("customer", "action", "channel", "priority", "held_out", "because"):
        assert [value if value == value else None for value in plain.column(name).to_pylist()] == expected.column(
            name
        ).to_pylist()
    assert type(store.ledger(asked["preferences"], as_of=NOW)) is kind
    assert type(store.run(touchpoints, preferences=asked["preferences"], as_of=NOW)) is kind
    assert type(store.transitions(touchpoints, preferences=asked["preferences"], as_of=NOW)) is kind
    assert type(store.compare(store, touchpoints, **asked, as_of=NOW).differences) is kind
    assert store.reach(touchpoints, **asked, as_of=NOW) == store.reach(
        people.touchpoints_table, **people.asked(), as_of=NOW
    )
    assert store.grid(touchpoints, as_of=NOW) == store.grid(people.touchpoints_table, as_of=NOW)


def test_the_ledger_says_what_the_profile_says(store: wayfare.Journey, people: Any) -> None:
    rows = store.ledger(people.preferences_table, as_of=NOW).to_pylist()
    for name in {row["customer"] for row in rows}:
        profile = store.profile(name)
        for word in people.preferences:
            if word["customer"] == name:
                profile.prefer({key: value for key, value in word.items() if key != "customer"})
        fields = ("channel", "purpose", "topic", "allowed", "because")
        alone = [{field: getattr(one, field) for field in fields} for one in profile.consents(NOW)]
        assert [{field: row[field] for field in fields} for row in rows if row["customer"] == name] == alone
    assert {row["because"] for row in rows} >= {
        "required",
        "opted_in",
        "opted_out",
        "pending",
        "objected",
        "default_in",
    }


def test_reach_counts_the_decisions(store: wayfare.Journey, people: Any) -> None:
    rows = store.decide(people.touchpoints_table, **people.asked(), as_of=NOW).to_pylist()
    reach = store.reach(people.touchpoints_table, **people.asked(), as_of=NOW)
    assert reach.customers == len(rows) == reach.addressed + reach.held_out + reach.waiting + reach.unaddressed
    assert reach.addressed == sum(row["because"] == "first" for row in rows)
    assert reach.held_out == sum(row["held_out"] for row in rows)
    assert reach.waiting == sum(row["not_before"] is not None for row in rows)
    for action in reach.actions:
        stopped = sum(action[gate] for gate in ("eligibility", "preference", "policy", "holdout", "arbitration"))
        assert stopped + action["chosen"] == reach.customers
        assert stopped == sum(action["reasons"].values())
        assert action["chosen"] == sum(row["because"] == "first" and row["action"] == action["action"] for row in rows)
    assert [channel["channel"] for channel in reach.channels] == CHANNELS
    assert reach.to_dict()["actions"] == reach.actions
    assert reach.to_text().startswith(f"{reach.customers} customers: ")
    assert "c-0" not in repr(reach) + reach.to_text()
    assert reach.to_svg().startswith("<svg ")
    assert reach._repr_svg_() == reach.to_svg()


def test_a_file_is_as_itself(store: wayfare.Journey, people: Any) -> None:
    same = store.compare(store, people.touchpoints_table, **people.asked(), as_of=NOW)
    assert same.is_empty
    assert same.differences.num_rows == 0
    assert same.before == same.after
    assert (same.moves, same.changes) == ([], [])


def test_another_file_differs_where_its_decisions_do(store: wayfare.Journey, people: Any) -> None:
    other = wayfare.Journey.from_yaml(
        STORE.replace("days_since_order < 10", "days_since_order < 5").replace("orders >= 1 }", "orders >= 2 }")
    )
    asked = people.asked()
    comparison = store.compare(other, people.touchpoints_table, **asked, as_of=NOW)
    fields = ("action", "channel", "because")
    before, after = (
        {
            row["customer"]: tuple(row[field] for field in fields)
            for row in one.decide(people.touchpoints_table, **asked, as_of=NOW).to_pylist()
        }
        for one in (store, other)
    )
    differ = [(name, *before[name], *after[name]) for name in before if before[name] != after[name]]
    assert differ
    assert [tuple(row.values()) for row in comparison.differences.to_pylist()] == differ
    assert sum(change["customers"] for change in comparison.changes) == len(differ)
    assert not comparison.is_empty
    assert comparison.before["sent"] == sum(because == "first" for *_, because in before.values())
    assert comparison.after["sent"] == sum(because == "first" for *_, because in after.values())
    assert {(move["from"], move["to"]) for move in comparison.moves} <= {
        ("customer", "prospect"),
        ("customer", "unknown"),
    }
    moved = sum(move["customers"] for move in comparison.moves)
    assert moved == sum(stage["before"] - stage["after"] for stage in comparison.stages if stage["stage"] == "customer")
    assert comparison.to_dict()["changes"] == comparison.changes
    assert comparison.to_text().startswith(f"{comparison.customers} customers; {len(differ)} decisions differ")
    assert "c-0" not in repr(comparison) + comparison.to_text()
    assert comparison.to_svg().startswith("<svg ")
    assert comparison._repr_svg_() == comparison.to_svg()


def test_over_is_a_list_of_instants(store: wayfare.Journey, people: Any) -> None:
    other = wayfare.Journey.from_yaml(STORE.replace("at_most: 2, per: 7d", "at_most: 1, per: 7d"))
    instants = [NOW - timedelta(days=day) for day in (14, 7, 0)]
    over = store.compare(other, people.touchpoints_table, **people.asked(), over=instants)
    as_of = store.compare(other, people.touchpoints_table, **people.asked(), as_of=instants)
    assert over == as_of
    assert over.differences.column_names[:2] == ["customer", "as_of"]
    assert over.differences.num_rows > 0


def test_progress_tells_of_both_halves_of_a_comparison(store: wayfare.Journey, people: Any) -> None:
    seen: list[tuple[int, int]] = []
    store.compare(store, people.touchpoints_table, as_of=NOW, progress=lambda done, total: seen.append((done, total)))
    rows = people.touchpoints_table.num_rows
    assert seen[-1] == (2 * rows, 2 * rows)
    assert seen == sorted(seen)
    with pytest.raises(wayfare.CancelledError):
        whole = pa.concat_tables([people.touchpoints_table.drop_columns(["id"])] * 1000)
        store.decide(whole, as_of=NOW, progress=lambda done, total: False)


def test_the_refused_rows_come_beside_the_answer(store: wayfare.Journey, people: Any) -> None:
    rows = [*people.preferences[:3], {**people.preferences[0], "choice": "maybe"}]
    preferences = pa.Table.from_pylist(rows, schema=people.preferences_table.schema)
    touchpoints = people.touchpoints_table
    asked = {"preferences": preferences, "as_of": NOW, "on_error": "collect"}
    answers = [
        store.decide(touchpoints, **asked),
        store.ledger(preferences, as_of=NOW, on_error="collect"),
        store.reach(touchpoints, **asked),
        store.compare(store, touchpoints, **asked),
    ]
    for _, refused in answers:
        assert [(row["table"], row["row"], row["column"]) for row in refused.to_pylist()] == [
            ("preferences", 3, "choice")
        ]
    assert isinstance(answers[2][0], wayfare.Reach)
    assert isinstance(answers[3][0], wayfare.Comparison)
    wrong = touchpoints.set_column(3, "kind", pa.array(["sold", *["page_viewed"] * (touchpoints.num_rows - 1)]))
    grid, refused = store.grid(wrong.drop_columns(["action", "direction"]), as_of=NOW, on_error="collect")
    assert isinstance(grid, wayfare.Grid)
    assert refused.column("column").to_pylist() == ["kind"]


def test_a_grid_of_the_file_and_one_of_what_happened(store: wayfare.Journey, people: Any) -> None:
    grid = store.grid()
    assert grid == store.grid()
    cells = grid.to_table()
    assert isinstance(cells, pa.Table)
    assert cells.num_rows == 9
    assert "customers" not in cells.column_names
    assert {gap["code"] for gap in grid.gaps} >= {"unused_topic"} or grid.gaps == grid.to_dict()["gaps"]
    assert [track["track"] for track in grid.only("relationship").to_dict()["tracks"]] == ["relationship"]
    filled = store.grid(
        people.touchpoints_table, customers=people.customers_table, as_of=NOW, conversions=["purchased"]
    )
    purchases = sum(row["kind"] == "purchased" for row in people.touchpoints)
    assert sum(filled.to_table().column("conversions").to_pylist()) == purchases
    assert filled != grid
    assert filled.to_dict()["conversions"] == ["purchased"]
    assert grid.to_text().startswith("Store: experience grid")
    assert grid.to_html().startswith("<!doctype html>")
    assert grid.to_svg().startswith("<svg ")
    assert "c-0" not in repr(filled) + filled.to_html()


def test_notebooks_show_a_grid_in_a_frame_of_its_own(store: wayfare.Journey) -> None:
    from html.parser import HTMLParser

    class Reader(HTMLParser):
        tags: list[tuple[str, dict[str, str | None]]]

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            self.tags = [*getattr(self, "tags", []), (tag, dict(attrs))]

    reader = Reader()
    reader.feed(store.grid()._repr_html_())
    [(tag, attributes)] = reader.tags
    assert tag == "iframe"
    assert "sandbox" in attributes
    assert attributes["srcdoc"] == store.grid().to_html()


def test_a_diagram(store: wayfare.Journey) -> None:
    diagram = store.diagram()
    assert diagram == store.diagram()
    assert diagram.to_mermaid().startswith("stateDiagram-v2")
    assert diagram.to_svg().startswith("<svg ")
    assert diagram._repr_svg_() == diagram.to_svg()
    assert [stage["stage"] for stage in diagram.to_dict()["tracks"][0]["stages"]] == ["unknown", "prospect", "customer"]


def rows(**columns: Any) -> pa.Table:
    return pa.table({name: column for name, column in columns.items() if column is not None})


def words(**columns: Any) -> pa.Table:
    whole = {"customer": ["c-1"], "at": pa.array([NOW], INSTANT), "choice": ["in"]}
    return rows(**{**whole, **columns})


TOUCHPOINTS = rows(customer=["c-1"], at=pa.array([NOW], INSTANT), kind=["purchased"])

WRONG: dict[str, Any] = {
    "preferences_a_list": {"preferences": [{"customer": "c-1"}]},
    "preferences_no_customer": {"preferences": words(customer=None)},
    "preferences_no_at": {"preferences": words(at=None)},
    "preferences_no_choice": {"preferences": words(choice=None)},
    "preferences_column_unknown": {"preferences": words(chanel=["email"])},
    "preferences_choice_null": {"preferences": words(choice=pa.array([None], pa.string()))},
    "preferences_choice_unknown": {"preferences": words(choice=["yes"])},
    "preferences_choice_boolean": {"preferences": words(choice=[True])},
    "preferences_purpose_unknown": {"preferences": words(purpose=["marketting"])},
    "preferences_channel_unknown": {"preferences": words(channel=["e-mail"])},
    "preferences_topic_unknown": {"preferences": words(topic=["tent"])},
    "preferences_at_null": {"preferences": words(at=pa.array([None], INSTANT))},
    "preferences_at_naive": {"preferences": words(at=pa.array([datetime(2026, 3, 1)], pa.timestamp("us")))},
    "preferences_expires_before_at": {"preferences": words(expires=pa.array([NOW - timedelta(days=1)], INSTANT))},
    "preferences_expires_text": {"preferences": words(expires=["2027-01-01T00:00:00Z"])},
    "preferences_customer_of_another_type": {"preferences": words(customer=[1])},
    "inputs_no_customer": {"inputs": rows(p_click=[0.5])},
    "inputs_unknown": {"inputs": rows(customer=["c-1"], p_clik=[0.5])},
    "inputs_number_is_text": {"inputs": rows(customer=["c-1"], p_click=["0.5"])},
    "inputs_text_is_number": {"inputs": rows(customer=["c-1"], offer=[1])},
    "inputs_boolean_is_number": {"inputs": rows(customer=["c-1"], vip=[1])},
    "inputs_nan": {"inputs": rows(customer=["c-1"], p_click=[float("nan")])},
    "inputs_empty_text": {"inputs": rows(customer=["c-1"], offer=[""])},
    "inputs_two_rows": {"inputs": rows(customer=["c-1", "c-1"], p_click=[0.5, 0.6])},
    "inputs_customer_null": {"inputs": rows(customer=["c-1", None], p_click=[0.5, 0.6])},
}


def test_a_second_row_of_inputs_is_collected(store: wayfare.Journey) -> None:
    twice = rows(customer=["c-1", "c-1"], p_click=[0.5, 0.6])
    table, rejected = store.decide(TOUCHPOINTS, inputs=twice, as_of=NOW, on_error="collect")
    refused = [(row["table"], row["row"], row["column"]) for row in rejected.to_pylist()]
    assert refused == [("inputs", 1, "customer")]
    assert table == store.decide(TOUCHPOINTS, inputs=twice.slice(0, 1), as_of=NOW)


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_table_is_refused(store: wayfare.Journey, snapshots: Snapshots, name: str) -> None:
    error = told(snapshots, "decide_tables", name, lambda: store.decide(TOUCHPOINTS, **WRONG[name], as_of=NOW))
    assert isinstance(error, wayfare.InvalidTableError)


@pytest.mark.parametrize(
    "name, call",
    {
        "ledger_a_list": lambda store: store.ledger([], as_of=NOW),
        "ledger_no_choice": lambda store: store.ledger(words(choice=None), as_of=NOW),
        "compare_no_instant": lambda store: store.compare(store, TOUCHPOINTS),
        "compare_both": lambda store: store.compare(store, TOUCHPOINTS, as_of=NOW, over=[NOW]),
        "compare_other_rows": lambda store: store.compare(
            wayfare.Journey.from_yaml(STORE.replace("  page_viewed: {}\n", "  page_viewed: {}\n  sold: {}\n")),
            rows(customer=["c-1"], at=pa.array([NOW], INSTANT), kind=["sold"]),
            as_of=NOW,
            on_error="collect",
        ),
        "grid_no_as_of": lambda store: store.grid(TOUCHPOINTS),
        "grid_no_touchpoints": lambda store: store.grid(as_of=NOW),
        "grid_no_touchpoints_but_conversions": lambda store: store.grid(conversions=["purchased"]),
        "grid_conversion_unknown": lambda store: store.grid(TOUCHPOINTS, as_of=NOW, conversions=["purchase"]),
        "grid_conversions_text": lambda store: store.grid(TOUCHPOINTS, as_of=NOW, conversions="purchased"),
        "grid_several_instants": lambda store: store.grid(TOUCHPOINTS, as_of=[NOW, NOW]),
        "grid_track_unknown": lambda store: store.grid().only("relation"),
    }.items(),
)
def test_a_wrong_question_is_refused(store: wayfare.Journey, snapshots: Snapshots, name: str, call: Any) -> None:
    told(snapshots, "decide_questions", name, lambda: call(store))


def test_no_customer_data_in_errors(store: wayfare.Journey) -> None:
    secret = "jane.doe@example.org"
    for asked in (
        {"preferences": words(customer=[secret], choice=["yes"])},
        {"inputs": rows(customer=[secret, secret], p_click=[0.5, 0.6])},
    ):
        with pytest.raises(wayfare.InvalidTableError) as caught:
            store.decide(rows(customer=[secret], at=pa.array([NOW], INSTANT), kind=["purchased"]), **asked, as_of=NOW)
        assert secret not in str(caught.value)
