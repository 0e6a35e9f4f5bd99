"""A batch's file in each format, and what is wrong with one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.base.errors import BadFile, PawlError
from pawl.runs import batch_file
from pawl.runs.batch_file import FileFormat, format_of, read_items


def texts(content: str, kind: FileFormat) -> list[str | None]:
    """Return what the items of a file say."""
    return [item.text for item in read_items(content.encode(), kind, "f")]


def test_a_name_tells_the_format() -> None:
    """What no suffix tells is one item a line."""
    assert format_of("a.NDJSON") is format_of("b.jsonl") is FileFormat.NDJSON
    assert format_of("a.csv") is FileFormat.CSV
    assert format_of("x.yml") is format_of("x.yaml") is FileFormat.YAML
    assert format_of("paths.txt") is format_of("csv/paths") is FileFormat.LINES


def test_lines_are_taken_as_they_are() -> None:
    """Empty lines are passed over, nothing else of a line is touched but its end."""
    assert texts("a b\r\n\n  # c \n\ufeff", FileFormat.LINES)[:2] == ["a b", "  # c "]
    assert texts("one\x0btwo\n", FileFormat.LINES) == ["one\x0btwo"]


def test_the_other_formats() -> None:
    """NDJSON, CSV and YAML tell texts and mappings."""
    assert texts('"x"\n\n{"prompt":"y"}\n', FileFormat.NDJSON) == ["x", "y"]
    assert texts("- x\n- {prompt: y, vars: {a: on}}\n", FileFormat.YAML) == ["x", "y"]
    csv = 'id,prompt,cwd\n,"a, b",\n7,"two\nlines",here\n'
    first, second = read_items(csv.encode(), FileFormat.CSV, "f")
    assert (first.text, first.cwd, first.id[:5]) == ("a, b", None, "item-")
    assert (second.text, second.cwd, second.id, second.where) == (
        "two\nlines", "here", "7", "line 4",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("content", "kind", "place"),
    [
        (b"", FileFormat.LINES, "f"),
        (b"ok\n\xff\n", FileFormat.LINES, "f:2"),
        (b'{"a":1}\n{"a"', FileFormat.NDJSON, "f:2"),
        (b"[1]\n", FileFormat.NDJSON, "f: line 1"),
        (b"[" * 100_000, FileFormat.NDJSON, "f:1"),
        (b"a,b\n1\n", FileFormat.CSV, "f:2"),
        (b"a,a\n1,2\n", FileFormat.CSV, "f:1"),
        (b'a\n"x', FileFormat.CSV, "f:2"),
        (b"a: 1\n", FileFormat.YAML, "f"),
        (b"- a\n- [\n", FileFormat.YAML, "f:3"),
        (b"x\ny\nx\n", FileFormat.LINES, "f"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(
    content: bytes, kind: FileFormat, place: str
) -> None:
    """A file that does not load names the line and never raises anything else."""
    with pytest.raises(BadFile) as raised:
        read_items(content, kind, "f")
    assert raised.value.place.startswith(place)


def test_a_file_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Too many bytes and too many items are refused."""
    monkeypatch.setattr(batch_file, "MAX_ITEMS", 2)
    with pytest.raises(BadFile, match="more than 2 items"):
        read_items(b"a\nb\nc\n", FileFormat.LINES, "f")
    monkeypatch.setattr(batch_file, "MAX_BYTES", 4)
    with pytest.raises(BadFile, match="larger than 4 bytes"):
        read_items(b"a\nb\nc\n", FileFormat.LINES, "f")


@given(st.binary(max_size=200), st.sampled_from(list(FileFormat)))
def test_no_file_breaks_the_reader(content: bytes, kind: FileFormat) -> None:
    """Any bytes are items or a refusal of ours."""
    try:
        found = read_items(content, kind, "f")
    except PawlError:
        return
    assert found
