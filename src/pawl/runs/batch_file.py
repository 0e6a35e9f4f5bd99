"""Read the file of a batch: one item a line, NDJSON, CSV or a YAML list."""

import csv
from collections.abc import Iterator
from enum import StrEnum
from typing import Any

import msgspec

from pawl.base.errors import BadFile
from pawl.base.loading import load_yaml
from pawl.runs.batch_item import Item, make_item, refuse_duplicates

MAX_BYTES = 64 * 1024 * 1024
"""Bytes of one file; all items are in memory while the batch runs."""
MAX_ITEMS = 100_000


class FileFormat(StrEnum):
    """How the file is written."""

    LINES = "lines"
    NDJSON = "ndjson"
    CSV = "csv"
    YAML = "yaml"


_BY_SUFFIX = {
    "ndjson": FileFormat.NDJSON,
    "jsonl": FileFormat.NDJSON,
    "csv": FileFormat.CSV,
    "yaml": FileFormat.YAML,
    "yml": FileFormat.YAML,
}


def format_of(name: str) -> FileFormat:
    """Return the format that a file's name tells; plain lines where it tells none."""
    return _BY_SUFFIX.get(name.rpartition(".")[2].lower(), FileFormat.LINES)


def read_items(content: bytes, kind: FileFormat, place: str) -> tuple[Item, ...]:
    """Return the items of a file in its order; raises BadFile naming the line.

    Empty lines are passed over. Two items with one id are refused, and so is a file without any.
    """
    if len(content) > MAX_BYTES:
        raise BadFile(f"larger than {MAX_BYTES:,} bytes.", place=place, hint="Split the file.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise BadFile(
            "not UTF-8.", place=f"{place}:{line}", hint="Save the file as UTF-8."
        ) from error
    items: list[Item] = []
    for entry, where in _ENTRIES[kind](text, place):
        if len(items) == MAX_ITEMS:
            raise BadFile(f"more than {MAX_ITEMS:,} items.", place=place, hint="Split the file.")
        items.append(make_item(entry, where, place))
    if not items:
        raise BadFile("there is no item in it.", place=place)
    refuse_duplicates(items, place)
    return tuple(items)


def _lines(text: str) -> Iterator[tuple[str, int]]:
    # Not splitlines(): a text may hold one of the rarer separators.
    for number, line in enumerate(text.split("\n"), start=1):
        line = line.removesuffix("\r")
        if line.strip():
            yield line, number


def _plain(text: str, place: str) -> Iterator[tuple[Any, str]]:
    for line, number in _lines(text):
        yield line, f"line {number}"


def _ndjson(text: str, place: str) -> Iterator[tuple[Any, str]]:
    for line, number in _lines(text):
        try:
            yield msgspec.json.decode(line), f"line {number}"
        except (msgspec.DecodeError, RecursionError, ValueError) as error:
            raise BadFile(f"not readable as JSON: {error}.", place=f"{place}:{number}") from error


def _csv(text: str, place: str) -> Iterator[tuple[Any, str]]:
    reader = csv.reader(text.splitlines(keepends=True), strict=True)
    names: list[str] | None = None
    try:
        for row in reader:
            if not any(row):
                continue
            there = f"{place}:{reader.line_num}"
            if names is None:
                names = [name.strip() for name in row]
                if not all(names) or len(set(names)) < len(names):
                    raise BadFile("the first line names the columns, each once.", place=there)
                continue
            if len(row) != len(names):
                raise BadFile(
                    f"{len(row)} values for {len(names)} columns.",
                    place=there,
                    hint="Put values with commas in quotes.",
                )
            values = dict(zip(names, row, strict=True))
            # An empty cell of these is one that was not filled in.
            for name in ("id", "cwd"):
                if not values.get(name, "x"):
                    del values[name]
            yield values, f"line {reader.line_num}"
    except csv.Error as error:
        raise BadFile(
            f"not readable as CSV: {error}.", place=f"{place}:{reader.line_num}"
        ) from error


def _yaml(text: str, place: str) -> Iterator[tuple[Any, str]]:
    for number, entry in enumerate(load_yaml(text, list[Any], place=place), start=1):
        yield entry, f"item {number}"


_ENTRIES = {
    FileFormat.LINES: _plain,
    FileFormat.NDJSON: _ndjson,
    FileFormat.CSV: _csv,
    FileFormat.YAML: _yaml,
}
