"""What resolving a table of identifiers gives."""

from __future__ import annotations

from typing import Any, NamedTuple


class Resolution(NamedTuple):
    """Persons of a table, and what became of its rows."""

    persons: Any
    """A row an identifier: `kind`, `identifier`, `person`. One that only ever was dropped has no person."""

    report: dict[str, int]
    """How many rows there were, were refused, duplicates, records; identifiers, blocked and dropped; and persons."""

    rejected: Any
    """The refused rows, with `on_error="collect"`: `table`, `row`, `column`, `reason`."""
