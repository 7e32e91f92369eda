"""Writes `tests/vectors/paths.json`: small tables of touchpoints, and the paths and sessions that they come to.

    python paths.py > ../vectors/paths.json

Everything is read off the definitions, touchpoint by touchpoint and conversion by conversion: a touchpoint is on the
path of a conversion if it comes before it, is no older than the lookback, and with `restart` if no conversion came
between.
"""

import json
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

UNITS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1, "w": 7 * 86_400}
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
NAMES = ("customer", "at", "kind", "channel", "value", "id")


def micros(text):
    return (datetime.fromisoformat(text.replace("Z", "+00:00")) - EPOCH) // timedelta(microseconds=1)


def shown(at):
    text = (EPOCH + timedelta(microseconds=at)).isoformat()
    head, _, fraction = text.removesuffix("+00:00").partition(".")
    fraction = fraction.rstrip("0")
    return f"{head}.{fraction}Z" if fraction else f"{head}Z"


def length(text):
    return int(text[:-1]) * UNITS[text[-1]] * 1_000_000


def order(row, conversion):
    told = (row["kind"] in conversion, row["kind"], row["channel"] is None, row["channel"] or "")
    return (row["micros"], row["id"] is not None, row["id"] or "", told, row["value"] is None, row["value"] or 0.0)


def histories(rows, options):
    until = options.get("observed_until")
    customers = {}
    for row in rows:
        row = {name: row.get(name) for name in NAMES} | {"micros": micros(row["at"])}
        if until is None or row["micros"] <= micros(until):
            customers.setdefault(row["customer"], []).append(row)
    for customer in sorted(customers):
        kept, seen = [], set()
        for row in sorted(customers[customer], key=lambda row: order(row, options["conversion"])):
            if row["id"] is None or row["id"] not in seen:
                kept.append(row)
            seen.add(row["id"])
        yield customer, kept


def sessions_of(history, options):
    """The number of the session of each touchpoint."""
    zone = ZoneInfo(options.get("time_zone", "UTC"))
    gap = length(options.get("session_gap", "30m"))
    numbers = []
    for at, row in enumerate(history):
        if at == 0:
            numbers.append(1)
            continue
        before = history[at - 1]["micros"]
        if options.get("session") == "day":
            days = [
                (EPOCH + timedelta(microseconds=micros)).astimezone(zone).date() for micros in (before, row["micros"])
            ]
            parted = days[0] != days[1]
        else:
            parted = row["micros"] - before > gap
        numbers.append(numbers[-1] + parted)
    return numbers


def elements(history, options):
    """Which touchpoints are elements of paths."""
    conversion, kinds = options["conversion"], options.get("touchpoints", [])
    counts = [row["kind"] not in conversion and (not kinds or row["kind"] in kinds) for row in history]
    if options.get("unit") != "session":
        return counts
    repeat, taken, first = options.get("repeat", "restart"), set(), []
    for at, session in enumerate(sessions_of(history, options)):
        passed = sum(row["kind"] in conversion for row in history[:at]) if repeat == "restart" else 0
        first.append(counts[at] and (session, passed) not in taken)
        if counts[at]:
            taken.add((session, passed))
    return first


def paths(rows, options):
    repeat, lookback = options.get("repeat", "restart"), options.get("lookback")
    found = []
    latest = max((row["micros"] for _, history in histories(rows, options) for row in history), default=None)
    if options.get("observed_until") is not None:
        latest = micros(options["observed_until"])
    for customer, history in histories(rows, options):
        counts = elements(history, options)
        conversions = [at for at, row in enumerate(history) if row["kind"] in options["conversion"]]
        if repeat == "first":
            conversions = conversions[:1]

        def begins(at, history=history):
            kind = history[at]["kind"]
            text = lookback.get(kind) if isinstance(lookback, dict) else lookback
            return None if text is None else history[at]["micros"] - length(text)

        def is_on(touch, at, history=history, conversions=conversions):
            recent = begins(at) is None or history[touch]["micros"] >= begins(at)
            between = any(touch < other < at for other in conversions)
            return touch < at and recent and (repeat == "all" or not between)

        told = []
        lost = [
            touch for touch in range(len(history)) if counts[touch] and not any(is_on(touch, at) for at in conversions)
        ]
        for at in [*conversions, len(history)]:
            before = max((other for other in conversions if other < at), default=-1)
            stretch = [touch for touch in lost if before < touch < at]
            is_last = at == len(history)
            if stretch and not (is_last and repeat == "first" and conversions):
                seen = [begins(other) for other in conversions if other >= at]
                if repeat != "all":
                    seen = seen[:1]
                told.append((stretch, latest if is_last else min(seen), 0, 0.0, 1))
            if not is_last:
                on = [touch for touch in range(at) if counts[touch] and is_on(touch, at)]
                told.append((on, history[at]["micros"], 1, history[at]["value"] or 0.0, 0))
        for number, (on, ended, converted, value, nulls) in enumerate(told, 1):
            found.append(
                {
                    "customer": customer,
                    "number": number,
                    "path": " > ".join(history[touch]["channel"] or "(none)" for touch in on),
                    "touchpoints": len(on),
                    "started_at": shown(history[on[0]]["micros"]) if on else None,
                    "ended_at": shown(ended),
                    "conversions": converted,
                    "value": value,
                    "nulls": nulls,
                }
            )
    return found


