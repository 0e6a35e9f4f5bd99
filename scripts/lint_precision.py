"""How often the lint is right on what others wrote: fetch it, lint it, mark findings, count.

    python -m scripts.lint_precision fetch FOLDER
    python -m scripts.lint_precision measure FOLDER
    python -m scripts.lint_precision sheet FOLDER [--from high] [--sample 20] [--seed 2026]
    python -m scripts.lint_precision table [--write]

There are two corpora, and `--of packages` (as without) or `--of files` says which is meant.
`packages` are published packages, judged whole: `fetch` has the registry's client fetch those of
`docs/lint-precision/packages.yaml` below FOLDER, compares them with their hashes and unpacks them.
`files` are single files of repositories: `fetch` clones those of `trees.yaml` at their commits.
Nothing of either is run.

`measure` lints them and writes how many findings each rule has to `measured-packages.yaml` or
`measured.yaml`. `sheet` prints the findings that nobody has marked yet, at most so many a rule and
drawn by the seed, as entries for `marks-packages.yaml` or `marks.yaml` with the message as a
comment. `table` prints what marks and measures come to, or writes it into `docs/lint-precision.md`.

A mark holds a finding's fingerprint and no text of the file it is about.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal, TypeVar

import msgspec
from scripts.lint_packages import Packages, fetch_package

from pawl import __version__
from pawl.app.linting import lint_rules
from pawl.assets.lint import RANK, Found, Linted
from pawl.base.canonical import sha256_hex
from pawl.base.finding import Severity
from pawl.base.intervals import wilson
from pawl.base.loading import load_yaml
from pawl.services.linting import lint_files
from pawl.world.working_tree import WorkingTree

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "docs" / "lint-precision"
PAGE = ROOT / "docs" / "lint-precision.md"
T = TypeVar("T")
Corpus = Literal["packages", "files"]
CORPORA: tuple[Corpus, ...] = ("packages", "files")
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

    Files by kind, findings by row, trees that have one, and every finding by its tree and
    fingerprint: a mark of one that is no more is not counted. A row is a rule, or `rule/severity`
    for what it tells with another severity than its own; such a finding has that severity as its
    third part. `distinct` counts what copies of one file tell once; without it nothing is a copy.
    """

    schema: Literal["pawl.lint-measured/1"]
    version: str
    trees: int
    files: dict[str, int]
    hits: dict[str, int]
    trees_with: dict[str, int]
    found: tuple[tuple[str, ...], ...]
    distinct: dict[str, int] = {}


class Looked(msgspec.Struct, frozen=True, kw_only=True):
    """One tree that was linted; `distinct` are its findings that no copy of a file told before."""

    label: str
    linted: Linted
    distinct: tuple[Found, ...]


def trees() -> Trees:
    """Return the list of repositories."""
    return _load("trees.yaml", Trees)


def packages() -> Packages:
    """Return the list of packages."""
    return _load("packages.yaml", Packages)


def marks(of: Corpus) -> Marks:
    """Return the marks of a corpus."""
    return _load(_named("marks", of), Marks)


def measured(of: Corpus) -> Measured:
    """Return the last measure of a corpus."""
    return _load(_named("measured", of), Measured)


def _named(what: str, of: Corpus) -> str:
    return f"{what}-packages.yaml" if of == "packages" else f"{what}.yaml"


def _load(name: str, kind: type[T]) -> T:
    path = DATA / name
    return load_yaml(path.read_text(encoding="utf-8"), kind, place=str(path))


def fetch(folder: Path, of: Corpus) -> None:
    """Put a corpus below a folder, as far as it is not there; nothing of it is run."""
    if of == "files":
        _clone(folder)
        return
    for package in packages().packages:
        fetch_package(package, folder)


def _clone(folder: Path) -> None:
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


def corpus(of: Corpus) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """Return each tree: what it is called, its folder, and the files judged; none are all."""
    if of == "packages":
        return tuple((each.label, each.folder, ()) for each in packages().packages)
    return tuple((each.repository, each.folder, each.judged) for each in trees().trees)


