"""Unpack gzip within a limit: a small body that says it is a huge one costs no more than a large
one."""

import zlib
from typing import NamedTuple

from pawl.base.errors import PawlError

_GZIP = 31
"""zlib's window bits for a gzip header and trailer, checked."""
_MEMBERS = 8
"""Senders make one; each further one costs a copy of what follows it."""


class BadGzip(PawlError):
    """A body that was to be gzip is not, or it was cut off."""

    code = "bad-gzip"


class TooLarge(PawlError):
    """A body is larger than is taken."""

    code = "too-large"


class Unpacked(NamedTuple):
    """The bytes, and whether they are all."""

    body: bytes
    whole: bool

    def body_if_whole(self) -> bytes:
        """Return the bytes; raises TooLarge when there are more."""
        if not self.whole:
            raise TooLarge(
                f"the body unpacks to more than {len(self.body)} bytes.",
                hint="Send smaller batches.",
            )
        return self.body


def inflate(packed: bytes, most: int) -> Unpacked:
    """Return the first `most` bytes of what gzip packed, which may be of several members.

    Raises BadGzip where these bytes come from no gzip. What follows after `most` is not looked
    at.
    """
    parts: list[bytes] = []
    size, rest = 0, packed
    while rest or not parts:
        if len(parts) == _MEMBERS:
            raise BadGzip(f"the gzip of the body has more than {_MEMBERS} members.")
        unpacking = zlib.decompressobj(_GZIP)
        try:
            # One byte more than allowed tells whether there are more.
            part = unpacking.decompress(rest, most - size + 1)
        except zlib.error as error:
            raise BadGzip("the body is not what gzip makes.") from error
        parts.append(part)
        size += len(part)
        if size > most:
            return Unpacked(b"".join(parts)[:most], False)
        if not unpacking.eof:
            raise BadGzip("the gzip of the body was cut off.")
        rest = unpacking.unused_data
    return Unpacked(parts[0] if len(parts) == 1 else b"".join(parts), True)
