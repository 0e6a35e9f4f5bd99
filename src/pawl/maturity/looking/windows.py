"""What falls into a window that ends at the facts' own time, and whether an export reaches it.

An export that ends before the window began says nothing about it; one that reaches only part of
it is a sample of it. Deployments are counted the same way wherever they are counted.
"""

from collections.abc import Iterable, Sequence
from statistics import median

from pawl.maturity.facts import Absent, Facts
from pawl.maturity.facts.host import ChangeRequest, Host
from pawl.maturity.facts.operations import Deploy, Operations
from pawl.maturity.looking.recent import WINDOW_DAYS, days_before, within

MIN_DAYS = 28
"""Days that an export must cover at least; a shorter time is no habit."""
MAX_UNKNOWN = 0.1
"""Share of things that may be of unknown kind before nobody can tell a share of the others."""
PRODUCTION = frozenset({"production", "prod", "live"})


def middle(values: Iterable[float]) -> float | None:
    """Return the median, or None of nothing."""
    found = sorted(values)
    return float(median(found)) if found else None


def reaches(complete_since: str, as_of: str, days: float = WINDOW_DAYS) -> bool:
    """Say whether an export is complete for all of the window."""
    return complete_since <= days_before(as_of, days)


def host_of(facts: Facts, *parts: str) -> Host | str:
    """Return the host's export when it is recent and has these parts, or why it will not do."""
    host = facts.host
    if isinstance(host, Absent):
        return f"{host.reason} {host.hint}".strip()
    if not within(host.exported_at, facts.as_of):
        return (
            f"The host's export of {host.exported_at[:10]} is older than the window. Export anew."
        )
    for part in parts:
        if part in host.missing:
            return f"The host's export lacks {part}: {host.missing[part].rstrip('.')}. Export anew."
    return host


def operations_of(facts: Facts) -> Operations | str:
    """Return what operation recorded when it covers enough of the window, or why it will not do."""
    operations = facts.operations
    if isinstance(operations, Absent):
        return f"{operations.reason} {operations.hint}".strip()
    if operations.complete_since > days_before(facts.as_of, MIN_DAYS):
        since = operations.complete_since[:10]
        return f"The records of operation begin on {since}, less than {MIN_DAYS} days ago. Wait."
    return operations


def merged(host: Host, as_of: str) -> tuple[ChangeRequest, ...]:
    """Return the changes merged within the window, oldest first."""
    found = [change for change in host.changes if within(change.merged_at, as_of)]
    return tuple(sorted(found, key=lambda change: (change.merged_at or "", change.number)))


def deploys_of(
    operations: Operations, as_of: str, days: float = WINDOW_DAYS, ended: float = 0
) -> tuple[Deploy, ...]:
    """Return production's deployments of a window that ended so many days ago, oldest first."""
    end = days_before(as_of, ended)
    found = [
        deploy
        for deploy in operations.deploys or ()
        if deploy.environment.lower() in PRODUCTION and within(deploy.at, end, days)
    ]
    return tuple(sorted(found, key=lambda deploy: (deploy.at, deploy.id)))


def shipped(operations: Operations, as_of: str) -> tuple[Deploy, ...]:
    """Return production's deployments of the window that brought something new: no rollbacks."""
    return tuple(each for each in deploys_of(operations, as_of) if each.rollback_of is None)


def mostly_known(known: Sequence[object], everything: Sequence[object]) -> bool:
    """Say whether what is known is enough to speak of everything."""
    return len(everything) - len(known) <= MAX_UNKNOWN * len(everything)
