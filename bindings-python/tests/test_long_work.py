"""Long work can be watched and stopped, and does not hold up other threads."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import wayfare
from conftest import SHOP

NOW = "2026-06-01T00:00:00Z"


def many(rows: int) -> pa.Table:
    """Touchpoints of a tenth as many customers, in no order."""
    places = [(number * 2_654_435_761) % (rows // 10) for number in range(rows)]
    return pa.table(
        {
            "customer": pa.array(places, pa.int64()).cast(pa.string()),
            "at": pa.array(range(1_700_000_000, 1_700_000_000 + rows), pa.timestamp("s", "UTC")),
            "kind": pa.array(["purchased", "page_viewed"] * (rows // 2)),
            "value": pa.array([float(place) for place in places]),
        }
    )


@pytest.fixture(scope="module")
def touchpoints() -> pa.Table:
    return many(400_000)


def test_progress_goes_up_to_the_end(journey: wayfare.Journey, touchpoints: pa.Table) -> None:
    seen: list[tuple[int, int]] = []
    journey.run(touchpoints, as_of=NOW, progress=lambda done, total: seen.append((done, total)))
    assert seen, "the callback was never called"
    assert seen == sorted(seen)
    assert seen[-1][0] == seen[-1][1] > 0


def test_progress_can_stop_the_run(journey: wayfare.Journey, touchpoints: pa.Table) -> None:
    whole = pa.concat_tables([touchpoints] * 4)
    with pytest.raises(wayfare.CancelledError):
        journey.transitions(whole, as_of=NOW, progress=lambda done, total: False)


def test_an_error_in_the_callback_is_raised(journey: wayfare.Journey, touchpoints: pa.Table) -> None:
    def fail(done: int, total: int) -> None:
        raise LookupError("of the callback's own")

    with pytest.raises(LookupError, match="of the callback's own"):
        journey.run(touchpoints, as_of=NOW, progress=fail)


@pytest.mark.parametrize("library", ["rich", "plain"])
def test_true_shows_a_bar(
    journey: wayfare.Journey, touchpoints: pa.Table, capsys: pytest.CaptureFixture[str], monkeypatch: Any, library: str
) -> None:
    if library == "plain":
        monkeypatch.setitem(sys.modules, "rich.console", None)
    journey.run(touchpoints, as_of=NOW, progress=True)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "touchpoints" in shown.err
    assert shown.err.endswith("\n")


def test_other_threads_go_on(journey: wayfare.Journey, touchpoints: pa.Table) -> None:
    steps, stop = [0], threading.Event()

    def count() -> None:
        while not stop.is_set():
            steps[0] += 1
            time.sleep(0.001)

    thread = threading.Thread(target=count)
    thread.start()
    before = steps[0]
    journey.run(touchpoints, as_of=NOW)
    after = steps[0]
    stop.set()
    thread.join()
    assert after - before > 5


def test_a_reader_that_breaks_off(journey: wayfare.Journey) -> None:
    good = many(100)

    def batches() -> Any:
        yield from good.to_batches()
        raise OSError("the disk is gone")

    reader = pa.RecordBatchReader.from_batches(good.schema, batches())
    with pytest.raises(wayfare.InvalidTableError, match="broke off"):
        journey.run(reader, as_of=NOW)


SCRIPT = """
import sys, time
import pyarrow as pa
import wayfare
journey = wayfare.Journey.from_file(sys.argv[1])
rows = 200_000
part = pa.table({
    "customer": pa.array([str(number % 20_000) for number in range(rows)]),
    "at": pa.array(range(1_700_000_000, 1_700_000_000 + rows), pa.timestamp("s", "UTC")),
    "kind": pa.array(["purchased", "page_viewed"] * (rows // 2)),
})
table = pa.concat_tables([part] * 100)
print("ready", flush=True)
try:
    journey.transitions(table, as_of="2026-06-01T00:00:00Z")
except KeyboardInterrupt:
    print("stopped", flush=True)
    # The interpreter and the engine are both still good.
    assert journey.run(part.slice(0, 10), as_of="2026-06-01T00:00:00Z").num_rows == 10
    print("alive", flush=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="SIGINT is sent the POSIX way")
def test_ctrl_c_stops_a_run(tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text(SHOP)
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(tmp_path / "shop.yaml")], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    time.sleep(0.5)
    sent = time.monotonic()
    process.send_signal(signal.SIGINT)
    assert process.stdout.readline() == "stopped\n"
    assert time.monotonic() - sent < 10
    assert process.stdout.readline() == "alive\n"
    assert process.wait(timeout=60) == 0
