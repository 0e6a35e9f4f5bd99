"""Evidence: what was found about exactly this content, by whom, and when.

Each piece binds to the digest of a change and of its base, has a verdict, and a digest of its own
payload. It is the content of an in-toto Statement: subject, predicate type, predicate.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from pawl.base.canonical import digest
from pawl.base.errors import BadFile
from pawl.base.times import canonical_time
from pawl.changes.verdict import Verdict

STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "urn:pawl:evidence:1"


class Evidence(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One piece. `events` is on how much data it rests, None where it does not say.

    `produced_at` is what the producer claims, `recorded_at` our own first sight. `producer` is who
    made it, such as `ci:github:1234/checks.yml`.
    """

    id: str
    kind: str
    digest: str
    base_digest: str
    verdict: Verdict
    produced_at: str
    recorded_at: str
    producer: str
    payload_digest: str
    payload: dict[str, Any] = {}
    events: int | None = None


def sealed(evidence: Evidence) -> Evidence:
    """Return a piece with the digest of its payload; raises ValueError without a canonical form."""
    return msgspec.structs.replace(evidence, payload_digest=digest(evidence.payload))


def is_whole(evidence: Evidence) -> bool:
    """Say whether a piece's payload is what its digest says."""
    try:
        return evidence.payload_digest == digest(evidence.payload)
    except (ValueError, RecursionError):
        return False


def seen_at(evidence: Evidence) -> str:
    """Return since when a piece is believed to exist: a claim may make it older, never newer."""
    return min(evidence.produced_at, evidence.recorded_at)


def newest_last(evidence: Iterable[Evidence]) -> list[Evidence]:
    """Return pieces in the order in which we saw them: a claimed date puts none behind another."""
    return sorted(evidence, key=lambda each: (each.recorded_at, each.id))


def statement_of(evidence: Evidence) -> dict[str, Any]:
    """Return a piece as an in-toto Statement v1."""
    return {
        "_type": STATEMENT,
        "subject": [{"name": "change", "digest": {"sha256": evidence.digest}}],
        "predicateType": PREDICATE,
        "predicate": {
            "kind": evidence.kind,
            "base": evidence.base_digest,
            "verdict": evidence.verdict.value,
            "producedAt": evidence.produced_at,
            "producer": evidence.producer,
            "events": evidence.events,
            "payload": evidence.payload,
        },
    }


def read_statement(
    statement: Mapping[str, Any], *, identity: str, recorded_at: str, producer: str, place: str
) -> Evidence:
    """Return the evidence in a statement of ours; raises BadFile.

    `producer` is who was proved to have handed it over: what the statement says of that is not
    believed.
    """
    try:
        predicate = statement["predicate"]
        (subject,) = statement["subject"]
        found = Evidence(
            id=identity,
            kind=_text(predicate["kind"]),
            digest=_text(subject["digest"]["sha256"]),
            base_digest=_text(predicate["base"]),
            verdict=Verdict(predicate["verdict"]),
            produced_at=canonical_time(_text(predicate["producedAt"])),
            recorded_at=recorded_at,
            producer=producer,
            payload_digest="",
            payload=dict(predicate["payload"]),
            events=None if predicate["events"] is None else int(predicate["events"]),
        )
        if statement["_type"] != STATEMENT or statement["predicateType"] != PREDICATE:
            raise ValueError("another type of statement")
        return sealed(found)
    except (KeyError, TypeError, ValueError, RecursionError, OverflowError) as error:
        raise BadFile(
            f"not a statement of evidence: {type(error).__name__}: {error}.",
            place=place,
            hint=f"Write an in-toto Statement v1 with the predicate type {PREDICATE}.",
        ) from error


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r:.80} is no text")
    return value
