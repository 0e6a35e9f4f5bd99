"""What is said of a condition, and of a change: five words, of which one lets it through."""

from collections.abc import Iterable
from enum import StrEnum


class Verdict(StrEnum):
    """How a condition stands. Only `PASS` counts as passed; the last three are not each other."""

    PASS = "pass"
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    """Looked at, and what is there does not say."""
    ERROR = "error"
    """Could not be looked at: a defect or a broken policy, for somebody to mend."""
    NOT_APPLICABLE = "not-applicable"


CONCLUSIVE = frozenset({Verdict.PASS, Verdict.FAIL})
_WORST_FIRST = (
    Verdict.FAIL,
    Verdict.ERROR,
    Verdict.INCONCLUSIVE,
    Verdict.PASS,
    Verdict.NOT_APPLICABLE,
)


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the worst of some verdicts; of none it is that nothing applied."""
    return min(verdicts, key=_WORST_FIRST.index, default=Verdict.NOT_APPLICABLE)
