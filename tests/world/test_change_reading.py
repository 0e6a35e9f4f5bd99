"""The change between two commits, as real git tells it of real trees, hostile ones too."""

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pawl.base.errors import BadValue, CannotTell
from pawl.review.diff import Change, ChangedFile
from pawl.review.diff_reading import path_text, read_change
from pawl.world.change_reading import read_git_change

ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    **{f"GIT_{who}_{what}": "x" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
}
Tree = dict[bytes, bytes]


def git(place: Path, *arguments: str, given: bytes | None = None) -> str:
    ran = subprocess.run(
        ("git", *arguments),
        cwd=place,
        env=ENVIRONMENT,
        input=given,
        stdin=None if given is not None else subprocess.DEVNULL,
        capture_output=True,
        check=True,
    )
    return ran.stdout.decode().strip()


def commit(place: Path, tree: Tree, branch: str) -> None:
    """Commit a tree through git's import, which takes any path there can be."""
    lines = [f"commit refs/heads/{branch}\ncommitter x <x> 0 +0000\ndata 0\n".encode()]
    known = git(place, "branch", "--list", branch)
    if known:
        lines.append(f"from refs/heads/{branch}^0\n".encode())
    lines.append(b"deleteall\n")
    for path, content in sorted(tree.items()):
        quoted = b'"%s"' % path.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n")
        lines.append(b"M 100644 inline %s\ndata %d\n%s\n" % (quoted, len(content), content))
    git(place, "fast-import", "--quiet", given=b"".join(lines))


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """An empty repository."""
    git(tmp_path, "init", "-q", "-b", "main")
    return tmp_path


def change(place: Path, base: str = "main~1", head: str = "main", **options: int) -> Change:
    read = read_git_change(place, base, head, **options)
    return read_change(read.base, read.head, read.listing, read.patch, cut=read.cut)


def two(place: Path, before: Tree, after: Tree) -> dict[str, ChangedFile]:
    """Commit two trees and return what changed between them, by path."""
    commit(place, before, "main")
    commit(place, after, "main")
    return {file.path: file for file in change(place).files}


def test_each_kind_of_change_is_known(place: Path) -> None:
    """Added, modified, deleted, renamed, binary: by status, with git's own counts."""
    body = b"".join(b"line %d\n" % number for number in range(40))
    found = two(
        place,
        {b"same": b"1\n", b"mod": b"a\nb\n", b"gone": b"x\n", b"old": body, b"bin": b"\0\1"},
        {b"same": b"1\n", b"mod": b"a\nc", b"new": b"n\n", b"moved": body + b"z\n", b"bin": b"\0"},
    )
    told = {
        path: (each.status, each.kind, each.added, each.removed) for path, each in found.items()
    }
    assert told == {
        "mod": ("modified", "text", 1, 1),
        "gone": ("deleted", "text", 0, 1),
        "new": ("added", "text", 1, 0),
        "moved": ("renamed", "text", 1, 0),
        "bin": ("modified", "binary", None, None),
    }
    assert found["moved"].old_path == "old"
    assert [line.ends for line in found["mod"].on("new")] == [True, False]


def test_modes_links_and_submodules(place: Path) -> None:
    """What has no text of its own to review is told for what it is."""
    commit(place, {b"tool": b"x\n", b"page": b"y\n", b"other": b"z\n"}, "main")
    git(place, "checkout", "-q", "main")
    (place / "tool").chmod(0o755)
    (place / "page").unlink()
    (place / "page").symlink_to("/etc/passwd")
    head = git(place, "rev-parse", "HEAD")
    git(place, "update-index", "--add", "--cacheinfo", f"160000,{head},sub")
    git(place, "add", "tool", "page")
    git(place, "commit", "-qm", "x")
    found = {file.path: file for file in change(place).files}
    assert {path: (each.status, each.kind) for path, each in found.items()} == {
        "tool": ("modified", "mode"),
        "page": ("type-changed", "link"),
        "sub": ("added", "submodule"),
    }
    assert (found["tool"].old_mode, found["tool"].new_mode) == ("100644", "100755")


@pytest.mark.parametrize(
    "path",
    [
        b"with space", b"tab\there", b"line\nbreak", b'quote"d', b"back\\slash", b"\xff\xfe",
        "ünïcode".encode(), b"a b/c b/d", b"-rf", b"x => y", b"{a => b}", b":(top)x", b"--",
    ],
)  # fmt: skip
def test_hostile_paths_are_paths(place: Path, path: bytes) -> None:
    """Whatever a name holds, it is the name, and its lines are its lines."""
    found = two(place, {path: b"1\n", b"z": b"1\n"}, {path: b"2\n", b"z": b"2\n"})
    assert set(found) == {path_text(path), "z"}
    assert [line.text for line in found[path_text(path)].on("new")] == ["2"]