def looks(folder: Path, of: Corpus) -> Iterator[Looked]:
    """Lint each tree of a corpus."""
    rules = lint_rules()
    seen: set[tuple[object, ...]] = set()
    for label, name, judged in corpus(of):
        place = folder / name
        if not place.is_dir():
            raise SystemExit(f"{label} is not below {folder}: fetch it first.")
        files = WorkingTree(place)
        if files.top != place.absolute():
            raise SystemExit(
                f"{place} is inside of a repository, whose files would count: move it."
            )
        lost = [path for path in judged if path not in files.entries]
        if lost:
            raise SystemExit(f"{label} lacks {', '.join(lost)}.")
        linted = lint_files(files, rules, today=TODAY, paths=judged)
        fresh: list[Found] = []
        for found in linted.findings:
            key = (label, found.fingerprint) if of == "files" else _copied(found, files)
            if key not in seen:
                seen.add(key)
                fresh.append(found)
        yield Looked(label=label, linted=linted, distinct=tuple(fresh))


def _copied(found: Found, files: WorkingTree) -> tuple[object, ...]:
    """Return what a finding has in common with the same one in a copy of the file."""
    text = sha256_hex((files.text(found.path) or "").encode())
    return found.rule, found.path.rpartition("/")[2], found.line, found.message, text


def row(rule: str, severity: Severity) -> str:
    """Return the row of the table in which a finding counts."""
    return rule if lint_rules()[rule].severity is severity else f"{rule}/{severity.value}"


def measure(folder: Path, of: Corpus) -> Measured:
    """Return how many findings each rule has."""
    files, hits, trees_with = Counter[str](), Counter[str](), Counter[str]()
    distinct = Counter[str]()
    every: list[tuple[str, ...]] = []
    for looked in looks(folder, of):
        for rule, said in looked.linted.failed.items():
            raise SystemExit(f"{rule} failed on {looked.label}: {said}")
        files.update(looked.linted.looked_at)
        rows = [(row(each.rule, each.severity), each) for each in looked.linted.findings]
        for name, each in rows:
            told = (each.severity.value,) if "/" in name else ()
            every.append((looked.label, each.fingerprint, *told))
        hits.update(name for name, _ in rows)
        trees_with.update({name for name, _ in rows})
        distinct.update(row(each.rule, each.severity) for each in looked.distinct)
    return Measured(
        schema="pawl.lint-measured/1",
        version=__version__,
        trees=len(corpus(of)),
        files=dict(sorted(files.items())),
        hits=dict(sorted(hits.items())),
        trees_with=dict(sorted(trees_with.items())),
        found=tuple(sorted(every)),
        distinct=dict(sorted(distinct.items())) if distinct != hits else {},
    )


def sheet(folder: Path, of: Corpus, least: Severity, sample: int, seed: int) -> str:
    """Return the findings to mark: all of a row, or a random sample of them."""
    done = {(mark.tree, mark.fingerprint) for mark in marks(of).marks}
    by_row: dict[str, list[tuple[str, Found]]] = {}
    for looked in looks(folder, of):
        for each in looked.distinct:
            if RANK[each.severity] >= RANK[least]:
                by_row.setdefault(row(each.rule, each.severity), []).append((looked.label, each))
    lines: list[str] = []
    for name, held in sorted(by_row.items()):
        # Each row has a chance of its own: what another rule finds does not change its sample.
        chosen = (
            held if len(held) <= sample else random.Random(f"{seed} {name}").sample(held, sample)
        )
        for label, each in chosen:
            if (label, each.fingerprint) in done:
                continue
            lines.append(f"  # {each.path}:{each.line} {each.message}")
            lines.append(
                f'  - {{tree: "{label}", rule: {each.rule}, fingerprint: {each.fingerprint},'
                f" verdict: , who: , when: }}"
            )
    return "".join(f"{line}\n" for line in lines)


