"""The exceptions of wayfare: one class for each kind of error, all under `WayfareError`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from ._wayfare import BadRow, Diagnostic


class WayfareError(Exception):
    """An error of wayfare. It is never raised with a customer's data in its text."""

    code: ClassVar[str] = "internal"
    """The kind of error in snake case, the same in every language."""

    message: str
    """What is wrong, without the help."""

    help: str | None
    """What to do about it, where that can be said."""

    def __init__(self, message: str = "", *, help: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.help = help

    def __str__(self) -> str:
        return f"{self.message}; {self.help}" if self.help else self.message


class _DiagnosedError(WayfareError):
    """A document has errors: `diagnostics` has all of them."""

    diagnostics: list[Diagnostic]
    """All problems of the document, in its order. Empty after pickling: the message has them as text."""

    def __init__(
        self, message: str = "", *, help: str | None = None, diagnostics: list[Diagnostic] | None = None
    ) -> None:
        super().__init__(message, help=help)
        self.diagnostics = diagnostics or []

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.message,), {"help": self.help}


class InvalidJourneyError(_DiagnosedError):
    """The journey file has errors; `diagnostics` has all of them, and the warnings."""

    code = "invalid_journey"


class InvalidRecordError(WayfareError):
    """A record cannot be folded: an unknown kind, a value that is not finite, a property of the wrong type …"""

    code = "invalid_record"

    field: str | None
    """The field at fault."""

    def __init__(self, message: str = "", *, help: str | None = None, field: str | None = None) -> None:
        super().__init__(message, help=help)
        self.field = field or None


class TooLateError(WayfareError):
    """The record is older than the journey's `allowed_lateness` permits; the profile is unchanged."""

    code = "too_late"


class InvalidProfileError(WayfareError):
    """The bytes are not a profile, or were damaged."""

    code = "invalid_profile"


class JourneyMismatchError(WayfareError):
    """The profile was folded with a different journey."""

    code = "journey_mismatch"


class InvalidTableError(WayfareError):
    """A table cannot be read: a missing or unknown column, a wrong type, bad rows."""

    code = "invalid_table"

    rows: list[BadRow]
    """The refused rows, where single rows are at fault."""

    def __init__(self, message: str = "", *, help: str | None = None, rows: list[BadRow] | None = None) -> None:
        super().__init__(message, help=help)
        self.rows = rows or []


class InvalidArgumentError(WayfareError, ValueError):
    """An argument is out of its range."""

    code = "invalid_argument"


class NotFittedError(WayfareError):
    """A model could not be fitted to the data; `status` says why and, at a limit, what the limit model estimates."""

    code = "not_fitted"

    status: dict[str, Any]
    """How the fit ended: `status` is `boundary`, `ridge`, `flat` or `too_little_data`; other keys name parameters."""

    def __init__(self, message: str = "", *, help: str | None = None, status: dict[str, Any] | None = None) -> None:
        super().__init__(message, help=help)
        self.status = status or {}


class InvalidRulesError(_DiagnosedError):
    """The rules of an identity graph have errors; `diagnostics` has all of them."""

    code = "invalid_rules"


class InvalidIdentityError(WayfareError):
    """The bytes are not an identity graph, or were damaged."""

    code = "invalid_identity"


class CancelledError(WayfareError):
    """The progress callback asked to stop."""

    code = "cancelled"


_CLASSES: dict[str, type[WayfareError]] = {
    kind.code: kind
    for kind in (
        InvalidJourneyError,
        InvalidRecordError,
        TooLateError,
        InvalidProfileError,
        JourneyMismatchError,
        InvalidTableError,
        InvalidArgumentError,
        NotFittedError,
        InvalidRulesError,
        InvalidIdentityError,
        CancelledError,
    )
}


def make(
    code: str,
    message: str,
    help: str | None = None,
    field: str | None = None,
    diagnostics: list[Diagnostic] | None = None,
    rows: list[BadRow] | None = None,
    status: dict[str, Any] | None = None,
) -> WayfareError:
    """The exception for an error of the core."""
    kind = _CLASSES.get(code, WayfareError)
    if issubclass(kind, (InvalidJourneyError, InvalidRulesError)):
        return kind(message, help=help, diagnostics=diagnostics)
    if issubclass(kind, InvalidRecordError):
        return kind(message, help=help, field=field)
    if issubclass(kind, InvalidTableError):
        return kind(message, help=help, rows=rows)
    if issubclass(kind, NotFittedError):
        return kind(message, help=help, status=status)
    return kind(message, help=help)