def sessions(rows, options):
    found = []
    for customer, history in histories(rows, options):
        numbers = sessions_of(history, options)
        counted = [at for at, row in enumerate(history) if row["kind"] in options["conversion"]]
        if options.get("repeat") == "first":
            counted = counted[:1]
        for number in sorted(set(numbers)):
            members = [at for at, other in enumerate(numbers) if other == number]
            bought = [at for at in members if at in counted]
            found.append(
                {
                    "customer": customer,
                    "session": number,
                    "started_at": shown(history[members[0]]["micros"]),
                    "ended_at": shown(history[members[-1]]["micros"]),
                    "touchpoints": len(members),
                    "first_channel": history[members[0]]["channel"],
                    "last_channel": history[members[-1]]["channel"],
                    "converted": bool(bought),
                    "value": sum(history[at]["value"] or 0.0 for at in bought),
                }
            )
    return found


def table(*rows):
    return [
        dict(zip(NAMES, row, strict=False)) | {"at": row[1] if "T" in row[1] else f"{row[1]}T12:00:00Z"} for row in rows
    ]


BUYS = {"conversion": ["purchased"]}
SHOP = table(
    ("ada", "2026-03-01T10:00:00Z", "clicked", "email"),
    ("ada", "2026-03-02T10:00:00Z", "clicked", "search"),
    ("ada", "2026-03-02T10:05:00Z", "purchased", "web", 59.9),
    ("ada", "2026-03-03T10:00:00Z", "clicked", "social"),
    ("ada", "2026-03-09T10:00:00Z", "clicked", "search"),
    ("ada", "2026-03-09T10:00:00Z", "purchased", "web"),
    ("ada", "2026-03-09T11:00:00Z", "opened", "email"),
    ("bo", "2026-03-05T10:00:00Z", "clicked", "social"),
    ("cy", "2026-03-05T10:00:00Z", "purchased", "store", 3.0),
)
EDGE = table(
    ("ada", "2026-03-01T09:59:59.999999Z", "clicked", "email"),
    ("ada", "2026-03-01T10:00:00Z", "clicked", "search"),
    ("ada", "2026-03-02T10:00:00Z", "purchased", "web", 10.0),
)
TIES = table(
    ("ada", "2026-03-01T10:00:00Z", "clicked", "email", None, "c"),
    ("ada", "2026-03-01T10:00:00Z", "clicked", "search", None, "a"),
    ("ada", "2026-03-01T10:00:00Z", "purchased", "web", 5.0, "b"),
    ("bo", "2026-03-01T10:00:00Z", "purchased", "web", 5.0),
    ("bo", "2026-03-01T10:00:00Z", "viewed", "search"),
    ("bo", "2026-03-01T10:00:00Z", "clicked", "social"),
)
TWICE = table(
    ("ada", "2026-03-01", "clicked", "email", None, "1"),
    ("ada", "2026-03-02", "clicked", "search", None, "1"),
    ("ada", "2026-03-03", "purchased", "web", 5.0, "2"),
    ("ada", "2026-03-04", "purchased", "web", 5.0, "2"),
    ("bo", "2026-03-02", "clicked", "search", None, "1"),
    ("bo", "2026-03-02", "clicked", "search"),
    ("bo", "2026-03-02", "clicked", "search"),
)
KINDS = table(
    ("ada", "2026-03-01", "clicked", "email"),
    ("ada", "2026-03-08", "clicked", "search"),
    ("ada", "2026-03-10", "signed_up", "web", 1.0),
    ("ada", "2026-03-11", "clicked", "social"),
    ("ada", "2026-03-12", "purchased", "web", 20.0),
    ("ada", "2026-03-20", "rated", "app"),
)
NONE = table(
    ("ada", "2026-03-01", "clicked", None),
    ("ada", "2026-03-02", "clicked", "search"),
    ("ada", "2026-03-03", "purchased", None),
    ("bo", "2026-03-03", "opened", "email"),
)
VISITS = table(
    ("ada", "2026-03-28T22:00:00Z", "clicked", "email"),
    ("ada", "2026-03-28T22:30:00Z", "clicked", "search"),
    ("ada", "2026-03-28T23:00:00.000001Z", "clicked", "social"),
    ("ada", "2026-03-29T00:30:00Z", "clicked", "search"),
    ("ada", "2026-03-29T00:40:00Z", "purchased", "web", 5.0),
    ("ada", "2026-03-29T00:45:00Z", "clicked", "email"),
    ("ada", "2026-03-29T22:59:59.999999Z", "clicked", "direct"),
    ("ada", "2026-03-29T23:00:00Z", "purchased", "web", 7.0),
    ("bo", "2026-10-24T23:30:00Z", "clicked", "social"),
    ("bo", "2026-10-25T23:59:59Z", "clicked", "email"),
    ("bo", "2026-10-26T00:00:00Z", "clicked", "email"),
)

