"""Emergencies: declared by whoever commands them, so that glass can be broken and answered for.

It is an entry of the ledger that a person gives who is known for certain. It comes from no file of
the repository: whoever writes a change could write such a file with it. The role of commander is
granted beforehand, on the protected branch, to somebody who is trusted with this. One person
suffices, because a team of one must have a way out at three in the morning; the second pair of
eyes comes within a day, in who ratifies what was let through, and until then nothing else ships.
It asks for a change, whose scope it has and whose exceptions it can give: there is no leave in
general.
"""

from pawl.changes.change import Change, Refusal
from pawl.governance.exceptions import Declared, declared, over
from pawl.governance.raci import Work, accountable
from pawl.governance.roster import holds
from pawl.services.change_evidence import certain_human
from pawl.services.change_ground import ChangeGround, World, actor_of
from pawl.services.change_terms import By, NoSuchChange, Told
from pawl.store.records.changes import ChangeBook, command_key

MAX_WHY = 2_000


class ChangeEmergencies(ChangeGround):
    """Declare an emergency, end it, and list them."""

    def declare_emergency(
        self, id: str, by: By, *, severity: int, why: str, key: str = ""
    ) -> Declared | Refusal:
        """Declare an emergency for a change and command it; `severity` counts from 1, the worst.

        It ends by itself after as many hours as broken glass may hold.
        """
        kept: list[Declared] = []

        def step(book: ChangeBook, change: Change, world: World, now: str) -> Told:
            told = command_key("emergency", change.id, key)
            known = book.told(told) if told else None
            if known is not None:
                kept.append(_found(book, known))
                return change
            refused = _why_not(change, by, world, severity, why, now)
            if refused is not None:
                return refused
            person = world.person(by)
            assert person is not None
            made = declared(
                self._new_id("emg"), person.id, severity, now, world.policy.limits,
                change=change.id, scope=change.manifest.scope, why=why,
            )  # fmt: skip
            book.keep_emergency(made, actor_of(by), now, key=told)
            kept.append(made)
            return change

        done = self._tell(id, by, None, step)
        return done if isinstance(done, Refusal) else kept[-1]

    def end_emergency(self, emergency_id: str, by: By) -> Declared | Refusal:
        """Say that an emergency is over. Anybody in the roster may: it closes and never opens."""
        with self._records.reading() as book:
            scope = _found(book, emergency_id).scope
        world = self._world(scope)
        refused = certain_human(world, by)
        if refused is not None:
            return refused
        with self._records.writing() as book:
            found, now = _found(book, emergency_id), self._now()
            ended = over(found, now)
            if ended != found:
                book.end_emergency(found.emergency.id, actor_of(by), now)
            return ended

    def emergencies(self) -> tuple[Declared, ...]:
        """Return the emergencies that were declared, newest first."""
        with self._records.reading() as book:
            return book.emergencies()


def _why_not(
    change: Change, by: By, world: World, severity: int, why: str, now: str
) -> Refusal | None:
    refused = certain_human(world, by)
    person = world.person(by)
    if refused is not None or person is None:
        return refused
    if not why.strip() or len(why) > MAX_WHY:
        return Refusal(code="refused", reasons=(f"What is wrong has 1 to {MAX_WHY:,} characters.",))
    worst = world.policy.limits.break_glass_severity_max
    if not 1 <= severity <= worst:
        reason = f"Glass is broken in emergencies of severity 1 to {worst} alone."
        return Refusal(code="refused", reasons=(reason,))
    role = accountable(world.policy.raci, Work.INCIDENT, change.manifest.scope)
    if not holds(world.roster, person.id, role, change.manifest.scope, now):
        return Refusal(
            code="not-allowed",
            reasons=(f"{person.id} is not {role or 'accountable'}, who commands incidents.",),
            hint=f"Grant {role or 'a role'} beforehand, in .pawl/roster.yaml.",
        )
    return None


def _found(book: ChangeBook, name: str) -> Declared:
    for each in book.emergencies():
        if each.emergency.id == name:
            return each
    raise NoSuchChange(
        f"no emergency is called {name[:80]!r}.", hint="See them with `pawl exception emergencies`."
    )
