"""What `progress=` shows."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

Callback = Callable[[int, int], Any]


def callback(progress: bool | Callback) -> Callback | None:
    """The caller's own callback, a bar for `True`, nothing for `False`."""
    if progress is True:
        return _bar()
    return progress or None


def _bar() -> Callback:
    try:
        return _RichBar()
    except ImportError:
        return _PlainBar()


class _RichBar:
    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn("touchpoints"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self._progress = Progress(*columns, console=Console(stderr=True))
        self._task = self._progress.add_task("", total=None)
        self._progress.start()

    def __call__(self, done: int, total: int) -> None:
        self._progress.update(self._task, completed=done, total=total)

    def close(self) -> None:
        self._progress.stop()


class _PlainBar:
    def __call__(self, done: int, total: int) -> None:
        sys.stderr.write(f"\rtouchpoints {done:,} of {total:,} ({100 * done // total} %)")
        sys.stderr.flush()

    def close(self) -> None:
        sys.stderr.write("\n")
