"""The sample's changes: made-up people take made-up changes through the real services.

Everything is judged, recorded and rolled out by the desk itself, at made-up times before now; what
comes out is whatever its rules say.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec

from pawl.base.errors import PawlError
from pawl.base.times import format_time, parse_time
from pawl.changes.approval import Said, Source
from pawl.changes.change import Change, Refusal
from pawl.changes.evidence import Evidence
from pawl.changes.facts import Attested, Debt, Drill, Facts, OpenAction
from pawl.changes.gate_file import Applies
from pawl.changes.manifest import Manifest, parts_digest
from pawl.changes.policy import Policy, shipped_policy
from pawl.changes.policy_files import PolicyRead
from pawl.changes.rollout import StageVerdict
from pawl.changes.stage_metrics import Side, Sides, judge_stage, stage_metrics
from pawl.changes.verdict import Verdict
from pawl.governance.exceptions import Command, Emergency, GateException
from pawl.governance.ledger import PAWL
from pawl.governance.roster import Grant, Kind, Person, Roster, check_roster
from pawl.services import sample_manifests as made
from pawl.services.change_terms import PAWL_ITSELF, By
from pawl.services.changes import ChangeDesk
from pawl.store.records.rollouts import RolloutRecords

INCIDENT = "INC-2098"
"""The incident that glass is broken in; the sample's incidents tell the rest of it."""
ROSTER = check_roster(
    Roster(
        people=(
            Person(id="ada", identities=("github:1001", "git:ada@example.org", "session:ada")),
            Person(id="grace", identities=("github:1002", "session:grace")),
            Person(id="edsger", identities=("github:1003", "session:edsger")),
            Person(id="barbara", identities=("github:1004", "session:barbara")),
            Person(id="katherine", identities=("github:1005", "session:katherine")),
            Person(
                id="coder", kind=Kind.AGENT, sponsor="ada", identities=("git:coder@example.org",)
            ),
        ),
        grants=(
            Grant(person="ada", role="product-eng"),
            Grant(person="ada", role="platform-eng"),
            Grant(person="grace", role="product-lead"),
            Grant(person="edsger", role="security-lead"),
            Grant(person="barbara", role="platform-lead"),
            Grant(person="barbara", role="platform"),
            Grant(person="barbara", role="product"),
            Grant(person="katherine", role="on-call"),
            Grant(person="katherine", role="security-eng"),
            Grant(person="katherine", role="incident-commander"),
        ),
    ),
    place="sample roster",
)


def sample_policy() -> Policy:
    """Return the policy that comes with Pawl, with approvals asked for whatever the risk."""
    shipped = shipped_policy()
    gates = tuple(
        msgspec.structs.replace(gate, applies=Applies()) if gate.id == "approvals" else gate
        for gate in shipped.gates.gates
    )
    return msgspec.structs.replace(
        shipped, gates=msgspec.structs.replace(shipped.gates, gates=gates)
    )


Left = tuple[tuple[OpenAction, ...], tuple[Debt, ...]]
"""The actions that hold releases up, and the debts that are not paid."""


class SampleSources:
    """A world in which everything is known and one incident is open."""

    def __init__(self, now: str, left: Callable[[], Left] = lambda: ((), ())) -> None:
        """`now` is when the sample is loaded; `left` is what its incidents left behind."""
        self._now = now
        self._left = left
        self._policy = sample_policy()

    def policy(self, scope: str) -> PolicyRead:
        """Return the sample's policy, the same in every scope."""
        return PolicyRead(policy=self._policy)

    def roster(self) -> Roster:
        """Return the sample's people."""
        return ROSTER

    def facts(self, change: Change, now: str) -> Facts:
        """Return a world that stands still: what a change starts from is as it was."""
        drilled = _at(self._now, -24 * 20)
        actions, debts = self._left()
        return Facts(
            base_digest=parts_digest(change.manifest.base),
            cost_share=0.31 if "model/summaries" in change.manifest.parts else 0.04,
            budgets=(),
            actions=actions,
            debts=debts,
            drills=tuple(
                Drill(id=f"drill-{kind}", component=kind, at=drilled, succeeded=True)
                for kind in ("prompt", "tool", "routing", "code")
            ),
            attested=(
                Attested(
                    id="attested-1",
                    identity="session:ada",
                    digest=change.digest,
                    at=change.opened_at,
                ),
            )
            if change.manifest.assisted
            else (),
        )

    def emergencies(self, scope: str) -> tuple[Emergency, ...]:
        """Return the one incident, which katherine commands."""
        declared = _at(self._now, -3)
        return (
            Emergency(
                id=INCIDENT,
                severity=1,
                declared_at=declared,
                commanders=(Command(person="katherine", since=declared),),
            ),
        )


