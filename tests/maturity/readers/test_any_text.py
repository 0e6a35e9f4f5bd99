"""Whatever a file holds, it is read or refused: no reader breaks."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.base.errors import BadFile
from pawl.maturity.readers import github, gitlab, operations
from pawl.maturity.readers.sniffing import FORMATS, read_report, sniff

WORDS = st.sampled_from(
    [
        *("runs", "tool", "driver", "name", "results", "version", "2.1.0", "files", "meta"),
        *("mutants", "components", "packages", "killed", "survived", "total", "hits"),
        *("schemaVersion", "\ud800"),
    ]
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=5),
    max_leaves=25,
)
PIECES = st.sampled_from(
    [
        *("<testsuites>", "<testsuite>", "</testsuite>", "<testcase name='a' time='x'>"),
        *("</testcase>", "<failure/>", "<coverage timestamp='9e9'>", "<class filename='a'>"),
        *("<line number='1e400' hits='-1'/>", "&a;", "]]>", "<!DOCTYPE a [", "<!ENTITY b 'c'>"),
        *("]>", "<!--", "-->", "SF:a\n", "DA:1,2\n", "DA:,\n", "end_of_record\n"),
        *("\x00", "\ufeff", "é", "\ud800", "\n"),
    ]
)
TEXTS = st.text(max_size=60) | st.lists(PIECES, max_size=12).map("".join) | VALUES.map(json.dumps)


def read_or_refused(read: Callable[[], Any]) -> Any:
    try:
        return read()
    except BadFile as error:
        if not error.place.startswith("x"):
            raise
        return None


@pytest.mark.parametrize("form", FORMATS)
@given(text=TEXTS)
def test_a_report_reads_or_is_refused(form: str, text: str) -> None:
    """Every reader answers or raises BadFile, for any text."""
    read_or_refused(lambda: read_report(form, text, "x", "d"))


@given(text=TEXTS)
def test_any_text_has_a_format_or_none(text: str) -> None:
    """Telling formats apart never fails."""
    assert sniff(text) in (*FORMATS, "operations", "exports", None)


@given(text=TEXTS, value=VALUES)
def test_operations_read_or_are_refused(text: str, value: Any) -> None:
    """A line that holds anything is an error with its place, never a crash."""
    first = (
        '{"kind": "export", "schema": "pawl.operations/1", "complete_since": "2026-01-01",'
        ' "covers": ["incidents"]}'
    )
    for body in (
        text,
        f"{first}\n{text}",
        f"{first}\n" + json.dumps({"kind": "incident", "x": value}),
    ):
        read_or_refused(partial(operations.read, body, "x"))


NAMES = st.sampled_from(
    [
        *("pulls.json", "pulls/1.json", "reviews/1.json", "runs.json", "rules.json"),
        *("protection.json", "repository.json", "project.json", "merge_requests.json"),
        *("approvals/1.json", "export.json", "pipelines.json", "protected_branches.json"),
        *("releases.json", "activity.json", "teams/a.json"),
    ]
)


@pytest.mark.parametrize("read", [github.read, gitlab.read])
@given(files=st.dictionaries(NAMES, TEXTS, max_size=5))
def test_dumps_read_or_are_refused(read: Any, files: dict[str, str]) -> None:
    """Any answers of a host give an export with what is missing, or BadFile."""
    host = read_or_refused(lambda: read(files, "x"))
    assert host is None or host.exported_at >= host.complete_since or "export.json" in files


def test_a_mountain_of_brackets() -> None:
    """Nesting without end ends the reading, not the process."""
    for form in FORMATS:
        with pytest.raises(BadFile):
            read_report(form, "[" * 100_000, "x", "d")
        with pytest.raises(BadFile):
            read_report(form, '{"runs":' * 100_000, "x", "d")
    with pytest.raises(BadFile):
        operations.read('{"a":' * 100_000, "x")
    host = {"pulls.json": "[" * 100_000, "repository.json": '{"updated_at": "2026-01-01"}'}
    assert "changes" in github.read(host, "x").missing
