"""Evidence about a change, who owns what an agent helped to write, and drills of going back."""

import msgspec

from pawl.base.canonical import digest
from pawl.changes.change import Change, Refusal
from pawl.changes.evidence import Evidence, sealed, statement_of
from pawl.changes.facts import Attested, Drill
from pawl.governance.roster import Kind, is_active, plain_identity
from pawl.services.change_ground import ChangeGround, World, actor_of
from pawl.services.change_terms import By, Told
from pawl.store.records.changes import ChangeBook


class ChangeEvidence(ChangeGround):
    """Put on record what was found, what was tried, and whose it is."""

    def add_evidence(self, id: str, piece: Evidence, by: By) -> Evidence | Refusal:
        """Record a piece of evidence about a change, and judge it; the same piece twice is one.

        Its id, time of record and producer are ours: the producer is whoever hands it over.
        """
        kept: list[Evidence] = []

        def step(book: ChangeBook, change: Change, world: World, now: str) -> Told:
            if world.person(by) is None and by.assurance != "authenticated":
                return _unknown()
            mine = msgspec.structs.replace(
                piece, producer=by.identity, recorded_at=now, payload_digest="", id=""
            )
            try:
                mine = sealed(mine)
            except (ValueError, RecursionError) as error:
                return Refusal(code="bad-evidence", reasons=(f"No canonical form: {error}.",))
            name = f"ev-{digest(statement_of(mine))[:24]}"
            known = book.piece(name)
            kept.append(known or msgspec.structs.replace(mine, id=name))
            if known is not None:
                return change
            book.keep_evidence(kept[-1], actor_of(by), change=change.id)
            return self._judged(book, change, world, now)

        done = self._tell(id, by, None, step, facts=True)
        return done if isinstance(done, Refusal) else kept[-1]

    def evidence_of(self, id: str) -> tuple[Evidence, ...]:
        """Return all evidence about the present content of a change, oldest first."""
        with self._records.reading() as book:
            return book.evidence(self._got(book, id).digest)

    def attest(self, id: str, by: By) -> Attested | Refusal:
        """Record that a human owns the present content of a change, whoever typed it."""
        kept: list[Attested] = []

        def step(book: ChangeBook, change: Change, world: World, now: str) -> Told:
            refused = certain_human(world, by)
            if refused:
                return refused
            mine = Attested(
                id=f"att-{digest([change.id, change.digest, plain_identity(by.identity)])[:24]}",
                identity=plain_identity(by.identity),
                digest=change.digest,
                at=now,
            )
            known = [each for each in book.attested(change.digest) if each.id == mine.id]
            kept.append(known[0] if known else mine)
            if known:
                return change
            book.keep_attested(mine, actor_of(by), change=change.id)
            return self._judged(book, change, world, now)

        done = self._tell(id, by, None, step, facts=True)
        return done if isinstance(done, Refusal) else kept[-1]

    def record_drill(
        self, component: str, succeeded: bool, by: By, *, at: str = "", ref: str = ""
    ) -> Drill | Refusal:
        """Record that going back was tried on a component, or on a kind such as `prompt`.

        Told again with the same time and `ref` it is the same drill.
        """
        world = self._world("")
        person = world.person(by)
        if person is None or not is_active(person, self._now()):
            return _unknown()
        if person.kind is Kind.AGENT:
            why = f"{person.id} is an agent, and vouches for no way back."
            return Refusal(code="not-allowed", reasons=(why,))
        with self._records.writing() as book:
            now = self._now()
            # A claimed time makes a drill older and never newer.
            when = min(at, now) if at else now
            name = f"drill-{digest([component, succeeded, when, ref])[:24]}"
            drill = Drill(id=name, component=component, at=when, succeeded=succeeded)
            book.keep_drill(drill, actor_of(by), now, ref=ref)
            return drill


def certain_human(world: World, by: By) -> Refusal | None:
    """Return why a word does not count that only a human who is known for certain can give."""
    person = world.person(by)
    if person is None:
        return _unknown()
    if person.kind is not Kind.HUMAN:
        return Refusal(code="not-allowed", reasons=(f"{person.id} is no human.",))
    if by.assurance != "authenticated":
        return Refusal(
            code="weak-source",
            reasons=("A name that was typed vouches for nobody.",),
            hint="Sign in, or sign it with a listed SSH key.",
        )
    return None


def _unknown() -> Refusal:
    return Refusal(code="not-allowed", reasons=("Nobody in the roster claims this identity.",))
