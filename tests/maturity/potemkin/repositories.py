"""Repositories out of text: files and commits as values, written with one run of git."""

import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from pawl.app.maturity import definitions, plugins
from pawl.base.times import format_time
from pawl.services.assessing import Asked, Before, Made, Pack, Plugins, assess_source
from pawl.world.evidence_files import handed_over
from pawl.world.repository import GitRepository

NOW = datetime(2026, 11, 21, tzinfo=UTC)


@dataclass
class Said:
    """One commit: its message, its author, when, and the files that it adds to those before."""

    message: str
    author: str = "Dev One <dev@potemkin.example>"
    at: datetime = NOW - timedelta(days=1)
    files: dict[str, str] = field(default_factory=dict)


@dataclass
class Stage:
    """A repository to be: the files of its first commit, and all commits from the first on.

    `handed` are exports that lie beside it, by path. `late` is given the ids of all commits,
    oldest first, and returns files that one more commit adds: so they can name those before.
    """

    files: dict[str, str]
    commits: list[Said]
    handed: dict[str, str] = field(default_factory=dict)
    late: Callable[[list[str]], dict[str, str]] | None = None


def write(stage: Stage, folder: Path) -> Path:
    """Write a stage as a real git repository with its working tree left empty."""
    top = folder / "repository"
    top.mkdir(parents=True)
    git = ("git", "-c", "init.defaultBranch=main", "-C", str(top))
    subprocess.run((*git, "init", "-q"), check=True, capture_output=True)
    subprocess.run(
        (*git, "fast-import", "--quiet"),
        input=b"".join(_stream(stage)),
        check=True,
        capture_output=True,
    )
    if stage.late is not None:
        listed = subprocess.run(
            (*git, "rev-list", "--reverse", "main"), check=True, capture_output=True
        )
        last = Said(
            "Add evidence",
            at=stage.commits[-1].at,
            files=stage.late(listed.stdout.decode().split()),
        )
        subprocess.run(
            (*git, "fast-import", "--quiet"),
            input=b"".join(_one(1, last, last.files, "refs/heads/main^0")),
            check=True,
            capture_output=True,
        )
    for path, text in stage.handed.items():
        beside = folder / "handed" / path
        beside.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(text)
    return top


def assessed(stage: Stage, folder: Path) -> Made:
    """Write a stage and assess it through the use case; its own commit's rules judge it."""
    return assessed_again(write(stage, folder))


def assessed_again(
    top: Path, *, before: Before | None = None, at: datetime = NOW, asked: Asked | None = None
) -> Made:
    """Assess a repository that was written, with what was recorded before."""
    beside = top.parent / "handed"
    with GitRepository(top) as source:
        return assess_source(
            source,
            source,
            asked or Asked(),
            pack=_pack(),
            plugins=_plugins(),
            now=format_time(at),
            before=lambda _: before or Before(),
            exports=handed_over([beside]) if beside.is_dir() else (),
        )


@cache
def _pack() -> Pack:
    return definitions()


@cache
def _plugins() -> Plugins:
    return plugins()


def _stream(stage: Stage) -> list[bytes]:
    """Return what `git fast-import` reads."""
    parts: list[bytes] = []
    for number, said in enumerate(stage.commits, start=1):
        files = said.files if number > 1 else {**stage.files, **said.files}
        parts += _one(number, said, files, f":{number - 1}" if number > 1 else "")
    return parts


def _one(number: int, said: Said, files: Mapping[str, str], parent: str) -> list[bytes]:
    """Return one commit as `git fast-import` reads it."""
    at = int(said.at.timestamp())
    return [
        f"commit refs/heads/main\nmark :{number}\n".encode(),
        f"author {said.author} {at} +0000\n".encode(),
        f"committer {said.author} {at} +0000\n".encode(),
        _data(said.message),
        *([f"from {parent}\n".encode()] if parent else []),
        *_changed(files),
    ]


def _changed(files: Mapping[str, str]) -> list[bytes]:
    return [
        f"M {'100755' if path.endswith('.sh') else '100644'} inline {path}\n".encode() + _data(text)
        for path, text in sorted(files.items())
    ]


def _data(text: str) -> bytes:
    content = text.encode()
    return b"data %d\n%s\n" % (len(content), content)
