"""A change whose required check is red is not merged until it is green.

Looks at the changes of the last 90 days that had a red required check: each must have been closed,
or merged only after the same check passed. A canary change that a gate refused counts as well.

What would fool it: merging by force. A change that was merged past its rules counts as not
blocked, whatever its checks say. Checks that are not required cannot block and are left out.

Yes: red changes were kept out; `blocked` is their share. No: most red changes were merged, or no
check is required at all. Cannot tell: without a host's export, or when nothing was red.
"""

from pawl.maturity.evidence import Assurance, Depth, Kind
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.facts.host import ChangeRequest, Host
from pawl.maturity.looking.recent import share_of, within
from pawl.maturity.looking.windows import host_of, reaches
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, yes

RED = frozenset({"failure", "failed", "timed_out", "startup_failure"})
GREEN = frozenset({"success", "passed"})


def _required(change: ChangeRequest, host: Host) -> set[str]:
    named = {check.name for check in change.checks if check.required}
    listed = host.ruleset.required_checks if host.ruleset else None
    return named | set(listed or ())


def was_blocked(change: ChangeRequest, required: set[str]) -> bool | None:
    """Say whether a change that was red was kept out; None when it never was red, or is open."""
    checks = [check for check in change.checks if check.name in required]
    red = {check.name for check in checks if check.conclusion in RED}
    if not red:
        return None
    if change.merged_at is None:
        return True if change.closed_at else None
    if change.bypassed:
        return False
    for name in red:
        runs = [check for check in checks if check.name == name]
        # Without its time a run cannot be put in order; only a known one proves the repair.
        before = [
            check
            for check in runs
            if check.completed_at is not None and check.completed_at <= change.merged_at
        ]
        last = max(before, key=lambda check: check.completed_at or "", default=None)
        if last is None or last.conclusion not in GREEN:
            return False
    return True


def _canaries(facts: Facts) -> list[bool]:
    """Return, for each recent canary change, whether a gate refused it."""
    if isinstance(facts.operations, Absent):
        return []
    return [
        drill.succeeded
        for drill in facts.operations.drills or ()
        if drill.kind == "canary" and drill.succeeded is not None and within(drill.at, facts.as_of)
    ]


def judge(facts: Facts) -> Answer:
    """Judge red changes by what became of them, and canaries by their refusal."""
    host = host_of(facts, "changes", "checks")
    canaries = _canaries(facts)
    outcomes: list[bool] = list(canaries)
    kinds = [Kind.CI] if canaries else []
    numbers: list[int] = []
    if isinstance(host, Host):
        recent = [
            change
            for change in host.changes
            if within(change.merged_at or change.closed_at, facts.as_of)
        ]
        for change in recent:
            blocked = was_blocked(change, _required(change, host))
            if blocked is not None:
                outcomes.append(blocked)
                numbers.append(change.number)
        kinds.append(Kind.HOST)
        demands = any(_required(change, host) for change in recent)
        if not outcomes and recent and not demands and host.ruleset is not None:
            return no("No check is required, so a red one keeps nothing out.", Kind.HOST)
    if not outcomes:
        nothing = "Nothing was red in the window. Show with a canary change that the gate bites."
        return cannot_tell(host if isinstance(host, str) else nothing)
    hits = sum(outcomes)
    whole = isinstance(host, Host) and reaches(host.complete_since, facts.as_of)
    told = {
        "values": {"blocked": share_of(hits, len(outcomes), whole=whole), "red": len(outcomes)},
        "assurance": Assurance.PROVIDER if numbers else Assurance.OBSERVED,
        "inputs": numbers,
    }
    said = f"{hits} of {len(outcomes)} red changes were kept out until they were green."
    if hits * 2 <= len(outcomes):
        return no(said, *kinds, **told)
    return yes(said, Depth.BITES, *kinds, **told)


PROBE = Probe(
    claim="A red build keeps a change out.",
    area="delivery",
    version=1,
    kinds=(Kind.HOST, Kind.CI),
    depth=Depth.BITES,
    values={
        "blocked": "share of red changes and canaries in 90 days that were kept out until green",
        "red": "red changes and canaries in 90 days",
    },
    remedy=Remedy("Require the checks before merging, for everybody, without bypass.", 0.5),
    judge=judge,
)
