"""How often the lint is right on public repositories: fetch them, lint them, mark findings, count.

    python scripts/lint_precision.py fetch FOLDER
    python scripts/lint_precision.py measure FOLDER
    python scripts/lint_precision.py sheet FOLDER [--from high] [--sample 20] [--seed 2026]
    python scripts/lint_precision.py table [--write]

`fetch` clones each repository of `docs/lint-precision/trees.yaml` at its commit below FOLDER;
nothing of it is run. `measure` lints the files that the list names and writes how many findings
each rule has to `measured.yaml`. `sheet` prints the findings that nobody has marked yet, at most so
many a rule and drawn by the seed, as entries for `marks.yaml` with the message as a comment.
`table` prints what marks and measure come to, or writes it into `docs/lint-precision.md`.

A mark holds a finding's fingerprint and no text of the file it is about.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, TypeVar

import msgspec

from pawl import __version__
from pawl.app.linting import lint_rules
from pawl.assets.lint import RANK, Found
from pawl.base.finding import Severity
from pawl.base.intervals import wilson
from pawl.base.loading import load_yaml
from pawl.services.linting import lint_files
from pawl.world.working_tree import WorkingTree

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "docs" / "lint-precision"
PAGE = ROOT / "docs" / "lint-precision.md"
T = TypeVar("T")
BEGIN, END = "<!-- table: begin -->", "<!-- table: end -->"
Z = 1.959963984540054
"""The 0.975 quantile of the normal distribution: an interval of 95 %."""
TODAY = "2026-11-21"
"""The day on which waivers of a tree are read; fixed, so that a measure can be repeated."""


class Tree(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One repository at a commit, and the files of it that are judged."""

    repository: str
    commit: str
    judged: tuple[str, ...]

    @property
    def folder(self) -> str:
        """The folder it stands in below the one that `fetch` was given."""
        return self.repository.replace("/", "__")


