"""What figures of a window ask of the records, read by index and no more than that.

Only changes that were released or began to go back in the window are read, or that used an
exception given in it: whatever else happened is in none of its figures. Of events only the fields
are read that figures are made of; a manifest may hold whole files.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

import msgspec

from pawl.base import typed
from pawl.changes.change import Happened, Happening
from pawl.changes.commit_times import COMMITS
from pawl.changes.evidence import Evidence
from pawl.changes.gate import Decision
from pawl.changes.releases import Window
from pawl.governance.exceptions import GateException
from pawl.governance.ledger import EntryType
from pawl.store.records.connection import Connection, Row

_AT_ONCE = 400
"""Values of one question; an engine takes about a thousand."""
_BEGIN = (Happening.STARTED, Happening.FOUND, Happening.ROLLBACK_STARTED)
"""What makes a change part of a window."""
_TOLD = (*_BEGIN, Happening.OPENED, Happening.EDITED, Happening.LIVE, Happening.ROLLED_BACK)
"""What figures are made of."""


def _listed(types: Iterable[Happening]) -> str:
    return ", ".join(f"'{each.value}'" for each in types)


_NAMES = f"""
SELECT DISTINCT subject FROM ledger
WHERE type IN ({_listed(_BEGIN)}) AND recorded_at >= :since AND recorded_at < :until
"""  # noqa: S608
# What is put together has no index, so the engines look the subjects up and not all of a type.
_EVENTS = f"""
SELECT seq, type, subject, recorded_at, body FROM ledger
WHERE subject IN ({{names}}) AND type || '' IN ({_listed(_TOLD)}) AND recorded_at < :until
"""  # noqa: S608
_DECISIONS = "SELECT id, body FROM gate_decisions WHERE id IN ({names})"
_HANDED_OVER = f"""
SELECT subject, body FROM ledger
WHERE subject IN ({{names}}) AND type || '' = '{EntryType.GATE_EVIDENCE_RECORDED.value}'
"""  # noqa: S608
_PIECES = "SELECT body FROM change_evidence WHERE id IN ({names}) ORDER BY recorded_at, id"


class _Manifest(msgspec.Struct, frozen=True):
    scope: str = ""


class _Sets(msgspec.Struct, frozen=True):
    """The fields that figures are made of, as they stand in an event."""

    digest: Any = msgspec.UNSET
    manifest: _Manifest | msgspec.UnsetType | None = msgspec.UNSET
    decision: Any = msgspec.UNSET
    exceptions: Any = msgspec.UNSET
    trigger_at: Any = msgspec.UNSET
    ended_as_planned: Any = msgspec.UNSET


class _Body(msgspec.Struct, frozen=True):
    by: str
    sets: _Sets


class _Handed(msgspec.Struct, frozen=True):
    id: str
    kind: str


def window_of(
    connection: Connection, exceptions: tuple[GateException, ...], since: str, until: str
) -> Window:
    """Return all that the figures from `since` to `until` are made of; `exceptions` are all."""
    asked = {"since": since, "until": until}
    names = {str(row["subject"]) for row in connection.execute(_NAMES, asked)}
    for each in exceptions:
        if each.approved_at and since <= each.approved_at < until:
            names |= {use.rpartition("#")[0] for use in each.uses}
    rows = sorted(
        _among(connection, _EVENTS, names, {"until": until}), key=lambda row: int(row["seq"])
    )
    events = tuple(_event(row) for row in rows)
    started = {
        str(event.sets.get("decision") or "")
        for event in events
        if event.type is Happening.STARTED and event.at >= since
    }
    contents = {str(event.sets["digest"]) for event in events if event.sets.get("digest")}
    return Window(
        events=events,
        decisions={
            str(row["id"]): typed.decode(row["body"], type=Decision)
            for row in _among(connection, _DECISIONS, started - {""})
        },
        commits=_commits(connection, contents),
        exceptions=exceptions,
    )


def _commits(connection: Connection, contents: set[str]) -> Mapping[str, tuple[Evidence, ...]]:
    """Return the evidence of commits by the content that it is about."""
    handed = (
        typed.decode(row["body"], type=_Handed)
        for row in _among(connection, _HANDED_OVER, contents)
    )
    pieces = {each.id for each in handed if each.kind == COMMITS}
    found: dict[str, tuple[Evidence, ...]] = {}
    for row in _among(connection, _PIECES, pieces):
        piece = typed.decode(row["body"], type=Evidence)
        found[piece.digest] = (*found.get(piece.digest, ()), piece)
    return found


def _among(
    connection: Connection, statement: str, values: Iterable[str], also: Row | None = None
) -> Iterator[Row]:
    """Yield the rows of a question about any number of values, some at a time."""
    left = iter(sorted(values))
    while some := list(islice(left, _AT_ONCE)):
        given = {f"v{number}": value for number, value in enumerate(some)}
        names = ", ".join(f":{name}" for name in given)
        yield from connection.execute(statement.format(names=names), given | (also or {}))


def _event(row: Row) -> Happened:
    body = typed.decode(row["body"], type=_Body)
    sets: dict[str, Any] = {
        name: value
        for name in _Sets.__struct_fields__
        if (value := getattr(body.sets, name)) is not msgspec.UNSET
    }
    manifest = body.sets.manifest
    if isinstance(manifest, _Manifest):
        sets["manifest"] = {"scope": manifest.scope}
    return Happened(
        type=Happening(row["type"]),
        change=row["subject"],
        at=row["recorded_at"],
        by=body.by,
        sets=sets,
    )
