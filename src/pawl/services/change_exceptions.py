"""Exceptions of gates: asked for, given, taken back, and glass that is broken and answered for.

Whether one counts is said by `governance.exceptions.standing` alone; here it is asked before an
exception is kept, so that whoever gives one that would not count is told at once.
"""

from datetime import timedelta
from typing import Any

import msgspec

from pawl.base.errors import CannotTell
from pawl.base.times import format_time, parse_time, seconds_between
from pawl.changes.change import Change, Refusal
from pawl.changes.gate import risk_of
from pawl.changes.gate_file import Gate
from pawl.changes.manifest import Risk, works_of
from pawl.governance.exceptions import (
    GateException,
    Ground,
    Standing,
    Status,
    standing,
    unratified,
)
from pawl.governance.ledger import EntryType
from pawl.governance.roster import behind
from pawl.services.change_evidence import certain_human
from pawl.services.change_ground import ATTEMPTS, ChangeGround, Step, World, actor_of
from pawl.services.change_letters import letter_of_glass
from pawl.services.change_terms import By, Excepted, NoSuchChange, Told
from pawl.store.records.changes import ChangeBook, command_key

MAX_TEXT = 2_000
MAX_HOURS = 24 * 366.0


class ChangeExceptions(ChangeGround):
    """Request, approve, revoke, ratify, and break glass."""

    def request_exception(
        self,
        id: str,
        rule: str,
        by: By,
        *,
        reason: str,
        owner: str,
        compensating_control: str,
        hours: float,
        follow_up: str = "",
        max_uses: int = 1,
        key: str = "",
    ) -> GateException | Refusal:
        """Ask that a gate be set aside for the present content of a change, from now for hours."""
        kept: list[GateException] = []

        def step(book: ChangeBook, change: Change, world: World, now: str) -> Told:
            told = command_key("exception", change.id, key)
            if self._known(book, told, kept):
                return change
            person = world.person(by)
            wanted = _wanted(rule, world, hours) if person else _nobody()
            if isinstance(wanted, Refusal) or person is None:
                return wanted if isinstance(wanted, Refusal) else _nobody()
            made = self._made(
                change,
                rule,
                now,
                hours,
                reason=reason,
                owner=owner,
                compensating_control=compensating_control,
                requested_by=person.id,
                follow_up=follow_up,
                max_uses=max_uses,
            )
            bad = _bad(made, world)
            if bad:
                return bad
            kind = EntryType.EXCEPTION_REQUESTED
            kept.append(self._keep(book, kind, None, made, by, now, world, told))
            return change

        return self._given(id, by, step, kept)

    def approve_exception(self, exception_id: str, by: By) -> GateException | Refusal:
        """Give an exception, which ends when it was asked to end; the change is judged anew."""
        return self._altered(exception_id, by, EntryType.EXCEPTION_APPROVED)

    def revoke_exception(self, exception_id: str, by: By) -> GateException | Refusal:
        """End an exception now. Anybody in the roster may: it closes and never opens."""
        return self._altered(exception_id, by, EntryType.EXCEPTION_REVOKED)

    def ratify_exception(self, exception_id: str, by: By) -> GateException | Refusal:
        """Answer for glass that somebody broke in an emergency."""
        return self._altered(exception_id, by, EntryType.EXCEPTION_RATIFIED)

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
        """Set a gate aside in an emergency, as the commander of an open incident."""
        kept: list[GateException] = []

        def step(book: ChangeBook, change: Change, world: World, now: str) -> Told:
            told = command_key("break-glass", change.id, key)
            if self._known(book, told, kept):
                return change
            person = world.person(by)
            wanted = certain_human(world, by) or _wanted(rule, world, hours)
            if isinstance(wanted, Refusal) or person is None:
                return wanted if isinstance(wanted, Refusal) else _nobody()
            made = self._made(
                change,
                rule,
                now,
                hours,
                reason=reason,
                owner=person.id,
                compensating_control=compensating_control,
                requested_by=person.id,
                approved_by=person.id,
                approved_at=now,
                incident=incident,
            )
            refused = _bad(made, world) or _refused(made, _ground(world, wanted, (change,), now))
            if refused:
                return refused
            kind = EntryType.EXCEPTION_GLASS_BROKEN
            kept.append(self._keep(book, kind, None, made, by, now, world, told))
            what = f"{rule} was set aside in {incident}: {reason[:300]}"
            self._post(book, letter_of_glass(change, what, self._channels(), now), now)
            return self._judged(book, change, world, now)

        return self._given(id, by, step, kept)

    def exceptions(self, id: str | None = None) -> tuple[Excepted, ...]:
        """Return exceptions with how they stand, newest first; of one change's content, or all."""
        with self._records.reading() as book:
            digest = None if id is None else self._got(book, id).digest
            found = book.exceptions(digest)
            changes = {each.digest: book.of_digest(each.digest) for each in found}
        worlds: dict[str, World] = {}
        return tuple(
            Excepted(exception=each, standing=self._standing(each, changes[each.digest], worlds))
            for each in found
        )

    def _due_of_glass(self, exception: GateException, change: Change) -> str | None:
        """Return until when broken glass is to be ratified; None where it would not block then."""
        world = self._world(exception.scope, change)
        gate = _gate(world, exception.rule)
        if gate is None:
            return None
        hours = timedelta(hours=world.policy.limits.ratify_within_hours)
        due = format_time(parse_time(exception.approved_at) + hours)
        ground = _ground(world, gate, (change,), max(self._now(), due))
        return due if unratified((exception,), ground) else None

    def _standing(
        self, exception: GateException, changes: tuple[Change, ...], worlds: dict[str, World]
    ) -> Standing | None:
        name = changes[0].id if changes else exception.scope
        if name not in worlds:
            worlds[name] = self._world(exception.scope, changes[0] if changes else None)
        world = worlds[name]
        gate = _gate(world, exception.rule)
        if gate is None:
            return None
        return standing(exception, _ground(world, gate, changes, self._now()))

    def _given(
        self, id: str, by: By, step: Step, kept: list[GateException]
    ) -> GateException | Refusal:
        done = self._tell(id, by, None, step, facts=True)
        return done if isinstance(done, Refusal) else kept[-1]

    def _altered(self, exception_id: str, by: By, kind: EntryType) -> GateException | Refusal:
        """Do something to an exception, and judge the changes that it was given for."""
        for _ in range(ATTEMPTS):
            with self._records.reading() as book:
                seen = _found(book, exception_id)
                around = book.of_digest(seen.digest)
            world = self._world(seen.scope, around[0] if around else None)
            with self._records.writing() as book:
                changes = book.of_digest(seen.digest)
                if [each.id for each in changes] != [each.id for each in around]:
                    continue
                exception = _found(book, exception_id)
                now = max(self._now(), exception.requested_at, exception.approved_at)
                later = _later_one(exception, by, kind, world, changes, now)
                if isinstance(later, Refusal) or later == exception:
                    return later
                done = self._keep(book, kind, exception, later, by, now, world, "")
                for change in changes:
                    self._judged(book, change, world, now)
                return done
        raise CannotTell("its change is edited again and again.", place=exception_id)

    def _keep(
        self,
        book: ChangeBook,
        kind: EntryType,
        before: GateException | None,
        later: GateException,
        by: By,
        now: str,
        world: World,
        key: str,
    ) -> GateException:
        policy = world.policy.digest
        return book.keep_exception(
            kind, before, later, actor_of(by), now, key=key, policy_digest=policy
        )

    def _known(self, book: ChangeBook, told: str, kept: list[GateException]) -> bool:
        """Say whether an exception was asked for before under the same key."""
        known = book.told(told) if told else None
        kept += [_found(book, known)] if known else []
        return known is not None

    def _made(
        self, change: Change, rule: str, now: str, hours: float, **fields: Any
    ) -> GateException:
        return GateException(
            id=self._new_id("exc"),
            rule=rule,
            digest=change.digest,
            scope=change.manifest.scope,
            works=tuple(sorted(works_of(change.manifest))),
            requested_at=now,
            expires_at=format_time(parse_time(now) + timedelta(hours=hours)),
            **fields,
        )


