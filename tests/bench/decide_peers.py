"""What a decision costs in Python: 20 rules of three conditions each, by wayfare and by what else one would use.

    pip install zen-engine datalogic-py        # and the wheel of wayfare
    python decide_peers.py

wayfare decides from a profile of 200 touchpoints: it computes the facts, and applies three vetoes, four caps and the
customer's preferences. The others are handed the facts ready-made, and apply no policy. Their rules stand in order of
priority, so that the first that holds is the answer. Microseconds of cpu, the best of several rounds.
"""

import gc
import json
import time
from datetime import datetime, timedelta, timezone

import wayfare

START = datetime(2026, 1, 1, tzinfo=timezone.utc)
TOUCHPOINTS = 200
NOW = START + timedelta(hours=TOUCHPOINTS * 20 + 24)
ROUNDS = 15

# Action, value, and the bounds of the three conditions. The most valuable is the last; the best that holds is in the
# middle, so that one who stops there has seen most of the rules.
RULES = [(f"action_{n}", 10 + n, n % 5 + 1, 20 - n, n % 7) for n in range(20)]
RANKED = RULES[::-1]
BEST = "action_5"

JOURNEY = """
wayfare: 1
name: Bench
channels: { email: { owner: crm }, web: { owner: digital } }
touchpoints: { page_viewed: {}, purchased: {}, message_sent: {}, ticket_opened: {} }
traits:
  orders: { count: purchased }
  spend: { sum: value, of: purchased }
  views_30d: { count: page_viewed, within: 30d }
  days_since_order: { days_since: purchased }
  tickets: { count: ticket_opened, within: 30d }
purposes: { service: { required: true }, marketing: {} }
inputs: { p_click: number }
contact_policy:
  kind: message_sent
  caps:
    - { at_most: 2, per: 7d }
    - { at_most: 1, per: calendar_day, channel: email }
    - { at_most: 4, per: 30d, purpose: marketing }
    - { at_most: 8, per: calendar_month }
  vetoes:
    - { when: tickets > 0, purposes: marketing }
    - { when: orders > 500 }
    - { when: spend > 100000 }
actions:
""" + "".join(
    f"  - {{ name: {action}, purpose: marketing, channels: [email, web], value: {value}, propensity: input.p_click, "
    f"when: orders >= {orders} && days_since_order <= {days} && views_30d > {views} }}\n"
    for action, value, orders, days, views in RULES
)


def customer():
    profile = wayfare.Journey.from_yaml(JOURNEY).profile("c-42")
    for n in range(TOUCHPOINTS):
        at = START + timedelta(hours=20 * n)
        if n % 20 < 5:
            profile.observe(kind="purchased", at=at, channel="web", value=29.33)
        elif n % 20 == 7:
            profile.observe(kind="message_sent", at=at, channel="email", direction="outbound", action="action_3")
        else:
            profile.observe(kind="page_viewed", at=at, channel="web")
    profile.prefer(choice="in", purpose="marketing", at=START)
    return profile


def zen_engine():
    import zen

    fields = ("orders", "days", "views")
    table = {
        "hitPolicy": "first",
        "inputs": [{"id": field, "name": field, "field": field} for field in fields],
        "outputs": [{"id": "action", "name": "action", "field": "action"}],
        "rules": [
            {
                "_id": action,
                "orders": f">= {orders}",
                "days": f"<= {days}",
                "views": f"> {views}",
                "action": f"'{action}'",
            }
            for action, _, orders, days, views in RANKED
        ],
    }
    nodes = [
        {"id": "in", "type": "inputNode", "name": "in"},
        {"id": "rules", "type": "decisionTableNode", "name": "rules", "content": table},
        {"id": "out", "type": "outputNode", "name": "out"},
    ]
    edges = [
        {"id": f"{source}-{target}", "type": "edge", "sourceId": source, "targetId": target}
        for source, target in (("in", "rules"), ("rules", "out"))
    ]
    decision = zen.ZenEngine().create_decision(json.dumps({"nodes": nodes, "edges": edges}))
    return lambda facts: decision.evaluate(facts)["result"]["action"]


def clauses():
    """The rules as JSON Logic."""
    chain = []
    for action, _, orders, days, views in RANKED:
        bounds = [(">=", "orders", orders), ("<=", "days", days), (">", "views", views)]
        chain += [{"and": [{operator: [{"var": name}, bound]} for operator, name, bound in bounds]}, action]
    return {"if": [*chain, None]}


def datalogic():
    from datalogic_py import Engine

    return Engine().compile(clauses()).evaluate


def datalogic_session(facts):
    """Data that are parsed beforehand, which a customer's are not: the least that it can cost."""
    from datalogic_py import DataHandle, Engine

    engine = Engine()
    session, rule, data = engine.session(), engine.compile(clauses()), DataHandle(json.dumps(facts))
    return lambda facts: session.evaluate_data(rule, data)


def by_hand():
    lines = ["def decide(facts):"]
    for action, _, orders, days, views in RANKED:
        held = f"facts['orders'] >= {orders} and facts['days'] <= {days} and facts['views'] > {views}"
        lines.append(f"    if {held}: return {action!r}")
    names = {}
    exec("\n".join(lines), names)
    return names["decide"]


def main():
    profile = customer()
    traits = profile.view(NOW).traits
    facts = {
        "orders": traits["orders"],
        "days": traits["days_since_order"],
        "views": traits["views_30d"],
        "p_click": 0.2,
    }
    inputs = {"p_click": 0.2}

    def read(facts):
        decision = profile.decide(NOW, inputs)
        return decision.channel and decision.action

    works = {
        "wayfare: decide, .action and .channel read": (20_000, read),
        "wayfare: decide": (20_000, lambda facts: profile.decide(NOW, inputs)),
        "wayfare: decide and explain": (500, lambda facts: profile.decide(NOW, inputs).explain()),
        "zen-engine": (1_000, zen_engine()),
        "datalogic-py, compiled": (5_000, datalogic()),
        "datalogic-py, a session over parsed data": (5_000, datalogic_session(facts)),
        "ifs written by hand": (20_000, by_hand()),
    }
    for name, (_, work) in works.items():
        if not name.startswith("wayfare: decide"):
            assert work(facts) == BEST, (name, work(facts))
    assert read(facts) == BEST

    least = dict.fromkeys(works, float("inf"))
    for _ in range(ROUNDS):
        for name, (calls, work) in works.items():
            gc.disable()
            before = time.process_time_ns()
            for _ in range(calls):
                work(facts)
            least[name] = min(least[name], (time.process_time_ns() - before) / 1e3 / calls)
            gc.enable()
    own = least["wayfare: decide, .action and .channel read"]
    print(f"20 rules, facts {facts}")
    for name, cost in least.items():
        print(f"{name:52} {cost:9.2f} us {cost / own:8.2f} x")


if __name__ == "__main__":
    main()
