"""A scanner looks for secrets, and what it finds does not stay.

Claims: a secret scanner runs on this repository, and its findings are closed.

Looks at: CI steps that run a known secret scanner and whether their failure counts; scanner
configurations and what they overlook; SARIF reports of 90 days.

Fooled by: a step whose failure is swallowed or that only prints that it scans (no proof), a
configuration that overlooks everything (no proof), a report without a commit, of a scan that
failed, without rules, or of a commit that the host does not know (does not count), findings put
on an allow-list or in a baseline (`allowed` counts them, so that its growth is seen).

Yes: reports show scans (runs), or a step that can fail the build (substantive), or at least a
configuration (exists). No: there is neither, or the only step or configuration lets everything
through. Cannot tell: no tree and no report that counts.
"""

from typing import Any

import msgspec

from pawl.base.finding import Place
from pawl.maturity.evidence import Assurance, Depth, Kind
from pawl.maturity.extracts.security_config import SecurityConfig
from pawl.maturity.extracts.workflow import Job, Step, Workflow
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.facts.tree import Tree
from pawl.maturity.looking.recent import WINDOW_DAYS, newest, whole_days
from pawl.maturity.looking.scans import Scans, is_secret_scan, is_secret_scanner, scans_of
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, yes


class _Setup(msgspec.Struct, frozen=True, kw_only=True):
    """What the tree says: steps that bite, those that do not, configurations, allowances."""

    biting: tuple[Place, ...] = ()
    toothless: tuple[Place, ...] = ()
    configured: tuple[Place, ...] = ()
    blind: tuple[Place, ...] = ()
    allowed: int = 0


def _judge(facts: Facts) -> Answer:
    scans = scans_of(facts, is_secret_scan, WINDOW_DAYS)
    if isinstance(facts.tree, Absent):
        if not scans.counted:
            return cannot_tell(f"{_unproved(scans)}{facts.tree.reason}")
        return _scanned(facts, scans, _Setup())
    setup = _setup(facts.tree)
    if setup.blind:
        values = {"allowed": setup.allowed}
        reason = "The scanner's configuration looks for nothing or overlooks everything."
        return no(reason, Kind.TREE, values=values, places=setup.blind, inputs=_paths(setup))
    if scans.counted:
        return _scanned(facts, scans, setup)
    values = {"scans": 0, "allowed": setup.allowed}
    told = {"values": values, "inputs": _paths(setup)}
    unproved = _unproved(scans)
    if setup.biting:
        reason = f"{unproved}{len(setup.biting)} CI steps look for secrets and can fail the build."
        return yes(reason, Depth.SUBSTANTIVE, Kind.TREE, **told)
    if setup.toothless:
        reason = f"{unproved}CI looks for secrets only in steps whose failure does not count."
        return no(reason, Kind.TREE, places=setup.toothless, **told)
    if setup.configured:
        reason = f"{unproved}A scanner is configured, and no CI step that runs it is seen."
        return yes(reason, Depth.EXISTS, Kind.TREE, places=setup.configured, **told)
    return no(f"{unproved}No CI step and no configuration looks for secrets.", Kind.TREE, **told)


def _scanned(facts: Facts, scans: Scans, setup: _Setup) -> Answer:
    """Answer from reports: the newest of each tool says what is open."""
    last: dict[str, Any] = {}
    for scan in scans.counted:
        last.setdefault(scan.tool.lower(), scan)
    found = [result for scan in last.values() for result in scan.results]
    open_ = [result for result in found if not result.suppressed]
    at = newest(scan.at for scan in scans.counted)
    assert at is not None
    values: dict[str, Any] = {
        "scans": len(scans.counted),
        "days_since": whole_days(at, facts.as_of),
        "open": len(open_),
        "allowed": setup.allowed + len(found) - len(open_),
    }
    ages = [whole_days(each.since, facts.as_of) for each in open_ if each.since]
    if ages:
        values["oldest_days"] = max(ages)
    return yes(
        f"{len(scans.counted)} scans for secrets in {WINDOW_DAYS} days, the last "
        f"{values['days_since']} days ago; {len(open_)} findings are open.",
        Depth.RUNS,
        Kind.CI,
        values=values,
        assurance=Assurance.PROVIDER if scans.vouched else Assurance.OBSERVED,
        places=tuple(each.place for each in open_ if each.place),
        claimed_at=at,
        inputs=sorted(scan.digest for scan in scans.counted),
    )


def _setup(tree: Tree) -> _Setup:
    biting: list[Place] = []
    toothless: list[Place] = []
    for path, workflow in tree.read("workflow", Workflow):
        for job in workflow.jobs:
            for step in job.steps:
                if _looks(step):
                    place = Place(path, step.line)
                    (biting if _bites(step, job) else toothless).append(place)
    configured: list[Place] = []
    blind: list[Place] = []
    allowed = 0
    for path, config in tree.read("security-config", SecurityConfig):
        if config.purpose == "secrets":
            (blind if config.overlooks_all else configured).append(Place(path))
            allowed += config.allowed + config.baseline
    return _Setup(
        biting=tuple(biting),
        toothless=tuple(toothless),
        configured=tuple(configured),
        blind=tuple(blind),
        allowed=allowed,
    )


def _looks(step: Step) -> bool:
    if is_secret_scanner(step.uses):
        return True
    return any(each.gate == "security" and is_secret_scanner(each.command) for each in step.gates)


def _bites(step: Step, job: Job) -> bool:
    if not job.blocks or step.continue_on_error or step.swallowed or step.problem:
        return False
    if is_secret_scanner(step.uses):
        return True
    return any(not each.swallowed and is_secret_scanner(each.command) for each in step.gates)


def _unproved(scans: Scans) -> str:
    return f"No scan counts: {scans.why}. " if scans.why else ""


def _paths(setup: _Setup) -> list[str]:
    return sorted(
        {str(each) for each in setup.biting + setup.toothless + setup.configured + setup.blind}
    )


PROBE = Probe(
    claim="Secrets are scanned for",
    area="security",
    version=1,
    kinds=(Kind.CI, Kind.TREE),
    depth=Depth.RUNS,
    values={
        "scans": "scans for secrets in the window whose report counts",
        "days_since": "days since the last of them",
        "open": "findings of each scanner's last scan that are not set aside",
        "oldest_days": "days since the oldest open finding was first reported",
        "allowed": "findings and patterns on allow-lists and in baselines",
    },
    remedy=Remedy(
        "Run a secret scanner on every change, let it fail the build, and keep its SARIF report.",
        0.5,
    ),
    judge=_judge,
)
