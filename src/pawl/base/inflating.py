"""Unpack gzip within a limit: a small body that says it is a huge one costs no more than a large
one."""

import zlib

from pawl.base.errors import PawlError

_GZIP = 31
"""zlib's window bits for a gzip header and trailer, checked."""
_BLOCK = 1024 * 1024
_MEMBERS = 8
"""Senders make one; each further one costs a copy of what follows it."""


class BadGzip(PawlError):
    """A body that was to be gzip is not, or it was cut off."""

    code = "bad-gzip"


def inflate(packed: bytes, most: int) -> bytes | None:
    """Return what gzip packed, which may be of several members; None for more than `most` bytes.

    Raises BadGzip for what is no gzip, as far as it is looked at.
    """
    parts: list[bytes] = []
    size, members, rest = 0, 0, packed
    while rest or not members:
        members += 1
        if members > _MEMBERS:
            raise BadGzip(f"the gzip of the body has more than {_MEMBERS} members.")
        unpacking = zlib.decompressobj(_GZIP)
        while not unpacking.eof:
            try:
                part = unpacking.decompress(rest, min(_BLOCK, most - size + 1))
            except zlib.error as error:
                raise BadGzip("the body is not what gzip makes.") from error
            size += len(part)
            if size > most:
                return None
            rest = unpacking.unconsumed_tail
            if not (part or rest or unpacking.eof):
                raise BadGzip("the gzip of the body was cut off.")
            parts.append(part)
        rest = unpacking.unused_data
    return parts[0] if len(parts) == 1 else b"".join(parts)
