"""Survey eval cases with their stored records: can each tell good from nothing, and is it fresh?

A case counts for something when its oracle record passes it and its null record fails it. Its
trials are graded again from what was stored; one of other assets or another task than today's is
stale. What a record says steered it is looked up in the tree, file by file.
"""

import posixpath
import zlib
from collections.abc import Iterator

from pawl.base.canonical import digest, sha256_hex
from pawl.base.errors import BadValue, PawlError
from pawl.evals.assertion import read_assertions
from pawl.evals.case import Case
from pawl.evals.case_reading import read_suite, with_schemas
from pawl.evals.grade import Mark, grade
from pawl.evals.record import Trial
from pawl.evals.sealing import open_record
from pawl.evals.self_check import self_check
from pawl.maturity.facts.eval_cases import EvalCase, EvalCases
from pawl.maturity.survey import Whole

EVALS = ".pawl/evals/"
RECORDS = f"{EVALS}records/"
MAX_FILES = 500
MAX_RECORDS = 40
"""Trial records of one case that are graded, the first by address: nobody picks those."""
MAX_ALL_RECORDS = 2000
MAX_RECORD_BYTES = 8 * 1024 * 1024
MAX_PLAIN_BYTES = 16 * 1024 * 1024
"""Bytes of one record once it is unpacked."""
MAX_ALL_BYTES = 256 * 1024 * 1024
"""Bytes of all records together once they are unpacked; a few that claim much end the look."""
MAX_ASSET_BYTES = 64 * 1024 * 1024
_ENDING = ".trial.gz"
_NO_CASES = frozenset({"gate.yaml", "quarantine.yaml"})
_OF_WORKSPACES = frozenset({"command", "files-changed", "file-contains", "diff-size"})
"""Graders that look at what a whole workflow left behind."""


def look(whole: Whole) -> EvalCases:
    """Return the cases of a tree and what their records come to."""
    paths = sorted(path for path in whole.entries if path.startswith(EVALS))
    if not paths:
        return EvalCases()
    records = _Records(whole, paths)
    cases: dict[str, EvalCase] = {}
    suites: dict[str, str] = {}
    broken: dict[str, str] = {}
    workspaces: set[str] = set()
    # Nearer to the top first, so that a workspace is known before its own files come.
    listed = sorted(filter(_may_hold_cases, paths), key=lambda path: (path.count("/"), path))
    for path in listed[:MAX_FILES]:
        inside = any(path.startswith(f"{folder}/") for folder in workspaces)
        text = whole.text(path)
        try:
            suite = read_suite("" if text is None else text, place=path)
            if inside:
                raise BadValue("A case is in the workspace of another one.", place=path)
            found = [_case(case, path, whole, records) for case in suite.cases]
            twin = next((each.id for each in found if each.id in cases), None)
            if twin is not None:
                raise BadValue(f"The id {twin!r} is taken by {cases[twin].path}.", place=path)
        except PawlError as error:
            if not inside or isinstance(error, BadValue):  # Else it is what a workspace holds.
                broken[path] = str(error)[:300]
            continue
        suites[path] = suite.suite
        cases |= {each.id: each for each in found}
        folder = path.rpartition("/")[0]
        workspaces |= {
            posixpath.normpath(posixpath.join(folder, case.setup.workspace))
            for case in suite.cases
            if case.setup.workspace is not None
        }
    return EvalCases(cases=tuple(cases.values()), suites=suites, broken=broken)


def _may_hold_cases(path: str) -> bool:
    """Say whether a file may hold cases: it is no policy and no record."""
    rest = path[len(EVALS) :]
    named = rest.endswith((".yaml", ".yml")) and rest not in _NO_CASES
    return named and not path.startswith(RECORDS)


def _case(case: Case, path: str, whole: Whole, records: "_Records") -> EvalCase:
    folder = path.rpartition("/")[0]
    schemas = {
        name: text
        for raw in case.asserts
        if isinstance(name := raw.get("json_schema"), str)
        and (text := whole.text(f"{folder}/{name}")) is not None
    }
    case = with_schemas(case, schemas, place=path)
    oracle, null = records.of(case.id, "oracle"), records.of(case.id, "null")
    checked = self_check(case, oracle, null)
    found = list(records.all(case.id))
    marks = [grade(case, trial, records.today(trial)).outcome for trial in found]
    return EvalCase(
        id=case.id,
        path=path,
        kind=case.case_class.value,
        level=_level(case),
        incident=case.provenance.incident or "",
        covers=case.covers,
        problems=tuple(each[:300] for each in (*checked.problems, *records.problems(case.id))),
        records=len(found),
        stale=marks.count(Mark.STALE),
        failing=marks.count(Mark.FAIL),
        trials=case.trials.k,
    )


