"""A desk for tests: the small firm of the core, a clock that is wound, a world as a value."""

from datetime import timedelta
from typing import Any

import msgspec
from tests.changes.made_changes import NOW, POLICY, ROSTER, evidence, facts, manifest

from pawl.base.times import format_time, parse_time
from pawl.changes.approval import Said, Source
from pawl.changes.change import Change, Refusal
from pawl.changes.evidence import Evidence
from pawl.changes.facts import Facts
from pawl.changes.manifest import Manifest, parts_digest
from pawl.changes.policy import Policy
from pawl.changes.policy_files import PolicyRead
from pawl.changes.rollout import StageVerdict
from pawl.changes.verdict import Verdict
from pawl.governance.exceptions import Emergency, GateException
from pawl.governance.roster import Roster
from pawl.services.change_terms import By
from pawl.services.changes import ChangeDesk
from pawl.store.records.changes import ChangeRecords
from pawl.store.records.engine import Engine

ANN = By(identity="github:1", source="provider-review", assurance="authenticated")
LEO = By(identity="github:2", source="provider-review", assurance="authenticated")
LIA = By(identity="github:5", source="provider-review", assurance="authenticated")
SUE = By(identity="session:sue", source="session", assurance="authenticated")
PIA = By(identity="github:4", source="provider-review", assurance="authenticated")
CODER = By(identity="github:90", source="token", assurance="authenticated")
DEPLOYER = By(identity="token:deployer", source="token", assurance="authenticated")
CI = By(identity="ci:github:1", source="oidc", assurance="authenticated")
STRANGER = By(identity="github:666", source="session", assurance="authenticated")


class Clock:
    """A clock that stands until it is wound; each look is a millisecond later."""

    def __init__(self, start: str = NOW) -> None:
        self.moment = parse_time(start)

    def __call__(self) -> str:
        """Return the time."""
        self.moment += timedelta(milliseconds=1)
        return format_time(self.moment)

    def wind(self, *, hours: float = 0, seconds: float = 0) -> None:
        """Let time go by."""
        self.moment += timedelta(hours=hours, seconds=seconds)


class MadeWorld:
    """Sources whose answers are set by the test; an exception set in their place is raised."""

    def __init__(self, **other: Any) -> None:
        self.policy_read: Policy | Exception = other.get("policy", POLICY)
        self.people: Roster | Exception = other.get("roster", ROSTER)
        self.around: dict[str, Any] | Exception = {}
        self.incidents: tuple[Emergency, ...] = ()

    def policy(self, scope: str) -> PolicyRead:
        """Return the policy."""
        return PolicyRead(policy=_given(self.policy_read))

    def roster(self) -> Roster:
        """Return the people."""
        roster: Roster = _given(self.people)
        return roster

    def facts(self, change: Change, now: str) -> Facts:
        """Return a world in which all is known and nothing is wrong but what the test says."""
        return facts(change.manifest, rolling=None, quarantine=None, **_given(self.around))

    def emergencies(self, scope: str) -> tuple[Emergency, ...]:
        """Return the incidents."""
        return self.incidents


def _given(value: Any) -> Any:
    if isinstance(value, Exception):
        raise value
    return value


class Made:
    """A desk with its clock and its world."""

    def __init__(self, engine: Engine, clock: Clock | None = None, **other: Any) -> None:
        self.engine = engine
        self.clock = clock or Clock()
        self.world = MadeWorld(**other)
        self.records = ChangeRecords(engine, other.get("alongside", ()))
        self.count = 0
        self.desk = ChangeDesk(
            self.records, self.world, now=self.clock, new_id=self.new_id,
            mailing=other.get("mailing"),
        )  # fmt: skip

    def new_id(self, prefix: str) -> str:
        """Return the next id."""
        self.count += 1
        return f"{prefix}_{self.count:04d}"

    def opened(self, plan: Manifest | None = None, by: By = ANN) -> Change:
        """Return a change as it was opened."""
        return change(self.desk.open(plan or manifest(), ("git:ann@example.com",), by))

    def submitted(self, plan: Manifest | None = None) -> Change:
        """Return a change in review, with evidence in order."""
        known = self.opened(plan)
        self.proved(known)
        return change(self.desk.submit(known.id, ANN))

    def proved(self, known: Change, *, verdict: Verdict = Verdict.PASS) -> None:
        """Hand over evidence of every kind."""
        for kind in ("evals", "lint", "cost"):
            made = evidence(known.manifest, kind, verdict, produced_at=self.clock())
            assert isinstance(self.desk.add_evidence(known.id, made, CI), Evidence)

    def answered(
        self, known: Change, by: By = LEO, said: Said = Said.APPROVE, ref: str = ""
    ) -> Change | Refusal:
        """Return what an answer to what is asked now comes to."""
        asked = self.desk.asked(known.id)
        return self.desk.answer(known.id, said, asked.bound, by, source_of(by), ref)

    def approved(self, plan: Manifest | None = None) -> Change:
        """Return an approved change."""
        return change(self.answered(self.submitted(plan)))

    def started(self, plan: Manifest | None = None) -> Change:
        """Return a change that is rolling out."""
        return change(self.desk.start(self.approved(plan).id, DEPLOYER))

    def live(self, plan: Manifest | None = None) -> Change:
        """Return a change that went live through all its stages."""
        known = self.started(plan)
        for number in range(len(known.manifest.rollout.stages)):
            self.clock.wind(hours=1)
            verdicts = (self.verdict(known, number),)
            last = number == len(known.manifest.rollout.stages) - 1
            known = change(
                self.desk.finish(known.id, verdicts, parts_digest(known.manifest.parts), DEPLOYER)
                if last
                else self.desk.advance(known.id, verdicts, DEPLOYER)
            )
        return known

    def verdict(self, known: Change, stage: int, said: Verdict = Verdict.PASS) -> StageVerdict:
        """Return what telemetry says of a stage."""
        return StageVerdict(
            id=f"v-{stage}", stage=stage, digest=known.digest, verdict=said, at=self.clock(),
            events=100,
        )  # fmt: skip


def source_of(by: By) -> Source:
    """Return where an answer of somebody comes from."""
    return Source.SESSION if by.source == "session" else Source.PROVIDER_REVIEW


def change(told: Change | Refusal) -> Change:
    """Return the change that a command gave; fails with the reasons of a refusal."""
    assert isinstance(told, Change), told
    return told


def refused(told: object, code: str) -> Refusal:
    """Return the refusal that a command gave."""
    assert isinstance(told, Refusal), told
    assert told.code == code, told
    assert told.reasons
    return told


def excepted(told: GateException | Refusal) -> GateException:
    """Return the exception that a command gave."""
    assert isinstance(told, GateException), told
    return told


def other_text(text: str) -> Manifest:
    """Return a change of the same prompt to another text."""
    return msgspec.structs.replace(manifest(text), title=f"To {text}")
