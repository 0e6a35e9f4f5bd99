"""What records came to, kept between two gradings, and worked out again only where it is new.

Judging a record again takes milliseconds, and telling that its file is the same takes microseconds.
What is kept goes by the digest of the file's bytes and of the case, so that neither an altered
record nor an edited case is answered from memory. It is safe to delete at any time.
"""

from hashlib import blake2b
from importlib.resources import files

import msgspec

from pawl import __version__
from pawl.base.catalogue import names
from pawl.evals import graders as folder
from pawl.evals.assertion import graders
from pawl.evals.case import Case
from pawl.evals.grade import Mark, graded_assertions, judged
from pawl.evals.lines import Seen
from pawl.evals.record import Manifest
from pawl.evals.shelf import RecordFile, opened
from pawl.services.kept_file import DIGEST_SIZE, KeptFile, Storage, digest_of

FORMAT = 1
MOST = 50_000
"""Records that are remembered; the oldest make room."""


class _Known(msgspec.Struct, frozen=True, array_like=True):
    case_digest: str
    address: str
    mark: Mark
    why: str
    manifest: Manifest


class _Grades(msgspec.Struct, frozen=True, array_like=True):
    version: str
    held: dict[str, _Known]


class Grades:
    """Records as today's cases judge them. Without a storage nothing is remembered."""

    def __init__(self, storage: Storage | None, place: str) -> None:
        own = {name.replace("-", "_") for name in names(folder)}
        # Somebody else's grader may change without our knowing.
        ours = graders().keys() == own
        self._kept = KeptFile(storage if ours else None, place, "grades", "What was graded")
        self._known = self._load()
        self._new: dict[str, _Known] = {}

    def seen(self, file: RecordFile, packed: bytes, case: Case, case_digest: str) -> Seen:
        """Return a record as a case judges it; raises TamperedRecord."""
        name = digest_of(packed).hex()
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
        if not self._new:
            return
        held = {**self._known, **self._new}
        kept = dict(list(held.items())[-MOST:])
        if self._kept.save(_Grades(_version(), kept)):
            self._known, self._new = held, {}

    def _load(self) -> dict[str, _Known]:
        file = self._kept.load(_Grades)
        return file.held if file is not None and file.version == _version() else {}


def _version() -> str:
    """Return what changes whenever a grade may: the form, Pawl's version, and how it grades."""
    made = blake2b(f"{FORMAT} {__version__}".encode(), digest_size=DIGEST_SIZE)
    for package in ("pawl.evals", "pawl.evals.graders"):
        for each in sorted(files(package).iterdir(), key=lambda each: each.name):
            if each.name.endswith(".py"):
                made.update(each.name.encode() + b"\0" + each.read_bytes())
    return made.hexdigest()
