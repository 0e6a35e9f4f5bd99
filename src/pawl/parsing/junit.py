"""JUnit XML, in the dialects of pytest, surefire, Gradle, Jest, gtest, Go and others.

Counts are of the test cases that are there, never of what a suite's attributes claim. A case that
failed and then passed when it was tried again (`flakyFailure`, `rerunFailure`) is told twice, so
that its changing mind shows. Commit and run come from properties, under the names that CI
providers give their variables; most reports name neither.
"""

from typing import Literal

import msgspec

from pawl.parsing.bounds import commit_or_none, cut, refuse, time_or_none
from pawl.parsing.xml_events import walk

MAX_CASES = 100_000
"""Cases kept of one report; the counts are of all."""

COMMITS = frozenset(
    {
        "commit",
        "commit_sha",
        "git.commit",
        "git_commit",
        "git.sha",
        "git_sha",
        "revision",
        "github_sha",
        "github.sha",
        "ci_commit_sha",
        "build_sourceversion",
        "vcs.revision",
    }
)
RUNS = frozenset(
    {
        "run",
        "run_id",
        "run.id",
        "github_run_id",
        "github.run_id",
        "ci_pipeline_id",
        "ci_job_id",
        "build_id",
        "build_buildid",
        "buildkite_build_id",
        "circle_workflow_id",
    }
)
"""Properties that name what was built; compared in lower case."""

Status = Literal["passed", "failed", "error", "skipped"]
_CHANGES: dict[str, Status] = {"failure": "failed", "error": "error", "skipped": "skipped"}
_AGAIN: dict[str, Status] = {
    "flakyFailure": "failed",
    "flakyError": "error",
    "rerunFailure": "failed",
    "rerunError": "error",
}
_NOT_RUN = frozenset(("notrun", "disabled", "skipped", "suppressed", "ignored"))
_WORSE: tuple[Status, ...] = ("passed", "skipped", "failed", "error")


class TestCase(msgspec.Struct, frozen=True):
    """One test of one run."""

    name: str
    status: Literal["passed", "failed", "error", "skipped"]
    seconds: float | None = None


class TestRun(msgspec.Struct, frozen=True, kw_only=True):
    """One JUnit report. `run` is the provider's run id, `at` a canonical time."""

    source: str
    digest: str
    at: str | None = None
    run: str | None = None
    commit: str | None = None
    passed: int = 0
    failed: int = 0
    errors: int = 0
    skipped: int = 0
    cases: tuple[TestCase, ...] = ()


def read(text: str, source: str, digest: str) -> TestRun:
    """Return one report's test run; raises BadFile."""
    found = _Cases(source)
    walk(text, source, found.start, found.end)
    if not found.is_junit:
        refuse("holds no test suite.", source, "Export JUnit XML.")
    return TestRun(
        source=source,
        digest=digest,
        at=found.at,
        run=found.run,
        commit=found.commit,
        passed=found.counts["passed"],
        failed=found.counts["failed"],
        errors=found.counts["error"],
        skipped=found.counts["skipped"],
        cases=tuple(found.cases),
    )


class _Cases:
    def __init__(self, source: str) -> None:
        self._source = source
        self.is_junit = False
        self.at: str | None = None
        self.run: str | None = None
        self.commit: str | None = None
        self.counts: dict[Status, int] = dict.fromkeys(_WORSE, 0)
        self.cases: list[TestCase] = []
        self._name: str | None = None
        self._seconds: float | None = None
        self._status: Status = "passed"
        self._again: list[Status] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if not self.is_junit:
            if name not in ("testsuites", "testsuite"):
                refuse(f"its root is <{cut(name)[:60]}>, not <testsuites>.", self._source)
            self.is_junit = True
        if name in ("testsuite", "testsuites"):
            at = time_or_none(attributes.get("timestamp"))
            self.at = max(filter(None, (self.at, at)), default=None)
        elif name == "property":
            self._property(attributes.get("name", ""), attributes.get("value", ""))
        elif name == "testcase":
            self._begin(attributes)
        elif self._name is not None and name in _CHANGES:
            self._status = max(self._status, _CHANGES[name], key=_WORSE.index)
        elif self._name is not None and name in _AGAIN:
            self._again.append(_AGAIN[name])

    def end(self, name: str) -> None:
        if name != "testcase" or self._name is None:
            return
        self.counts[self._status] += 1
        for status in (*self._again[:3], self._status):
            if len(self.cases) < MAX_CASES:
                self.cases.append(TestCase(self._name, status, self._seconds))
        self._name = None

    def _begin(self, attributes: dict[str, str]) -> None:
        place = attributes.get("classname") or attributes.get("file") or ""
        name = attributes.get("name", "")
        self._name = cut(f"{place}.{name}" if place else name)
        self._seconds = _seconds(attributes.get("time", ""))
        told = {attributes.get("status", "").lower(), attributes.get("result", "").lower()}
        self._status = "skipped" if told & _NOT_RUN else "passed"
        self._again = []

    def _property(self, name: str, value: str) -> None:
        key = name.strip().lower()
        if key in COMMITS:
            self.commit = self.commit or commit_or_none(value)
        elif key in RUNS and value.strip():
            self.run = self.run or cut(value)


def _seconds(text: str) -> float | None:
    try:
        seconds = float(text.replace(",", ""))
    except ValueError:
        return None
    return seconds if 0 <= seconds < 1e9 else None
