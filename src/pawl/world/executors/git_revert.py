"""A commit on a branch that puts the files of a change back to what they were.

`repository` is the folder of a repository on this machine and `branch` the branch that counts; with
`push` (an address of the same repository) its branch is fetched before and pushed after. A roll
back makes one commit on the branch with just the change's files as they were, found in the branch's
own history by their digests. Going out makes none: merging does that, and the read-back says
whether it was done. No hook, filter or setting of the repository has a say, and nothing is checked
out. The branch moves only from the commit that was looked at; `Pawl-Intent:` in the message names
the order.
"""

from pathlib import Path

from pawl.base.durations import parse_duration
from pawl.base.errors import BadValue, CannotTell, Unavailable
from pawl.changes.components import FileKind, as_part
from pawl.changes.executing import Errand, Order, Seen, Unreadable, seen_parts
from pawl.changes.manifest import part_digest
from pawl.changes.parts import Part
from pawl.world.branch import At, Branch, File
from pawl.world.executor import Executor, ExecutorKind, NotExecuted, Opening

_TIMEOUT_S = 120.0
_LOOK_BACK = 2_000
"""Versions of one file that are looked at for what it was."""
_FILES: tuple[FileKind, ...] = ("prompt", "policy", "eval-set", "code")


class _GitRevert:
    def __init__(self, opening: Opening) -> None:
        settings, place = opening.settings, opening.place
        if not settings.repository or not settings.branch:
            raise BadValue(
                "names no repository or no branch.",
                place=place,
                hint='Write repository = "/path" and branch = "main".',
            )
        self.timeout_s = (
            _TIMEOUT_S
            if settings.timeout is None
            else parse_duration(settings.timeout, place=f"{place}.timeout")
        )
        self._branch = Branch(
            Path(opening.folder) / settings.repository,
            settings.branch,
            push=settings.push,
            now=opening.now,
            place=place,
        )

    def call(self, order: Order) -> None:
        """Make the commit of a rollback where the files are not already as they are to be."""
        if order.kind is not Errand.ROLLBACK:
            return
        paths = _paths(order)
        try:
            with self._branch.opened() as at:
                there = at.files(paths.values())
                wrong = [
                    name
                    for name, path in paths.items()
                    if not _is(order.parts[name], name, there[path])
                ]
                put = {
                    paths[name]: self._before(at, paths[name], name, order.parts[name])
                    for name in wrong
                }
                if put:
                    at.commit(put, _message(order))
        except NotExecuted:
            raise
        except (CannotTell, Unavailable) as error:
            raise NotExecuted(f"git-revert: {error.message}") from error

    def read_back(self, order: Order) -> Seen:
        """Return what the files on the branch are now."""
        paths = _paths(order)
        try:
            with self._branch.opened() as at:
                there = at.files(paths.values())
        except NotExecuted:
            raise
        except (CannotTell, Unavailable) as error:
            raise NotExecuted(f"git-revert: {error.message}") from error
        found: dict[str, Part | None] = {}
        for name, path in paths.items():
            found[name] = _part(name, there[path])
        try:
            return seen_parts(found)
        except Unreadable as error:
            raise NotExecuted(f"git-revert: {error}.") from error

    def _before(self, at: At, path: str, name: str, wanted: Part | None) -> File | None:
        if wanted is None:
            return None
        for version in at.history(path, _LOOK_BACK):
            if _is(wanted, name, version):
                return version
        raise NotExecuted(
            f"git-revert: {path[:200]} was never on the branch as it is to be again.", final=True
        )


def _paths(order: Order) -> dict[str, str]:
    found = {}
    for name in order.components:
        path = name.partition("/")[2]
        if path.startswith("sha256:"):
            raise NotExecuted(f"git-revert: {name[:200]} is no file of a repository.", final=True)
        _kind(name)
        found[name] = path
    return found


def _is(wanted: Part | None, name: str, version: File | None) -> bool:
    return part_digest(_part(name, version)) == part_digest(wanted)


def _part(name: str, version: File | None) -> Part | None:
    """Return a file as the component that a change knows it by, whatever rules are now."""
    if version is None:
        return None
    # A team's rules may have made it weightier than ours do; its kind is the component's.
    return as_part(_kind(name), version.content)


def _kind(name: str) -> FileKind:
    kind = name.partition("/")[0]
    found = next((each for each in _FILES if each == kind), None)
    if found is None:
        raise NotExecuted(f"git-revert: {name[:200]} is no file of a repository.", final=True)
    return found


def _message(order: Order) -> str:
    return (
        f"Roll back {order.change}\n\n"
        f"Its files are as they were before it.\n\n"
        f"Pawl-Change: {order.change}\n"
        f"Pawl-Intent: {order.id}\n"
    )


def _open(opening: Opening) -> Executor:
    return _GitRevert(opening)


EXECUTOR = ExecutorKind(title="A commit that puts back", open=_open)
