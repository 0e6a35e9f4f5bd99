"""What records came to, kept between two gradings, and worked out again only where it is new.

Judging a record again takes milliseconds, and telling that its file is the same takes microseconds.
What is kept goes by the digest of the file's bytes and of the case, so that neither an altered
record nor an edited case is answered from memory. It is safe to delete at any time.
"""

from hashlib import blake2b
from importlib.resources import files
from typing import Protocol

import msgspec

from pawl import __version__
from pawl.base import typed
from pawl.base.catalogue import names
from pawl.base.errors import Unavailable
from pawl.evals import graders as folder
from pawl.evals.assertion import graders
from pawl.evals.case import Case
from pawl.evals.grade import Mark, graded_assertions, judged
from pawl.evals.lines import Seen
from pawl.evals.record import Manifest
from pawl.evals.shelf import RecordFile, opened

FORMAT = 1
MOST = 50_000
"""Records that are remembered; the oldest make room."""
_DIGEST = 16


class Storage(Protocol):
    """Small files in a folder of ours."""

    def read(self, name: str) -> bytes | None:
        """Return a file's bytes, or None when there is none."""

    def replace(self, name: str, content: bytes) -> None:
        """Put a file in another's place, whole and durably."""


class _Known(msgspec.Struct, frozen=True, array_like=True):
    case_digest: str
    address: str
    mark: Mark
    why: str
    manifest: Manifest


class Grades:
    """Records as today's cases judge them. Without a storage nothing is remembered."""

    def __init__(self, storage: Storage | None, place: str) -> None:
        own = {name.replace("-", "_") for name in names(folder)}
        # Somebody else's grader may change without our knowing.
        self._storage = storage if graders().keys() == own else None
        named = blake2b(place.encode("utf-8", "replace"), digest_size=12).hexdigest()
        self._name = f"{named}.grades"
        self._known = self._load()
        self._new: dict[str, _Known] = {}

    def seen(self, file: RecordFile, packed: bytes, case: Case, case_digest: str) -> Seen:
        """Return a record as a case judges it; raises TamperedRecord."""
        name = blake2b(packed, digest_size=_DIGEST).hexdigest()
        known = self._new.get(name) or self._known.get(name)
        if (
            known is None
            or known.case_digest != case_digest
            or known.manifest.case != file.case
            or file.address not in ("", known.address)
        ):
            trial = opened(packed, file)
            mark, why = judged(case, trial, graded_assertions(case, trial))
            known = _Known(case_digest, file.address, mark, why, trial.manifest)
            self._new[name] = known
        return Seen(
            address=file.address,
            manifest=known.manifest,
            mark=known.mark,
            why=known.why,
        )

    def save(self) -> None:
        """Write down what is new. Where that cannot be, the next time works it out again."""
        if self._storage is None or not self._new:
            return
        held = {**self._known, **self._new}
        kept = dict(list(held.items())[-MOST:])
        content = msgspec.msgpack.encode((_version(), kept))
        try:
            self._storage.replace(self._name, _digest(content) + content)
        except Unavailable:
            return
        self._known, self._new = held, {}

    def _load(self) -> dict[str, _Known]:
        try:
            content = self._storage.read(self._name) if self._storage else None
        except Unavailable:
            return {}
        if content is None or content[:_DIGEST] != _digest(content[_DIGEST:]):
            return {}
        try:
            version, held = typed.unpack(content[_DIGEST:], type=tuple[str, dict[str, _Known]])
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return {}
        return held if version == _version() else {}


def _digest(content: bytes) -> bytes:
    return blake2b(content, digest_size=_DIGEST).digest()


def _version() -> str:
    """Return what changes whenever a grade may: the form, Pawl's version, and how it grades."""
    made = blake2b(f"{FORMAT} {__version__}".encode(), digest_size=_DIGEST)
    for package in ("pawl.evals", "pawl.evals.graders"):
        for each in sorted(files(package).iterdir(), key=lambda each: each.name):
            if each.name.endswith(".py"):
                made.update(each.name.encode() + b"\0" + each.read_bytes())
    return made.hexdigest()
