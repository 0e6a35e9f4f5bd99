"""What people have to see to: told once each through the outbox, and shown while it is so.

That something was told is an entry of the ledger, written with the messages in one transaction. A
server that starts again, or a second one on the same records, tells nothing a second time.
"""

from datetime import timedelta

import msgspec

from pawl.base import typed
from pawl.base.errors import CannotTell
from pawl.base.times import parse_time
from pawl.changes.change import Change
from pawl.changes.concern import Concern, ConcernKind, of_change, of_intent, still_asked
from pawl.changes.executing import numbers
from pawl.governance.exceptions import GateException
from pawl.governance.ledger import EntryType
from pawl.services.change_exceptions import ChangeExceptions
from pawl.services.change_ground import actor_of
from pawl.services.change_letters import letter_of_concern
from pawl.services.change_rollout import ChangeRollout
from pawl.services.change_terms import PAWL_ITSELF


class ChangeConcerns(ChangeRollout, ChangeExceptions):
    """Tell of what does not mend itself, and show it."""

    def concerns(self, id: str) -> tuple[Concern, ...]:
        """Return what somebody has to see to about a change, as it is now.

        Broken glass is left out where the policy that says until when cannot be read.
        """
        with self._records.reading() as book:
            change = self._got(book, id)
            intent = book.intent(change.id)
            told = [
                typed.convert(msgspec.json.decode(row["body"]), Concern)
                for row in book.timeline(change.id)
                if row["type"] == EntryType.CONCERN_TOLD
            ]
            broken = [each for each in book.exceptions(change.digest) if _is_open_glass(each)]
        found = [
            *still_asked(change, told),
            *of_intent(change, intent, numbers().tell_after_attempts),
            *of_change(change),
        ]
        try:
            found += [each for one in broken for each in self._of_glass(one, change)]
        except CannotTell:
            pass
        return tuple(found)

    def tell_people(self, id: str, concern: Concern) -> bool:
        """Tell who is accountable and responsible of a concern; False where it was told before."""
        key = _key(id, concern)
        with self._records.reading() as book:
            change = self._got(book, id)
            if book.told(key) is not None:
                return False
        world = self._world_if_readable(change)
        raci = world.policy.raci if world else None
        with self._records.writing() as book:
            change = self._got(book, change.id)
            now = max(self._now(), change.changed_at)
            if not book.keep_concern(change.id, concern, actor_of(PAWL_ITSELF), now, key=key):
                return False
            letters = letter_of_concern(change, concern, raci, self._channels(), now)
            self._post(book, letters, now)
            return True

    def tell_of_glass(self) -> None:
        """Tell once of each broken glass whose time to be ratified is nearly over, or is."""
        soon = timedelta(hours=numbers().ratify_soon_h)
        with self._records.reading() as book:
            broken = [
                (each, changes[0])
                for each in book.exceptions(None)
                if _is_open_glass(each) and (changes := book.of_digest(each.digest))
            ]
            untold = [
                (each, change)
                for each, change in broken
                if book.told(_glass_key(change.id, each.id)) is None
            ]
        for exception, change in untold:
            for concern in self._of_glass(exception, change):
                if parse_time(self._now()) >= parse_time(concern.until) - soon:
                    self.tell_people(change.id, concern)

    def _of_glass(self, exception: GateException, change: Change) -> tuple[Concern, ...]:
        """Return that glass is to be ratified, where it would block; raises CannotTell."""
        due = self._due_of_glass(exception, change)
        if due is None:
            return ()
        why = (
            f"{exception.rule} was set aside in {exception.incident}. Whoever is accountable "
            f"ratifies it by {due[:16]}Z, or it blocks."
        )
        return (
            Concern(
                kind=ConcernKind.GLASS,
                key=exception.id,
                why=why,
                since=exception.approved_at,
                until=due,
            ),
        )


def _is_open_glass(exception: GateException) -> bool:
    return bool(exception.incident and exception.approved_at) and not exception.ratified_at


def _key(change: str, concern: Concern) -> str:
    return f"{EntryType.CONCERN_TOLD}|{change}|{concern.kind}|{concern.key}"


def _glass_key(change: str, exception: str) -> str:
    return f"{EntryType.CONCERN_TOLD}|{change}|{ConcernKind.GLASS}|{exception}"
