"""The desk of changes as a team's server has it: the same commands, given over HTTP.

The server judges, and knows by the token who asks; what is said here of `by` does not reach it.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from pawl.base.errors import BadValue
from pawl.changes.approval import Said, Source
from pawl.changes.change import Change, Refusal, State
from pawl.changes.concern import Concern
from pawl.changes.evidence import Evidence
from pawl.changes.facts import Attested, Drill, Where
from pawl.changes.gate import Decision
from pawl.changes.manifest import Manifest
from pawl.changes.metrics import Figures
from pawl.changes.policy import Policy
from pawl.changes.registry import Live, Registry
from pawl.changes.rollout import StageVerdict
from pawl.changes.signed_statement import SignedApproval
from pawl.changes.simulate import Played
from pawl.governance.exceptions import Declared, Emergency, GateException
from pawl.governance.roster import covers
from pawl.services.change_asking import Asker, Server, named
from pawl.services.change_remote_own import DoneByItself
from pawl.services.change_terms import Asked, By, Checked, Excepted, Kept, Moment, Replayed, Told

Value = TypeVar("Value")


class _Changes(msgspec.Struct):
    changes: tuple[Change, ...]
    counts: dict[str, int]


class _Moments(msgspec.Struct):
    moments: tuple[Moment, ...]


class _Concerns(msgspec.Struct):
    concerns: tuple[Concern, ...]


class _Decisions(msgspec.Struct):
    decisions: tuple[Kept, ...]


class _Evidence(msgspec.Struct):
    evidence: tuple[Evidence, ...]


class _Line(msgspec.Struct):
    depth: int
    text: str


class _Lines(msgspec.Struct):
    lines: tuple[_Line, ...]


class _Replayed(msgspec.Struct):
    decision_id: str
    identical: bool
    stored: str
    again: str
    why: str
    names_replaced: bool


class _Exceptions(msgspec.Struct):
    exceptions: tuple[Excepted, ...]


class _Emergencies(msgspec.Struct):
    emergencies: tuple[Declared, ...]


class _Live(msgspec.Struct):
    live: Live | None


class _Played(msgspec.Struct):
    played: tuple[Played, ...]


class RemoteChangeDesk(DoneByItself):
    """Changes of a server, under the same names. A test holds that no command is left out."""

    def __init__(self, server: Server, new_key: Callable[[], str]) -> None:
        """`new_key` makes a key that nobody used before; each command is sent with one."""
        self._asker = Asker(server, new_key)

    def close(self) -> None:
        """Nothing is held open."""

    def open(self, manifest: Manifest, authors: tuple[str, ...], by: By, *, key: str = "") -> Told:
        """Open a change."""
        body = {"manifest": manifest, "authors": authors}
        return self._asker.tell(named("changes"), Change, body, key=key)

    def found_unmanaged(self, manifest: Manifest, by: By, *, key: str = "") -> Told:
        """Record that something is live that was never a change."""
        return self._asker.tell(named("unmanaged"), Change, {"manifest": manifest}, key=key)

    def edit(
        self, id: str, manifest: Manifest, authors: tuple[str, ...], by: By, *, key: str = ""
    ) -> Told:
        """Give a change other content."""
        return self._told(id, "edit", key, manifest=manifest, authors=authors)

    def submit(self, id: str, by: By, *, key: str = "") -> Told:
        """Ask for a review."""
        return self._told(id, "submit", key)

    def answer(
        self,
        id: str,
        said: Said,
        bound: tuple[str, str, str],
        by: By,
        source: Source,
        source_ref: str = "",
        claimed_at: str = "",
        note: str = "",
        *,
        identity: str = "",
        key: str = "",
    ) -> Told:
        """Answer as the person of the token; raises BadValue for another source than that."""
        if source is not Source.SESSION:
            raise BadValue(
                f"A {source} is read by the server itself, and not taken from others.",
                place=source.value,
                hint="Answer with the token that is yours.",
            )
        digest, base_digest, policy_digest = bound
        return self._told(
            id,
            "answers",
            key,
            said=said,
            digest=digest,
            base_digest=base_digest,
            policy_digest=policy_digest,
            note=note,
        )

    def bring_signed(self, id: str, signed: SignedApproval) -> Told:
        """Hand over an answer that somebody signed; the server verifies it."""
        return self._asker.tell(named("changes", id, "statements"), Change, signed)

    def revoke(self, id: str, answer_id: str, by: By, *, key: str = "") -> Told:
        """Take an answer back."""
        path = named("changes", id, "answers", answer_id, "revoke")
        return self._asker.tell(path, Change, key=key)

    def judge(self, id: str, by: By) -> Told:
        """Approve a change in review if its gates say so now."""
        return self._told(id, "judge", "")

    def reject(self, id: str, reason: str, by: By, *, key: str = "") -> Told:
        """End a change in review with a no."""
        return self._told(id, "reject", key, reason=reason)

    def withdraw(self, id: str, reason: str, by: By, *, key: str = "") -> Told:
        """Take a change back before it is out."""
        return self._told(id, "withdraw", key, reason=reason)

    def start(self, id: str, by: By, *, key: str = "") -> Told:
        """Start the first stage."""
        return self._told(id, "start", key)

    def on_record(self, id: str, verdicts: tuple[StageVerdict, ...]) -> tuple[StageVerdict, ...]:
        """Return all of them: the server itself keeps to what it has on record."""
        return verdicts

    def advance(
        self, id: str, verdicts: tuple[StageVerdict, ...], by: By, *, key: str = ""
    ) -> Told:
        """Go on to the next stage."""
        return self._told(id, "advance", key, verdicts=verdicts)

    def finish(
        self, id: str, verdicts: tuple[StageVerdict, ...], read_back: str, by: By, *, key: str = ""
    ) -> Told:
        """Call a change live."""
        return self._told(id, "finish", key, verdicts=verdicts, read_back=read_back)

    def roll_back(
        self,
        id: str,
        reason: str,
        by: By,
        trigger_at: str | None = None,
        automatic: bool = False,
        ended: bool = False,
        *,
        key: str = "",
    ) -> Told:
        """Begin to go back; what goes back by itself is the server's own to say."""
        said = {"reason": reason, "trigger_at": trigger_at, "ended": ended}
        return self._told(id, "rollback", key, **said)

    def confirm(self, id: str, read_back: str, by: By, *, key: str = "") -> Told:
        """Call a change rolled back."""
        return self._told(id, "confirm", key, read_back=read_back)

    def fail_rollback(self, id: str, reason: str, by: By, *, key: str = "") -> Told:
        """Give a rollback up."""
        return self._told(id, "fail-rollback", key, reason=reason)

    def asked(self, id: str) -> Asked:
        """Return what an answer binds to now."""
        return self._asker.look(named("changes", id, "asked"), Asked)

    def look(self, id: str, moment: Where) -> Checked:
        """Evaluate the gates now; nothing is stored."""
        return self._asker.look(named("changes", id, "verdict"), Checked, moment=moment)

    def check(self, id: str, moment: Where, by: By) -> Checked:
        """Evaluate the gates now, and store decision and snapshot."""
        return _value(self._asker.tell(named("changes", id, "check"), Checked, {"moment": moment}))

    def explain(self, id: str, moment: Where) -> tuple[tuple[int, str], ...]:
        """Return the lines of a decision taken now."""
        found = self._asker.look(named("changes", id, "explanation"), _Lines, moment=moment)
        return tuple((line.depth, line.text) for line in found.lines)

    def replay(self, decision_id: str) -> Replayed:
        """Judge a stored decision again."""
        found = self._asker.look(named("decisions", decision_id, "replay"), _Replayed)
        told = msgspec.structs.asdict(found)
        bytes_of = {name: told[name].encode() for name in ("stored", "again")}
        return Replayed(**(told | bytes_of))

    def decision(self, decision_id: str) -> Decision:
        """Return a stored decision."""
        return self._asker.look(named("decisions", decision_id), Decision)

    def decisions_of(self, id: str, limit: int = 50) -> tuple[Kept, ...]:
        """Return the newest decisions on a change."""
        path = named("changes", id, "decisions")
        return self._asker.look(path, _Decisions, limit=str(limit)).decisions

    def recent_decisions(self, limit: int = 200) -> tuple[Kept, ...]:
        """Return the newest decisions on any change."""
        return self._asker.look(named("decisions"), _Decisions, limit=str(limit)).decisions

    def simulate(self, policy: Policy, last: int = 50) -> tuple[Played, ...]:
        """Return what a policy would have said of the newest decisions."""
        body = {"policy": policy, "last": last}
        return _value(self._asker.tell(named("gates", "simulate"), _Played, body)).played

    def add_evidence(self, id: str, piece: Evidence, by: By) -> Evidence | Refusal:
        """Record a piece of evidence about a change."""
        sent = ("kind", "digest", "base_digest", "verdict", "produced_at", "payload", "events")
        body = {name: getattr(piece, name) for name in sent}
        return self._asker.tell(named("changes", id, "evidence"), Evidence, body)

    def evidence_of(self, id: str) -> tuple[Evidence, ...]:
        """Return all evidence about the present content of a change."""
        return self._asker.look(named("changes", id, "evidence"), _Evidence).evidence

    def attest(self, id: str, by: By) -> Attested | Refusal:
        """Record that the person of the token owns the present content of a change."""
        return self._asker.tell(named("changes", id, "attest"), Attested)

    def record_drill(
        self, component: str, succeeded: bool, by: By, *, at: str = "", ref: str = ""
    ) -> Drill | Refusal:
        """Record that going back was tried."""
        body = {"component": component, "succeeded": succeeded, "at": at or None, "ref": ref}
        return self._asker.tell(named("drills"), Drill, body)

    def request_exception(
        self, id: str, rule: str, by: By, *, reason: str, owner: str, compensating_control: str,
        hours: float, follow_up: str = "", max_uses: int = 1, key: str = "",
    ) -> GateException | Refusal:  # fmt: skip
        """Ask that a gate be set aside for the present content of a change."""
        body = {
            "rule": rule, "reason": reason, "owner": owner, "hours": hours, "max_uses": max_uses,
            "compensating_control": compensating_control, "follow_up": follow_up,
        }  # fmt: skip
        return self._asker.tell(named("changes", id, "exceptions"), GateException, body, key=key)

    def break_glass(
        self,
        id: str,
        rule: str,
        by: By,
        *,
        incident: str,
        reason: str,
        compensating_control: str,
        hours: float,
        key: str = "",
    ) -> GateException | Refusal:
        """Set a gate aside in an emergency."""
        body = {
            "rule": rule, "incident": incident, "reason": reason, "hours": hours,
            "compensating_control": compensating_control,
        }  # fmt: skip
        return self._asker.tell(named("changes", id, "break-glass"), GateException, body, key=key)

    def declare_emergency(
        self, id: str, by: By, *, severity: int, why: str, key: str = ""
    ) -> Declared | Refusal:
        """Declare an emergency and command it."""
        body = {"severity": severity, "why": why}
        return self._asker.tell(named("changes", id, "emergencies"), Declared, body, key=key)

    def end_emergency(self, emergency_id: str, by: By) -> Declared | Refusal:
        """Say that an emergency is over."""
        return self._asker.tell(named("emergencies", emergency_id, "end"), Declared)

    def emergencies(self) -> tuple[Declared, ...]:
        """Return the emergencies that were declared, newest first."""
        return self._asker.look(named("emergencies"), _Emergencies).emergencies

    def emergencies_in(self, scope: str) -> tuple[Emergency, ...]:
        """Return those that were declared of a scope, or of one that holds it."""
        return tuple(one.emergency for one in self.emergencies() if covers(one.scope, scope))

    def approve_exception(self, exception_id: str, by: By) -> GateException | Refusal:
        """Give an exception."""
        return self._asker.tell(named("exceptions", exception_id, "approve"), GateException)

    def revoke_exception(self, exception_id: str, by: By) -> GateException | Refusal:
        """End an exception now."""
        return self._asker.tell(named("exceptions", exception_id, "revoke"), GateException)

    def ratify_exception(self, exception_id: str, by: By) -> GateException | Refusal:
        """Answer for glass that somebody broke."""
        return self._asker.tell(named("exceptions", exception_id, "ratify"), GateException)

    def exceptions(self, id: str | None = None) -> tuple[Excepted, ...]:
        """Return exceptions with how they stand, newest first."""
        return self._asker.look(named("exceptions"), _Exceptions, change=id or "").exceptions

    def get(self, id: str) -> Change:
        """Return a change; raises NoSuchChange."""
        return self._asker.look(named("changes", id), Change)

    def list(
        self,
        states: tuple[State, ...] = (),
        *,
        scope: str | None = None,
        limit: int = 200,
        before: str = "",
    ) -> tuple[Change, ...]:
        """Return changes, last changed first."""
        wanted = ",".join(states)
        found = self._asker.look(
            named("changes"),
            _Changes,
            state=wanted,
            scope=scope or "",
            limit=str(limit),
            before=before,
        )
        return found.changes

    def counts(self) -> dict[State, int]:
        """Return how many changes are in which state."""
        found = self._asker.look(named("changes"), _Changes, limit="1")
        return {State(state): number for state, number in found.counts.items()}

    def concerns(self, id: str) -> tuple[Concern, ...]:
        """Return what somebody has to see to about a change."""
        return self._asker.look(named("changes", id, "concerns"), _Concerns).concerns

    def timeline(self, id: str) -> tuple[Moment, ...]:
        """Return everything that was recorded about a change."""
        return self._asker.look(named("changes", id, "timeline"), _Moments).moments

    def registry(self) -> Registry:
        """Return what every component is, was, and what moves it."""
        return self._asker.look(named("registry"), Registry)

    def live(self, component: str) -> Live | None:
        """Return what a component is now."""
        return self._asker.look(named("registry", component), _Live).live

    def figures(self, since: str, until: str, *, scope: str = "") -> Figures:
        """Return the figures of a window, whose end is the first instant that is not in it."""
        asked = {"since": since, "until": until, "scope": scope}
        return self._asker.look(named("change-figures"), Figures, **asked)

    def _told(self, id: str, word: str, key: str, **body: Any) -> Told:
        return self._asker.tell(named("changes", id, word), Change, body, key=key)


def _value(found: Value | Refusal) -> Value:
    if isinstance(found, Refusal):
        raise BadValue(" ".join(found.reasons), hint=found.hint)
    return found
