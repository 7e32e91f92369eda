"""The examples of the README and the book, run as they are written."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [
    "README.md",
    "docs/src/guide/python.md",
    "docs/src/guide/tables.md",
    "docs/src/guide/identity.md",
    "docs/src/guide/templates.md",
    "docs/src/guide/preferences.md",
    "docs/src/guide/contact-policy.md",
    "docs/src/guide/arbitration.md",
    "docs/src/guide/what-if.md",
    "docs/src/guide/lifetime.md",
    "docs/src/lifetime/bg-nbd.md",
    "docs/src/lifetime/mbg-nbd.md",
    "docs/src/lifetime/pareto-nbd.md",
    "docs/src/lifetime/bg-bb.md",
    "docs/src/lifetime/gamma-gamma.md",
    "docs/src/lifetime/covariates.md",
    "docs/src/paths/paths.md",
    "docs/src/attribution/overview.md",
    "docs/src/attribution/first-and-last-touch.md",
    "docs/src/attribution/linear.md",
    "docs/src/attribution/position-based.md",
    "docs/src/attribution/time-decay.md",
    "docs/src/attribution/markov.md",
    "docs/src/attribution/shapley.md",
    "docs/src/attribution/intervals.md",
    "docs/src/paths/funnels.md",
    "docs/src/paths/transitions.md",
    "docs/src/paths/time-in-stage.md",
    "docs/src/paths/progress.md",
    "docs/src/paths/flows.md",
    "docs/src/reference/profile-bytes.md",
]


@pytest.mark.parametrize("page", PAGES)
def test_the_examples_of_a_page_run(page, tmp_path):
    extract = [sys.executable, ROOT / "tests/readme/extract.py", ROOT / page, "python"]
    program = subprocess.run(extract, check=True, capture_output=True, text=True).stdout
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    # A picture that a page's own code draws is the one beside the page: `WAYFARE_UPDATE=1` writes it there.
    drawn = {picture.name: picture.read_text(encoding="utf-8") for picture in tmp_path.glob("*.svg")}
    shown = re.findall(r"!\[[^]]*]\(([^/)]+\.svg)\)", (ROOT / page).read_text(encoding="utf-8"))
    assert sorted(drawn) == sorted(shown)
    for name, picture in drawn.items():
        path = (ROOT / page).parent / name
        if os.environ.get("WAYFARE_UPDATE"):
            path.write_text(picture, encoding="utf-8")
        current = path.read_text(encoding="utf-8") == picture
        assert current, f"{name} is not current: run this test with WAYFARE_UPDATE=1"
