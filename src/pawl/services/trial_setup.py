"""Make the workspace of one trial: the fixture, what the case covers, the canaries, a commit."""

import posixpath
from collections.abc import Callable, Mapping
from typing import Protocol

import msgspec

from pawl.base.errors import BadFile, CannotTell, PawlError
from pawl.evals.agent_needs import Homes
from pawl.evals.case import Case
from pawl.evals.steering import MAX_FILE_BYTES, AssetFiles, Steering, below
from pawl.evals.workspace_diff import MAX_TEXT, Snapshot


class Place(Protocol):
    """The throw-away place of one trial."""

    @property
    def homes(self) -> Homes:
        """Its folders."""

    def put(self, path: str, content: bytes, *, executable: bool = False) -> None:
        """Write a file of the workspace; raises BadValue for a path that leads out of it."""

    def link(self, path: str, to: str) -> None:
        """Make a link that stays in the workspace; raises BadValue for one that does not."""

    def keep_beside(self, name: str, content: bytes) -> str:
        """Write a file beside the workspace; return its path."""

    def make_repository(self) -> None:
        """Make the workspace a repository with one commit."""

    def snapshot(self) -> Snapshot:
        """Return the state of every file of the workspace."""

    def read(self, path: str, most: int) -> bytes | None:
        """Return the first bytes of a regular file; None where there is none."""

    def close(self) -> None:
        """Remove all of it."""


class Ready(msgspec.Struct, frozen=True, kw_only=True):
    """A workspace that an agent may start in. `settings` is the path of its settings file."""

    tokens: Mapping[str, str]
    before: Snapshot
    old: Callable[[str], bytes | None]
    """The bytes that a file of the workspace began with; None where it is too large."""
    settings: str | None


class _Laid(msgspec.Struct, frozen=True):
    """A file of the repository that was laid into a workspace."""

    source: str
    canaries: tuple[str, ...] = ()


def set_up(
    case: Case,
    folder: str,
    files: AssetFiles,
    steering: Steering,
    place: Place,
    new_token: Callable[[], str],
) -> Ready:
    """Fill a place for one trial of a case whose file is in `folder`.

    The fixture comes first, what the case covers over it at its own paths. Raises BadFile and
    CannotTell for a case that cannot be set up.
    """
    laid: dict[str, _Laid] = {}
    try:
        if case.setup.workspace is not None:
            top = below(folder, case.setup.workspace)
            start = len(top) + 1
            found = steering.workspace_files(top)
            if not found:
                raise CannotTell("The workspace of the case is missing or empty.", place=top)
            for path in found:
                _lay(path, path[start:], files, place, laid)
        for path in steering.covered(case):
            _lay(path, path, files, place, laid)
        tokens = _plant(case, files, place, laid, new_token)
        settings = _settings(case, folder, files, place)
    except PawlError as error:
        if error.place.startswith(case.id):
            raise
        raise type(error)(
            error.message, place=f"{case.id}: {error.place}", hint=error.hint
        ) from error
    if case.setup.git:
        place.make_repository()

    def old(path: str) -> bytes | None:
        return _original(laid.get(path), files, tokens)

    return Ready(tokens=tokens, before=place.snapshot(), old=old, settings=settings)


def _lay(source: str, path: str, files: AssetFiles, place: Place, laid: dict[str, _Laid]) -> None:
    entry = files.entries[source]
    if path == ".git" or path.startswith(".git/"):
        raise BadFile("is git's own.", place=source, hint="Say `git: true` for a repository.")
    if entry.target is not None:
        place.link(path, entry.target)
        laid.pop(path, None)
        return
    place.put(path, _bytes(source, files), executable=entry.executable)
    laid[path] = _Laid(source)


def _bytes(source: str, files: AssetFiles) -> bytes:
    content = files.content(source, MAX_FILE_BYTES)
    if content is None:
        raise CannotTell(
            "A file of the workspace cannot be read.",
            place=source,
            hint=f"It must be a regular file of at most {MAX_FILE_BYTES:,} bytes.",
        )
    return content


def _plant(
    case: Case,
    files: AssetFiles,
    place: Place,
    laid: dict[str, _Laid],
    new_token: Callable[[], str],
) -> dict[str, str]:
    tokens = {name: new_token() for name in sorted(case.setup.canaries)}
    planted: dict[str, list[str]] = {}
    for name, path in case.setup.canaries.items():
        planted.setdefault(posixpath.normpath(path), []).append(name)
    for path, names in sorted(planted.items()):
        known = laid.get(path)
        if known is None:
            raise BadFile("no file of the workspace is there for a canary.", place=path)
        content = _bytes(known.source, files)
        for name in names:
            if _mark(name) not in content:
                raise BadFile(
                    f"${{{name}}} stands nowhere in it.",
                    place=path,
                    hint="Write it where the canary is to be planted.",
                )
        laid[path] = _Laid(known.source, tuple(names))
        executable = files.entries[known.source].executable
        place.put(path, _planted(content, laid[path], tokens), executable=executable)
    return tokens


def _planted(content: bytes, laid: _Laid, tokens: Mapping[str, str]) -> bytes:
    for name in laid.canaries:
        content = content.replace(_mark(name), tokens[name].encode())
    return content


def _mark(name: str) -> bytes:
    return f"${{{name}}}".encode()


def _settings(case: Case, folder: str, files: AssetFiles, place: Place) -> str | None:
    """Put the agent's settings beside the workspace, so that they are no part of what changes."""
    if case.run.settings is None:
        return None
    path = below(folder, case.run.settings)
    if path not in files.entries:
        raise CannotTell("The settings of the case are missing.", place=path)
    name = posixpath.basename(path)
    return place.keep_beside(f"given-{name}", _bytes(path, files))


def _original(laid: _Laid | None, files: AssetFiles, tokens: Mapping[str, str]) -> bytes | None:
    if laid is None:
        return None
    content = files.content(laid.source, MAX_TEXT)
    return None if content is None else _planted(content, laid, tokens)
