"""Secrets planted in transcripts are redacted before anything is stored.

Claims: redaction stops secrets that it has not seen before.

Looks at: canary drills of 90 days whose gate is redaction, one planted secret each (`fault` names
it, `succeeded` says whether it was redacted), and test reports with tests of redaction.

Fooled by: the same planted secret again and again (each counts once), a corpus that the filter was
written for (tests of the repository itself prove that they ran, not that unseen secrets are
stopped; only canaries do).

Yes: planted secrets were redacted; `redacted` says how many. No: none was. Cannot tell: neither a
canary nor a test of redaction in the window.
"""

from pawl.maturity.evidence import Depth, Kind
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.looking.recent import WINDOW_DAYS, newest, share_of, within
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, yes

_MARK = "redact"


def _judge(facts: Facts) -> Answer:
    planted = _canaries(facts)
    if planted:
        return _answer(planted, Depth.BITES, Kind.INCIDENT, "planted secrets")
    tested = _tests(facts)
    if tested:
        return _answer(tested, Depth.RUNS, Kind.CI, "tests of redaction")
    return cannot_tell(
        f"No canary and no test of redaction ran in {WINDOW_DAYS} days; plant fresh secrets with "
        "`pawl canary`."
    )


def _answer(found: dict[str, tuple[str, bool]], depth: Depth, kind: Kind, what: str) -> Answer:
    stopped = sum(held for _, held in found.values())
    told = {
        "values": {"cases": len(found), "redacted": share_of(stopped, len(found))},
        "claimed_at": newest(at for at, _ in found.values()),
        "inputs": sorted(found),
    }
    reason = f"{stopped} of {len(found)} {what} of {WINDOW_DAYS} days held."
    return yes(reason, depth, kind, **told) if stopped else no(reason, kind, **told)


def _canaries(facts: Facts) -> dict[str, tuple[str, bool]]:
    """Return the planted secrets with the last time and whether each was always stopped."""
    found: dict[str, tuple[str, bool]] = {}
    if isinstance(facts.operations, Absent):
        return found
    for drill in facts.operations.drills or ():
        if drill.kind != "canary" or _MARK not in (drill.gate or "").lower() or not drill.fault:
            continue
        if drill.succeeded is None or not within(drill.at, facts.as_of):
            continue
        at, held = found.get(drill.fault, (drill.at, True))
        found[drill.fault] = (max(at, drill.at), held and drill.succeeded)
    return found


def _tests(facts: Facts) -> dict[str, tuple[str, bool]]:
    """Return the tests of redaction of the window's newest report that holds any."""
    if isinstance(facts.reports, Absent):
        return {}
    runs = [run for run in facts.reports.tests if run.at and run.run and run.commit]
    for run in sorted(runs, key=lambda each: each.at or "", reverse=True):
        cases = {
            case.name: (run.at or "", case.status == "passed")
            for case in run.cases
            if _MARK in case.name.lower() and case.status != "skipped"
        }
        if cases and within(run.at, facts.as_of):
            return cases
    return {}


PROBE = Probe(
    claim="Redaction is tested",
    area="security",
    version=1,
    kinds=(Kind.INCIDENT, Kind.CI),
    depth=Depth.BITES,
    values={
        "cases": "different planted secrets, or tests where none was planted",
        "redacted": "share of them that were redacted every time",
    },
    remedy=Remedy("Plant fresh secrets in transcripts on a schedule and check the store.", 1.0),
    judge=_judge,
)
