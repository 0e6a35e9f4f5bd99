"""The one type that lint, probes and audits answer with."""

from enum import StrEnum

import msgspec


class Outcome(StrEnum):
    """How a check ended. `CANNOT_TELL` never rounds to yes or no."""

    PASS = "pass"
    FAIL = "fail"
    CANNOT_TELL = "cannot-tell"
    NOT_APPLICABLE = "not-applicable"
    ERROR = "error"


class Severity(StrEnum):
    """How much harm the finding can do."""

    INFO = "info"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Confidence(StrEnum):
    """How sure the check is of what it found."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Place(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a finding is: a path as given, and a 1-based line where one is known."""

    path: str
    line: int | None = None

    def __str__(self) -> str:
        return self.path if self.line is None else f"{self.path}:{self.line}"


class Finding(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One result of a check, with what it rests on and what to do about it."""

    id: str
    outcome: Outcome
    severity: Severity
    confidence: Confidence
    message: str
    place: Place | None = None
    evidence: tuple[str, ...] = ()
    hint: str = ""
