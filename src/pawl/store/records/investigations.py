"""Investigations and known quirks, kept in the ledger alone.

There is no table: of one incident there are few investigations, which are asked for by it, and what
is known of quirks is a fold over few entries.
"""

from typing import Any

import msgspec

from pawl.base import typed
from pawl.base.errors import CannotTell
from pawl.governance.ledger import Actor, Draft, EntryType
from pawl.investigation.investigation import Investigation
from pawl.investigation.quirk import Quirk
from pawl.store.records.connection import Engine
from pawl.store.records.engine import reading, writing
from pawl.store.records.ledger import OF_SUBJECT, append, entries

_OF = f"SELECT seq, body, recorded_at {OF_SUBJECT} ORDER BY seq"


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """An investigation as the ledger has it. `digest` is of the investigation when it was kept."""

    id: str
    digest: str
    recorded_at: str
    investigation: Investigation


class _Finished(msgspec.Struct, frozen=True):
    id: str
    digest: str
    investigation: Investigation


class _Retired(msgspec.Struct, frozen=True):
    id: str
    why: str
    by: str


class InvestigationRecords:
    """Investigations and quirks of one store."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def keep(self, id: str, found: Investigation, digest: str, actor: Actor, now: str) -> None:
        """Keep an investigation."""
        body = {"id": id, "digest": digest, "investigation": msgspec.to_builtins(found)}
        self._append(EntryType.INVESTIGATION_FINISHED, found.incident, body, actor, now, id)

    def of(self, incident: str) -> tuple[Kept, ...]:
        """Return the investigations of an incident, oldest first."""
        asked = {"subject": incident, "type": EntryType.INVESTIGATION_FINISHED.value}
        with reading(self._engine) as connection:
            rows = connection.execute(_OF, asked)
        found = []
        for row in rows:
            read = _read(row["body"], _Finished, int(row["seq"]))
            found.append(
                Kept(
                    id=read.id,
                    digest=read.digest,
                    recorded_at=row["recorded_at"],
                    investigation=read.investigation,
                )
            )
        return tuple(found)

    def record_quirk(self, quirk: Quirk, actor: Actor) -> None:
        """Keep a quirk."""
        self._append(
            EntryType.QUIRK_RECORDED,
            quirk.id,
            msgspec.to_builtins(quirk),
            actor,
            quirk.recorded_at,
            quirk.id,
        )

    def retire_quirk(self, id: str, why: str, by: str, actor: Actor, now: str) -> None:
        """Say that a quirk is no longer to be offered; saying it again changes nothing."""
        body = {"id": id, "why": why, "by": by}
        self._append(EntryType.QUIRK_RETIRED, id, body, actor, now, id)

    def quirks(self) -> tuple[Quirk, ...]:
        """Return every quirk, retired ones as well, oldest first."""
        found: dict[str, Quirk] = {}
        with reading(self._engine) as connection:
            for entry in entries(connection, "quirk."):
                if entry.type == EntryType.QUIRK_RECORDED:
                    quirk = _read(entry.body, Quirk, entry.seq)
                    found[quirk.id] = quirk
                elif entry.type == EntryType.QUIRK_RETIRED:
                    told = _read(entry.body, _Retired, entry.seq)
                    if told.id in found:
                        found[told.id] = msgspec.structs.replace(
                            found[told.id],
                            retired_at=entry.recorded_at,
                            retired_by=told.by,
                            retired_why=told.why,
                        )
        return tuple(found.values())

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
            idempotency_key=f"{kind.value}|{key}",
        )
        with writing(self._engine) as connection:
            append(connection, draft)


def _read(body: str | bytes, kind: Any, seq: int) -> Any:
    try:
        return typed.decode(body, type=kind)
    except msgspec.DecodeError as error:
        raise CannotTell(
            f"entry {seq} of the ledger does not read: {error}.",
            place="ledger",
            hint="See what `pawl ledger verify` says.",
        ) from error