CASES = [
    ("restart", "a conversion takes what came after the one before it, and each is counted once", SHOP, BUYS),
    (
        "repeat_all",
        "a second conversion sees its whole lookback again",
        SHOP,
        BUYS | {"repeat": "all", "lookback": "7d"},
    ),
    ("repeat_all_unbounded", "without a lookback it sees everything", SHOP, BUYS | {"repeat": "all"}),
    (
        "repeat_all_short",
        "what no conversion sees is a path that did not convert",
        SHOP,
        BUYS | {"repeat": "all", "lookback": "1d"},
    ),
    ("repeat_first", "only a customer's first conversion counts", SHOP, BUYS | {"repeat": "first"}),
    (
        "repeat_first_lookback",
        "and what is older than its lookback did not convert",
        SHOP,
        BUYS | {"repeat": "first", "lookback": "1h"},
    ),
    (
        "lookback_boundary",
        "a touchpoint exactly as old as the lookback is on the path",
        EDGE,
        BUYS | {"lookback": "1d"},
    ),
    (
        "lookback_by_kind",
        "each kind of conversion looks back as far as it is said",
        KINDS,
        {"conversion": ["purchased", "signed_up"], "lookback": {"signed_up": "7d", "purchased": "3d"}},
    ),
    (
        "lookback_by_kind_all",
        "what a later conversion of a longer lookback sees is not lost",
        KINDS,
        {
            "conversion": ["purchased", "signed_up"],
            "lookback": {"signed_up": "1d", "purchased": "11d"},
            "repeat": "all",
        },
    ),
    (
        "lookback_of_one_kind",
        "a kind without a lookback sees everything",
        KINDS,
        {"conversion": ["purchased", "signed_up"], "lookback": {"signed_up": "1d"}},
    ),
    ("touchpoints", "only the kinds asked for earn credit", KINDS, BUYS | {"touchpoints": ["clicked"]}),
    (
        "ties",
        "what stands at the conversion's instant is before it by its id, else unless it is a conversion",
        TIES,
        BUYS,
    ),
    ("duplicates", "a second record of one id changes nothing; records without an id are never the same", TWICE, BUYS),
    ("no_word", "a touchpoint without a channel is on the path as well", NONE, BUYS | {"touchpoints": ["clicked"]}),
    ("observed_until", "what came later is left aside", SHOP, BUYS | {"observed_until": "2026-03-05T10:00:00Z"}),
    ("no_conversion", "without conversions every path is one that did not convert", SHOP, {"conversion": []}),
    ("sessions", "a pause longer than the gap begins a session, one as long does not", VISITS, BUYS),
    ("session_gap", "of another gap", VISITS, BUYS | {"session_gap": "1h"}),
    (
        "session_day",
        "days are those of the time zone, when clocks change too",
        VISITS,
        BUYS | {"session": "day", "time_zone": "Europe/London"},
    ),
    ("session_day_utc", "of UTC unless it is said", VISITS, BUYS | {"session": "day"}),
    (
        "unit_session",
        "sessions are elements, and a conversion parts what follows it from its session",
        VISITS,
        BUYS | {"unit": "session"},
    ),
    (
        "unit_session_all",
        "with `all` a session is one element",
        VISITS,
        BUYS | {"unit": "session", "repeat": "all", "session": "day", "time_zone": "Europe/London"},
    ),
    ("unit_session_lookback", "a session counts when it began", VISITS, BUYS | {"unit": "session", "lookback": "45m"}),
]


if __name__ == "__main__":
    cases = [
        {
            "name": name,
            "says": says,
            "rows": rows,
            "options": options,
            "paths": paths(rows, options),
            "sessions": sessions(rows, options),
        }
        for name, says, rows, options in CASES
    ]
    print('{\n "source": "tests/reference-numbers/paths.py",\n "cases": [')
    for at, case in enumerate(cases):
        lines = [f'   "{name}": {json.dumps(case[name])}' for name in ("name", "says", "options")]
        for name in ("rows", "paths", "sessions"):
            lines.append(f'   "{name}": [\n' + ",\n".join(f"    {json.dumps(row)}" for row in case[name]) + "\n   ]")
        print("  {\n" + ",\n".join(lines) + "\n  }" + ("," if at + 1 < len(cases) else ""))
    print(" ]\n}")