def _later_one(
    exception: GateException,
    by: By,
    kind: EntryType,
    world: World,
    changes: tuple[Change, ...],
    now: str,
) -> GateException | Refusal:
    """Return the exception after a command, itself where that was told before."""
    person = world.person(by)
    refused = certain_human(world, by)
    if refused or person is None:
        return refused or _nobody()
    if kind is EntryType.EXCEPTION_REVOKED:
        if exception.revoked_at is not None:
            return exception
        return msgspec.structs.replace(exception, revoked_at=now)
    gate = _gate(world, exception.rule)
    if gate is None:
        return _no_gate(exception.rule)
    ground = _ground(world, gate, changes, now)
    if kind is EntryType.EXCEPTION_RATIFIED:
        return _ratified(exception, person.id, ground)
    if exception.approved_at:
        return exception
    if not changes:
        return Refusal(code="refused", reasons=("No change has the content it is about.",))
    later = msgspec.structs.replace(exception, approved_by=person.id, approved_at=now)
    return _refused(later, ground) or later


def _ratified(exception: GateException, person: str, ground: Ground) -> GateException | Refusal:
    if not exception.incident:
        return Refusal(code="refused", reasons=(f"{exception.id} broke no glass.",))
    if exception.ratified_at:
        return exception
    later = msgspec.structs.replace(exception, ratified_by=person, ratified_at=ground.now)
    # Asked as it will be when the time is over: would it block then?
    due = parse_time(later.approved_at) + timedelta(hours=ground.limits.ratify_within_hours)
    then = msgspec.structs.replace(ground, now=max(ground.now, format_time(due)))
    against = unratified((later,), then)
    if against:
        return Refusal(code="not-allowed", reasons=tuple(why for _, why in against))
    return later


