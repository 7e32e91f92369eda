"""What the tests share."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import wayfare

REPOSITORY = Path(__file__).resolve().parents[2]

SHOP = """
wayfare: 1
name: Shop
channels: { web: {}, store: {} }
topics: [tents, boots]
touchpoints:
  page_viewed: {}
  purchased: { properties: { items: number, gift: boolean, note: text } }
attributes: { plan: text, age: number, newsletter: boolean }
traits:
  orders: { count: purchased }
  spend: { sum: value, of: purchased }
  days_since_order: { days_since: purchased }
  views_30d: { count: page_viewed, within: 30d }
  tier: { attribute: plan, output: true }
  last_topic: { last: topic, of: any, output: true }
scores:
  engagement:
    points:
      - { on: page_viewed, add: 1, half_life: 14d }
      - { on: purchased, add: 20, half_life: 60d }
    at_most: 100
segments:
  regular: orders >= 2
  big: spend > 100
tracks:
  relationship:
    - { name: unknown }
    - { name: prospect, from: [unknown], when: views_30d >= 1 }
    - { name: customer, from: [unknown, prospect, lapsed], when: orders >= 1 && days_since_order <= 90 }
    - { name: lapsed, from: [customer], when: days_since_order > 90 }
  interest:
    - { name: cold }
    - { name: warm, while: views_30d >= 2 }
"""


@pytest.fixture(scope="session")
def journey() -> wayfare.Journey:
    return wayfare.Journey.from_yaml(SHOP)


@pytest.fixture
def profile(journey: wayfare.Journey) -> wayfare.Profile:
    return journey.profile("c-42")


@pytest.fixture(scope="session")
def snapshots() -> Iterator[Snapshots]:
    """Texts that users see. `WAYFARE_ACCEPT=1 pytest` writes them anew."""
    snapshots = Snapshots(Path(__file__).parent / "snapshots")
    yield snapshots
    snapshots.write()


class Snapshots:
    """Named texts in files of sections."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.accept = bool(os.environ.get("WAYFARE_ACCEPT"))
        self.files: dict[str, dict[str, str]] = {}

    def check(self, file: str, name: str, text: str) -> None:
        text = "\n".join(line.rstrip() for line in text.rstrip().split("\n"))
        known = self.files.setdefault(file, self._read(file))
        if self.accept:
            known[name] = text
        assert known.get(name) == text, f"not the text of {file}.txt; WAYFARE_ACCEPT=1 accepts it"

    def _read(self, file: str) -> dict[str, str]:
        path = self.folder / f"{file}.txt"
        sections = path.read_text().split("=== ")[1:] if path.exists() else []
        return {name: text.rstrip("\n") for name, _, text in (section.partition("\n") for section in sections)}

    def write(self) -> None:
        if self.accept:
            for file, sections in self.files.items():
                text = "\n\n".join(f"=== {name}\n{text}" for name, text in sorted(sections.items()))
                (self.folder / f"{file}.txt").write_text(text + "\n")


def told(snapshots: Snapshots, file: str, name: str, call: Callable[[], Any]) -> wayfare.WayfareError:
    with pytest.raises(wayfare.WayfareError) as caught:
        call()
    error = caught.value
    snapshots.check(file, name, f"{type(error).__name__}: {error}")
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), again.__dict__) == (type(error), str(error), error.__dict__)
    return error
