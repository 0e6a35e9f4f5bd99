"""What is known of changes: boards, one change's timeline, and what is live."""

import msgspec

from pawl.base import typed
from pawl.changes.change import Change, State
from pawl.changes.metrics import Figures
from pawl.changes.registry import Live, Registry
from pawl.changes.rollout import StageVerdict
from pawl.governance.ledger import Actor, EntryType
from pawl.services.change_figures import figures_of
from pawl.services.change_ground import ChangeGround
from pawl.services.change_terms import Moment
from pawl.store.records.connection import Row

MOST = 1_000
"""Changes that one question returns."""


class ChangeReading(ChangeGround):
    """Read, and change nothing."""

    def list(
        self,
        states: tuple[State, ...] = (),
        *,
        scope: str | None = None,
        limit: int = 200,
        before: str = "",
    ) -> tuple[Change, ...]:
        """Return changes, last changed first; `before` is a `changed_at` to go on from."""
        with self._records.reading() as book:
            return book.board(states, scope, min(limit, MOST), before)

    def on_record(self, id: str, verdicts: tuple[StageVerdict, ...]) -> tuple[StageVerdict, ...]:
        """Return those verdicts on a change that telemetry gave, as it gave them.

        Whoever is not this machine's own rollout may name verdicts, and cannot make any.
        """
        with self._records.reading() as book:
            known = {each.id: each for each in book.verdicts(self._got(book, id).id)}
        return tuple(known[each.id] for each in verdicts if each.id in known)

    def counts(self) -> dict[State, int]:
        """Return how many changes are in which state."""
        with self._records.reading() as book:
            return book.counts()

    def timeline(self, id: str) -> tuple[Moment, ...]:
        """Return everything that was recorded about a change and its content, oldest first."""
        with self._records.reading() as book:
            change = self._got(book, id)
            given = [each.id for each in book.exceptions(change.digest)]
            rows = book.timeline(change.id, change.digest, *given)
        return tuple(_moment(row) for row in rows)

    def registry(self) -> Registry:
        """Return what every component is, was, and what moves it."""
        with self._records.reading() as book:
            return book.registry()

    def live(self, component: str) -> Live | None:
        """Return what a component is now, who approved it, and what to go back to."""
        with self._records.reading() as book:
            return book.registry((component,)).live(component)

    def figures(self, since: str, until: str, *, scope: str = "") -> Figures:
        """Return the figures of a window, of all changes or of a scope's."""
        return figures_of(self._records, since, until, scope=scope)


def _moment(row: Row) -> Moment:
    actor = typed.decode(row["actor"], type=Actor)
    body = msgspec.json.decode(row["body"])
    sets = body.get("sets")
    return Moment(
        seq=row["seq"],
        at=row["recorded_at"],
        type=row["type"],
        by=actor.person,
        source=actor.source,
        assurance=actor.assurance,
        sets=tuple(sorted(sets)) if isinstance(sets, dict) else (),
        text=_text(row["type"], body),
        hash=row["hash"],
    )


def _text(kind: str, body: dict[str, object]) -> str:
    """Return what an entry says in a few words; texts in it are as somebody wrote them."""
    sets = body.get("sets")
    values = sets if isinstance(sets, dict) else {}
    if kind == EntryType.GATE_DECIDED:
        return f"{body['moment']}: {body['verdict']} ({str(body['decision'])[:12]})"
    if kind == EntryType.GATE_EVIDENCE_RECORDED:
        return f"{body['kind']}: {body['verdict']} ({body['id']})"
    if kind == EntryType.CONCERN_TOLD:
        return f"{body['kind']}: {body['why']}"
    if kind == EntryType.CHANGE_ANSWERED:
        newest = values["answers"][-1]
        return f"{newest['said']}: {newest['note']}" if newest["note"] else str(newest["said"])
    return str(values.get("why") or values.get("reason") or "")