def _ground(world: World, gate: Gate, changes: tuple[Change, ...], now: str) -> Ground:
    """Return what an exception is judged on; of an unknown content nothing is taken for low."""
    risks = [risk_of(each, world.policy, world.facts).risk for each in changes]
    people = [behind(each.authors, world.known).people for each in changes]
    return Ground(
        roster=world.roster,
        raci=world.policy.raci,
        limits=world.policy.limits,
        domain=gate.domain,
        now=now,
        high_risk=not risks or Risk.HIGH in risks,
        authors=frozenset[str]().union(*people),
        emergencies=world.emergencies,
    )


def _wanted(rule: str, world: World, hours: float) -> Gate | Refusal:
    """Return the gate that is to be set aside, or why it cannot be."""
    gate = _gate(world, rule)
    if gate is None:
        return _no_gate(rule)
    if not gate.exceptable:
        return Refusal(code="refused", reasons=(f"Nobody may except {rule}.",))
    if not 0 < hours <= MAX_HOURS:
        return Refusal(code="refused", reasons=(f"{hours:g} hours is no time it could last.",))
    return gate


def _bad(exception: GateException, world: World) -> Refusal | None:
    """Return what is missing in an exception, or too long, or too often."""
    for name in ("reason", "owner", "compensating_control"):
        text = getattr(exception, name)
        if not text.strip() or len(text) > MAX_TEXT:
            why = f"Its {name.replace('_', ' ')} has 1 to {MAX_TEXT:,} characters."
            return Refusal(code="refused", reasons=(why,))
    limits = world.policy.limits
    if not 1 <= exception.max_uses <= limits.uses_max:
        return Refusal(code="refused", reasons=(f"It may be used 1 to {limits.uses_max} times.",))
    most = limits.break_glass_hours_max if exception.incident else limits.hours_max
    if seconds_between(exception.requested_at, exception.expires_at) > most * 3600:
        return Refusal(code="refused", reasons=(f"It may last {most:g} hours at most.",))
    return None


def _refused(exception: GateException, ground: Ground) -> Refusal | None:
    """Return why an exception would not count, or None where it does."""
    found = standing(exception, ground)
    if found.status is Status.ACTIVE:
        return None
    return Refusal(code=found.status.value, reasons=(found.reason,))


def _gate(world: World, rule: str) -> Gate | None:
    return next((each for each in world.policy.gates.gates if each.id == rule), None)


def _found(book: ChangeBook, exception_id: str) -> GateException:
    found = book.exception(exception_id)
    if found is None:
        raise NoSuchChange(
            f"no exception is called {exception_id[:80]!r}.",
            hint="See them with `pawl exception list`.",
        )
    return found


def _nobody() -> Refusal:
    return Refusal(code="not-allowed", reasons=("Nobody in the roster claims this identity.",))


def _no_gate(rule: str) -> Refusal:
    return Refusal(code="refused", reasons=(f"The policy has no gate {rule[:80]}.",))
