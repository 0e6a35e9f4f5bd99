"""Exports of CI, code hosts and operations: found, told apart by content, read into facts.

What lies in the assessed tree (`.pawl/evidence/`) was written by those who are assessed and is
marked so in its source; what a person hands over beside it is not. Files that do not read are
named with the reason; only a file whose path a person typed makes the reading fail.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, TypeVar

import msgspec

from pawl.base.canonical import sha256_hex
from pawl.base.errors import BadFile
from pawl.maturity.facts import CLAIMED, Absent, is_claimed
from pawl.maturity.facts.host import Host
from pawl.maturity.facts.operations import Operations
from pawl.maturity.facts.reports import Coverage, MutationRun, Reports, Sbom, Scan
from pawl.maturity.readers import github, gitlab, operations
from pawl.maturity.readers.locating import Paths, located
from pawl.maturity.readers.sniffing import Exports, Told, read_report, sniff
from pawl.parsing.bounds import commit_or_none, decode, refuse, time_or_none
from pawl.parsing.junit import TestRun

EVIDENCE = ".pawl/evidence/"
"""Where a tree keeps the exports that it brings along."""

MAX_FILE_BYTES = 64 * 1024 * 1024
MAX_FILES = 20_000
MAX_TOTAL_BYTES = 512 * 1024 * 1024

_DATA = (".xml", ".json", ".jsonl", ".ndjson", ".sarif", ".info", ".lcov")
"""How files end that are meant to be read; others in the folder are passed over."""
_DUMPS = {"pulls.json": "github", "merge_requests.json": "gitlab"}
T = TypeVar("T", TestRun, Coverage, Scan, MutationRun, Sbom)
Single = TestRun | Coverage | Scan | MutationRun | Sbom


class ExportFile(Protocol):
    """One file that was handed over."""

    @property
    def path(self) -> str:
        """Its path, as people know it, with forward slashes."""

    @property
    def size(self) -> int:
        """Its bytes."""

    @property
    def typed(self) -> bool:
        """Whether a person named this very file."""

    def read(self) -> bytes | None:
        """Return its bytes, or None when it cannot be read."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What exports told, section by section."""

    reports: Reports | Absent
    host: Host | Absent
    operations: Operations | Absent
    notes: tuple[str, ...] = ()


def read_exports(
    claimed: Sequence[ExportFile],
    given: Sequence[ExportFile],
    paths: Iterable[str] = (),
    progress: Callable[[int, int, str], None] | None = None,
) -> Found:
    """Return what the exports in the tree and those handed over beside it tell.

    `paths` are the tree's, for coverage to be matched with. Raises BadFile for a typed file that
    does not read.
    """
    reading = _Reading(progress)
    total = len(claimed) + len(given)
    reading.take(claimed, CLAIMED, 0, total)
    reading.take(given, "", len(claimed), total)
    return reading.done(Paths(paths))


