"""The use cases behind the pages on changes: what each shows, and what its forms do.

Reading goes on where a policy or a roster cannot be read: the page says so, and going back still
works. Nothing is decided here.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta

import msgspec

from pawl.base.canonical import digest
from pawl.base.errors import PawlError
from pawl.base.times import format_time, parse_time
from pawl.changes.approval import Said, Source
from pawl.changes.change import Change, Refusal, State
from pawl.changes.facts import Attested, Where
from pawl.changes.gate import Decision, shipped_conditions
from pawl.changes.gate_file import Gate, GateFile
from pawl.changes.metrics import Figures
from pawl.changes.policy import shipped_policy
from pawl.changes.policy_files import GATES, PolicyRead, read_policy
from pawl.changes.rollout import StageVerdict
from pawl.governance.exceptions import Emergency, GateException
from pawl.governance.permissions import shipped_permissions
from pawl.governance.roster import Person, Roster, by_identity, plain_identity
from pawl.services.change_board_view import ENDED, LANES, PER_PAGE, BoardView, board_view
from pawl.services.change_figures_view import FiguresView, figures_view
from pawl.services.change_terms import By, Sources
from pawl.services.change_view import Bound, ChangeView, Looked, People, change_view, looked_at
from pawl.services.changes import ChangeDesk
from pawl.services.exceptions_view import ExceptionsView, exceptions_view
from pawl.services.gates_view import LAST, GatesView, gates_view
from pawl.services.glass_view import glass_offer
from pawl.services.ledger_pages import LedgerPages
from pawl.services.live_view import ComponentView, LiveView, component_view, live_view
from pawl.services.simulator_view import SimulatorView, simulator_view

UNDER_WAY = tuple(state for _, _, states in LANES for state in states)
MOST = 1_000
"""Changes that the board and the names of exceptions look through."""
SIMULATED = 50
"""Newest decisions that the simulator judges again."""

_GLASS = ("rule", "incident", "reason", "control", "hours")

Told = Change | Refusal | GateException | Attested


class ChangePages:
    """What the pages on changes show and do.

    `figures` are those from one time to another, `verdicts` those of a change's stages.
    """

    def __init__(
        self,
        desk: ChangeDesk,
        sources: Sources,
        ledger: LedgerPages,
        *,
        now: Callable[[], str],
        figures: Callable[[str, str], Figures],
        verdicts: Callable[[str], tuple[StageVerdict, ...]] = lambda change: (),
    ) -> None:
        self.desk = desk
        self.ledger = ledger
        self._sources = sources
        self._now = now
        self._figures = figures
        self._verdicts = verdicts

    @property
    def now(self) -> str:
        """The present instant."""
        return self._now()

    def board(self, text: str = "", page: int = 1) -> BoardView:
        """Return the board; `text` keeps what holds it, of the newest thousand."""
        ended = self.desk.list(ENDED, limit=MOST if text else page * PER_PAGE)
        active = self.desk.list(UNDER_WAY, limit=MOST)
        counts = self.desk.counts()
        return board_view(
            (*active, *ended),
            self._newest_decision,
            self.now,
            text=text,
            page=page,
            ended=None if text else sum(counts.get(state, 0) for state in ENDED),
        )

    def one(self, identity: str, by: By | None) -> ChangeView:
        """Return one change; raises NoSuchChange."""
        now = self.now
        change = self.desk.get(identity)
        roster, policy, trouble = self._people()
        bound: Bound | None = None
        decision: Decision | None = None
        notes: tuple[str, ...] = ()
        try:
            asked = self.desk.asked(change.id)
            bound = Bound(
                digest=asked.digest,
                base_digest=asked.base_digest,
                policy_digest=asked.policy_digest,
            )
            if change.state in (State.DRAFT, State.IN_REVIEW, State.APPROVED):
                moment: Where = "start" if change.state is State.APPROVED else "approve"
                looked = self.desk.look(change.id, moment)
                decision, notes = looked.decision, looked.notes
        except PawlError as error:
            trouble = trouble or str(error)
        kept = self.desk.decisions_of(change.id, 20)
        if decision is None:
            decision = next((each.decision for each in kept), None)
        view = change_view(
            change,
            bound=bound,
            decision=decision,
            decisions=kept,
            events=self.desk.timeline(change.id),
            evidence=self.desk.evidence_of(change.id),
            verdicts=self._verdicts(change.id),
            exceptions=self.desk.exceptions(change.id),
            people=People(
                roster=roster,
                raci=policy.policy.raci,
                terms=policy.policy.terms,
                permissions=shipped_permissions(),
                visitor=_person(roster, by),
            ),
            now=now,
            trouble=trouble,
            notes=notes,
        )
        glass = glass_offer(
            change,
            decision if view.judged_now else None,
            policy=policy.policy,
            roster=roster,
            visitor=_person(roster, by),
            emergencies=self._emergencies(change.manifest.scope),
            now=now,
        )
        concerns = self.desk.concerns(change.id)
        return msgspec.structs.replace(view, concerns=concerns, glass=glass)

    def gates(self) -> GatesView:
        """Return the gates in force; raises what the policy raises where it does not read."""
        read, roster = self._sources.policy(""), self._sources.roster()
        decisions = (kept.decision for kept in self.desk.recent_decisions(LAST))
        return gates_view(
            read.policy, read.notes, decisions, roster, shipped_conditions(), self.now
        )

    def exceptions(self) -> ExceptionsView:
        """Return every exception with how it stands."""
        _, policy, _ = self._people()
        known = {each.digest: each for each in self.desk.list(limit=MOST)}

        def about(exception: GateException) -> tuple[str, str]:
            change = known.get(exception.digest)
            return (change.id, change.manifest.title) if change else ("", "")

        return exceptions_view(self.desk.exceptions(), about, policy.policy.limits, self.now)

    def live(self, text: str = "", page: int = 1) -> LiveView:
        """Return what runs."""
        return live_view(self.desk.registry(), text=text, page=page)

    def component(self, name: str) -> ComponentView | None:
        """Return what one component is and was, None where nothing is known of it."""
        return component_view(self.desk.registry(), name)

    def figures(self, days: int) -> FiguresView:
        """Return the figures of so many days up to now."""
        until = self.now
        since = format_time(parse_time(until) - timedelta(days=days))
        return figures_view(self._figures(since, until), days)

    def gates_text(self) -> str:
        """Return the gates in force as a file that says the same."""
        return gates_text(self._sources.policy("").policy.gates)

    def simulate(self, text: str) -> SimulatorView:
        """Return what gates would have said of the newest decisions; raises BadFile for a text."""
        read = read_policy({GATES: text})
        policy = msgspec.structs.replace(self._sources.policy("").policy, gates=read.policy.gates)
        played = self.desk.simulate(policy, SIMULATED)
        titles = {each.change: self._title(each.change) for each in played}
        return simulator_view(played, titles, read.notes)

    # What forms do.

    def answer(
        self, identity: str, said: Said, seen: Bound, parts: str, note: str, by: By
    ) -> Told | Looked:
        """Record an answer to exactly what was seen; what moved since where it is another."""
        asked = self.desk.asked(identity)
        now = Bound(
            digest=asked.digest,
            base_digest=asked.base_digest,
            policy_digest=asked.policy_digest,
        )
        moved = looked_at(seen, parts, now, asked.change.manifest)
        if moved is not None:
            return moved
        bound = (seen.digest, seen.base_digest, seen.policy_digest)
        return self.desk.answer(identity, said, bound, by, Source.SESSION, note=note)

    def command(self, name: str, identity: str, reason: str, by: By) -> Told:
        """Give one of `COMMANDS` about a change."""
        return COMMANDS[name](self.desk, identity, reason, by)

    def revoke(self, identity: str, answer: str, by: By) -> Told:
        """Take an answer back."""
        return self.desk.revoke(identity, answer, by)

    def about_exception(self, name: str, identity: str, by: By) -> Told:
        """Give one of `EXCEPTION_COMMANDS` about an exception."""
        return EXCEPTION_COMMANDS[name](self.desk, identity, by)

    def request_exception(self, identity: str, fields: Mapping[str, str], by: By) -> Told:
        """Ask that a gate be set aside for a change; `hours` is a number of hours."""
        return self.desk.request_exception(
            identity,
            fields["rule"],
            by,
            reason=fields["reason"],
            owner=fields["owner"],
            compensating_control=fields["control"],
            hours=float(fields["hours"]),
        )

    def break_glass(
        self, identity: str, seen: Bound, parts: str, fields: Mapping[str, str], by: By
    ) -> Told | Looked:
        """Set a gate aside in an emergency for exactly what was seen; else what moved since."""
        asked = self.desk.asked(identity)
        now = Bound(
            digest=asked.digest,
            base_digest=asked.base_digest,
            policy_digest=asked.policy_digest,
        )
        moved = looked_at(seen, parts, now, asked.change.manifest)
        if moved is not None:
            return moved
        return self.desk.break_glass(
            identity,
            fields["rule"],
            by,
            incident=fields["incident"],
            reason=fields["reason"],
            compensating_control=fields["control"],
            hours=float(fields["hours"]),
            # Pressed twice, it is broken once.
            key=digest([seen.digest, by.identity, *(fields[name] for name in _GLASS)]),
        )

    def _emergencies(self, scope: str) -> tuple[Emergency, ...]:
        try:
            return self.desk.emergencies_in(scope)
        except PawlError:
            return ()

    def person(self, by: By | None) -> Person | None:
        """Return who of the roster gives commands, None where nobody of it does."""
        return _person(self._people()[0], by)

    def _people(self) -> tuple[Roster, PolicyRead, str]:
        """Return roster and policy, empty and as shipped where they do not read, and why not."""
        roster, policy, trouble = Roster(), PolicyRead(policy=shipped_policy()), ""
        try:
            roster = self._sources.roster()
            policy = self._sources.policy("")
        except PawlError as error:
            trouble = str(error)
        return roster, policy, trouble

    def _newest_decision(self, identity: str) -> Decision | None:
        return next((each.decision for each in self.desk.decisions_of(identity, 1)), None)

    def _title(self, identity: str) -> str:
        try:
            return self.desk.get(identity).manifest.title
        except PawlError:
            return ""


Doing = Callable[[ChangeDesk, str, str, By], Told]
COMMANDS: Mapping[str, Doing] = {
    "submit": lambda desk, change, _, by: desk.submit(change, by),
    "start": lambda desk, change, _, by: desk.start(change, by),
    "attest": lambda desk, change, _, by: desk.attest(change, by),
    "reject": lambda desk, change, reason, by: desk.reject(change, reason, by),
    "withdraw": lambda desk, change, reason, by: desk.withdraw(change, reason, by),
    "roll-back": lambda desk, change, reason, by: desk.roll_back(change, reason, by),
}
"""What the buttons of a change's page do, by the name they send."""
WITH_REASON = frozenset({"reject", "withdraw", "roll-back"})
"""Commands that are not given without saying why."""
EXCEPTION_COMMANDS: Mapping[str, Callable[[ChangeDesk, str, By], Told]] = {
    "approve": lambda desk, exception, by: desk.approve_exception(exception, by),
    "revoke": lambda desk, exception, by: desk.revoke_exception(exception, by),
    "ratify": lambda desk, exception, by: desk.ratify_exception(exception, by),
}


def gates_text(gates: GateFile) -> str:
    """Return gates as YAML; what is as it is anyway is left out."""
    import yaml

    plain = msgspec.to_builtins(gates)
    defaults = msgspec.to_builtins(
        Gate(id="", condition="", domain=gates.gates[0].domain, source="")
    ) if gates.gates else {}  # fmt: skip
    always = ("id", "condition", "domain", "source")
    plain["gates"] = [
        {
            name: value
            for name, value in gate.items()
            if name in always or value != defaults.get(name)
        }
        for gate in plain["gates"]
    ]
    text: str = yaml.safe_dump(
        plain, sort_keys=False, allow_unicode=True, width=90, default_flow_style=None
    )
    return text


def _person(roster: Roster, by: By | None) -> Person | None:
    return (
        None
        if by is None or not by.identity
        else by_identity(roster).get(plain_identity(by.identity))
    )
