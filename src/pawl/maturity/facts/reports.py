"""What CI reported and exported: test runs, coverage and scans.

A report that names neither a commit nor a run proves nothing about either; probes then say that
they cannot tell.
"""

from typing import Literal

import msgspec

from pawl.base.finding import Place
from pawl.parsing.junit import TestRun


class CoveredFile(msgspec.Struct, frozen=True):
    """One file's lines that could run: covered and missed, 1-based."""

    path: str
    covered: frozenset[int]
    missed: frozenset[int]


class Coverage(msgspec.Struct, frozen=True, kw_only=True):
    """One coverage report, from Cobertura XML, coverage.py JSON or LCOV."""

    source: str
    digest: str
    at: str | None = None
    commit: str | None = None
    files: tuple[CoveredFile, ...] = ()
    omitted: tuple[str, ...] = ()


class ScanResult(msgspec.Struct, frozen=True, kw_only=True):
    """One result of a scanner. `since` is when it was first reported, where known."""

    rule: str
    level: Literal["none", "note", "warning", "error"] = "warning"
    message: str = ""
    place: Place | None = None
    since: str | None = None
    suppressed: bool = False
    severity: float | None = None


class Scan(msgspec.Struct, frozen=True, kw_only=True):
    """One SARIF run. `succeeded` is None when the file does not say whether the tool finished."""

    source: str
    digest: str
    tool: str
    tool_version: str | None = None
    at: str | None = None
    commit: str | None = None
    succeeded: bool | None = None
    rules: int = 0
    results: tuple[ScanResult, ...] = ()


class MutationRun(msgspec.Struct, frozen=True, kw_only=True):
    """One run of a mutation tester: how many of the changed programs the tests noticed."""

    source: str
    digest: str
    tool: str
    at: str | None = None
    commit: str | None = None
    killed: int
    survived: int
    files: tuple[str, ...] = ()


class Component(msgspec.Struct, frozen=True):
    """One package of a bill of materials."""

    name: str
    version: str


class Sbom(msgspec.Struct, frozen=True, kw_only=True):
    """One CycloneDX or SPDX document. `subject_digest` names the build it is of."""

    source: str
    digest: str
    at: str | None = None
    subject_digest: str | None = None
    components: tuple[Component, ...] = ()


class Reports(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that CI exported, newest first where dates are known.

    `unreadable` names files that were handed over and did not parse, with the reason.
    """

    tests: tuple[TestRun, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    scans: tuple[Scan, ...] = ()
    mutations: tuple[MutationRun, ...] = ()
    sboms: tuple[Sbom, ...] = ()
    unreadable: tuple[tuple[str, str], ...] = ()
