"""Reviews in the ledger: what they found, and what people decided about it.

There is no table: thresholds and the triage queue are folds over few entries.
"""

from collections.abc import Iterator
from typing import Any, TypeVar

import msgspec

from pawl.base import typed
from pawl.base.canonical import digest
from pawl.base.errors import CannotTell
from pawl.governance.ledger import Actor, Draft, Entry, EntryType
from pawl.review.feedback import Judged
from pawl.review.queue import Waiting
from pawl.store.records.connection import Engine
from pawl.store.records.engine import reading, writing
from pawl.store.records.ledger import append, entries

T = TypeVar("T")


class _Recorded(msgspec.Struct, frozen=True):
    project: str | None
    waiting: tuple[Waiting, ...]


class _Decided(msgspec.Struct, frozen=True):
    project: str | None
    judged: Judged


class ReviewRecords:
    """Reviews and decisions of one data folder, or of the database a URL names."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def record(self, body: dict[str, Any], subject: str, actor: Actor, now: str) -> None:
        """Keep what a review found; `body` has `project` and `waiting`, and what else it says."""
        key = f"{EntryType.REVIEW_RECORDED.value}:{digest(body)}"
        self._append(EntryType.REVIEW_RECORDED, subject, body, actor, now, key)

    def judge(self, judged: Judged, project: str | None, actor: Actor, now: str) -> None:
        """Keep a decision about a finding."""
        body = {"project": project, "judged": msgspec.to_builtins(judged)}
        key = f"{EntryType.REVIEW_JUDGED.value}:{judged.fingerprint}:{now}"
        subject = f"finding:{judged.fingerprint}"
        self._append(EntryType.REVIEW_JUDGED, subject, body, actor, now, key)

    def judged(self, project: str | None) -> tuple[Judged, ...]:
        """Return every decision about a project's findings, in the order they were made."""
        read = (_read(entry, _Decided) for entry in self._entries(EntryType.REVIEW_JUDGED))
        return tuple(each.judged for each in read if each.project == project)

    def waiting(self, project: str | None) -> tuple[Waiting, ...]:
        """Return what a project's reviews put into the queue, decided about or not."""
        read = (_read(entry, _Recorded) for entry in self._entries(EntryType.REVIEW_RECORDED))
        return tuple(each for told in read if told.project == project for each in told.waiting)

    def projects(self) -> tuple[str | None, ...]:
        """Return the projects that were reviewed, each once."""
        read = (_read(entry, _Recorded) for entry in self._entries(EntryType.REVIEW_RECORDED))
        return tuple(dict.fromkeys(told.project for told in read))

    def _entries(self, kind: EntryType) -> Iterator[Entry]:
        with reading(self._engine) as connection:
            yield from entries(connection, kind.value)

    def _append(
        self, kind: EntryType, subject: str, body: Any, actor: Actor, now: str, key: str
    ) -> None:
        draft = Draft(
            type=kind.value,
            subject=subject,
            actor=actor,
            body=body,
            claimed_at=now,
            recorded_at=now,
            idempotency_key=key,
        )
        with writing(self._engine) as connection:
            append(connection, draft)


def _read(entry: Entry, kind: type[T]) -> T:
    try:
        return typed.decode(entry.body, type=kind)
    except msgspec.DecodeError as error:
        raise CannotTell(
            f"entry {entry.seq} of the ledger does not read: {error}.",
            place="ledger",
            hint="See what `pawl ledger verify` says.",
        ) from error
