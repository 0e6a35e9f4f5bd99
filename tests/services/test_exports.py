"""Exports are found by content, matched with the tree, and dated by whoever made them."""

import json
from typing import Any

import msgspec

from pawl.maturity.facts import Absent
from pawl.maturity.facts.host import Host
from pawl.maturity.facts.operations import Operations
from pawl.maturity.facts.reports import Reports
from pawl.services.exports import MAX_FILE_BYTES, Found, read_exports

JUNIT = '<testsuite timestamp="2026-11-0{n}T00:00:00"><testcase name="a"/></testsuite>'
COMMIT = "a" * 40


class Given(msgspec.Struct, frozen=True):
    """A file that was handed over."""

    path: str
    content: Any
    typed: bool = False

    @property
    def size(self) -> int:
        return len(self._bytes())

    def read(self) -> bytes | None:
        return self._bytes()

    def _bytes(self) -> bytes:
        content = self.content
        if isinstance(content, bytes):
            return content
        return (content if isinstance(content, str) else json.dumps(content)).encode()


def reports(found: Found) -> Reports:
    assert isinstance(found.reports, Reports)
    return found.reports


def operations(since: str, covers: list[str], *lines: Any) -> str:
    first = {
        "kind": "export",
        "schema": "pawl.operations/1",
        "complete_since": since,
        "covers": covers,
    }
    return "\n".join(map(json.dumps, (first, *lines)))


DEPLOY = {"kind": "deploy", "id": "d", "at": "2026-11-01"}


def test_nothing_is_absent_with_a_way_out() -> None:
    """Each section says how to provide it."""
    found = read_exports([], [])
    for section in (found.reports, found.host, found.operations):
        assert isinstance(section, Absent)
        assert "--evidence" in section.hint


def test_every_format_finds_its_place() -> None:
    """Names do not matter, the newest comes first, coverage gets the tree's paths."""
    cobertura = (
        '<coverage><class filename="shop/a.py"><line number="1" hits="1"/></class></coverage>'
    )
    sarif = {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "t"}}, "results": []}]}
    files = [
        Given("x/1.xml", JUNIT.format(n=1)),
        Given("x/2.xml", JUNIT.format(n=2)),
        Given("x/c.xml", cobertura),
        Given("x/s.json", sarif),
        Given("x/b.json", {"bomFormat": "CycloneDX", "components": []}),
        Given("x/m.json", {"killed": 1, "survived": 0, "total": 1}),
        Given("x/ops.jsonl", operations("2026-01-01", ["deploys"], DEPLOY)),
        Given("x/notes.md", "not an export"),
    ]
    found = read_exports([], files, ["src/shop/a.py"])
    told = reports(found)
    assert [run.source for run in told.tests] == ["x/2.xml", "x/1.xml"]
    assert told.coverage[0].files[0].path == "src/shop/a.py"
    assert (len(told.scans), len(told.sboms), len(told.mutations)) == (1, 1, 1)
    assert told.unreadable == ()
    assert isinstance(found.operations, Operations)


def test_what_does_not_read_is_named_with_the_reason() -> None:
    """A broken, an unknown, a too large and an unreachable file do not stop the others."""

    class Gone(Given, frozen=True):
        def read(self) -> bytes | None:
            return None

    class Huge(Given, frozen=True):
        @property
        def size(self) -> int:
            return MAX_FILE_BYTES + 1

    files = [
        Given("a.xml", "<testsuites"),
        Given("b.json", {"name": "package"}),
        Gone("c.xml", "x"),
        Huge("d.xml", "x"),
        Given("e.xml", JUNIT.format(n=1)),
    ]
    told = reports(read_exports([], files))
    assert [path for path, _ in told.unreadable] == ["a.xml", "b.json", "c.xml", "d.xml"]
    assert len(told.tests) == 1


def test_other_encodings() -> None:
    """UTF-16 with its mark, and UTF-8 with one, are read."""
    files = [
        Given("a.xml", JUNIT.format(n=1).encode("utf-16")),
        Given("b.xml", JUNIT.format(n=2).encode("utf-8-sig")),
    ]
    assert len(reports(read_exports([], files)).tests) == 2


def test_exports_json_says_what_reports_do_not() -> None:
    """Commit, run and time are filled in where a report names none, and never replaced."""
    manifest = {
        "schema": "pawl.exports/1",
        "files": {"a.xml": {"commit": COMMIT, "run": "9", "at": "2020-01-01"}},
        "all": {"run": "10"},
    }
    files = [
        Given("ci/exports.json", manifest),
        Given("ci/a.xml", JUNIT.format(n=1)),
        Given("ci/b.xml", JUNIT.format(n=2)),
        Given("other/c.xml", JUNIT.format(n=3)),
    ]
    by_source = {run.source: run for run in reports(read_exports([], files)).tests}
    a = by_source["ci/a.xml"]
    assert (a.commit, a.run, a.at) == (COMMIT, "9", "2026-11-01T00:00:00.000000Z")
    assert by_source["ci/b.xml"].run == "10"
    assert by_source["other/c.xml"].run is None


def test_a_dump_of_a_host_is_read_as_a_whole() -> None:
    """The folder that holds the list of changes is one export; others beside it are not."""
    pull = {"number": 1, "created_at": "2026-11-01T00:00:00Z"}
    files = [
        Given("dump/pulls.json", [pull]),
        Given("dump/repository.json", {"full_name": "a/b"}),
        Given("dump/reviews/1.json", []),
        Given("junit.xml", JUNIT.format(n=1)),
    ]
    found = read_exports([], files)
    assert isinstance(found.host, Host)
    assert (found.host.repository, found.host.source) == ("a/b", "dump")
    assert reports(found).unreadable == ()
    labs = [Given("lab/merge_requests.json", [pull | {"iid": 4}])]
    told = read_exports([], labs).host
    assert isinstance(told, Host)
    assert told.product == "gitlab"


def test_the_trees_own_dump_and_operations_give_way_to_others() -> None:
    """What was handed over counts where both are there, and it is said."""
    pull = {"number": 1, "created_at": "2026-11-01T00:00:00Z"}
    own = [
        Given("dump/pulls.json", [pull | {"created_at": "2026-12-01T00:00:00Z"}]),
        Given("o.jsonl", operations("2026-01-01", ["deploys"])),
    ]
    given = [
        Given("given/pulls.json", [pull]),
        Given("g.jsonl", operations("2026-02-01", ["deploys"], DEPLOY)),
    ]
    found = read_exports(own, given)
    assert isinstance(found.host, Host)
    assert found.host.source == "given"
    assert isinstance(found.operations, Operations)
    assert found.operations.source == "g.jsonl"
    assert len(found.notes) == 1


def test_operations_of_several_files_are_one() -> None:
    """They add up without repeats, complete from the latest start on."""
    files = [
        Given("a.jsonl", operations("2026-01-01", ["deploys"], DEPLOY)),
        Given("b.jsonl", operations("2026-02-01", ["deploys", "drills"], DEPLOY)),
    ]
    told = read_exports([], files).operations
    assert isinstance(told, Operations)
    assert told.complete_since == "2026-02-01T00:00:00.000000Z"
    assert told.deploys is not None
    assert len(told.deploys) == 1
    assert told.drills == ()
    assert told.alerts is None
