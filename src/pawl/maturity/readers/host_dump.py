"""Files that a code host's API was written into, one kind of answer a file.

`gh api --paginate` writes page after page: one array, several arrays one behind the other, or
(for answers with a count) several objects; `--slurp` puts them into one more array. All of them
are read alike. An answer of the host that is an error, a rate limit say, is not taken for an
empty list: that part of the export is then missing, with the host's own words.

A file `export.json` beside them says what the rest cannot: `{"schema": "pawl.host/1", "product",
"repository", "exported_at", "complete_since", "missing": {part: reason}}`. Without it the export
counts as of its newest date, and complete from its oldest change on.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Generic, Literal, TypeVar

import msgspec

from pawl.base import typed
from pawl.base.errors import BadFile
from pawl.base.times import canonical_time
from pawl.parsing.bounds import convert, cut, refuse, refuse_giants, time_or_none

T = TypeVar("T")

MAX_ITEMS = 200_000
"""Items of one file."""

_DECODER = json.JSONDecoder()


class Export(msgspec.Struct, frozen=True, kw_only=True):
    """What `export.json` says of a dump."""

    schema: Literal["pawl.host/1"]
    product: Literal["github", "gitlab"]
    repository: str
    exported_at: str
    complete_since: str
    default_branch: str = ""
    missing: dict[str, str] = {}


class HostError(BadFile):
    """A file holds the host's error instead of its answer."""

    code = "host-error"


class Dump:
    """The files of one dump by their name in it, and what turns out to be missing."""

    def __init__(self, files: Mapping[str, str], source: str) -> None:
        self._files = files
        self.source = source
        self.export = self._export()
        self.missing: dict[str, str] = dict(self.export.missing) if self.export else {}

    def has(self, name: str) -> bool:
        """Say whether there is a file."""
        return name in self._files

    def items(self, name: str, kind: type[T], part: str, key: str = "") -> tuple[T, ...] | None:
        """Return the items of a file; None, with `part` noted as missing, when there are none.

        `key` names the list where an answer is an object with a list in it.
        """
        text = self._files.get(name)
        if text is None:
            self.missing.setdefault(part, f"{name} was not exported")
            return None
        place = f"{self.source}/{name}"
        try:
            found = tuple(convert(item, kind, place, name) for item in _items(text, key, place))
        except BadFile as error:
            self.missing[part] = cut(f"{name}: {error.message}")
            return None
        return found

    def one(self, name: str, kind: type[T], part: str = "") -> T | None:
        """Return the one object of a file, or None; `part` is then noted as missing."""
        found = self.items(name, kind, part or name)
        if not part:
            self.missing.pop(name, None)
        return found[0] if found else None

    def each(self, folder: str, names: list[str], part: str) -> "Each[Any]":
        """Return a way to read one file for each of the names, noting those that are not here."""
        return Each(self, folder, names, part)

    def inside(self, folder: str) -> list[str]:
        """Return the names of the files in a folder of the dump, without `.json`, sorted."""
        start = f"{folder}/"
        return sorted(
            name[len(start) : -len(".json")]
            for name in self._files
            if name.startswith(start) and name.endswith(".json")
        )

    def _export(self) -> Export | None:
        text = self._files.get("export.json")
        if text is None:
            return None
        place = f"{self.source}/export.json"
        try:
            told = typed.decode(text.encode("utf-8", "replace"), type=Export)
            return msgspec.structs.replace(
                told,
                exported_at=canonical_time(told.exported_at),
                complete_since=canonical_time(told.complete_since),
            )
        except (msgspec.MsgspecError, RecursionError, ValueError) as error:
            refuse(f"not readable: {error}.", place, "It follows the schema pawl.host/1.")


class Each(Generic[T]):
    """One file for each of some things; whatever is not here makes the part incomplete."""

    def __init__(self, dump: Dump, folder: str, names: list[str], part: str) -> None:
        self._dump = dump
        self._folder = folder
        self._part = part
        absent = [name for name in names if not dump.has(f"{folder}/{name}.json")]
        if absent:
            told = f"{len(absent)} of {len(names)} files of {folder}/ were not exported"
            dump.missing.setdefault(part, told)

    def items(self, name: str, kind: type[T], key: str = "") -> tuple[T, ...]:
        """Return the items of one thing's file; none where it is missing."""
        path = f"{self._folder}/{name}.json"
        if not self._dump.has(path):
            return ()
        return self._dump.items(path, kind, self._part, key) or ()


def window(dump: Dump, dates: list[str | None], opened: list[str]) -> tuple[str, str]:
    """Return when a dump was made and from when on it is complete, both canonical.

    Raises BadFile when nothing in it carries a date.
    """
    if dump.export is not None:
        return dump.export.exported_at, dump.export.complete_since
    known = sorted(filter(None, map(time_or_none, dates)))
    if not known:
        refuse("nothing in the export carries a date.", dump.source, "Add an export.json.")
    return known[-1], min(opened, default=known[-1])


def _items(text: str, key: str, place: str) -> Iterator[Any]:
    refuse_giants(text, place)
    seen = 0
    for document in _documents(text, place):
        for page in document if _is_slurped(document, key) else (document,):
            for item in _page(page, key, place):
                seen += 1
                if seen > MAX_ITEMS:
                    refuse(f"more than {MAX_ITEMS:,} items.", place)
                yield item


def _page(page: Any, key: str, place: str) -> list[Any]:
    if isinstance(page, list):
        return page
    if isinstance(page, dict) and key and isinstance(page.get(key), list):
        return list(page[key])
    if isinstance(page, dict) and "message" in page and ("status" in page or len(page) <= 3):
        raise HostError(f"the host answered: {cut(str(page['message']))}", place=place)
    if not isinstance(page, dict) or key:
        refuse("not what the host answers to this question.", place)
    return [page]


def _is_slurped(document: Any, key: str) -> bool:
    return (
        isinstance(document, list)
        and bool(document)
        and all(isinstance(page, list) or (key and isinstance(page, dict)) for page in document)
        and (not key or all(isinstance(page, list) or key in page for page in document))
    )


def _documents(text: str, place: str) -> Iterator[Any]:
    position, end = 0, len(text)
    while True:
        while position < end and text[position] in " \t\r\n\ufeff":
            position += 1
        if position >= end:
            return
        try:
            document, position = _DECODER.raw_decode(text, position)
        except (ValueError, RecursionError) as error:
            refuse(f"not readable as JSON: {cut(str(error))}.", place)
        yield document
