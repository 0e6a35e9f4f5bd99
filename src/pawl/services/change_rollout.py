"""Out and back: the start that asks its gates again, stages, the end, and the way back."""

from collections.abc import Callable

from pawl.base.errors import CannotTell, PawlError
from pawl.changes.change import Change, Refusal, State
from pawl.changes.commands import (
    Advance,
    Command,
    ConfirmRollback,
    FailRollback,
    Finish,
    RollBack,
    Start,
    Tick,
)
from pawl.changes.gate import Decision
from pawl.changes.manifest import Risk
from pawl.changes.policy import shipped_policy
from pawl.changes.rollout import StageVerdict
from pawl.changes.transitions import decide
from pawl.governance.exceptions import GateException, Ground, Standing, used
from pawl.governance.ledger import EntryType
from pawl.governance.permissions import CommandName
from pawl.governance.roster import behind, by_identity
from pawl.services.change_ground import ChangeGround, World, actor_of
from pawl.services.change_letters import letter_of_block
from pawl.services.change_terms import PAWL_ITSELF, By, Told
from pawl.store.records.changes import ChangeBook, command_key


class ChangeRollout(ChangeGround):
    """Start, advance, finish, roll back, confirm, and what time does by itself."""

    def start(self, id: str, by: By, *, key: str = "") -> Told:
        """Start the first stage if the gates say so at this moment.

        Reviews of a code host are read once more before.
        """
        seen = self.get(id)
        if seen.state is State.APPROVED:
            self._before_start(seen)

        def step(book: ChangeBook, change: Change, world: World, now: str) -> Told:
            told = command_key("start", change.id, key)
            snapshot = self._snapshot(book, change, world, "start", now)
            command = Start(by=by.identity, snapshot=snapshot)
            if change.state is not State.APPROVED:
                return self._do(book, change, command, now, by, world)
            decision = self._decided(book, snapshot)
            done = self._do(book, change, command, now, by, world, told)
            if isinstance(done, Refusal):
                channels = self._channels()
                letters = letter_of_block(change, done, world.policy.raci, channels, now)
                self._post(book, letters, now)
                return done
            self._use(book, change, world, decision, now)
            return done

        return self._tell(id, by, "start", step, facts=True, key=key)

    def advance(
        self, id: str, verdicts: tuple[StageVerdict, ...], by: By, *, key: str = ""
    ) -> Told:
        """Go on to the next stage if this one has passed."""
        return self._plain(id, "advance", Advance(by=by.identity, verdicts=verdicts), by, key)

    def finish(
        self, id: str, verdicts: tuple[StageVerdict, ...], read_back: str, by: By, *, key: str = ""
    ) -> Told:
        """Call a change live if its last stage passed and what was read back was approved."""
        command = Finish(by=by.identity, verdicts=verdicts, read_back=read_back)
        return self._plain(id, "finish", command, by, key)

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
        """Begin to go back. No gate and no unreadable policy or roster holds that up."""

        def command(now: str) -> Command:
            return RollBack(
                by=by.identity,
                reason=reason,
                trigger_at=trigger_at or now,
                automatic=automatic,
                ended=ended,
            )

        return self._back(id, "roll-back", command, by, key)

    def confirm(self, id: str, read_back: str, by: By, *, key: str = "") -> Told:
        """Call a change rolled back if what was read back is what stood before."""
        made = ConfirmRollback(by=by.identity, read_back=read_back)
        return self._back(id, "confirm", lambda _: made, by, key)

    def fail_rollback(self, id: str, reason: str, by: By, *, key: str = "") -> Told:
        """Give a rollback up."""
        made = FailRollback(by=by.identity, reason=reason)
        return self._back(id, "confirm", lambda _: made, by, key, word="fail-rollback")

    def tick(self, by: By) -> tuple[Change, ...]:
        """Let time do what is due; return the changes that it moved.

        Where a policy cannot be read no approval ends, and none can be used either.
        """
        with self._records.reading() as book:
            due = book.board((State.APPROVED, State.ROLLING_BACK), None, 1_000_000, "")
        moved = []
        for seen in due:
            world = self._world_if_readable(seen) if seen.state is State.APPROVED else None
            if seen.state is State.APPROVED and world is None:
                continue
            with self._records.reading() as book:
                hours = _hours(book, seen, world) if world else 0.0
            command = Tick(by=by.identity, approval_hours=hours)
            if not decide(seen, command, max(self._now(), seen.changed_at)):
                continue
            with self._records.writing() as book:
                change = self._got(book, seen.id)
                now = max(self._now(), change.changed_at)
                # Whatever happened to it meanwhile, its state decides what time does to it.
                done = self._do(book, change, command, now, by, world)
                if not isinstance(done, Refusal) and done.version != change.version:
                    moved.append(done)
        return tuple(moved)

    def _plain(self, id: str, name: CommandName, command: Command, by: By, key: str) -> Told:
        def step(book: ChangeBook, change: Change, world: World, now: str) -> Told:
            told = command_key(name, change.id, key)
            return self._do(book, change, command, now, by, world, told)

        return self._tell(id, by, name, step, key=key)

    def _back(
        self,
        id: str,
        name: CommandName,
        make: Callable[[str], Command],
        by: By,
        key: str,
        *,
        word: str = "",
    ) -> Told:
        """Carry out a command of the way back, which fails open: harm is stopped first."""
        seen = self.get(id)
        world = self._world_if_readable(seen)
        told = command_key(word or name, seen.id, key)
        with self._records.writing() as book:
            change = self._got(book, seen.id)
            if told and book.told(told):
                return change
            now = max(self._now(), change.changed_at)
            refused = self._refused_back(name, by, change, world, now)
            return refused or self._do(book, change, make(now), now, by, world, told)

    def _refused_back(
        self, name: CommandName, by: By, change: Change, world: World | None, now: str
    ) -> Refusal | None:
        if world is None:
            try:
                roster = self.sources.roster()
            except PawlError:
                # Nobody can say who they are, and whoever is at hand stops the harm.
                return None
            # Going back asks for no role, so the table of roles changes nothing here.
            known = by_identity(roster)
            world = World(policy=shipped_policy(), notes=(), roster=roster, known=known)
        return self._refused(name, by, change, world, now)

    def _world_if_readable(self, change: Change) -> World | None:
        try:
            return self._world(change.manifest.scope)
        except CannotTell:
            return None

    def _use(
        self, book: ChangeBook, change: Change, world: World, decision: Decision, now: str
    ) -> None:
        """Use up the exceptions that a start rests on, once each for this start."""
        gates = {each.exception: each.domain for each in decision.gates if each.exception}
        for identity in decision.used:
            exception = book.exception(identity)
            found: GateException | Standing | None = exception and used(
                exception,
                f"{change.id}#{change.version}",
                change.digest,
                Ground(
                    roster=world.roster,
                    raci=world.policy.raci,
                    limits=world.policy.limits,
                    domain=gates[identity],
                    now=now,
                    high_risk=decision.risk.risk is Risk.HIGH,
                    authors=behind(change.authors, world.known).people,
                    emergencies=world.emergencies,
                ),
            )
            if not isinstance(found, GateException):
                # It counted a moment ago, in this very transaction: undo all of it.
                raise CannotTell(f"the exception {identity} cannot be used.", place=change.id)
            book.keep_exception(
                EntryType.EXCEPTION_USED,
                exception,
                found,
                actor_of(PAWL_ITSELF),
                now,
                policy_digest=world.policy.digest,
            )


def _hours(book: ChangeBook, change: Change, world: World) -> float:
    """Return how long an approval holds, by the risk that it was approved at."""
    terms = world.policy.terms
    stored = book.decisions_of(change.id, 1)
    high = not stored or stored[0][1].risk.risk is Risk.HIGH
    return terms.approval_hours_high_risk if high else terms.approval_hours
