"""What evals came to, out of the ledger: which verdicts were recorded, on which cases."""

from collections.abc import Iterable

import msgspec

from pawl.base import typed
from pawl.governance.ledger import Actor, Draft, EntryType
from pawl.store.records.connection import Engine
from pawl.store.records.engine import reading, writing
from pawl.store.records.ledger import append

_ENTRIES = """
SELECT hash, subject, recorded_at, body FROM ledger
WHERE type = :judged AND recorded_at >= :since AND recorded_at < :until
ORDER BY seq
"""


class JudgedCase(msgspec.Struct, frozen=True, kw_only=True):
    """A case that a verdict took into account: its id, its file and the digest of what it says."""

    case: str
    file: str
    digest: str


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """One verdict of the evals' gate; `live` says that trials were run for it."""

    id: str
    at: str
    subject: str
    verdict: str
    cases: tuple[JudgedCase, ...]
    live: bool


class _Body(msgspec.Struct, frozen=True):
    verdict: str
    result: str
    live: bool
    cases: tuple[JudgedCase, ...]


def record_judged(
    engine: Engine,
    *,
    subject: str,
    verdict: str,
    result: str,
    live: bool,
    cases: Iterable[JudgedCase],
    actor: Actor,
    now: str,
) -> None:
    """Record a verdict; `result` is the digest of the whole answer, `subject` the evals of what."""
    body = _Body(verdict=verdict, result=result, live=live, cases=tuple(cases))
    draft = Draft(
        type=EntryType.EVAL_JUDGED.value,
        subject=subject,
        actor=actor,
        body=msgspec.to_builtins(body),
        claimed_at=now,
        recorded_at=now,
        idempotency_key=f"{EntryType.EVAL_JUDGED.value}:{result}:{now}",
    )
    with writing(engine) as connection:
        append(connection, draft)


def judged(engine: Engine, since: str, until: str) -> tuple[Judged, ...]:
    """Return the verdicts recorded in `since <= time < until`, oldest first."""
    asked = {"judged": EntryType.EVAL_JUDGED.value, "since": since, "until": until}
    with reading(engine) as connection:
        rows = connection.execute(_ENTRIES, asked)
    found = []
    for row in rows:
        body = typed.decode(row["body"], type=_Body)
        found.append(
            Judged(
                id=str(row["hash"]),
                at=str(row["recorded_at"]),
                subject=str(row["subject"]),
                verdict=body.verdict,
                cases=body.cases,
                live=body.live,
            )
        )
    return tuple(found)
