"""Where eval cases and trial records are kept in a repository: finding and reading.

Below `.pawl/evals` every YAML file is a case or a suite, except the policy files, the records and
what is in a case's workspace. A record is `records/<case>/<address>.trial.gz`: it counts only under
the address of its bytes, in the folder of its case. What was altered is refused by name, and the
others are read on.
"""

import re
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple, get_args

import msgspec

from pawl.base.errors import BadFile, BadValue, CannotTell, PawlError
from pawl.base.inflating import BadGzip, inflate
from pawl.base.loading import MAX_TEXT
from pawl.evals.baseline import Baselines, read_baselines
from pawl.evals.case import Case
from pawl.evals.case_reading import read_suite, with_schemas
from pawl.evals.counts import Quarantine
from pawl.evals.gate_policy import GatePolicy, load_policy, shipped_policy
from pawl.evals.quarantine import read_quarantine
from pawl.evals.record import Trial
from pawl.evals.sealing import MAX_BYTES, TamperedRecord, open_record
from pawl.evals.steering import EVALS, AssetFiles, below
from pawl.parsing.nearest import nearest

RECORDS = f"{EVALS}/records"
BASELINES = f"{EVALS}/baselines.json"
QUARANTINE = f"{EVALS}/quarantine.yaml"
GATE = f"{EVALS}/gate.yaml"
END = ".trial.gz"
MAX_CASE_FILES = 5_000
MAX_BASELINE_BYTES = 4 * MAX_TEXT
_ADDRESS = re.compile(r"[0-9a-f]{64}")
_HEAD = b"\x1f\x8b\x08\0\0\0\0\0\x02\xff"
"""A gzip header without time, name and system, so that the same record is the same file."""

Shipped = Literal["oracle", "null", "origin"]
SHIPPED: tuple[Shipped, ...] = get_args(Shipped)


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """A case and the file it is from, by its path in the repository."""

    case: Case
    file: str
    suite: str = ""

    @property
    def folder(self) -> str:
        """From where the case names its workspace, schemas and settings."""
        return self.file.rpartition("/")[0]


class RecordFile(NamedTuple):
    """A record by its path; `address` is empty for those that come with a case."""

    case: str
    path: str
    address: str


class Shelf:
    """The evals of one tree."""

    def __init__(self, files: AssetFiles) -> None:
        self.files = files
        self._records: dict[str, list[RecordFile]] | None = None

    def cases(self, broken: dict[str, PawlError] | None = None) -> tuple[Placed, ...]:
        """Return every case, by id; raises BadFile for a file that holds none, or a known id.

        With `broken`, such a file is noted there by its path and left out.
        """
        found: dict[str, Placed] = {}
        workspaces: set[str] = set()
        # Files nearer to the top first, so that a workspace is known before its own files come.
        for path in sorted(self._case_files(), key=lambda path: (path.count("/"), path)):
            try:
                new = self._new_cases(path, found, workspaces)
                around = {_workspace(each) for each in new if each.case.setup.workspace is not None}
            except PawlError as error:
                if broken is None:
                    raise
                broken[path] = error
                continue
            found |= {each.case.id: each for each in new}
            workspaces |= around
        return tuple(found[name] for name in sorted(found))

    def _new_cases(
        self, path: str, found: Mapping[str, Placed], workspaces: Iterable[str]
    ) -> list[Placed]:
        holder = next((w for w in sorted(workspaces) if path.startswith(f"{w}/")), None)
        if holder is not None:
            self._refuse_case_within(path, holder)
            return []
        new = list(self._read_cases(path))
        for placed in new:
            other = found.get(placed.case.id)
            if other is not None:
                raise BadFile(
                    f"the id {placed.case.id!r} is taken by {other.file}.",
                    place=path,
                    hint="Give each case an id of its own.",
                )
        return new

    def records(self, case: str) -> tuple[RecordFile, ...]:
        """Return the trial records of a case, by address."""
        return tuple(self._listed().get(case, ()))

    def strangers(self, cases: Sequence[Placed]) -> tuple[str, ...]:
        """Return the names that have records and are no case."""
        return tuple(sorted(self._listed().keys() - {each.case.id for each in cases}))

    def shipped(self, case: str, name: Shipped) -> RecordFile | None:
        """Return a record that came with a case, by its name; None where there is none."""
        path = f"{RECORDS}/{case}/{name}{END}"
        return RecordFile(case, path, "") if path in self.files.entries else None

    def packed(self, file: RecordFile) -> bytes:
        """Return a record's file as it is; raises TamperedRecord for what is none."""
        if file.address and not _ADDRESS.fullmatch(file.address):
            raise TamperedRecord("its name is no address.", place=file.path)
        found = self._content(file.path, MAX_BYTES)
        if found is None:
            raise TamperedRecord(
                f"it is no regular file of at most {MAX_BYTES:,} bytes.", place=file.path
            )
        return found

    def baselines(self) -> Baselines:
        """Return the blessed baselines; raises BadFile."""
        text = self._text(BASELINES, MAX_BASELINE_BYTES)
        return Baselines() if text is None else read_baselines(text, place=BASELINES)

    def quarantines(self) -> Mapping[str, Quarantine]:
        """Return which cases are set aside; raises BadFile."""
        text = self._text(QUARANTINE)
        return {} if text is None else read_quarantine(text, place=QUARANTINE)

    def policy(self) -> tuple[GatePolicy, str]:
        """Return the gate's policy and where it is from; raises BadFile."""
        text = self._text(GATE)
        if text is None:
            return shipped_policy(), "as shipped"
        return load_policy(text, place=GATE), GATE

    def _case_files(self) -> Iterator[str]:
        start, kept = f"{EVALS}/", f"{RECORDS}/"
        count = 0
        for path in self.files.entries:
            if not path.startswith(start) or not path.endswith((".yaml", ".yml")):
                continue
            if path in (QUARANTINE, GATE) or path.startswith(kept):
                continue
            count += 1
            if count > MAX_CASE_FILES:
                raise CannotTell(f"more than {MAX_CASE_FILES:,} files of cases.", place=EVALS)
            yield path

    def _read_cases(self, path: str) -> Iterator[Placed]:
        text = self._text(path)
        if text is None:
            return
        suite = read_suite(text, place=path)
        for case in suite.cases:
            placed = Placed(case=case, file=path, suite=suite.suite)
            named = {
                raw["json_schema"]
                for raw in case.asserts
                if isinstance(raw.get("json_schema"), str)
            }
            if named:
                schemas = {name: self._beside(placed, name) for name in sorted(named)}
                found = {name: text for name, text in schemas.items() if text is not None}
                whole = with_schemas(case, found, place=path)
                placed = msgspec.structs.replace(placed, case=whole)
            yield placed

    def _refuse_case_within(self, path: str, workspace: str) -> None:
        """Refuse a workspace around a case: naming it would make the case disappear."""
        try:
            next(self._read_cases(path), None)
        except PawlError:
            return  # It is what a workspace holds.
        raise BadFile(
            f"a case is in {workspace}, the workspace of another one.",
            place=path,
            hint="Move the case out of the workspace.",
        )

    def _beside(self, placed: Placed, name: str) -> str | None:
        try:
            return self._text(below(placed.folder, name))
        except BadValue as error:
            raise BadFile(f"the schema {error.message}", place=f"{placed.file}: {name}") from error

    def _text(self, path: str, most: int = MAX_TEXT) -> str | None:
        """Return a file's text, None where there is none; raises BadFile for what is no text."""
        if path not in self.files.entries:
            return None
        content = self._content(path, most)
        if content is None:
            raise BadFile(
                f"no regular file of at most {most:,} bytes.",
                place=path,
                hint="Put the file itself there, and no link.",
            )
        try:
            return content.decode("utf-8")
        except UnicodeDecodeError as error:
            raise BadFile("not in UTF-8.", place=path) from error

    def _content(self, path: str, most: int) -> bytes | None:
        """Return a regular file's bytes; a larger one is not begun to be read."""
        entry = self.files.entries.get(path)
        too_much = entry is None or entry.target is not None or entry.size > most
        return None if too_much else self.files.content(path, most)

    def _listed(self) -> dict[str, list[RecordFile]]:
        if self._records is None:
            start = f"{RECORDS}/"
            self._records = {}
            for path in sorted(p for p in self.files.entries if p.startswith(start)):
                case, _, name = path[len(start) :].rpartition("/")
                case = case or "."
                if not name.endswith(END) or path not in self.files.entries:
                    continue
                address = name.removesuffix(END)
                if address not in SHIPPED:
                    self._records.setdefault(case, []).append(RecordFile(case, path, address))
        return self._records


