"""One small file of ours about a repository, believed only where it is whole.

It begins with the digest of the rest: a file that was cut short or altered is thrown away and made
anew. Nothing hangs on it but time, so a disk that does not take it costs no answer.
"""

from hashlib import blake2b
from typing import Any, Protocol, TypeVar

import msgspec

from pawl.base import typed
from pawl.base.errors import Unavailable

T = TypeVar("T")

DIGEST_SIZE = 16
MAX_BYTES = 128 * 1024 * 1024


class Storage(Protocol):
    """Small files in a folder of ours."""

    def read(self, name: str) -> bytes | None:
        """Return a file's bytes, or None when there is none."""

    def replace(self, name: str, content: bytes) -> None:
        """Put a file in another's place, whole and durably."""


class KeptFile:
    """The file of one repository, named after its place; `what` begins the sentences of `notes`.

    Without a storage nothing is kept.
    """

    def __init__(
        self, storage: Storage | None, place: str, ending: str, what: str, most: int = MAX_BYTES
    ) -> None:
        self.notes: list[str] = []
        self._storage = storage
        named = blake2b(place.encode("utf-8", "replace"), digest_size=12).hexdigest()
        self._name = f"{named}.{ending}"
        self._what = what
        self._most = most

    def load(self, kind: type[T]) -> T | None:
        """Return what the file holds; None where there is none, or it is not to be believed."""
        content = None
        try:
            content = self._storage.read(self._name) if self._storage else None
        except Unavailable as error:
            self.notes.append(f"{self._what} cannot be read: {error.message}")
        if content is None:
            return None
        whole, rest = content[:DIGEST_SIZE], content[DIGEST_SIZE:]
        try:
            if whole != digest_of(rest):
                raise msgspec.DecodeError("altered")
            return typed.unpack(rest, type=kind)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            self.notes.append(f"{self._what} was damaged and is made anew.")
            return None

    def save(self, value: Any) -> bool:
        """Write a value in the file's place, and say whether it is kept now."""
        if self._storage is None:
            return False
        content = msgspec.msgpack.encode(value)
        if len(content) > self._most:
            self.notes.append(f"{self._what} is too large to keep and will be made anew.")
            return False
        try:
            self._storage.replace(self._name, digest_of(content) + content)
        except Unavailable as error:
            self.notes.append(f"{self._what} could not be kept: {error.message}")
            return False
        return True


def digest_of(content: bytes) -> bytes:
    """Return the digest that kept files go by."""
    return blake2b(content, digest_size=DIGEST_SIZE).digest()
