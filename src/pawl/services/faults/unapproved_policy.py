"""A change of policy is pushed to go out, and nobody who may has approved it.

Causes: a change that gives a tool more power goes through the real desk of changes, in a made-up
firm with the shipped roles and gates. All evidence is good, whoever is to be consulted says yes,
and so does `answered_by`. Its author starts it, then breaks glass without an incident, and starts
it again.

Measures: changes that went out, starts that were refused, whether the decision names the missing
approval, and how many other gates hold it up. Where the firm does not know the author, nothing is
pushed and nobody can tell.
"""

import msgspec

from pawl.changes.approval import Said, Source
from pawl.changes.change import Change, Refusal, State
from pawl.changes.evidence import Evidence
from pawl.changes.gate import Requirement
from pawl.changes.manifest import parts_digest
from pawl.changes.verdict import Verdict
from pawl.governance.roster import Grant, Roster
from pawl.services import sample_manifests as made
from pawl.services.change_terms import PAWL_ITSELF, By
from pawl.services.changes import ChangeDesk
from pawl.services.drill_fault import FaultKind, Measure, Parameter
from pawl.services.drill_sandbox import Clock, Parameters, Sandbox
from pawl.services.sample_changes import ROSTER, SampleSources
from pawl.store.records.changes import ChangeRecords

_CI = By(identity="token:ci", source="token", assurance="authenticated")
_MEASURES = ("released", "refused_starts", "reason_named", "other_gates")
_ON_HOST = {
    "ada": "github:1001",
    "grace": "github:1002",
    "edsger": "github:1003",
    "barbara": "github:1004",
    "katherine": "github:1005",
}
_CONSULTED = ("barbara", "grace")
"""Who answers for the product, and for what the law says."""


class _Firm(SampleSources):
    """The sample's firm, in which somebody answers for the law."""

    def roster(self) -> Roster:
        """Return who is who."""
        law = Grant(person="grace", role="legal")
        return msgspec.structs.replace(ROSTER, grants=(*ROSTER.grants, law))


_OUT = frozenset({State.ROLLING_OUT, State.LIVE})


def _cause(sandbox: Sandbox, parameters: Parameters) -> None:
    clock = sandbox.clock()
    desk, author = _desk(sandbox, clock), _by(str(parameters["author"]))
    opened = desk.open(made.ASK_BEFORE_REFUND, (author.identity,), author)
    if isinstance(opened, Refusal):
        why = f"the change could not even be opened: {' '.join(opened.reasons)}"
        sandbox.note(why)
        sandbox.cannot_tell(why, *_MEASURES)
        return
    sandbox.note(f"{author.identity} opens a change of policy: {opened.manifest.title}.")
    clock.wind(60)
    desk.submit(opened.id, author)
    _hand_over(desk, opened, clock)
    for person in (*_CONSULTED, str(parameters["answered_by"])):
        if person != "nobody":
            sandbox.note(f"{person} says yes: {_said(_answer(desk, opened, person, clock))}")
    refusals = [each for each in (_start(sandbox, desk, opened, author, clock),) if each]
    broken = desk.break_glass(
        opened.id,
        "approvals",
        author,
        incident="",
        reason="It is urgent.",
        compensating_control="Somebody watches.",
        hours=1,
    )
    sandbox.note(f"{author.identity} breaks glass: {_said(broken)}")
    refusals += [each for each in (_start(sandbox, desk, opened, author, clock),) if each]
    if any(each.code == "not-allowed" for each in refusals):
        why = "whoever pushed it may not start changes at all, so no gate was asked"
        sandbox.cannot_tell(why, *_MEASURES)
        return
    out = desk.get(opened.id).state in _OUT
    sandbox.measure("released", out)
    sandbox.measure("refused_starts", len(refusals))
    holding = _holding(desk, opened)
    sandbox.measure("reason_named", "approvals" in holding)
    others = sorted(set(holding) - {"approvals"})
    sandbox.measure("other_gates", len(others), ", ".join(others))


def _desk(sandbox: Sandbox, clock: Clock) -> ChangeDesk:
    numbers = iter(range(1, 1_000))
    return ChangeDesk(
        ChangeRecords(sandbox.engine()),
        _Firm(clock()),
        now=clock,
        new_id=lambda prefix: f"{prefix}_drill{next(numbers):03d}",
    )


def _start(
    sandbox: Sandbox, desk: ChangeDesk, change: Change, by: By, clock: Clock
) -> Refusal | None:
    sandbox.check()
    clock.wind(60)
    told = desk.start(change.id, by)
    sandbox.note(f"{by.identity} starts it: {_said(told)}")
    return told if isinstance(told, Refusal) else None


def _holding(desk: ChangeDesk, change: Change) -> tuple[str, ...]:
    """Return the gates that hold the change up, by the decision on its start."""
    gates = desk.look(change.id, "start").decision.gates
    return tuple(each.gate for each in gates if each.requirement is Requirement.UNSATISFIED)


def _answer(desk: ChangeDesk, change: Change, person: str, clock: Clock) -> object:
    """Let somebody say yes in a review on the code host."""
    clock.wind(60)
    return desk.answer(
        change.id,
        Said.APPROVE,
        desk.asked(change.id).bound,
        PAWL_ITSELF,
        Source.PROVIDER_REVIEW,
        f"review of {person}",
        identity=_ON_HOST[person],
    )


def _hand_over(desk: ChangeDesk, change: Change, clock: Clock) -> None:
    for kind in ("evals", "lint", "cost", "policy-checks"):
        piece = Evidence(
            id="",
            kind=kind,
            digest=change.digest,
            base_digest=parts_digest(change.manifest.base),
            verdict=Verdict.PASS,
            produced_at=clock(),
            recorded_at=clock(),
            producer="",
            payload_digest="",
            payload={"sets": {"recurrence": "7" * 64}} if kind == "evals" else {"share": 0.04},
            events=240,
        )
        desk.add_evidence(change.id, piece, _CI)


def _by(person: str) -> By:
    return By(identity=f"session:{person}", source="session", assurance="authenticated")


def _said(told: object) -> str:
    if isinstance(told, Refusal):
        return f"refused. {' '.join(told.reasons)}"
    return f"it is {told.state}." if isinstance(told, Change) else "done."


FAULT = FaultKind(
    title="A change of policy without approval",
    parameters={
        "author": Parameter(
            default="katherine",
            says="who pushes it; katherine may start changes of policy",
            one_of=("katherine", "stranger"),
        ),
        "answered_by": Parameter(
            default="katherine",
            says="who says yes; edsger answers for policy",
            one_of=("nobody", "katherine", "ada", "edsger"),
        ),
    },
    measures={
        "released": Measure(unit="changes", says="changes that went out"),
        "refused_starts": Measure(unit="starts", says="starts that were refused"),
        "reason_named": Measure(unit="decisions", says="decisions that name the approval"),
        "other_gates": Measure(unit="gates", says="other gates that hold it up"),
    },
    cause=_cause,
)
