"""Forget people in the events: what is stored, what is kept beside it, and what comes later.

Whose name was erased is remembered as a fingerprint only, so that a transcript that is read
again, or a segment that was still being written, does not bring the name back. Events stay, with
`forgotten` in the place of the name: no total changes but the one of that person.
"""

from __future__ import annotations

import contextlib
import gzip
import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

import msgspec

from pawl.base import typed
from pawl.governance.forgetting import FORGOTTEN, fingerprint
from pawl.store.events.schema import EVENT_COLUMNS
from pawl.store.spool import sync_folder

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

NAME = "events.forgotten"
"""In the data folder: the salt and the fingerprints of who was forgotten here."""

OWN_ATTRIBUTES = ("cwd", "user.email", "user.name", "enduser.id")
"""Attributes that go with a person's events: the folder of a home names its owner."""

_DEVELOPER = re.compile(rb'"developer":("(?:[^"\\]|\\.)*")')
_FINGERPRINT = "sha256($salt || chr(10) || lower(trim({column})))"


class Known(Protocol):
    """Who was forgotten, wherever that is kept."""

    @property
    def people(self) -> Collection[object]:
        """What is kept of them; empty for nobody."""

    def holds(self, name: str) -> bool:
        """Say whether a name was forgotten."""


class Register(msgspec.Struct, frozen=True, kw_only=True):
    """Who was forgotten: fingerprints under a salt of this store."""

    salt: str = ""
    people: tuple[str, ...] = ()

    def holds(self, name: str) -> bool:
        """Say whether a name was forgotten."""
        return bool(self.people) and fingerprint(self.salt, name) in self.people


NOBODY = Register()


def register(folder: Path) -> Register:
    """Return who was forgotten in a data folder; an absent file names nobody."""
    try:
        return typed.decode((folder / NAME).read_bytes(), type=Register)
    except FileNotFoundError:
        return NOBODY


def remember(folder: Path, names: Iterable[str], chance: str) -> Register:
    """Add people to the register, durably, before anything is erased; return it.

    `chance` becomes the salt of a new register.
    """
    known = register(folder)
    salt = known.salt or chance
    people = {*known.people, *(fingerprint(salt, name) for name in names)}
    added = Register(salt=salt, people=tuple(sorted(people)))
    beside = folder / f"{NAME}.new"
    with open(beside, "wb") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(msgspec.json.encode(added))
        file.flush()
        os.fsync(file.fileno())
    beside.replace(folder / NAME)
    sync_folder(folder)
    return added


def erase(cursor: DuckDBPyConnection, table: str, known: Register) -> int:
    """Take the people of a register out of a table of events; return how many events changed."""
    if not known.people:
        return 0
    people = msgspec.json.encode(known.people).decode()
    values = {"salt": known.salt, "people": people}
    # Asked of each name once: a table of millions of events has a few hundred of them.
    cursor.execute(
        f"""CREATE OR REPLACE TEMP TABLE forgotten_names AS
        SELECT developer AS name
        FROM (SELECT DISTINCT developer FROM {table} WHERE developer IS NOT NULL)
        WHERE {_FINGERPRINT.format(column="developer")}
            IN (SELECT unnest(from_json($people, '["VARCHAR"]')))""",  # noqa: S608 - ours
        values,
    )
    columns = ", ".join(f"'{name}'" for name in OWN_ATTRIBUTES)
    changed = cursor.execute(
        f"""UPDATE {table} SET
            developer = '{FORGOTTEN}',
            machine = NULL,
            attributes = map_from_entries(list_filter(map_entries(attributes), lambda pair:
                pair.key NOT IN ({columns})
                AND lower(trim(pair.value)) <> lower(trim(developer))))
        WHERE developer IN (SELECT name FROM forgotten_names)"""  # noqa: S608 - ours
    ).fetchone()
    return 0 if changed is None else int(changed[0])


def rewrite(path: Path, known: Known) -> int:
    """Take forgotten people out of a compressed segment; return how many lines changed.

    The new copy takes the place of the old one when it is durable, with its times. What follows
    damage in the old copy is lost already and stays so.
    """
    changed = 0
    part = path.with_name(f"{path.name}.part")
    status = path.stat()
    try:
        with open(part, "wb") as raw:
            os.fchmod(raw.fileno(), 0o600)
            with gzip.GzipFile("", "wb", 1, raw, mtime=0) as packed:
                for line, told in _lines(path, known):
                    packed.write(line)
                    changed += told
            raw.flush()
            os.utime(raw.fileno(), ns=(status.st_atime_ns, status.st_mtime_ns))
            os.fsync(raw.fileno())
        if changed:
            part.replace(path)
            sync_folder(path.parent)
    finally:
        part.unlink(missing_ok=True)
    return changed


def without(lines: Iterable[bytes], known: Known) -> Iterator[tuple[bytes, bool]]:
    """Yield lines of events without forgotten people, and whether each was changed."""
    asked: dict[bytes, bool] = {}
    for line in lines:
        match = _DEVELOPER.search(line)
        if match is None:
            yield line, False
            continue
        name = match[1]
        told = asked.get(name)
        if told is None:
            told = asked[name] = _is_forgotten(name, known)
        yield (_anonymous(line), True) if told else (line, False)


def compact(connection: DuckDBPyConnection, folder: Path, name: str, into: str) -> None:
    """Copy the engine's file to a new one, in which no block of the past is left.

    `name` is the open file's, without its suffix, which is what the engine calls it.
    """
    for each in (into, f"{into}.wal"):
        (folder / each).unlink(missing_ok=True)
    place = str(folder / into).replace("'", "''")
    connection.execute(f"ATTACH '{place}' AS anew")
    try:
        connection.execute(f'COPY FROM DATABASE "{name}" TO anew')
        connection.execute("CHECKPOINT anew")
    finally:
        connection.execute("DETACH anew")


def _lines(path: Path, known: Known) -> Iterator[tuple[bytes, bool]]:
    with gzip.open(path, "rb") as packed:
        yield from without(_whole(packed), known)


def _whole(packed: BinaryIO | gzip.GzipFile) -> Iterator[bytes]:
    with contextlib.suppress(EOFError, gzip.BadGzipFile):
        yield from packed


def _is_forgotten(name: bytes, known: Known) -> bool:
    try:
        return known.holds(typed.decode(name, type=str))
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False


def _anonymous(line: bytes) -> bytes:
    """Return an event's line without its person; all other fields as they were."""
    event = typed.decode(line, type=dict[str, msgspec.Raw])
    name = typed.decode(event["developer"], type=str).strip().lower()
    event["developer"] = msgspec.Raw(msgspec.json.encode(FORGOTTEN))
    event.pop("machine", None)
    if "attributes" in event:
        attributes: Mapping[str, str] = typed.decode(event["attributes"], type=dict[str, str])
        kept = {
            key: value
            for key, value in attributes.items()
            if key not in OWN_ATTRIBUTES and value.strip().lower() != name
        }
        event["attributes"] = msgspec.Raw(msgspec.json.encode(kept))
    return msgspec.json.encode({key: event[key] for key in event if key in EVENT_COLUMNS}) + b"\n"
