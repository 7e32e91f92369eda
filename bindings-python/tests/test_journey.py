"""Journey files: read, described, kept."""

from __future__ import annotations

import doctest
import json
import pickle
import re
import threading
from pathlib import Path

import pytest
import wayfare
from conftest import SHOP


@pytest.mark.parametrize("name", wayfare.template_names())
def test_templates_are_ready_to_run(name: str) -> None:
    journey = wayfare.Journey.template(name)
    assert journey.warnings == []
    assert journey == wayfare.Journey.from_yaml(wayfare.template_text(name))
    assert len(journey.tracks) >= 2


def test_a_journey_says_what_it_has(journey: wayfare.Journey) -> None:
    assert journey.name == "Shop"
    assert journey.tracks == ["relationship", "interest"]
    assert journey.stages("relationship") == ["unknown", "prospect", "customer", "lapsed"]
    assert journey.traits == ["orders", "spend", "days_since_order", "views_30d", "tier", "last_topic"]
    assert journey.scores == ["engagement"]
    assert journey.segments == ["regular", "big"]
    assert journey.attributes == {"time_zone": "text", "plan": "text", "age": "number", "newsletter": "boolean"}
    assert journey.touchpoint_fields["items"] == "number"
    assert repr(journey) == '<wayfare.Journey "Shop": tracks relationship, interest>'


def test_yaml_json_dict_and_file_are_one_journey(tmp_path: Path) -> None:
    document = {
        "wayfare": 1,
        "name": "Shop",
        "touchpoints": {"zebra_seen": {}, "ape_seen": {}},
        "traits": {"zebras": {"count": "zebra_seen", "output": True}, "apes": {"count": "ape_seen", "output": True}},
    }
    text = json.dumps(document)
    (tmp_path / "shop.json").write_text(text)
    (tmp_path / "shop.yaml").write_text(text)
    journeys = [
        wayfare.Journey.from_dict(document),
        wayfare.Journey.from_json(text),
        wayfare.Journey.from_yaml(text),
        wayfare.Journey.from_file(tmp_path / "shop.json"),
        wayfare.Journey.from_file(str(tmp_path / "shop.yaml")),
    ]
    for journey in journeys:
        assert journey == journeys[0]
        assert hash(journey) == hash(journeys[0])
        # The order of the file is that of the columns.
        assert journey.traits == ["zebras", "apes"]
        blob = journeys[0].profile("c-1").to_bytes()
        assert wayfare.Profile.from_bytes(journey, blob).customer == "c-1"
        again = pickle.loads(pickle.dumps(journey))
        assert again == journey
        assert again.traits == journey.traits
    assert journeys[0] != wayfare.Journey.template("retail")
    assert journeys[0] != text


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        wayfare.Journey.from_file(tmp_path / "none.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"name: caf\xe9\n")
    with pytest.raises(wayfare.InvalidArgumentError, match="UTF-8"):
        wayfare.Journey.from_file(tmp_path / "latin.yaml")


def test_a_diagnostic_has_a_place_and_shows_it() -> None:
    text = "wayfare: 1\nname: Shop\ntouchpoints: { bought: {} }\nsegments: { keen: orders > 1 }\n"
    with pytest.raises(wayfare.InvalidJourneyError) as caught:
        wayfare.Journey.from_yaml(text)
    (diagnostic,) = (one for one in caught.value.diagnostics if one.severity == "error")
    assert (diagnostic.path, diagnostic.span.line, diagnostic.span.column) == ("segments.keen", 4, 19)
    assert text.encode()[diagnostic.span.start : diagnostic.span.end] == b"orders"
    shown = diagnostic.render(text, "shop.yaml")
    assert "shop.yaml:4:19" in shown
    assert "^^^^^^" in shown
    assert str(diagnostic) in str(caught.value)


def test_warnings_do_not_stop_a_journey() -> None:
    journey = wayfare.Journey.from_yaml(SHOP.replace(", output: true }\n  last_topic", " }\n  last_topic"))
    (warning,) = journey.warnings
    assert warning.severity == "warning"
    assert warning.path == "traits.tier"


def test_the_examples_run() -> None:
    assert doctest.testmod(wayfare).failed == 0
    readme = (Path(__file__).parents[1] / "README.md").read_text()
    names: dict[str, object] = {}
    for block in re.findall(r"```python\n(.*?)```", readme, re.DOTALL):
        exec(block, names)
    assert names["view"].stages["relationship"].stage == "first_time"  # type: ignore[attr-defined]


def test_the_schema_describes_the_file() -> None:
    assert {"traits", "scores", "segments", "tracks"} <= wayfare.journey_schema()["properties"].keys()


def test_cut_points() -> None:
    cuts = wayfare.rfm_cuts(range(1, 101), bands=4)
    assert cuts == wayfare.rfm_cuts([float(value) for value in reversed(range(1, 101))], 4)
    assert len(cuts) == 3
    assert cuts == sorted(cuts)
    assert len(wayfare.rfm_cuts(range(100))) == 4


def test_a_journey_serves_many_threads(journey: wayfare.Journey) -> None:
    seen: list[bytes] = []

    def work() -> None:
        profile = journey.profile("c-1")
        for day in range(1, 29):
            profile.observe(kind="purchased", at=f"2026-02-{day:02}T00:00:00Z", value=day / 3)
        seen.append(profile.to_bytes())

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 8
    assert len(set(seen)) == 1
