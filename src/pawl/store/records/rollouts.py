"""Intents to roll out and back, written with the decision itself, and verdicts on stages.

An intent is claimed by update-where for a time that no call outlasts; whoever dies leaves a claim
that runs out, or is found to be gone. Of one change nothing is called while another claim on it
lasts, so a rollback never overtakes the start that it takes back. What is asked again is the same
intent under the same id.
"""

from collections.abc import Callable, Mapping

import msgspec

from pawl.alerts.instants import instant, seconds
from pawl.base import typed
from pawl.base.canonical import canonical_json
from pawl.changes.change import Change, Happened, Happening
from pawl.changes.executing import ENDED, Errand, Intent, Progress, intent_of, superseded
from pawl.changes.rollout import StageVerdict
from pawl.changes.stage_metrics import Judgement
from pawl.governance.ledger import Actor, Difference, Draft, EntryType
from pawl.store.records.connection import Connection, Engine, Row, insert
from pawl.store.records.engine import reading, writing
from pawl.store.records.ledger import append, entries

_OPEN = "('intended', 'called')"
_COLUMNS = "id, state, attempts, due_at, claimed_by, claimed_until, body"
_OF = f"SELECT {_COLUMNS} FROM rollout_intents WHERE change_id = :change ORDER BY id"  # noqa: S608
_DUE = f"""
SELECT {_COLUMNS} FROM rollout_intents WHERE state IN {_OPEN} AND due_at <= :now
ORDER BY CASE WHEN kind = 'rollback' THEN 0 ELSE 1 END, due_at, id LIMIT :most
"""  # noqa: S608
_CLAIM = f"""
UPDATE rollout_intents SET claimed_by = :holder, claimed_until = :until,
    attempts = attempts + CASE WHEN state = 'intended' THEN 1 ELSE 0 END
WHERE id = :id AND state IN {_OPEN} AND due_at <= :now
    AND (claimed_until IS NULL OR claimed_until <= :now)
    AND NOT EXISTS (
        SELECT 1 FROM rollout_intents AS other
        WHERE other.change_id = rollout_intents.change_id AND other.id <> rollout_intents.id
            AND other.claimed_until > :now)
RETURNING {_COLUMNS}
"""  # noqa: S608
_SETTLE = f"""
UPDATE rollout_intents SET state = :state, due_at = :due_at, claimed_by = :claimed_by,
    claimed_until = :claimed_until, body = :body
WHERE id = :id AND state IN {_OPEN} AND claimed_by = :holder AND attempts = :attempts
RETURNING id
"""  # noqa: S608
_RELEASE = """
UPDATE rollout_intents SET claimed_by = NULL, claimed_until = NULL
WHERE id = :id AND claimed_by = :holder AND attempts = :attempts
"""
_HOLDERS = """
SELECT DISTINCT claimed_by FROM rollout_intents WHERE claimed_until > :now
"""
_GONE = "UPDATE rollout_intents SET claimed_by = NULL, claimed_until = NULL WHERE claimed_by = :who"
_VERDICTS = "SELECT body FROM stage_verdicts WHERE change_id = :change ORDER BY at, id"
_NEWEST = """
SELECT body FROM stage_verdicts WHERE change_id = :change AND stage = :stage
ORDER BY at DESC, id DESC LIMIT 1
"""
_AT_ONCE = 100


