"""Coverage reports: Cobertura XML, the JSON of coverage.py, and LCOV.

Paths are as the report gives them; who gathers finds the files of the tree that they mean. A
line that any part of a report covers is covered.
"""

import msgspec

from pawl.base.times import time_from_ms
from pawl.maturity.facts.reports import Coverage, CoveredFile
from pawl.parsing.bounds import (
    cut,
    decode,
    refuse,
    refuse_giants,
    repository_path,
    time_or_none,
)
from pawl.parsing.xml_events import walk

MAX_FILES = 100_000
MAX_LINES = 20_000_000
"""Lines of one report in all."""
_MAX_LINE = 10_000_000
_MS_FROM = 100_000_000_000
"""A timestamp above this is in milliseconds: as seconds it would be past the year 5000."""


class _Lines:
    """Lines by file, within bounds."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._files: dict[str, tuple[set[int], set[int]]] = {}
        self._total = 0

    def file(self, path: str) -> str:
        name = repository_path(path)[:4096]
        self._files.setdefault(name, (set(), set()))
        if len(self._files) > MAX_FILES:
            refuse(f"more than {MAX_FILES:,} files.", self._source)
        return name

    def add(self, name: str, line: int, hits: int) -> None:
        self._total += 1
        if self._total > MAX_LINES:
            refuse(f"more than {MAX_LINES:,} lines.", self._source)
        if 0 < line <= _MAX_LINE:
            self._files[name][0 if hits > 0 else 1].add(line)

    def done(self) -> tuple[CoveredFile, ...]:
        return tuple(
            CoveredFile(path, frozenset(covered), frozenset(missed - covered))
            for path, (covered, missed) in sorted(self._files.items())
        )


def read_cobertura(text: str, source: str, digest: str) -> Coverage:
    """Return the coverage in Cobertura XML; raises BadFile."""
    found = _Cobertura(source)
    # Most writers name the format's own type at its author's site; it is never looked at.
    walk(text, source, found.start, named_type=True)
    if not found.is_cobertura:
        refuse("holds no coverage.", source, "Export Cobertura XML.")
    return Coverage(source=source, digest=digest, at=found.at, files=found.lines.done())


class _Cobertura:
    def __init__(self, source: str) -> None:
        self._source = source
        self.lines = _Lines(source)
        self.is_cobertura = False
        self.at: str | None = None
        self._file: str | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if not self.is_cobertura:
            if name != "coverage" or "clover" in attributes:
                refuse(
                    f"its root is <{cut(name)[:60]}>, which is not Cobertura's.",
                    self._source,
                    "Export Cobertura XML, LCOV, or coverage.py's JSON.",
                )
            self.is_cobertura = True
            self.at = _timestamp(attributes.get("timestamp", ""))
        elif name == "class":
            path = attributes.get("filename", "")
            self._file = self.lines.file(path) if path else None
        elif name == "line" and self._file is not None:
            number, hits = _whole(attributes.get("number")), _whole(attributes.get("hits"))
            if number is not None and hits is not None:
                self.lines.add(self._file, number, hits)


class _CoverageMeta(msgspec.Struct, frozen=True):
    version: str = ""
    timestamp: str | None = None


class _CoverageFile(msgspec.Struct, frozen=True):
    executed_lines: tuple[int, ...] = ()
    missing_lines: tuple[int, ...] = ()


class _CoverageJson(msgspec.Struct, frozen=True):
    meta: _CoverageMeta
    files: dict[str, _CoverageFile]


def read_coverage_json(text: str, source: str, digest: str) -> Coverage:
    """Return the coverage in the JSON that coverage.py writes; raises BadFile."""
    told = decode(text, _CoverageJson, source, "coverage.py's JSON")
    lines = _Lines(source)
    for path, file in told.files.items():
        name = lines.file(path)
        for number in file.executed_lines:
            lines.add(name, number, 1)
        for number in file.missing_lines:
            lines.add(name, number, 0)
    at = time_or_none(told.meta.timestamp)
    return Coverage(source=source, digest=digest, at=at, files=lines.done())


def read_lcov(text: str, source: str, digest: str) -> Coverage:
    """Return the coverage in an LCOV trace file; raises BadFile."""
    refuse_giants(text, source)
    lines = _Lines(source)
    current: str | None = None
    for number, line in enumerate(text.splitlines(), 1):
        name, _, value = line.strip().partition(":")
        if name == "SF":
            current = lines.file(value)
        elif name == "DA" and current is not None:
            parts = value.split(",")
            at = _whole(parts[0])
            hits = _whole(parts[1]) if len(parts) > 1 else None
            if at is None or hits is None:
                refuse("a DA record without line and count.", f"{source}:{number}")
            lines.add(current, at, hits)
        elif line.strip() == "end_of_record":
            current = None
    files = lines.done()
    if not files:
        refuse("holds no file.", source, "Export an LCOV trace file.")
    return Coverage(source=source, digest=digest, files=files)


def _timestamp(text: str) -> str | None:
    """Return Cobertura's timestamp, in seconds or milliseconds since 1970, as a time."""
    number = _whole(text.partition(".")[0])
    if number is None or number <= 0:
        return time_or_none(text)
    milliseconds = number if number >= _MS_FROM else number * 1000
    return time_from_ms(milliseconds) if milliseconds < 253_402_300_799_000 else None


def _whole(text: str | None) -> int | None:
    """Return a count; writers of big ones use exponents, and some count below zero."""
    plain = (text or "").strip()
    if len(plain) > 30:
        return None
    try:
        return int(plain)
    except ValueError:
        pass
    try:
        number = float(plain)
    except ValueError:
        return None
    return int(number) if abs(number) < 1e18 else None
