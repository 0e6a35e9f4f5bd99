"""Commits of the window with what they change, out of the repository's history.

Reads: the checked-out branch. Nothing of the repository is run or obeyed, whatever its
configuration says. Merges are told of without a patch. A commit that only touches the files of
flags or deployments is left to those sources.
"""

import subprocess
import threading
from collections.abc import Iterator

import msgspec

from pawl.base.errors import CannotTell
from pawl.base.times import parse_time
from pawl.investigation.facts import Change, Facts
from pawl.world.git_patches import LOG_FORMAT, read_log, read_patches
from pawl.world.git_range import git_reading
from pawl.world.git_reading import GitReading, only_ids
from pawl.world.git_references import read_small
from pawl.world.repository import common_folder, git_folders
from pawl.world.source import Asking, Source

MAX_COMMITS = 5_000
MAX_PATCHED = 2_000
"""Newest commits of which the patch is looked at."""
_DIFF = ("diff-tree", "--stdin", "-r", "-p", "-U0", "-M", "-l200", "--no-ext-diff", "--no-textconv")


def _missing(asking: Asking) -> str:
    if asking.folder is None or git_folders(asking.folder.absolute()) is None:
        return "there is no git repository here."
    return ""


def _look(asking: Asking) -> Facts:
    assert asking.folder is not None
    with git_reading(asking.folder) as reading:
        if reading.is_unborn:
            return Facts()
        since, until = (
            int(parse_time(text).timestamp()) for text in (asking.window.since, asking.window.until)
        )
        printed = reading.answer(
            *("log", "-z", "--no-show-signature", "--no-decorate", "--no-notes", "--no-mailmap"),
            *(f"--max-count={MAX_COMMITS + 1}", f"--since=@{since}", f"--until=@{until}"),
            *(f"--format={LOG_FORMAT}", "HEAD", "--"),
        )
        if printed is None:
            raise CannotTell("git cannot read the history.", place=str(asking.folder))
        found = read_log(printed, asking.folder.name or "repository")
        left = [*_cut(asking, found), *_shallow(asking)]
        patched, whole = _patched(reading, found[:MAX_PATCHED], asking.most)
    if not whole:
        left.append(f"the patches take more than {asking.settings.max_mib} MiB.")
    told = {asking.settings.flags, asking.settings.deploys}
    return Facts(
        changes=tuple(
            each
            for each in (*patched, *found[MAX_PATCHED:MAX_COMMITS])
            if not each.paths or not set(each.paths) <= told
        ),
        left=tuple(left),
    )


def _cut(asking: Asking, found: list[Change]) -> list[str]:
    if len(found) > MAX_COMMITS:
        return [f"there are more than {MAX_COMMITS:,} commits in the window."]
    if len(found) > MAX_PATCHED:
        return [f"of {len(found) - MAX_PATCHED:,} older commits only the messages were read."]
    return []


def _shallow(asking: Asking) -> list[str]:
    assert asking.folder is not None
    folders = git_folders(asking.folder.absolute())
    if folders is not None and read_small(common_folder(folders[1]) / "shallow"):
        return ["the clone is shallow, so older commits are not all here."]
    return []


def _patched(reading: GitReading, found: list[Change], most: int) -> tuple[list[Change], bool]:
    """Return commits with their paths and changed lines, and whether all of these were read."""
    if not found:
        return [], True
    process = reading.start(*_DIFF, stdin=True)
    assert process.stdin is not None
    read = [0]
    with reading.limited(process):
        # At most 2,000 ids: less than the writer's end of a pipe may have to wait for.
        feeding = _feed(process, only_ids([each.id for each in found]))
        patches = read_patches(_lines(process, most, read))
        process.kill()
        feeding.join()
        reading.finish(process)
    whole = read[0] < most
    return [
        msgspec.structs.replace(
            each, paths=patches.get(each.id, ((), ""))[0], text=patches.get(each.id, ((), ""))[1]
        )
        for each in found
    ], whole


def _feed(process: "subprocess.Popen[bytes]", given: bytes) -> "threading.Thread":
    def write() -> None:
        assert process.stdin is not None
        try:
            process.stdin.write(given)
            process.stdin.close()
        except OSError:
            pass  # It was ended before it had read everything.

    thread = threading.Thread(target=write, daemon=True)
    thread.start()
    return thread


def _lines(process: "subprocess.Popen[bytes]", most: int, read: list[int]) -> Iterator[bytes]:
    """Yield lines, of long ones the beginning, until there were too many bytes."""
    assert process.stdout is not None
    whole = True
    while read[0] < most and (line := process.stdout.readline(1 << 16)):
        read[0] += len(line)
        if whole:
            yield line
        whole = line.endswith(b"\n")


SOURCE = Source(title="Git history", answers=("changes",), missing=_missing, look=_look)