class Judged(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A verdict on a stage, and all that it rests on."""

    verdict: StageVerdict
    judgement: Judgement


def note_intent(connection: Connection, change: Change, happened: Happened) -> None:
    """Write what is to be carried out after an event, in the transaction that records the event.

    `change` is the change as it is after it. What was still to be carried out for the same change
    before is given up: a newer decision stands in its place.
    """
    intent = intent_of(change, happened)
    if intent is None and happened.type is not Happening.ROLLBACK_FAILED:
        return
    for older in _of(connection, change.id):
        if older.state not in ENDED and (intent is None or older.id != intent.id):
            _write(connection, superseded(older, happened.at))
    if intent is not None and not any(each.id == intent.id for each in _of(connection, change.id)):
        insert(connection, "rollout_intents", _row(intent))


def newest_intent(connection: Connection, change: str) -> Intent | None:
    """Return what is, or was last, to be carried out for a change."""
    found = _of(connection, change)
    return found[-1] if found else None


class RolloutRecords:
    """Intents and verdicts of all changes in these records."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of(self, change: str) -> tuple[Intent, ...]:
        """Return the intents of a change, oldest first."""
        with reading(self._engine) as connection:
            return _of(connection, change)

    def newest(self, change: str) -> Intent | None:
        """Return what is, or was last, to be carried out for a change."""
        with reading(self._engine) as connection:
            return newest_intent(connection, change)

    def due(self, now: str) -> tuple[Intent, ...]:
        """Return the intents that are due, those that go back first, then the longest waiting.

        They may be in whoever's hands.
        """
        with reading(self._engine) as connection:
            rows = connection.execute(_DUE, {"now": now, "most": _AT_ONCE})
        return tuple(_intent(row) for row in rows)

    def claim(self, id: str, holder: str, now: str, lease_s: float) -> Intent | None:
        """Claim an intent that is due; None where it is not, or the change is in other hands."""
        until = instant(seconds(now) + lease_s)
        with writing(self._engine) as connection:
            rows = connection.execute(
                _CLAIM, {"id": id, "holder": holder, "now": now, "until": until}
            )
            return _intent(rows[0]) if rows else None

    def settle(self, intent: Intent, holder: str) -> bool:
        """Keep how far a claimed intent has come; False where a newer decision ended it."""
        values = {name: value for name, value in _row(intent).items() if name in _SETTLED}
        with writing(self._engine) as connection:
            if connection.execute(_SETTLE, values | {"holder": holder}):
                return True
            values = {"id": intent.id, "holder": holder, "attempts": intent.attempts}
            connection.execute(_RELEASE, values)
            return False

    def release_gone(self, is_gone: Callable[[str], bool], now: str) -> None:
        """Free what holders had claimed that are known to live no more."""
        with reading(self._engine) as connection:
            rows = connection.execute(_HOLDERS, {"now": now})
        gone = [row["claimed_by"] for row in rows if is_gone(row["claimed_by"])]
        if gone:
            with writing(self._engine) as connection:
                for who in gone:
                    connection.execute(_GONE, {"who": who})

    def judge(
        self, change: str, verdict: StageVerdict, judgement: Judgement, actor: Actor
    ) -> Judged:
        """Record what was said of a stage, with what it rests on; the same verdict once."""
        judged = Judged(verdict=verdict, judgement=judgement)
        body = msgspec.json.decode(canonical_json(msgspec.to_builtins(judged)))
        draft = Draft(
            type=EntryType.STAGE_JUDGED.value,
            subject=change,
            actor=actor,
            body=body,
            claimed_at=verdict.at,
            recorded_at=verdict.at,
            idempotency_key=f"{EntryType.STAGE_JUDGED.value}:{verdict.id}",
        )
        with writing(self._engine) as connection:
            if append(connection, draft) is not None:
                insert(connection, "stage_verdicts", _verdict_row(change, body))
        return judged

    def verdicts(self, change: str) -> tuple[Judged, ...]:
        """Return every verdict on stages of a change, oldest first."""
        with reading(self._engine) as connection:
            return verdicts_of(connection, change)

    def last_verdict(self, change: str, stage: int) -> Judged | None:
        """Return the newest verdict on one stage."""
        with reading(self._engine) as connection:
            rows = connection.execute(_NEWEST, {"change": change, "stage": stage})
        return typed.decode(rows[0]["body"], type=Judged) if rows else None


def verdicts_of(connection: Connection, change: str) -> tuple[Judged, ...]:
    """Return every verdict on stages of a change, oldest first."""
    rows = connection.execute(_VERDICTS, {"change": change})
    return tuple(typed.decode(row["body"], type=Judged) for row in rows)


def difference(connection: Connection) -> Difference | None:
    """Return the first intent or verdict that is not what the entries make of it.

    An event that moves something has one intent, and no intent is without its event.
    """
    kinds = {
        Happening.STARTED.value: Errand.START,
        Happening.ADVANCED.value: Errand.ADVANCE,
        Happening.ROLLBACK_STARTED.value: Errand.ROLLBACK,
    }
    happenings = {each.value for each in Happening}
    versions: dict[str, int] = {}
    wanted: dict[str, tuple[str, str]] = {}
    verdicts: dict[str, Row] = {}
    for entry in entries(connection, "change.", EntryType.STAGE_JUDGED.value):
        if entry.type == EntryType.STAGE_JUDGED:
            row = _verdict_row(entry.subject, msgspec.json.decode(entry.body))
            verdicts[row["id"]] = row
        elif entry.type in happenings:
            version = versions[entry.subject] = versions.get(entry.subject, 0) + 1
            if entry.type in kinds:
                wanted[f"{entry.subject}.{version}"] = (entry.subject, kinds[entry.type].value)
    found = {
        row["id"]: (row["change_id"], row["kind"])
        for row in connection.execute("SELECT id, change_id, kind FROM rollout_intents")
    }
    if difference := _first("rollout_intents", wanted, found):
        return difference
    rows = connection.execute("SELECT id, change_id, stage, verdict, at, body FROM stage_verdicts")
    return _first("stage_verdicts", verdicts, {row["id"]: row for row in rows})


def _first(
    table: str, wanted: Mapping[str, object], found: Mapping[str, object]
) -> Difference | None:
    for identity in sorted(wanted.keys() | found.keys()):
        if wanted.get(identity) != found.get(identity):
            return Difference(
                kind="table",
                place=f"{table} {identity}",
                expected="a row" if identity in wanted else "no row",
                found="another row" if identity in found else "none",
            )
    return None


_SETTLED = frozenset({"id", "state", "attempts", "due_at", "claimed_by", "claimed_until", "body"})


def _of(connection: Connection, change: str) -> tuple[Intent, ...]:
    found = [_intent(row) for row in connection.execute(_OF, {"change": change})]
    return tuple(sorted(found, key=lambda each: each.sequence))


def _write(connection: Connection, intent: Intent) -> None:
    connection.execute(
        "UPDATE rollout_intents SET state = :state, body = :body WHERE id = :id",
        {name: value for name, value in _row(intent).items() if name in ("id", "state", "body")},
    )


def _intent(row: Row) -> Intent:
    known = typed.decode(row["body"], type=Intent)
    # What claims change stands in the columns only.
    return msgspec.structs.replace(
        known,
        state=Progress(row["state"]),
        attempts=row["attempts"],
        due_at=row["due_at"],
        claimed_by=row["claimed_by"],
        claimed_until=row["claimed_until"],
    )


def _row(intent: Intent) -> Row:
    return {
        "id": intent.id,
        "change_id": intent.change_id,
        "kind": intent.kind.value,
        "stage": intent.stage,
        "state": intent.state.value,
        "attempts": intent.attempts,
        "due_at": intent.due_at,
        "claimed_by": intent.claimed_by,
        "claimed_until": intent.claimed_until,
        "body": msgspec.json.encode(intent).decode(),
    }


def _verdict_row(change: str, body: Row) -> Row:
    verdict = body["verdict"]
    return {
        "id": verdict["id"],
        "change_id": change,
        "stage": verdict["stage"],
        "verdict": verdict["verdict"],
        "at": verdict["at"],
        "body": canonical_json(body).decode(),
    }