_CONTENT = st.lists(
    st.sampled_from([b"a", b"b", b"", b"--- a/x", b"+++ b/x", b"@@ -1 +1 @@", b"\\ No", b"c\r"]),
    max_size=12,
).map(lambda lines: b"\n".join(lines))
_TREE = st.dictionaries(
    st.sampled_from([b"x", b"y", b"d/x", b"d/e f", b'"q"', b"n\nl", b"diff --git a/x b/x"]),
    _CONTENT,
    max_size=5,
)


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=_TREE, after=_TREE)
def test_random_trees_against_git(
    tmp_path_factory: pytest.TempPathFactory, before: Tree, after: Tree
) -> None:
    """Every file that differs is there, and each line of a hunk is that line of its version."""
    place = tmp_path_factory.mktemp("tree")
    git(place, "init", "-q", "-b", "main")
    found = two(place, before, after)
    differing = {path_text(p) for p in {*before, *after} if before.get(p) != after.get(p)}
    told = {file.path for file in found.values()} | {file.old_path for file in found.values()}
    assert told == differing | {file.old_path for file in found.values() if file.status == "copied"}
    texts = [
        {path_text(path): content.split(b"\n") for path, content in tree.items()}
        for tree in (before, after)
    ]
    for file in found.values():
        assert file.kind in ("text", "mode")
        for side, lines in (("old", texts[0].get(file.old_path)), ("new", texts[1].get(file.path))):
            for line in file.on("old" if side == "old" else "new"):
                number = line.old if side == "old" else line.new
                assert lines is not None
                assert number is not None
                assert lines[number - 1].decode() == line.text


def test_the_change_is_what_left_the_base(place: Path) -> None:
    """What the base gained since is not the change's doing."""
    commit(place, {b"x": b"1\n"}, "main")
    git(place, "branch", "side")
    commit(place, {b"x": b"1\n", b"base": b"1\n"}, "main")
    commit(place, {b"x": b"2\n"}, "side")
    assert [file.path for file in change(place, "main", "side").files] == ["x"]
    assert change(place, "side", "side").files == ()


def test_nothing_of_the_working_tree_is_read(place: Path) -> None:
    """A file that is deleted between listing and review changes nothing, nor does an edited one."""
    commit(place, {b"x": b"1\n", b"y": b"1\n"}, "main")
    commit(place, {b"x": b"2\n", b"y": b"2\n"}, "main")
    git(place, "checkout", "-q", "main")
    whole = change(place)
    (place / "x").unlink()
    (place / "y").write_text("evil\n")
    assert change(place) == whole


def test_the_repositorys_own_programs_are_not_run(place: Path) -> None:
    """No diff driver, filter, pager or external diff of a hostile configuration is obeyed."""
    trap = place / "trap.sh"
    trap.write_text("#!/bin/sh\ntouch " + str(place / "sprung") + "\n")
    trap.chmod(0o755)
    commit(place, {b"x": b"1\n", b".gitattributes": b"* diff=trap\n"}, "main")
    commit(place, {b"x": b"2\n", b".gitattributes": b"* diff=trap\n"}, "main")
    for name in ("diff.external", "diff.trap.command", "diff.trap.textconv", "core.fsmonitor"):
        git(place, "config", name, str(trap))
    git(place, "checkout", "-q", "main")
    (place / "sprung").unlink(missing_ok=True)
    assert [file.kind for file in change(place).files] == ["text"]
    assert not (place / "sprung").exists()


def test_a_large_patch_is_cut_and_said_so(place: Path) -> None:
    """Files beyond the size that is read are listed as unread."""
    found_before = {b"a": b"1\n", b"b": b"x\n" * 10, b"c": b"1\n"}
    commit(place, found_before, "main")
    commit(place, {b"a": b"2\n", b"b": b"y\n" * 2000, b"c": b"2\n"}, "main")
    cut = change(place, max_patch=1000)
    assert cut.cut
    assert [(file.path, file.kind) for file in cut.files] == [
        ("a", "text"),
        ("b", "unread"),
        ("c", "unread"),
    ]


@pytest.mark.parametrize("revision", ["nowhere", "", "-x", "--output=x", "main:x", "a\0b", "@{99}"])
def test_what_names_no_commit_is_asked_wrongly(place: Path, revision: str) -> None:
    """The message names the flag; nothing that looks like an option reaches git as one."""
    commit(place, {b"x": b"1\n"}, "main")
    with pytest.raises(BadValue):
        change(place, revision, "main")


def test_without_a_common_commit_it_cannot_tell(place: Path) -> None:
    """A clone that is too shallow has none, and says how to get one."""
    commit(place, {b"x": b"1\n"}, "main")
    commit(place, {b"x": b"2\n"}, "other")
    with pytest.raises(CannotTell, match="common"):
        change(place, "main", "other")


def test_outside_a_repository_it_cannot_tell(tmp_path: Path) -> None:
    """There is nothing to review where git is not."""
    with pytest.raises(CannotTell, match="no git repository"):
        change(tmp_path)