class Clock:
    """The sample's time, which only goes on when the story says so."""

    def __init__(self, end: str) -> None:
        self.end = end
        self.now = end

    def read(self) -> str:
        """Return the time of the story."""
        return self.now

    def to(self, hours: float) -> None:
        """Go to so many hours before the end."""
        self.now = _at(self.end, -hours)


class Story:
    """Tells the sample to a desk, and to the records that keep what is said of stages."""

    def __init__(self, desk: ChangeDesk, clock: Clock, records: RolloutRecords) -> None:
        self._desk = desk
        self._clock = clock
        self._records = records

    def tell(self) -> None:
        """Tell all of it, oldest first."""
        self._live(24 * 19, made.CITE_POLICY, "github:1002")
        self._live(24 * 12, made.ROUTE_CHEAP, "github:1004")
        self._rolled_back(24 * 6)
        self._rejected(24 * 4)
        self._clock.to(24 * 3)
        self._through(self._desk.found_unmanaged(made.FOUND, PAWL_ITSELF))
        self._stale_answer(30)
        self._needs_exception(20)
        self._broken_glass(2.5)
        self._assisted_draft(1.5)
        self._rolling_out(0.7)
        self._clock.to(0)

    def tell_held(self, actions: tuple[OpenAction, ...]) -> None:
        """Tell of a change that open actions hold up, and of the one that finishes them."""
        (component,) = made.ONE_PLACE.parts
        closes = tuple(each.id for each in actions if each.component == component)
        if closes:
            held = self._in_review(26, made.RETRY_SOONER)
            self._answer(held, "github:1002", "It helps the sellers.")
            mending = self._in_review(4, msgspec.structs.replace(made.ONE_PLACE, closes=closes))
            self._answer(mending, "github:1002", "This is what the incidents asked for.")
        self._clock.to(0)

    def _live(self, before: float, manifest: Manifest, approver: str) -> None:
        """Take a change all the way."""
        change = self._started(before, manifest, approver)
        for number, _ in enumerate(manifest.rollout.stages):
            self._clock.to(before - 3 - number)
            verdict = self._verdict(change, number, _GOOD)
            if number < len(manifest.rollout.stages) - 1:
                self._through(self._desk.advance(change.id, (verdict,), PAWL_ITSELF))
            else:
                read_back = parts_digest(manifest.parts)
                self._through(self._desk.finish(change.id, (verdict,), read_back, PAWL_ITSELF))

    def _rolled_back(self, before: float) -> None:
        """Start a change whose first stage fails, which takes it back by itself."""
        change = self._started(before, made.SHORT_REFUNDS, "github:1002")
        self._clock.to(before - 3)
        failed = self._verdict(change, 0, _REFUSING)
        self._through(
            self._desk.roll_back(
                change.id, failed.reason, PAWL_ITSELF, trigger_at=failed.at, automatic=True
            )
        )
        self._clock.to(before - 3.1)
        base = parts_digest(made.SHORT_REFUNDS.base)
        self._through(self._desk.confirm(change.id, base, PAWL_ITSELF))

    def _rejected(self, before: float) -> None:
        change = self._in_review(before, made.NO_GREETING, evidence=())
        self._through(
            self._desk.reject(change.id, "People asked for the greeting to stay.", _by("grace"))
        )

    def _stale_answer(self, before: float) -> None:
        """Have a change approved, and edited afterwards."""
        change = self._in_review(before, made.ASK_BEFORE_REFUND)
        self._answer(change, "github:1003", "Asking first is right.")
        self._clock.to(before - 1)
        edited = self._through(
            self._desk.edit(change.id, made.ASK_ABOVE, ("github:1001",), _by("ada"))
        )
        self._through(self._desk.submit(edited.id, _by("ada")))
        self._clock.to(before - 2)
        self._hand_over(edited, ("evals", "lint"))
        self._answer(edited, "github:1004", "Fine for the product; security decides.")

    def _needs_exception(self, before: float) -> None:
        """Ask for an exception that somebody gives, to a cost gate that says no."""
        change = self._in_review(before, made.BETTER_SUMMARIES, evidence=("evals", "lint"))
        self._hand_over(change, ("cost",), Verdict.FAIL)
        asked = self._given(
            self._desk.request_exception(
                change.id,
                "cost",
                _by("ada"),
                reason="The price falls on the first of the month; until then it costs more.",
                owner="ada",
                compensating_control="The team's budget stops runs at the old limit.",
                hours=24,
            )
        )
        self._clock.to(before - 2)
        self._given(self._desk.approve_exception(asked.id, _by("barbara")))

    def _broken_glass(self, before: float) -> None:
        """Break glass in an emergency that nobody has ratified yet."""
        change = self._in_review(before, made.STOP_PAYOUTS, evidence=("evals", "lint"))
        self._given(
            self._desk.break_glass(
                change.id,
                "cost",
                _by("katherine"),
                incident=INCIDENT,
                reason="Payouts go out twice; there is no time to measure what this costs.",
                compensating_control="Two people watch every payout until it is ratified.",
                hours=4,
            )
        )
        self._answer(change, "github:1003", "Stop them.")

    def _assisted_draft(self, before: float) -> None:
        self._clock.to(before)
        by = By(identity="git:coder@example.org", source="git-config", assurance="declared")
        self._through(self._desk.open(made.RETRY_ONCE, ("git:coder@example.org",), by))

    def _rolling_out(self, before: float) -> None:
        change = self._started(before + 0.4, made.KINDER_CHAT, "github:1002")
        self._clock.to(before - 0.3)
        self._verdict(change, 0, _GOOD)

    def _started(self, before: float, manifest: Manifest, approver: str) -> Change:
        change = self._in_review(before, manifest)
        self._answer(change, approver, "Read and tried.")
        self._clock.now = _at(self._clock.now, 0.1)
        return self._through(self._desk.start(change.id, _by("ada")))

    def _in_review(
        self,
        before: float,
        manifest: Manifest,
        evidence: tuple[str, ...] = ("evals", "lint", "cost"),
    ) -> Change:
        self._clock.to(before)
        change = self._through(self._desk.open(manifest, ("git:ada@example.org",), _by("ada")))
        self._clock.now = _at(self._clock.now, 0.05)
        change = self._through(self._desk.submit(change.id, _by("ada")))
        self._hand_over(change, evidence)
        return change

    def _hand_over(
        self, change: Change, kinds: tuple[str, ...], verdict: Verdict = Verdict.PASS
    ) -> None:
        """Hand evidence over as a pipeline does."""
        for kind in kinds:
            piece = Evidence(
                id="",
                kind=kind,
                digest=change.digest,
                base_digest=parts_digest(change.manifest.base),
                verdict=verdict,
                produced_at=self._clock.now,
                recorded_at=self._clock.now,
                producer="",
                payload_digest="",
                payload=_PAYLOADS.get(kind, {}),
                events=240,
            )
            told = self._desk.add_evidence(change.id, piece, CI)
            if isinstance(told, Refusal):
                raise SampleBroken(" ".join(told.reasons), hint=told.hint)

    def _answer(self, change: Change, identity: str, note: str) -> None:
        self._clock.now = _at(self._clock.now, 0.1)
        self._through(
            self._desk.answer(
                change.id,
                Said.APPROVE,
                self._desk.asked(change.id).bound,
                PAWL_ITSELF,
                Source.PROVIDER_REVIEW,
                f"review of {identity}",
                self._clock.now,
                note,
                identity=identity,
            )
        )

    def _verdict(self, change: Change, stage: int, served: Side) -> StageVerdict:
        """Judge a stage by what it served, and keep that as a rollout does."""
        exposure = change.manifest.rollout.stages[stage].exposure
        sides = Sides(stage=served, base=_BASE, concurrent=exposure < 1)
        judgement = judge_stage(sides, stage_metrics(), change.manifest.experiment, exposure)
        found = StageVerdict(
            id=f"{change.id}-stage-{stage}",
            stage=stage,
            digest=change.digest,
            verdict=judgement.verdict,
            at=self._clock.now,
            events=judgement.events,
            reason=judgement.reason,
        )
        self._records.judge(change.id, found, judgement, PAWL)
        return found

    def _through(self, told: Change | Refusal) -> Change:
        if isinstance(told, Refusal):
            raise SampleBroken(" ".join(told.reasons), hint=told.hint)
        return told

    def _given(self, told: GateException | Refusal) -> GateException:
        if isinstance(told, Refusal):
            raise SampleBroken(" ".join(told.reasons), hint=told.hint)
        return told


_BASE = Side(sessions=2_900, requests=11_300, failed_requests=140, refused_requests=226)
_GOOD = Side(sessions=310, requests=1_240, failed_requests=15, refused_requests=24)
_REFUSING = Side(sessions=310, requests=1_240, failed_requests=15, refused_requests=174)
CI = By(identity="token:ci", source="token", assurance="authenticated")
_PAYLOADS: dict[str, dict[str, Any]] = {
    "evals": {"sets": {"recurrence": "7" * 64}},
    "cost": {"share": 0.04},
}


def _by(person: str) -> By:
    return By(identity=f"session:{person}", source="session", assurance="authenticated")


def _at(time: str, hours: float) -> str:
    return format_time(parse_time(time) + timedelta(hours=hours))


class SampleBroken(PawlError):
    """The sample's story no longer fits the rules it is judged by: a defect of ours."""

    code = "sample-broken"
