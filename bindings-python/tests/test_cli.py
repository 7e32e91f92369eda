"""The command `wayfare`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pyarrow.csv
import pyarrow.feather
import pyarrow.parquet
import pytest
from conftest import SHOP, Snapshots
from test_frames import TOUCHPOINTS
from typer.testing import CliRunner, Result
from wayfare.cli import app

NOW = "2026-06-01T00:00:00Z"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "shop.yaml").write_text(SHOP)
    pyarrow.parquet.write_table(TOUCHPOINTS, tmp_path / "touchpoints.parquet")
    pyarrow.csv.write_csv(TOUCHPOINTS, tmp_path / "touchpoints.csv")
    pyarrow.feather.write_feather(TOUCHPOINTS, tmp_path / "touchpoints.arrow")
    (tmp_path / "customers.csv").write_text("customer,plan,age\nc-1,gold,41\nc-2,,\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("NO_COLOR", "1")
    return tmp_path


def wayfare(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


@pytest.mark.parametrize("template", ["retail", "subscription", "insurance"])
def test_init_then_check(folder: Path, template: str) -> None:
    made = wayfare("init", "--template", template)
    assert made.exit_code == 0, made.output
    checked = wayfare("check", "journey.yaml", "--strict")
    assert checked.exit_code == 0, checked.output
    assert "is ready to run" in checked.stdout


def test_init_does_not_write_over_a_file(folder: Path) -> None:
    assert wayfare("init", "shop.yaml").exit_code == 1
    assert (folder / "shop.yaml").read_text() == SHOP
    assert wayfare("init", "shop.yaml", "--force").exit_code == 0
    assert wayfare("init", "new.yaml", "--template", "retial").exit_code == 1
    assert not (folder / "new.yaml").exists()


def test_check_shows_every_problem_with_its_line(folder: Path, snapshots: Snapshots) -> None:
    wrong = SHOP.replace("count: purchased", "count: purchsed").replace("from: [customer]", "from: [custmer]")
    (folder / "wrong.yaml").write_text(wrong)
    result = wayfare("check", "wrong.yaml", "shop.yaml")
    assert result.exit_code == 1
    snapshots.check("command", "check", result.stdout + "\n" + result.stderr)


def test_check_counts_warnings_as_errors_if_asked(folder: Path) -> None:
    (folder / "warned.yaml").write_text(SHOP.replace(", output: true }\n  last_topic", " }\n  last_topic"))
    assert wayfare("check", "warned.yaml").exit_code == 0
    assert wayfare("check", "--strict", "warned.yaml").exit_code == 1


def test_wrong_calls_end_with_2(folder: Path) -> None:
    (folder / "touchpoints.txt").write_text("")
    for arguments in (
        ["check"],
        ["check", "none.yaml"],
        ["run", "shop.yaml", "touchpoints.csv"],
        ["run", "shop.yaml", "touchpoints.txt", "--as-of", NOW],
        ["run", "shop.yaml", "touchpoints.csv", "--as-of", NOW, "--out", "result.xlsx"],
        ["fly"],
    ):
        assert wayfare(*arguments).exit_code == 2, arguments


@pytest.mark.parametrize("suffix", ["parquet", "csv", "arrow"])
def test_run_reads_and_writes_each_format(folder: Path, suffix: str, snapshots: Snapshots) -> None:
    result = wayfare(
        "run",
        "shop.yaml",
        f"touchpoints.{suffix}",
        "--as-of",
        NOW,
        "--customers",
        "customers.csv",
        "--out",
        f"result.{suffix}",
    )
    assert result.exit_code == 0, result.output
    snapshots.check("command", "run", result.stdout)
    read = {"parquet": pyarrow.parquet.read_table, "csv": pyarrow.csv.read_csv, "arrow": pyarrow.feather.read_table}[
        suffix
    ]
    rows = read(folder / f"result.{suffix}").to_pylist()
    assert [row["customer"] for row in rows] == [f"c-{number}" for number in range(7)]
    assert rows[1]["tier"] == "gold"


def test_run_at_several_instants(folder: Path) -> None:
    result = wayfare(
        "run", "shop.yaml", "touchpoints.csv", "--as-of", NOW, "--as-of", "2026-02-01T00:00:00Z", "--out", "r.parquet"
    )
    assert result.exit_code == 0, result.output
    assert pyarrow.parquet.read_table(folder / "r.parquet").num_rows == 14


def test_transitions(folder: Path, snapshots: Snapshots) -> None:
    result = wayfare("transitions", "shop.yaml", "touchpoints.parquet", "--as-of", NOW, "--explain", "--rows", "5")
    assert result.exit_code == 0, result.output
    snapshots.check("command", "transitions", result.stdout)


def test_explain_tells_one_customer(folder: Path, snapshots: Snapshots) -> None:
    arguments = ("shop.yaml", "touchpoints.csv", "--customer", "c-1", "--as-of", NOW, "--customers", "customers.csv")
    result = wayfare("explain", *arguments)
    assert result.exit_code == 0, result.output
    snapshots.check("command", "explain", result.stdout)
    assert wayfare("explain", "shop.yaml", "touchpoints.csv", "--customer", "nobody", "--as-of", NOW).exit_code == 1


def test_explain_of_a_customer_whose_attributes_are_all_unknown(folder: Path) -> None:
    arguments = ("shop.yaml", "touchpoints.csv", "--customer", "c-2", "--as-of", NOW, "--customers", "customers.csv")
    result = wayfare("explain", *arguments)
    assert result.exit_code == 0, result.output


def test_columns_the_journey_does_not_know_are_passed_over_if_so_asked(folder: Path) -> None:
    (folder / "extra.csv").write_text("customer,at,kind,campaign\nc-1,2026-01-01T00:00:00Z,purchased,spring\n")
    (folder / "people.csv").write_text("customer,plan,shoe\nc-1,gold,9\n")
    arguments = ("shop.yaml", "extra.csv", "--as-of", NOW, "--customers", "people.csv")
    for command in (("run",), ("explain", "--customer", "c-1")):
        assert wayfare(*command, *arguments).exit_code == 1
        result = wayfare(*command, *arguments, "--ignore-extra-columns")
        assert result.exit_code == 0, result.output


def test_bad_rows_fail_unless_they_are_to_be_kept_apart(folder: Path) -> None:
    text = (folder / "touchpoints.csv").read_text().replace('"page_viewed"', '"page_vewed"', 2)
    (folder / "bad.csv").write_text(text)
    result = wayfare("run", "shop.yaml", "bad.csv", "--as-of", NOW)
    assert result.exit_code == 1
    assert "touchpoints: row 1, column `kind`" in result.stderr
    assert "2 bad rows" in result.stderr
    result = wayfare("run", "shop.yaml", "bad.csv", "--as-of", NOW, "--rejected", "rejected.csv")
    assert result.exit_code == 0, result.output
    assert pyarrow.csv.read_csv(folder / "rejected.csv").column("row").to_pylist() == [1, 2]


def test_errors_end_with_1_and_no_traceback(folder: Path) -> None:
    (folder / "torn.parquet").write_bytes(b"PAR1 torn")
    (folder / "extra.csv").write_text("customer,at,kind,shoe\nc-1,2026-01-01T00:00:00Z,purchased,9\n")
    (folder / "naive.csv").write_text("customer,at,kind\nc-1,2026-01-01T00:00:00,purchased\n")
    for arguments in (
        ["run", "shop.yaml", "torn.parquet", "--as-of", NOW],
        ["run", "shop.yaml", "extra.csv", "--as-of", NOW],
        ["run", "shop.yaml", "naive.csv", "--as-of", NOW],
        ["explain", "shop.yaml", "naive.csv", "--customer", "c-1", "--as-of", NOW],
        ["run", "shop.yaml", "touchpoints.csv", "--as-of", "tomorrow"],
        ["explain", "shop.yaml", "touchpoints.csv", "--customer", "c-1", "--as-of", "tomorrow"],
    ):
        result = wayfare(*arguments)
        assert result.exit_code == 1, (arguments, result.output, result.exception)
        assert result.stderr.startswith("error: "), result.stderr
    for command in (["run"], ["explain", "--customer", "c-1"]):
        zone = [
            command[0],
            "shop.yaml",
            "naive.csv",
            *command[1:],
            "--as-of",
            NOW,
            "--naive-time-zone",
            "Europe/London",
        ]
        assert wayfare(*zone).exit_code == 0, zone
    assert wayfare("run", "shop.yaml", "extra.csv", "--as-of", NOW, "--ignore-extra-columns").exit_code == 0


def test_the_command_is_installed(folder: Path) -> None:
    found = subprocess.run(
        [sys.executable, "-m", "wayfare", "check", "shop.yaml"], capture_output=True, text=True, check=False
    )
    assert (found.returncode, found.stderr) == (0, "")
    script = Path(sys.executable).with_name("wayfare")
    found = subprocess.run([script, "check", "shop.yaml"], capture_output=True, text=True, check=False)
    assert found.returncode == 0


STORE = """
wayfare: 1
name: Store
channels: { email: { owner: crm }, web: { owner: digital } }
touchpoints: { page_viewed: {}, purchased: {}, message_sent: {} }
traits:
  orders: { count: purchased }
  views_30d: { count: page_viewed, within: 30d }
  days_since_order: { days_since: purchased }
