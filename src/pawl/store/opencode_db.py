"""Read opencode's own database, as lines for the `opencode` format.

The database belongs to a running product: it is opened read-only, never written, never locked
for longer than one query. Rows are asked for by the time of their last change, so that a
second look costs only what is new; a message that went on changing is told again, with the same
id. A product version whose tables look different is reported, not guessed at.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import quote

import msgspec

from pawl.base import typed

BATCH = 500
"""Messages in one chunk of lines."""
_OVERLAP_MS = 1000
_MAX_TEXT = 16 * 1024 * 1024

_MESSAGES = """
SELECT m.id, m.session_id, m.time_updated, m.data, s.directory, s.version, s.parent_id
FROM message AS m JOIN session AS s ON s.id = m.session_id
WHERE (m.time_updated, m.id) > (?, ?)
ORDER BY m.time_updated, m.id LIMIT ?"""
_PARTS = "SELECT id, data FROM part WHERE message_id = ? ORDER BY id"


def messages(path: str, cursor: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield chunks of lines for the messages changed since a cursor, each with the next cursor.

    Raises OSError when the database cannot be read or is not of a known shape.
    """
    reached = typed.unpack(cursor, type=int) if cursor else 0
    # A row may take the same millisecond as the last one seen after that was read.
    since: tuple[int, str] = (reached - _OVERLAP_MS, "")
    try:
        with closing(_opened(path)) as connection:
            while True:
                rows = connection.execute(_MESSAGES, (*since, BATCH)).fetchall()
                if not rows:
                    return
                lines = [line for row in rows if (line := _line(connection, row)) is not None]
                since = (int(rows[-1][2]), str(rows[-1][0]))
                yield b"\n".join(lines) + b"\n", msgspec.msgpack.encode(since[0])
    except (sqlite3.Error, ValueError, TypeError) as error:
        raise OSError(0, f"not readable as opencode's database: {error}", path) from error


def _opened(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(f"file:{quote(path)}?mode=ro", uri=True, timeout=1.0)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MAX_TEXT)
    return connection


def _line(connection: sqlite3.Connection, row: tuple[object, ...]) -> bytes | None:
    name, session, _, data, directory, version, parent = row
    info = _object(data)
    if info is None:
        return None
    parts = []
    for part, content in connection.execute(_PARTS, (name,)):
        value = _object(content)
        if value is not None:
            parts.append(value | {"id": part})
    about = {"id": session, "directory": directory, "version": version, "parentID": parent}
    line = {"session": about, "info": info | {"id": name, "sessionID": session}, "parts": parts}
    return msgspec.json.encode(line)


def _object(content: object) -> dict[str, object] | None:
    if not isinstance(content, str):
        return None
    try:
        value = msgspec.json.decode(content)
    except (msgspec.DecodeError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