def table(of: Corpus) -> str:
    """Return rule by rule what was found, what was marked, and how often it was right."""
    counted = measured(of)
    told = {(each[0], each[1]): each[2:] for each in counted.found}
    held = [mark for mark in marks(of).marks if (mark.tree, mark.fingerprint) in told]
    rows: dict[str, list[Mark]] = {}
    for mark in held:
        rows.setdefault("/".join((mark.rule, *told[mark.tree, mark.fingerprint])), []).append(mark)
    files = sum(counted.files.values())
    lines = [
        f"{counted.trees} {'packages' if of == 'packages' else 'repositories'},"
        f" {files:,} files judged ("
        + ", ".join(f"{number:,} {kind}" for kind, number in counted.files.items())
        + f"), Pawl {counted.version}.",
        "",
        f"| rule | told as | {'packages' if of == 'packages' else 'repositories'} | findings"
        " | per 1,000 files | distinct | marked | true | precision | 95 % interval |",
        "|---|---|---:|---:|---:|---:|---:|---:|---:|---|",
    ]
    for name in sorted(counted.hits, key=lambda name: (-RANK[_told_as(name)], name)):
        lines.append(_line(name, counted, rows.get(name, ()), files))
    return "\n".join(lines)


def _told_as(name: str) -> Severity:
    rule, _, severity = name.partition("/")
    return Severity(severity) if severity else lint_rules()[rule].severity


def _line(name: str, counted: Measured, marked: Sequence[Mark], files: int) -> str:
    mine = [mark for mark in marked if mark.verdict != "unsure"]
    true = sum(mark.verdict == "true" for mark in mine)
    share, interval = "unsure" if marked else "not marked", ""
    if mine:
        low, high = wilson(true, len(mine), Z)
        share, interval = f"{true / len(mine):.0%}", f"{low:.0%} to {high:.0%}"
    hits = counted.hits[name]
    return (
        f"| {name.partition('/')[0]} | {_told_as(name).value} | {counted.trees_with[name]}"
        f" | {hits} | {hits / files * 1000:,.0f} | {counted.distinct.get(name, hits)}"
        f" | {len(mine)} | {true} | {share} | {interval} |"
    )


def page(text: str) -> str:
    """Return a page with each table between its two marks."""
    for of in CORPORA:
        begin, end = f"<!-- {of}: begin -->", f"<!-- {of}: end -->"
        before, _, rest = text.partition(begin)
        _, _, after = rest.partition(end)
        text = f"{before}{begin}\n\n{table(of)}\n\n{end}{after}"
    return text


def main(arguments: list[str]) -> int:
    """Do one of the four things."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("what", choices=("fetch", "measure", "sheet", "table"))
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--from", dest="least", type=Severity, default=Severity.HIGH)
    parser.add_argument("--sample", type=int, default=20)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--of", choices=CORPORA, default="packages")
    asked = parser.parse_args(arguments)
    if asked.what == "table":
        if asked.write:
            PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
        else:
            print(table(asked.of))
        return 0
    if asked.folder is None:
        parser.error("a folder is needed")
    if asked.what == "fetch":
        fetch(asked.folder, asked.of)
    elif asked.what == "sheet":
        print(sheet(asked.folder, asked.of, asked.least, asked.sample, asked.seed), end="")
    else:
        _write_measure(asked.folder, asked.of)
    return 0


def _write_measure(folder: Path, of: Corpus) -> None:
    """Write a measure; what it took goes to stderr, for it is of the machine."""
    import yaml

    counted = measure(folder, of)
    value = msgspec.to_builtins(counted)
    value["found"] = [list(each) for each in value["found"]]
    told = yaml.safe_dump(value, sort_keys=False, default_flow_style=None, width=100)
    (DATA / _named("measured", of)).write_text(told, encoding="utf-8")
    # Linux counts the peak in KiB.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    took = time.process_time()
    print(
        f"{sum(counted.files.values()):,} files: {took:.1f} s of processor, {peak} MiB at most",
        file=sys.stderr,
    )


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
