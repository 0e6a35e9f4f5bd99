"""What every command about a change shares: the world read beforehand, then one transaction.

Policy, people and facts are read before the transaction, because git and code hosts are slow and
nobody else can write meanwhile. If the change was given other content since, all is read again. The
clock is read inside, so that what is judged and what is recorded have one time.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec

from pawl.alerts.alert import Notice
from pawl.alerts.budget_letter import Mailing
from pawl.base.errors import CannotTell, PawlError
from pawl.changes.change import Change, Refusal, State
from pawl.changes.commands import Command, Judge
from pawl.changes.condition import Snapshot
from pawl.changes.facts import Drill, Facts, Where
from pawl.changes.firm import loosened
from pawl.changes.gate import Decision, evaluate
from pawl.changes.manifest import changed, works_of
from pawl.changes.policy import Policy
from pawl.changes.transitions import decide
from pawl.governance.exceptions import Emergency
from pawl.governance.ledger import Actor
from pawl.governance.permissions import CommandName, may, shipped_permissions
from pawl.governance.roster import (
    Kind,
    Person,
    Roster,
    behind,
    by_identity,
    covers,
    plain_identity,
)
from pawl.services.change_letters import letters_of
from pawl.services.change_terms import PAWL_ITSELF, By, NoSuchChange, Sources, Told
from pawl.store.records.changes import (
    ChangeBook,
    ChangedMeanwhile,
    ChangeRecords,
    command_key,
)

ATTEMPTS = 20
"""How often the world is read again because the content has changed meanwhile."""


class World(msgspec.Struct, frozen=True, kw_only=True):
    """What was read before the transaction. `known` is who is who by identity."""

    policy: Policy
    notes: tuple[str, ...]
    roster: Roster
    known: dict[str, Person]
    facts: Facts = Facts()
    emergencies: tuple[Emergency, ...] = ()

    def person(self, by: By) -> Person | None:
        """Return who gives a command; Pawl itself counts as a service."""
        if by.source == PAWL_ITSELF.source:
            return Person(id=PAWL_ITSELF.identity, kind=Kind.SERVICE)
        return self.known.get(plain_identity(by.identity))


Step = Callable[[ChangeBook, Change, World, str], Told]
"""What a command does in its transaction: with the change as it is, and the time."""


class ChangeGround:
    """The base of the desk: its stores, and how a command is carried out."""

    def __init__(
        self,
        records: ChangeRecords,
        sources: Sources,
        *,
        now: Callable[[], str],
        new_id: Callable[[str], str],
        mailing: Callable[[], Mailing] | None = None,
        before_start: Callable[[Change], None] = lambda change: None,
    ) -> None:
        """`new_id` makes a sortable id that begins with a text such as `chg`.

        `before_start` hears of an approved change that somebody starts, and may raise CannotTell.
        """
        self._records = records
        self.sources = sources
        self._now = now
        self._new_id = new_id
        self._mailing = mailing
        self._before_start = before_start
        self._sound = ""

    def get(self, id: str) -> Change:
        """Return a change; raises NoSuchChange. An id may be shortened as far as it is clear."""
        with self._records.reading() as book:
            return self._got(book, id)

    def _got(self, book: ChangeBook, id: str) -> Change:
        change = book.change(id)
        if change is None:
            named = book.named(id) if id else ()
            change = book.change(named[0]) if len(named) == 1 else None
        if change is None:
            raise NoSuchChange(
                f"no change is called {id[:80]!r}.", hint="See them with `pawl change list`."
            )
        return change

    def _world(self, scope: str, change: Change | None = None) -> World:
        """Read policy and people, and with a change the facts around it; raises CannotTell."""
        with told("the policy"):
            read = self.sources.policy(scope)
            self._must_be_sound(read.policy)
        with told("the roster"):
            roster = self.sources.roster()
            known = by_identity(roster)
        world = World(policy=read.policy, notes=read.notes, roster=roster, known=known)
        if change is None:
            return world
        with told("what is around it"):
            facts = self.sources.facts(change, max(self._now(), change.changed_at))
            emergencies = self.emergencies_in(scope)
        return msgspec.structs.replace(world, facts=facts, emergencies=emergencies)

    def emergencies_in(self, scope: str) -> tuple[Emergency, ...]:
        """Return incidents, and what people declared here, of a scope or of one that holds it."""
        incidents = self.sources.emergencies(scope)
        with self._records.reading() as book:
            known = book.emergencies()
        return (*incidents, *(each.emergency for each in known if covers(each.scope, scope)))

    def _must_be_sound(self, policy: Policy) -> None:
        if policy.digest == self._sound:
            return
        loose = loosened(policy)
        if loose:
            raise CannotTell(
                f"it lacks gates that stand in every policy: {' '.join(loose[:3])}",
                hint="Put the policy together with the gates that come with Pawl.",
            )
        self._sound = policy.digest

    def _tell(
        self, id: str, by: By, command: CommandName | None, step: Step, *, facts: bool = False,
        key: str = "",
    ) -> Told:  # fmt: skip
        """Carry a command out: whoever may not is refused, whoever told it before is not heard.

        Without a `command` the step itself says who may.
        """
        for _ in range(ATTEMPTS):
            seen = self.get(id)
            world = self._world(seen.manifest.scope, seen if facts else None)
            try:
                with self._records.writing() as book:
                    change = self._got(book, seen.id)
                    if command and key and book.told(command_key(command, change.id, key)):
                        return change
                    if change.digest != seen.digest:
                        raise ChangedMeanwhile(change.id)
                    now = max(self._now(), change.changed_at)
                    refused = command and self._refused(command, by, change, world, now)
                    return refused or step(book, change, world, now)
            except ChangedMeanwhile:
                continue
        raise CannotTell("it is edited again and again.", place=id, hint="Try once more.")

    def _refused(
        self, command: CommandName, by: By, change: Change, world: World, now: str
    ) -> Refusal | None:
        permit = may(
            command,
            world.person(by),
            works=works_of(change.manifest),
            scope=change.manifest.scope,
            authors=behind(change.authors, world.known).people,
            roster=world.roster,
            raci=world.policy.raci,
            now=now,
            table=shipped_permissions(),
        )
        if permit.allowed:
            return None
        return Refusal(
            code="not-allowed",
            reasons=(permit.reason,),
            hint="See who may with `pawl raci who`.",
        )

    def _do(
        self, book: ChangeBook, change: Change, command: Command, now: str, by: By,
        world: World | None, key: str = "", claimed_at: str = "",
    ) -> Told:  # fmt: skip
        """Decide a command and keep what it makes happen, with the messages it makes."""
        events = decide(change, command, now)
        if isinstance(events, Refusal):
            return events
        policy = world.policy if world else None
        for happened in events:
            change = book.record(
                change,
                happened,
                actor_of(by),
                key=key,
                claimed_at=claimed_at,
                policy_digest=policy.digest if policy else None,
            )
            raci = policy.raci if policy else None
            self._post(book, letters_of(change, happened.type, raci, self._channels(), now), now)
            key = ""
        return change

    def _judged(self, book: ChangeBook, change: Change, world: World, now: str) -> Change:
        """Approve a change in review if its gates say so; keep what they said either way."""
        if change.state is not State.IN_REVIEW:
            return change
        now = max(now, change.changed_at)
        snapshot = self._snapshot(book, change, world, "approve", now)
        if not self._decided(book, snapshot).allowed:
            return change
        command = Judge(by=PAWL_ITSELF.identity, snapshot=snapshot)
        done = self._do(book, change, command, now, PAWL_ITSELF, world)
        return change if isinstance(done, Refusal) else done

    def _decided(self, book: ChangeBook, snapshot: Snapshot) -> Decision:
        decision = evaluate(snapshot)
        book.decided(snapshot, decision, actor_of(PAWL_ITSELF))
        return decision

    def _snapshot(
        self, book: ChangeBook, change: Change, world: World, moment: Where, now: str
    ) -> Snapshot:
        """Return everything that a decision at this moment rests on."""
        rolling, quarantine = book.guarding(change)
        scope = change.manifest.scope
        facts = msgspec.structs.replace(
            world.facts,
            rolling=rolling,
            quarantine=quarantine,
            drills=_together(world.facts.drills, book.drills(changed(change.manifest))),
            attested=tuple(
                {each.id: each for each in (*(world.facts.attested or ()),
                                            *book.attested(change.digest))}.values()
            ),
        )  # fmt: skip
        return Snapshot(
            moment=moment,
            now=now,
            change=change,
            policy=world.policy,
            roster=world.roster,
            facts=facts,
            evidence=book.evidence(change.digest),
            recorded=book.recorded(change.digest),
            exceptions=tuple(
                each
                for each in book.exceptions_near(change.digest)
                if each.digest == change.digest
                or covers(each.scope, scope)
                or covers(scope, each.scope)
            ),
            emergencies=world.emergencies,
        )

    def _post(self, book: ChangeBook, notices: tuple[Notice, ...], now: str) -> None:
        if notices:
            book.tell(notices, now)

    def _channels(self) -> Mailing:
        """Return whom this machine tells; a broken file of channels holds nothing up.

        What then reaches nobody waits in the outbox for a server that can read its own.
        """
        if self._mailing is None:
            return Mailing()
        try:
            return self._mailing()
        except PawlError:
            return Mailing(shared=True)


def actor_of(by: By) -> Actor:
    """Return who acts, as the ledger names them."""
    return Actor(person=by.identity, source=by.source, assurance=by.assurance)


@contextmanager
def told(what: str) -> Iterator[None]:
    """Turn whatever cannot be read into that nobody can tell: it is no answer, and never a yes."""
    try:
        yield
    except CannotTell:
        raise
    except PawlError as error:
        raise CannotTell(
            f"{what} cannot be read: {error.message}", place=error.place, hint=error.hint
        ) from error


def _together(told: tuple[Drill, ...] | None, own: tuple[Drill, ...]) -> tuple[Drill, ...]:
    return tuple({each.id: each for each in (*(told or ()), *own)}.values())