def _level(case: Case) -> str:
    """Return what a case exercises: what one run says and does, or what a workflow leaves."""
    try:
        asked = {each.grader for each in read_assertions(case)}
    except BadValue:
        return "integration"
    return "integration" if asked.isdisjoint(_OF_WORKSPACES) else "e2e"


class _Records:
    """The stored records of a tree, opened when they are asked for."""

    def __init__(self, whole: Whole, paths: list[str]) -> None:
        self._whole = whole
        self._by_case: dict[str, list[str]] = {}
        self._bad: dict[str, list[str]] = {}
        self._digests: dict[str, str | None] = {}
        self._left = MAX_ALL_RECORDS
        self._bytes_left = MAX_ALL_BYTES
        for path in paths:
            if path.startswith(RECORDS) and path.endswith(_ENDING):
                case, slash, _ = path[len(RECORDS) :].partition("/")
                if slash:
                    self._by_case.setdefault(case, []).append(path)

    def problems(self, case: str) -> tuple[str, ...]:
        """Return what is wrong with a case's records that were asked for."""
        return tuple(self._bad.get(case, ()))

    def of(self, case: str, name: str) -> Trial | None:
        """Return a case's oracle or null record."""
        path = f"{RECORDS}{case}/{name}{_ENDING}"
        return self._open(case, path, None) if path in self._by_case.get(case, ()) else None

    def all(self, case: str) -> Iterator[Trial]:
        """Yield the records of trials."""
        kept = 0
        for path in self._by_case.get(case, ()):
            address = path.rpartition("/")[2].removesuffix(_ENDING)
            if address in ("oracle", "null"):
                continue
            if kept == MAX_RECORDS or not self._left:
                return
            kept += 1
            self._left -= 1
            trial = self._open(case, path, address)
            if trial is not None:
                yield trial

    def today(self, trial: Trial) -> dict[str, str]:
        """Return today's digests of what a record says steered it; what is gone is left out."""
        asked = ((path, self._today(path)) for path in trial.manifest.assets)
        return {path: found for path, found in asked if found is not None}

    def _today(self, path: str) -> str | None:
        if path not in self._digests:
            self._digests[path] = self._folder(path) if path.endswith("/") else self._file(path)
        return self._digests[path]

    def _file(self, path: str) -> str | None:
        entry = self._whole.entries.get(path)
        if entry is None:
            return None
        if entry.target is not None:
            return sha256_hex(b"link\0" + entry.target.encode("utf-8", "surrogateescape"))
        content = self._whole.content(path, MAX_ASSET_BYTES)
        return None if content is None else sha256_hex(content)

    def _folder(self, path: str) -> str | None:
        """Return the digest of a workspace: its files' names, whether each is run, and digests."""
        inside = sorted(each for each in self._whole.entries if each.startswith(path))
        listed = []
        for each in inside:
            found = self._today(each)
            if found is None:
                return None
            listed.append([each[len(path) :], self._whole.entries[each].executable, found])
        return digest(listed) if listed else None

    def _open(self, case: str, path: str, address: str | None) -> Trial | None:
        data = self._whole.content(path, MAX_RECORD_BYTES)
        try:
            plain = _inflated(data, path, min(MAX_PLAIN_BYTES, self._bytes_left))
            self._bytes_left -= len(plain)
            return open_record(plain, address)
        except PawlError as error:
            self._bad.setdefault(case, []).append(f"{path.rpartition('/')[2]}: {error.message}")
            return None


def _inflated(data: bytes | None, path: str, most: int) -> bytes:
    if data is None:
        raise BadValue("The record cannot be read.", place=path)
    unpacking = zlib.decompressobj(wbits=31)
    try:
        plain = unpacking.decompress(data, max(1, most))
    except zlib.error as error:
        raise BadValue(f"The record is no gzip: {error}.", place=path) from error
    if not unpacking.eof:
        raise BadValue("The record is cut short, or too large to be looked at.", place=path)
    return plain
