"""Facts out of what a test writes down: files as text, the other sections as plain values."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from hashlib import sha1
from typing import Any, TypeVar

import msgspec

import pawl.assets.rules
import pawl.maturity.extracts
from pawl.assets.rule import Rule
from pawl.base.catalogue import discover
from pawl.maturity.extract import Extract
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.facts.history import History
from pawl.maturity.facts.host import Host
from pawl.maturity.facts.operations import Operations
from pawl.maturity.facts.practice import Practice
from pawl.maturity.facts.reports import Reports
from pawl.maturity.facts.tree import Tree, TreeFile
from pawl.maturity.reading import read_files
from pawl.maturity.survey import Survey
from pawl.services.kept_surveys import KeptSurveys
from pawl.services.surveys import shipped_surveys

AS_OF = "2026-11-21T00:00:00.000000Z"
T = TypeVar("T")


@cache
def extracts() -> dict[str, Extract]:
    """Every extract, by id."""
    return discover(pawl.maturity.extracts, "EXTRACT", Extract)


@cache
def surveys() -> dict[str, Survey]:
    """Every survey, by id."""
    rules = discover(pawl.assets.rules, "RULE", Rule)
    return shipped_surveys(lambda: rules, "told")


def tree(files: Mapping[str, str | bytes], *, as_of: str = AS_OF) -> Tree:
    """Return a tree of these files; ` -> target` makes a link, ` *` an executable."""
    entries, contents = [], {}
    for name, text in files.items():
        path, arrow, target = name.partition(" -> ")
        told = target if arrow else text
        content = told.encode() if isinstance(told, str) else told
        kind = "link" if arrow else "executable" if path.endswith(" *") else "file"
        path = path.removesuffix(" *")
        entries.append(TreeFile(path, len(content), sha1(content).hexdigest(), kind))  # type: ignore[arg-type]
        contents[path] = content
    found = read_files(entries, contents, extracts(), commit="c" * 40, tree="d" * 40)

    def read(asked: Sequence[TreeFile]) -> Iterator[tuple[TreeFile, bytes | None]]:
        return ((file, contents[file.path]) for file in asked)

    kept = KeptSurveys(None, "told")
    made = kept.made(surveys(), found.files, read, tree=found.tree, day=as_of[:10])
    assert not kept.notes, kept.notes
    return msgspec.structs.replace(found, surveys=made)


def facts(
    files: Mapping[str, str | bytes] | None = None, *, as_of: str = AS_OF, **sections: Any
) -> Facts:
    """Return facts in which only the sections given are there; the others were not looked at."""
    kinds: dict[str, type] = {
        "history": History,
        "reports": Reports,
        "host": Host,
        "operations": Operations,
        "practice": Practice,
    }
    unknown = set(sections) - set(kinds)
    assert not unknown, f"no such section: {unknown}"
    told = {
        name: msgspec.convert(sections[name], kind) if name in sections else _absent(name)
        for name, kind in kinds.items()
    }
    return Facts(
        subject="repo:example",
        as_of=as_of,
        tree=_absent("tree") if files is None else tree(files, as_of=as_of),
        **told,
    )


def _absent(name: str) -> Absent:
    return Absent(f"No {name} was given.")
