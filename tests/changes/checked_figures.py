"""Figures held against plain counts of events, and old reports held against themselves."""

from collections.abc import Iterable, Mapping, Sequence

from tests.changes.made_changes import at

from pawl.changes.change import Happened, Happening
from pawl.changes.gate import Decision
from pawl.changes.metrics import Figures, figures, report_bytes
from pawl.changes.releases import past_of


def figures_until(
    events: Sequence[Happened], decisions: Mapping[str, Decision], until: str
) -> Figures:
    """Return the figures of everything before a time."""
    told = past_of(events, until, decision=decisions.get, first_commit=lambda _: None)
    return figures(told.releases, told.recoveries, at(-9), until)


def check_figures(
    events: Sequence[Happened],
    decisions: Mapping[str, Decision],
    reported: Iterable[tuple[str, bytes]],
    until: str,
) -> None:
    """Fail where figures are not what plain counts say, or an old report is not made again."""
    found = figures_until(events, decisions, until)
    types = [each.type for each in events]
    assert found.unmanaged == types.count(Happening.FOUND)
    assert found.releases == types.count(Happening.STARTED) + found.unmanaged
    # What is of high risk is approved, so only what went around everything lacks an approval.
    assert found.missing_approvals.numerator == found.unmanaged
    assert found.gate_coverage.numerator <= found.releases - found.unmanaged
    assert found.rollback_time.ended <= types.count(Happening.ROLLED_BACK)
    assert found.change_failures.denominator + found.unknown_outcomes == found.releases
    for time, report in reported:
        assert report_bytes(figures_until(events, decisions, time)) == report
