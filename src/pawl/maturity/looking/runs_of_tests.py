"""Which exported test reports count: bound to a run and a commit, in the window, each once.

A report proves a run only when it names the run and its commit; where the code host's own runs
were exported too, both must be among them. The same bytes handed in again are one report.
"""

import msgspec

from pawl.maturity.facts import Absent, Facts
from pawl.maturity.facts.host import CiRun, Host
from pawl.maturity.looking.recent import within
from pawl.parsing.junit import TestRun


class Runs(msgspec.Struct, frozen=True, kw_only=True):
    """The reports of the window that count.

    `vouched` says that the host's export knows every one of them. `unbound` name no run or no
    commit, `unknown` name a run that the host does not know or knows with another commit, `old`
    lie outside the window, `copies` are the same bytes again.
    """

    counted: tuple[TestRun, ...]
    vouched: bool = False
    unbound: int = 0
    unknown: int = 0
    old: int = 0
    copies: int = 0


def counted_runs(facts: Facts, days: float) -> Runs | None:
    """Return the reports that count in the window; None when no reports were given."""
    if isinstance(facts.reports, Absent):
        return None
    known = _host_runs(facts.host)
    counted: list[TestRun] = []
    seen: set[str] = set()
    unbound = unknown = old = copies = 0
    for report in sorted(facts.reports.tests, key=lambda each: (each.at or "", each.digest)):
        if report.digest in seen:
            copies += 1
            continue
        seen.add(report.digest)
        if report.run is None or report.commit is None:
            unbound += 1
            continue
        provider = None if known is None else known.get(report.run)
        if known is not None and (provider is None or provider.commit != report.commit):
            unknown += 1
            continue
        at = provider.started_at if provider else report.at
        if at is None:
            unbound += 1
        elif not within(at, facts.as_of, days):
            old += 1
        else:
            counted.append(msgspec.structs.replace(report, at=at))
    return Runs(
        counted=tuple(counted),
        vouched=known is not None and bool(counted),
        unbound=unbound,
        unknown=unknown,
        old=old,
        copies=copies,
    )


def _host_runs(host: Host | Absent) -> dict[str, CiRun] | None:
    """Return the host's runs by id; None when its export does not hold them."""
    if isinstance(host, Absent) or "runs" in host.missing or not host.runs:
        return None
    return {run.id: run for run in host.runs}
