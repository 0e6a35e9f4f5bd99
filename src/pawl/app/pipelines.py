"""Wiring of `pawl ci`: patterns found, pipelines written and looked at again."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pawl.pipelines.generate import Generated
    from pawl.pipelines.options import Options
    from pawl.pipelines.pattern import Host, Pattern
    from pawl.pipelines.stamp import State

MAX_BYTES = 1024 * 1024
"""A larger file is no pipeline that Pawl wrote."""
_PLACES = (".github/workflows", ".gitlab", ".gitlab/ci")


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """One file, and what became of it since Pawl wrote it."""

    path: str
    state: State
    pattern: str | None = None
    host: Host | None = None


def patterns() -> Mapping[str, Pattern]:
    """Return every pattern by its name, third-party ones included."""
    from pawl.app import all_plugins
    from pawl.pipelines import patterns as folder
    from pawl.pipelines.pattern import Pattern

    return all_plugins(folder, "PATTERN", Pattern)


def made(name: str, host: Host, said: Options) -> Generated:
    """Return the pipeline of a pattern; raises BadValue for one that there is not."""
    from pawl import __version__
    from pawl.base.errors import BadValue
    from pawl.pipelines.generate import generate

    known = patterns()
    if name not in known:
        raise BadValue(
            f"there is no pattern {name[:80]!r}.",
            place="PATTERN",
            hint=f"Name one of {', '.join(sorted(known))}.",
        )
    return generate(name, known[name], host, said, pawl_version=__version__)


def write(generated: Generated, out: Path | None, *, force: bool) -> Path:
    """Write a pipeline where its host looks for it, or to `out`, and return the path.

    Raises BadFile for a file that Pawl did not write, or that somebody edited since, unless forced.
    """
    from pawl.base.errors import BadFile

    path = out if out is not None else _top() / generated.path
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise BadFile("is no regular file.", place=str(path), hint="Name another by --out.")
    if path.exists() and not force:
        _refuse_if_not_ours(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(generated.text, encoding="utf-8")
    except OSError as error:
        raise BadFile(f"cannot be written: {error.strerror}.", place=str(path)) from error
    return path


def check(paths: Sequence[Path]) -> tuple[Checked, ...]:
    """Return what became of generated files: those named, or all that stand where hosts look.

    Raises BadFile for a file that is named and cannot be read, and CannotTell where there is none.
    """
    from pawl.base.errors import CannotTell
    from pawl.pipelines.stamp import State

    if paths:
        return tuple(_checked(path, str(path)) for path in paths)
    top = _top()
    found = []
    for place in _PLACES:
        for path in sorted((top / place).glob("*.y*ml")):
            if path.is_file() and not path.is_symlink() and path.stat().st_size <= MAX_BYTES:
                each = _checked(path, str(path.relative_to(top)))
                if each.state is not State.FOREIGN:
                    found.append(each)
    if not found:
        raise CannotTell(
            "there is no pipeline here that Pawl wrote.",
            hint="Write one with `pawl ci generate`, or name the file.",
        )
    return tuple(found)


def write_lock(agent: str, folder: Path) -> tuple[Path, Path]:
    """Write an agent's package and its lock into a folder and return both paths."""
    from pawl.base.errors import BadFile
    from pawl.pipelines.shipped import lock_of

    package, lock = lock_of(agent)
    paths = (folder / "package.json", folder / "package-lock.json")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in zip(paths, (package, lock), strict=True):
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadFile(f"cannot be written: {error.strerror}.", place=str(folder)) from error
    return paths


def _refuse_if_not_ours(path: Path) -> None:
    from pawl.base.errors import BadFile
    from pawl.pipelines.stamp import State

    state = _checked(path, str(path)).state
    if state in (State.FOREIGN, State.EDITED, State.EDITED_AND_OUTDATED):
        why = "Pawl did not write it" if state is State.FOREIGN else "somebody edited it since"
        raise BadFile(
            f"is there already, and {why}.",
            place=str(path),
            hint="Name another by --out, or overwrite it with --force.",
        )


def _checked(path: Path, shown: str) -> Checked:
    from pawl.pipelines.generate import template_digest
    from pawl.pipelines.stamp import mark_of, state_of

    text = _text(path)
    mark = mark_of(text)
    today = None
    if mark is not None and (about := patterns().get(mark.pattern)) is not None:
        today = template_digest(mark.pattern, about, mark.host)
    return Checked(
        path=shown,
        state=state_of(text, today),
        pattern=None if mark is None else mark.pattern,
        host=None if mark is None else mark.host,
    )


def _text(path: Path) -> str:
    from pawl.base.errors import BadFile

    try:
        with path.open("rb") as file:
            held = file.read(MAX_BYTES + 1)
        if len(held) > MAX_BYTES:
            raise BadFile(f"is larger than {MAX_BYTES:,} bytes.", place=str(path))
        # Bytes that are no UTF-8 are no text of ours: they count as an edit.
        return held.decode("utf-8", "replace")
    except OSError as error:
        raise BadFile(f"cannot be read: {error.strerror}.", place=str(path)) from error


def _top() -> Path:
    """Return the root of the repository around here; the folder itself without one."""
    here = Path(os.getcwd())
    return next((each for each in (here, *here.parents) if (each / ".git").exists()), here)
