"""What a reviewer says of a change: findings, each about lines of the diff, with evidence."""

from enum import StrEnum
from typing import Annotated, Literal

import msgspec

from pawl.base.canonical import digest
from pawl.base.finding import Severity

MAX_TITLE = 200
MAX_EVIDENCE = 1_000
MAX_SUGGESTION = 2_000
MAX_PATH = 4_096
MAX_LINE = 100_000_000

Side = Literal["new", "old"]
"""Which version a line number counts in: the one the change makes, or the one it removes."""
State = Literal["shown", "queued"]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
LineNumber = Annotated[int, msgspec.Meta(ge=1, le=MAX_LINE)]


class Category(StrEnum):
    """What a finding is about."""

    SECURITY = "security"
    CORRECTNESS = "correctness"
    API_MISUSE = "api-misuse"
    TESTS = "tests"
    COMPLEXITY = "complexity"
    CONSISTENCY = "consistency"
    STYLE = "style"
    OTHER = "other"


RANKS = {
    Severity.INFO: 0,
    Severity.LOW: 1,
    Severity.MEDIUM: 2,
    Severity.HIGH: 3,
    Severity.CRITICAL: 4,
}
"""Severities in order, the mildest first."""


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """One finding as the agent said it, of bounded length. Nothing of it is believed yet."""

    category: Category
    severity: Severity
    confidence: Share
    title: Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_TITLE)]
    file: Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_PATH)]
    side: Side = "new"
    line: LineNumber
    last_line: LineNumber
    evidence: Annotated[str, msgspec.Meta(max_length=MAX_EVIDENCE)] = ""
    suggestion: Annotated[str, msgspec.Meta(max_length=MAX_SUGGESTION)] = ""


class Finding(Said, frozen=True, kw_only=True):
    """A finding that is about lines of the diff, quotes them, and says what to do.

    `fingerprint` leaves line numbers out, so that it stays while code above the place moves.
    `threshold` is the confidence that its category asked for; `queued` is below it. `moved` says
    that the line numbers were the agent's mistake, and are those of the quoted lines now.
    """

    fingerprint: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
    state: State = "shown"
    threshold: Share = 0.0
    moved: bool = False

    @property
    def id(self) -> str:
        """The short name people type; unique enough within one review."""
        return self.fingerprint[:12]


class Dropped(msgspec.Struct, frozen=True, kw_only=True):
    """Something the agent said that nobody is shown, and why. The place is as it was said."""

    title: Annotated[str, msgspec.Meta(max_length=MAX_TITLE)] = ""
    file: Annotated[str, msgspec.Meta(max_length=MAX_PATH)] = ""
    line: int | None = None
    reason: Annotated[str, msgspec.Meta(max_length=500)]


def fingerprint(said: Said) -> str:
    """Return what makes two findings one: category, file, side and the quoted code."""
    quoted = " ".join(said.evidence.split())
    return digest([said.category.value, said.file, said.side, quoted])


def order(finding: Said) -> tuple[int, float, str, int, str]:
    """Return the key that sorts findings: the worst first, then the surest, then by place."""
    return (
        -RANKS[finding.severity],
        -finding.confidence,
        finding.file,
        finding.line,
        finding.title,
    )