tracks:
  relationship:
    - { name: unknown }
    - { name: prospect, from: [unknown], when: views_30d >= 1 }
    - { name: customer, when: orders >= 1 }
purposes: { service: { required: true }, marketing: {} }
inputs: { p_click: number, code: text }
contact_policy: { kind: message_sent }
actions:
  - { name: thank_you, purpose: service, channels: email, when: days_since_order < 7, value: 5 }
  - name: first_order
    purpose: marketing
    channels: web
    stages: { relationship: prospect }
    propensity: input.p_click
"""


@pytest.fixture
def store(folder: Path) -> Path:
    (folder / "store.yaml").write_text(STORE)
    (folder / "hasty.yaml").write_text(STORE.replace("< 7", "< 2"))
    (folder / "said.csv").write_text(
        "customer,at,kind,channel,value\n"
        "ada,2026-05-27T10:00:00Z,purchased,web,30\n"
        "bo,2026-05-28T10:00:00Z,page_viewed,web,\n"
        "cy,2026-05-28T10:00:00Z,page_viewed,web,\n"
    )
    (folder / "preferences.csv").write_text(
        "customer,at,choice,purpose,expires\n"
        "bo,2026-01-01T10:00:00Z,in,marketing,\n"
        "cy,2026-01-01T10:00:00Z,in,marketing,2026-02-01T00:00:00Z\n"
    )
    # Digits are text where the journey says so.
    (folder / "inputs.csv").write_text("customer,p_click,code\nbo,1,007\n")
    return folder


KNOWN = ("--preferences", "preferences.csv", "--inputs", "inputs.csv", "--as-of", NOW)


def test_decide(store: Path, snapshots: Snapshots) -> None:
    result = wayfare("decide", "store.yaml", "said.csv", *KNOWN, "--out", "decisions.parquet")
    assert result.exit_code == 0, result.output
    snapshots.check("command", "decide", result.stdout)
    rows = pyarrow.parquet.read_table(store / "decisions.parquet").to_pylist()
    assert [(row["action"], row["because"]) for row in rows] == [
        ("thank_you", "first"),
        ("first_order", "first"),
        (None, "default_out"),
    ]
    explained = wayfare("decide", "store.yaml", "said.csv", *KNOWN, "--explain")
    assert explained.exit_code == 0, explained.output
    snapshots.check("command", "decide_explain", explained.stdout)


def test_compare_ends_as_diff_does(store: Path, snapshots: Snapshots) -> None:
    same = wayfare("compare", "store.yaml", "store.yaml", "said.csv", *KNOWN)
    assert (same.exit_code, same.stdout) == (0, "3 customers, and nothing differs\n")
    differs = wayfare("compare", "store.yaml", "hasty.yaml", "said.csv", *KNOWN, "--out", "differences.csv")
    assert differs.exit_code == 1
    snapshots.check("command", "compare", differs.stdout)
    assert pyarrow.csv.read_csv(store / "differences.csv").column("customer").to_pylist() == ["ada"]
    (store / "bad.csv").write_text("customer,at,choice\nbo,2026-01-01T10:00:00Z,maybe\n")
    for arguments in (
        ["store.yaml", "said.csv", "said.csv", *KNOWN],
        ["store.yaml", "none.yaml", "said.csv", *KNOWN],
        ["store.yaml", "hasty.yaml", "said.csv", "--as-of", "tomorrow"],
        ["store.yaml", "hasty.yaml", "said.csv", "--as-of", NOW, "--preferences", "bad.csv"],
    ):
        assert wayfare("compare", *arguments).exit_code == 2, arguments


def test_grid(store: Path, snapshots: Snapshots) -> None:
    shown = wayfare("grid", "store.yaml")
    assert shown.exit_code == 0, shown.output
    snapshots.check("command", "grid", shown.stdout)
    filled = wayfare("grid", "store.yaml", "said.csv", "--as-of", NOW, "--conversion", "purchased")
    assert filled.exit_code == 0, filled.output
    assert "1 conversion" in filled.stdout
    written = wayfare("grid", "store.yaml", "--html", "grid.html", "--svg", "grid.svg")
    assert (written.exit_code, written.stdout) == (0, "")
    assert (store / "grid.html").read_text().startswith("<!doctype html>")
    assert (store / "grid.svg").read_text().startswith("<svg ")
    assert wayfare("grid", "store.yaml", "--mermaid").stdout.startswith("stateDiagram-v2")
    assert wayfare("grid", "store.yaml", "said.csv").exit_code == 2
    assert wayfare("grid", "store.yaml", "--track", "loyalty").exit_code == 1