def unpacked(packed: bytes, file: RecordFile, most: int = MAX_BYTES) -> bytes:
    """Return a record as it was sealed, of at most so many bytes; raises TamperedRecord."""
    try:
        data = inflate(packed, most)
    except BadGzip as error:
        raise TamperedRecord(error.message, place=file.path) from error
    if data is None:
        raise TamperedRecord(f"The record is larger than {most:,} bytes.", place=file.path)
    return data


def read_trial(data: bytes, file: RecordFile) -> Trial:
    """Return the trial of a sealed record; raises TamperedRecord, which names its file."""
    try:
        trial = open_record(data, file.address or None)
    except TamperedRecord as error:
        raise TamperedRecord(error.message, place=file.path) from error
    if trial.manifest.case != file.case:
        raise TamperedRecord(f"The record is of the case {trial.manifest.case!r}.", place=file.path)
    return trial


def opened(packed: bytes, file: RecordFile) -> Trial:
    """Return the trial of a record's file; raises TamperedRecord, which names it."""
    return read_trial(unpacked(packed, file), file)


def opened_at(shelf: Shelf, file: RecordFile) -> Trial:
    """Return the trial of a record that is on the shelf; raises TamperedRecord."""
    return opened(shelf.packed(file), file)


def packed_bytes(data: bytes) -> bytes:
    """Return a sealed record as its file holds it: the same record, the same bytes."""
    packing = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = packing.compress(data) + packing.flush()
    end = zlib.crc32(data).to_bytes(4, "little") + (len(data) & 0xFFFFFFFF).to_bytes(4, "little")
    return _HEAD + body + end


def chosen(cases: Sequence[Placed], names: Sequence[str]) -> tuple[Placed, ...]:
    """Return the cases of these ids or files, all of them without any; raises BadValue."""
    if not names:
        return tuple(cases)
    known = {each.case.id for each in cases} | {each.file for each in cases}
    for name in names:
        if name not in known:
            near = nearest(name, sorted(known))
            raise BadValue(
                f"no case is called {name[:100]!r}.",
                place="CASE",
                hint=f"Did you mean {near}?" if near else "See `pawl eval list`.",
            )
    return tuple(each for each in cases if each.case.id in names or each.file in names)


def _workspace(placed: Placed) -> str:
    assert placed.case.setup.workspace is not None
    try:
        found = below(placed.folder, placed.case.setup.workspace)
    except PawlError as error:
        raise BadFile(
            f"the workspace of {placed.case.id} {error.message}",
            place=placed.file,
            hint=error.hint,
        ) from error
    if f"{placed.file}/".startswith(f"{found}/"):
        raise BadFile(
            f"the workspace of {placed.case.id} holds its own case.",
            place=placed.file,
            hint="Make the workspace a folder of its own beside the case file.",
        )
    return found
