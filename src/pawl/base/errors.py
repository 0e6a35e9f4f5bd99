"""Errors a person can act on.

Every expected failure carries a kebab-case code for machines, a message for people, the place
it is about and what to do next. What an error *means* for the caller is its kind; the command
line and the server each turn kinds into their own status in one table.
"""

from enum import StrEnum


class Kind(StrEnum):
    """What a failure means to whoever asked."""

    ASKED_WRONGLY = "asked-wrongly"
    """A bad flag, file or value: the caller can mend it."""
    CANNOT_TELL = "cannot-tell"
    """The question was fine, the evidence is missing or unreadable."""
    REFUSED = "refused"
    """A policy or budget said no before anything happened."""
    UNAVAILABLE = "unavailable"
    """A store, server or disk did not do its part; trying again may help."""


class PawlError(Exception):
    """An expected failure.

    `place` names the file, line, flag or URL the message is about; `hint` is the remedy, an
    imperative sentence. Subclasses fix `code` and `kind`, so that tests and callers can tell
    failures apart without reading prose.
    """

    code = "pawl-error"
    kind = Kind.ASKED_WRONGLY

    def __init__(self, message: str, *, place: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.place = place
        self.hint = hint

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place else ""
        remedy = f" {self.hint}" if self.hint else ""
        return f"{where}{self.message}{remedy}"


class BadValue(PawlError):
    """A value somebody typed does not mean anything."""

    code = "bad-value"


class BadFile(PawlError):
    """A file somebody wrote does not load; the place is `path:line` where known."""

    code = "bad-file"


class CannotTell(PawlError):
    """The evidence to answer with is missing or unreadable."""

    code = "cannot-tell"
    kind = Kind.CANNOT_TELL


class Refused(PawlError):
    """A policy, budget or missing agent stopped the work before it began."""

    code = "refused"
    kind = Kind.REFUSED


class Unavailable(PawlError):
    """Something outside Pawl that it needs did not answer."""

    code = "unavailable"
    kind = Kind.UNAVAILABLE
