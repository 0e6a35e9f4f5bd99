"""What gates say of a change: now, as it was stored, judged again, and under another policy."""

from pawl.base import typed
from pawl.base.errors import CannotTell
from pawl.changes.change import Change
from pawl.changes.explain import explained
from pawl.changes.facts import Where
from pawl.changes.gate import Decision, decision_bytes, evaluate, risk_of
from pawl.changes.manifest import difference, parts_digest
from pawl.changes.policy import Policy
from pawl.changes.simulate import Played, simulate
from pawl.services.change_ground import ChangeGround, World, actor_of
from pawl.services.change_terms import Asked, By, Checked, Kept, NoSuchChange, Replayed
from pawl.store.records.changes import ChangeBook, ChangedMeanwhile
from pawl.store.records.gate_rows import Stored

ATTEMPTS = 20
LAST_MOST = 1_000
"""Decisions that a simulation judges at most."""


class ChangeGates(ChangeGround):
    """Ask, check, explain, replay and simulate."""

    def asked(self, id: str) -> Asked:
        """Return what an answer binds to now, what changes and how risky that is."""
        change = self.get(id)
        world = self._world(change.manifest.scope, change)
        return Asked(
            change=change,
            digest=change.digest,
            base_digest=world.facts.base_digest or parts_digest(change.manifest.base),
            policy_digest=world.policy.digest,
            difference=difference(change.manifest),
            risk=risk_of(change, world.policy, world.facts),
        )

    def look(self, id: str, moment: Where) -> Checked:
        """Evaluate the gates now and store nothing; there is no `decision_id`."""
        change, world = self._around(id)
        with self._records.reading() as book:
            return self._evaluated(book, self._got(book, change.id), world, moment)

    def check(self, id: str, moment: Where, by: By) -> Checked:
        """Evaluate the gates now, and store decision and snapshot."""
        for _ in range(ATTEMPTS):
            seen, world = self._around(id)
            try:
                with self._records.writing() as book:
                    change = self._got(book, seen.id)
                    if change.digest != seen.digest:
                        raise ChangedMeanwhile(change.id)
                    checked = self._evaluated(book, change, world, moment)
                    told = book.decided(checked.snapshot, checked.decision, actor_of(by))
            except ChangedMeanwhile:
                continue
            return Checked(
                snapshot=checked.snapshot,
                decision=checked.decision,
                decision_id=told,
                notes=world.notes,
            )
        raise CannotTell("it is edited again and again.", place=id, hint="Try once more.")

    def explain(self, id: str, moment: Where) -> tuple[tuple[int, str], ...]:
        """Return the lines of a decision taken now, which is not stored, with their depth."""
        return explained(self.look(id, moment).decision)

    def replay(self, decision_id: str) -> Replayed:
        """Judge a stored decision again; `decision_id` may be shortened as far as it is clear.

        Raises NoSuchChange for one that is none.
        """
        with self._records.reading() as book:
            stored = _stored(book, decision_id)
            replaced = frozenset[str]()
            try:
                again = decision_bytes(evaluate(book.snapshot(stored.snapshot)))
                why = "" if again == stored.body else _why(stored.body, again)
            except (CannotTell, ValueError) as error:
                again, why = b"", str(error)
            identical = again == stored.body and not stored.altered
            if not identical:
                replaced = book.names_replaced()
        named = bool(replaced) and _rests_on_replaced(stored, replaced)
        if named:
            why = "Names in it or in what it rests on were replaced when a person was forgotten."
        elif stored.altered and not why:
            why = "What is stored is no longer what its digest says."
        return Replayed(
            decision_id=stored.id,
            identical=identical,
            stored=stored.body,
            again=again,
            why=why,
            names_replaced=named,
        )

    def decision(self, decision_id: str) -> Decision:
        """Return a stored decision; raises NoSuchChange."""
        with self._records.reading() as book:
            return typed.decode(_stored(book, decision_id).body, type=Decision)

    def decisions_of(self, id: str, limit: int = 50) -> tuple[Kept, ...]:
        """Return the newest decisions on a change, newest first."""
        with self._records.reading() as book:
            found = book.decisions_of(self._got(book, id).id, limit)
        return tuple(Kept(decision_id=name, decision=decision) for name, decision in found)

    def recent_decisions(self, limit: int = 200) -> tuple[Kept, ...]:
        """Return the newest decisions on all changes, newest first."""
        with self._records.reading() as book:
            found = book.newest_decisions(limit)
        return tuple(Kept(decision_id=name, decision=decision) for name, decision in found)

    def simulate(self, policy: Policy, last: int = 50) -> tuple[Played, ...]:
        """Return what a policy would have said of the newest decisions, newest first."""
        with self._records.reading() as book:
            snapshots = book.newest_snapshots(min(last, LAST_MOST))
        return simulate(snapshots, policy)

    def _around(self, id: str) -> tuple[Change, World]:
        seen = self.get(id)
        return seen, self._world(seen.manifest.scope, seen)

    def _evaluated(self, book: ChangeBook, change: Change, world: World, moment: Where) -> Checked:
        now = max(self._now(), change.changed_at)
        snapshot = self._snapshot(book, change, world, moment, now)
        return Checked(
            snapshot=snapshot, decision=evaluate(snapshot), decision_id="", notes=world.notes
        )


def _stored(book: ChangeBook, decision_id: str) -> Stored:
    stored = book.decision(decision_id)
    if stored is None:
        named = book.decisions_named(decision_id)
        stored = book.decision(named[0]) if len(named) == 1 else None
    if stored is None:
        raise NoSuchChange(
            f"no decision is called {decision_id[:80]!r}.",
            hint="See those on a change with `pawl change show`.",
        )
    return stored


def _rests_on_replaced(stored: Stored, replaced: frozenset[str]) -> bool:
    """Say whether forgetting has altered a decision, or anything its snapshot names."""
    text = stored.snapshot.decode()
    return any(stored.id in place or place.rpartition(" ")[2] in text for place in replaced)


def _why(stored: bytes, again: bytes) -> str:
    """Return in which gates two decisions differ, or that they rest on something else."""
    before, after = (typed.decode(each, type=Decision) for each in (stored, again))
    one = {each.gate: each for each in before.gates}
    other = {each.gate: each for each in after.gates}
    gates = sorted(gate for gate in one | other if one.get(gate) != other.get(gate))
    if gates:
        return f"Judged again these gates say something else: {', '.join(gates[:10])}."
    if before.snapshot_digest != after.snapshot_digest:
        return "What it rests on is no longer what it was."
    return "The same gates say the same, and something else in it differs."