class _Reading:
    def __init__(self, progress: Callable[[int, int, str], None] | None) -> None:
        self._progress = progress
        self._reports: list[Single] = []
        self._unreadable: list[tuple[str, str]] = []
        self._hosts: list[Host] = []
        self._operations: list[Operations] = []
        self._notes: list[str] = []
        self._bytes = 0

    def take(self, files: Sequence[ExportFile], mark: str, start: int, total: int) -> None:
        """Read files: dumps of a host as a whole, everything else one by one."""
        if len(files) > MAX_FILES:
            self._notes.append(
                f"Of {len(files):,} exported files the first {MAX_FILES:,} were read."
            )
        ordered = sorted(files, key=lambda file: file.path)[:MAX_FILES]
        dumps, single = _dumps(ordered)
        for folder, (product, inside) in sorted(dumps.items()):
            self._dump(folder, product, inside, mark)
        told = self._told(single, mark)
        for number, file in enumerate(single):
            if self._progress is not None:
                self._progress(start + number, total, "exports read")
            if _base(file.path) == "exports.json":
                continue
            try:
                self._one(file, mark, told)
            except BadFile as error:
                if file.typed:
                    raise
                self._unreadable.append((mark + file.path, str(error)[:500]))

    def done(self, paths: Paths) -> Found:
        """Return everything that was read, newest first."""
        reports = Reports(
            tests=self._newest(TestRun),
            coverage=located(self._newest(Coverage), paths),
            scans=self._newest(Scan),
            mutations=self._newest(MutationRun),
            sboms=self._newest(Sbom),
            unreadable=tuple(self._unreadable),
        )
        any_report = self._reports or self._unreadable
        return Found(
            reports=reports if any_report else _absent("report of CI", "JUnit, coverage or SARIF"),
            host=self._host()
            or _absent("export of a code host", "a folder with its API's answers"),
            operations=self._merged()
            or _absent("export of operations", "a pawl.operations/1 file"),
            notes=tuple(self._notes),
        )

    # -- one file ---------------------------------------------------------------------------------

    def _text(self, file: ExportFile) -> str:
        if file.size > MAX_FILE_BYTES:
            refuse(f"larger than {MAX_FILE_BYTES:,} bytes.", file.path, "Export less of it.")
        self._bytes += file.size
        if self._bytes > MAX_TOTAL_BYTES:
            refuse(f"more than {MAX_TOTAL_BYTES:,} bytes of exports before it.", file.path)
        content = file.read()
        if content is None:
            refuse("cannot be read.", file.path, "See that it is there and readable.")
        encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
        return content.decode(encoding, "replace").lstrip("\ufeff")

    def _one(self, file: ExportFile, mark: str, told: dict[str, Told]) -> None:
        if not file.typed and not file.path.lower().endswith(_DATA):
            return
        text = self._text(file)
        form = sniff(text)
        source = mark + file.path
        if form is None:
            refuse("of no format that Pawl reads.", file.path, "See the reference of exports.")
        if form == "operations":
            self._operations.append(operations.read(text, source))
            return
        digest = sha256_hex(text.encode("utf-8", "replace"))
        found = read_report(form, text, source, digest)
        more = told.get(file.path, Told())
        self._reports.extend(
            _filled(each, more) for each in (found if isinstance(found, tuple) else (found,))
        )

    def _told(self, files: list[ExportFile], mark: str) -> dict[str, Told]:
        """Return what `exports.json` files say of the reports beside and below them."""
        found: dict[str, Told] = {}
        for file in files:
            if _base(file.path) != "exports.json":
                continue
            folder = file.path[: -len("exports.json")]
            try:
                said = decode(self._text(file), Exports, file.path, "pawl.exports/1")
            except BadFile as error:
                self._unreadable.append((mark + file.path, str(error)[:500]))
                continue
            for other in files:
                if other.path.startswith(folder):
                    found[other.path] = said.files.get(other.path[len(folder) :], said.all)
        return found

    def _dump(self, folder: str, product: str, files: list[ExportFile], mark: str) -> None:
        source = mark + folder
        try:
            texts = {file.path[len(folder) + 1 :]: self._text(file) for file in files}
            read = gitlab.read if product == "gitlab" else github.read
            host = read(texts, source)
        except BadFile as error:
            self._unreadable.append((source, str(error)[:500]))
            return
        self._hosts.append(msgspec.structs.replace(host, source=source))

    # -- sections ---------------------------------------------------------------------------------

    def _newest(self, kind: type[T]) -> tuple[T, ...]:
        found = [report for report in self._reports if isinstance(report, kind)]
        return tuple(sorted(found, key=lambda report: (report.at or "", report.digest))[::-1])

    def _host(self) -> Host | None:
        """Return the newest dump; one in the tree counts only where none was handed over."""
        given = [host for host in self._hosts if not is_claimed(host.source)]
        return max(given or self._hosts, key=lambda host: host.exported_at, default=None)

    def _merged(self) -> Operations | None:
        given = [each for each in self._operations if not is_claimed(each.source)]
        if given and len(given) < len(self._operations):
            self._notes.append(
                "Exports of operations in the tree were left out: others were given."
            )
        return merged(given or self._operations)


def merged(exports: Sequence[Operations]) -> Operations | None:
    """Return several exports of operations as one; it is complete from the latest start on."""
    if len(exports) < 2:
        return exports[0] if exports else None
    sections: dict[str, tuple[object, ...]] = {}
    for export in exports:
        for name in Operations.__struct_fields__:
            told = getattr(export, name)
            if isinstance(told, tuple):
                known = sections.get(name, ())
                sections[name] = (*known, *(each for each in told if each not in known))
    return msgspec.structs.replace(
        exports[0],
        source=", ".join(export.source for export in exports)[:500],
        complete_since=max(export.complete_since for export in exports),
        **sections,
    )


def _dumps(
    files: Sequence[ExportFile],
) -> tuple[dict[str, tuple[str, list[ExportFile]]], list[ExportFile]]:
    """Return the host dumps by folder, and the files that belong to none."""
    roots = {
        file.path.rpartition("/")[0]: _DUMPS[_base(file.path)]
        for file in files
        if _base(file.path) in _DUMPS
    }
    dumps: dict[str, tuple[str, list[ExportFile]]] = {
        root: (product, []) for root, product in roots.items()
    }
    single = []
    for file in files:
        folder = file.path.rpartition("/")[0]
        owner = next((each for each in (folder, folder.rpartition("/")[0]) if each in dumps), None)
        if owner is not None and file.path.endswith(".json") and _base(file.path) != "exports.json":
            dumps[owner][1].append(file)
        else:
            single.append(file)
    return dumps, single


def _filled(report: Single, told: Told) -> Single:
    """Return a report with what it does not say itself."""
    known = {"commit": commit_or_none(told.commit), "run": told.run, "at": time_or_none(told.at)}
    new = {
        name: value
        for name, value in known.items()
        if value and name in report.__struct_fields__ and getattr(report, name) is None
    }
    return msgspec.structs.replace(report, **new)


def _absent(what: str, example: str) -> Absent:
    return Absent(
        f"There is no {what}.", f"Hand over {example} with --evidence, or keep it in {EVIDENCE}."
    )


def _base(path: str) -> str:
    return path.rpartition("/")[2]