class Trees(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The repositories that are measured."""

    schema: Literal["pawl.lint-trees/1"]
    as_of: str
    source: str
    trees: tuple[Tree, ...]


class Mark(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a person says of one finding; `unsure` where the tree does not show it."""

    tree: str
    rule: str
    fingerprint: str
    verdict: Literal["true", "false", "unsure"]
    who: str
    when: str
    why: str = ""


class Marks(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All marks."""

    schema: Literal["pawl.lint-marks/1"]
    marks: tuple[Mark, ...]


class Measured(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a lint of all trees came to.

    Files by kind, findings by rule, trees that have one, and every finding by its tree and
    fingerprint: a mark of one that is no more is not counted.
    """

    schema: Literal["pawl.lint-measured/1"]
    version: str
    trees: int
    files: dict[str, int]
    hits: dict[str, int]
    trees_with: dict[str, int]
    found: tuple[tuple[str, str], ...]


def trees() -> Trees:
    """Return the list of repositories."""
    return _load("trees.yaml", Trees)


def marks() -> Marks:
    """Return the marks."""
    return _load("marks.yaml", Marks)


def measured() -> Measured:
    """Return the last measure."""
    return _load("measured.yaml", Measured)


def _load(name: str, kind: type[T]) -> T:
    path = DATA / name
    return load_yaml(path.read_text(encoding="utf-8"), kind, place=str(path))


def fetch(folder: Path) -> None:
    """Clone each repository at its commit, with no hook, filter or submodule of it run."""
    still = ("-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false")
    named = {**os.environ, "GIT_LFS_SKIP_SMUDGE": "1", "GIT_TERMINAL_PROMPT": "0"}
    for tree in trees().trees:
        place = folder / tree.folder
        if place.exists():
            continue
        place.mkdir(parents=True)
        url = f"https://github.com/{tree.repository}"
        for command in (
            ("init", "-q"),
            ("fetch", "-q", "--depth", "1", url, tree.commit),
            ("checkout", "-q", "FETCH_HEAD"),
        ):
            subprocess.run(("git", *still, "-C", str(place), *command), check=True, env=named)


def findings(folder: Path) -> Iterator[tuple[Tree, dict[str, int], tuple[Found, ...]]]:
    """Yield each tree with the files that were looked at, by kind, and what was found."""
    rules = lint_rules()
    for tree in trees().trees:
        place = folder / tree.folder
        if not place.is_dir():
            raise SystemExit(f"{tree.repository} is not below {folder}: fetch it first.")
        # A `pawl.toml` or a baseline of theirs would judge in our place.
        files = WorkingTree(place)
        there = [path for path in tree.judged if path in files.entries]
        if len(there) < len(tree.judged):
            raise SystemExit(f"{tree.repository} lacks some of {', '.join(tree.judged)}.")
        linted = lint_files(files, rules, today=TODAY, paths=there)
        yield tree, linted.looked_at, linted.findings


def measure(folder: Path) -> Measured:
    """Return how many findings each rule has."""
    files, hits, trees_with = Counter[str](), Counter[str](), Counter[str]()
    every: list[tuple[str, str]] = []
    for tree, looked, found in findings(folder):
        every += [(tree.repository, each.fingerprint) for each in found]
        files.update(looked)
        hits.update(each.rule for each in found)
        trees_with.update({each.rule for each in found})
    return Measured(
        schema="pawl.lint-measured/1",
        version=__version__,
        trees=len(trees().trees),
        files=dict(sorted(files.items())),
        hits=dict(sorted(hits.items())),
        trees_with=dict(sorted(trees_with.items())),
        found=tuple(sorted(every)),
    )


def sheet(folder: Path, least: Severity, sample: int, seed: int) -> str:
    """Return the findings to mark: all of a rule, or a random sample of them."""
    done = {(mark.tree, mark.fingerprint) for mark in marks().marks}
    by_rule: dict[str, list[tuple[str, Found]]] = {}
    for tree, _, found in findings(folder):
        for each in found:
            if (
                RANK[each.severity] >= RANK[least]
                and (tree.repository, each.fingerprint) not in done
            ):
                by_rule.setdefault(each.rule, []).append((tree.repository, each))
    chance = random.Random(seed)
    lines: list[str] = []
    for rule, held in sorted(by_rule.items()):
        chosen = held if len(held) <= sample else chance.sample(held, sample)
        for repository, each in chosen:
            lines.append(f"  # {each.path}:{each.line} {each.message}")
            lines.append(
                f"  - {{tree: {repository}, rule: {rule}, fingerprint: {each.fingerprint},"
                f" verdict: , who: , when: }}"
            )
    return "".join(f"{line}\n" for line in lines)


def table() -> str:
    """Return rule by rule what was found, what was marked, and how often it was right."""
    counted = measured()
    still = set(counted.found)
    held = [mark for mark in marks().marks if (mark.tree, mark.fingerprint) in still]
    files = sum(counted.files.values())
    lines = [
        f"{counted.trees} repositories, {files} files judged ("
        + ", ".join(f"{number} {kind}" for kind, number in counted.files.items())
        + f"), Pawl {counted.version}.",
        "",
        "| rule | severity | repositories | findings | per 1,000 files"
        " | marked | true | precision | 95 % interval |",
        "|---|---|---:|---:|---:|---:|---:|---:|---|",
    ]
    rules = lint_rules()
    told = sorted(counted.hits, key=lambda rule: (-RANK[rules[rule].severity], rule))
    for rule in told:
        mine = [mark for mark in held if mark.rule == rule and mark.verdict != "unsure"]
        true = sum(mark.verdict == "true" for mark in mine)
        share, interval = "not marked", ""
        if mine:
            low, high = wilson(true, len(mine), Z)
            share, interval = f"{true / len(mine):.0%}", f"{low:.0%} to {high:.0%}"
        lines.append(
            f"| {rule} | {rules[rule].severity.value} | {counted.trees_with[rule]}"
            f" | {counted.hits[rule]} | {counted.hits[rule] / files * 1000:,.0f}"
            f" | {len(mine)} | {true} | {share} | {interval} |"
        )
    return "\n".join(lines)


def page(text: str) -> str:
    """Return a page with the table between its two marks."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{table()}\n\n{END}{after}"


def main(arguments: list[str]) -> int:
    """Do one of the four things."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("what", choices=("fetch", "measure", "sheet", "table"))
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--from", dest="least", type=Severity, default=Severity.HIGH)
    parser.add_argument("--sample", type=int, default=20)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args(arguments)
    if asked.what == "table":
        if asked.write:
            PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
        else:
            print(table())
        return 0
    if asked.folder is None:
        parser.error("a folder is needed")
    if asked.what == "fetch":
        fetch(asked.folder)
    elif asked.what == "sheet":
        print(sheet(asked.folder, asked.least, asked.sample, asked.seed), end="")
    else:
        import yaml

        value = msgspec.to_builtins(measure(asked.folder))
        value["found"] = [list(each) for each in value["found"]]
        told = yaml.safe_dump(value, sort_keys=False, default_flow_style=None, width=100)
        (DATA / "measured.yaml").write_text(told, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
