"""What security tools are told to overlook comes to an end.

Claims: no exception to a security rule stands past its end; `with_end` says how many have one.

Looks at: registers of exceptions (Trivy, Snyk, OSV-Scanner, cargo, Grype, gitleaks,
dependency-check, VEX, `.pawl/exemptions.yaml`), comments in the code that silence a scanner, and
exceptions to gates in Pawl's ledger, which count for nothing after their end.

Fooled by: exceptions kept inline instead of in the register (they count), an end more than a year
away (counts as none), leaving ends out altogether (nothing can be past its end then, and
`with_end` is zero), a register that cannot be read (told, and the share becomes a sample).

Yes: there are exceptions and none is past its end. No: at least one is past its end and still
stands. Not applicable: nothing is set aside. Cannot tell: no tree, or no register could be read.
"""

from datetime import date, timedelta

from pawl.base.finding import Place
from pawl.maturity.evidence import Depth, Kind
from pawl.maturity.extracts.exceptions_inline import Exceptions
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.probe import (
    Answer,
    Probe,
    Remedy,
    Share,
    cannot_tell,
    no,
    not_applicable,
    yes,
)
from pawl.parsing.set_aside import SetAside

FAR_DAYS = 366
"""An end further away than a year is none: nobody plans that far for a stopgap."""


class _Tally:
    """Counts exceptions as they are read."""

    def __init__(self, today: str) -> None:
        self.today = today
        far = date.fromisoformat(today) + timedelta(days=FAR_DAYS)
        self.far = far.isoformat()
        self.expired: list[Place] = []
        self.endless: list[Place] = []
        self.ending = 0
        self.renewed = 0

    def add(self, path: str, each: SetAside) -> None:
        self.renewed += each.renewals > 0
        if each.ends is not None and each.ends <= self.today:
            self.expired.append(Place(path, each.line))
        elif each.ends is None or each.ends > self.far:
            self.endless.append(Place(path, each.line))
        else:
            self.ending += 1

    @property
    def live(self) -> int:
        return self.ending + len(self.endless)


def _judge(facts: Facts) -> Answer:
    tree = facts.tree
    if isinstance(tree, Absent):
        return cannot_tell(tree)
    files = list(tree.read("exceptions-inline", Exceptions))
    broken = tuple(Place(path) for path, file in files if file.problem)
    tally = _Tally(facts.as_of[:10])
    for path, file in files:
        for each in file.found:
            tally.add(path, each)
    told_all = sum(file.count for _, file in files) == tally.live + len(tally.expired)
    given = _given(facts)
    tally.ending += given
    live, expired = tally.live, len(tally.expired)
    whole = not broken and told_all and tree.is_census("exceptions-inline")
    told = {
        "values": {
            "live": live,
            "expired": expired,
            "with_end": Share(tally.ending, live, census=whole),
            "renewed": tally.renewed,
        },
        "places": (*tally.expired, *tally.endless),
        "inputs": [*([path, file.count] for path, file in files), *([given] if given else [])],
    }
    if not live and not expired:
        if broken:
            return cannot_tell("A register of exceptions cannot be read.", places=broken)
        return not_applicable(
            "Nothing is set aside, neither in a register nor in the code.", **told
        )
    reason = (
        f"{tally.ending} of {live} live exceptions have an end, {expired} are past theirs"
        f"{f'; {len(broken)} registers cannot be read' if broken else ''}."
    )
    kinds = (Kind.TREE, Kind.DECISION) if given else (Kind.TREE,)
    if expired:
        return no(reason, *kinds, **told)
    return yes(reason, Depth.SUBSTANTIVE, *kinds, **told)


def _given(facts: Facts) -> int:
    """Return how many exceptions to gates stand; each has an end, or the gate would not take it."""
    return 0 if isinstance(facts.practice, Absent) else facts.practice.gate_exceptions or 0


PROBE = Probe(
    claim="Exceptions expire",
    area="security",
    version=2,
    kinds=(Kind.TREE, Kind.DECISION),
    depth=Depth.SUBSTANTIVE,
    values={
        "live": "exceptions in force",
        "expired": "exceptions past their end that still stand",
        "with_end": "share of live exceptions that end within a year",
        "renewed": "exceptions that were renewed",
    },
    remedy=Remedy(
        "Give each exception a reason and an end, and remove those that are past it.", 1.0
    ),
    judge=_judge,
)
