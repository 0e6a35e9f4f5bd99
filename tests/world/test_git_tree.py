"""The files of a commit and what differs between two, as real git stores them, hostile ones too."""

import hashlib
import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pawl.base.errors import BadValue, CannotTell
from pawl.world.git_range import git_range, git_reading
from pawl.world.git_tree import MAX_CONTENT, GitTree, changed_paths, path_bytes, path_text

ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
}
FILE, EXECUTABLE, LINK = "100644", "100755", "120000"
Tree = dict[bytes, tuple[str, bytes]]
MOST = 10_000


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


def commit(
    place: Path, tree: Tree, *, author: str = "ada <ada@example.com>", message: str = "x"
) -> str:
    """Commit a tree to main through git's import, which takes any path there can be."""
    told = message.encode()
    lines = [
        f"commit refs/heads/main\nauthor {author} 0 +0000\ncommitter {author} 0 +0000\n".encode(),
        b"data %d\n%s\n" % (len(told), told),
    ]
    if git(place, "branch", "--list", "main"):
        lines.append(b"from refs/heads/main^0\n")
    lines.append(b"deleteall\n")
    for path, (mode, content) in sorted(tree.items()):
        quoted = b'"%s"' % path.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n")
        if mode == "160000":
            lines.append(b"M 160000 %s %s\n" % (content, quoted))
        else:
            head = f"M {mode} inline ".encode()
            lines.append(head + b"%s\ndata %d\n%s\n" % (quoted, len(content), content))
    git(place, "fast-import", "--quiet", "--force", given=b"".join(lines))
    return git(place, "rev-parse", "main")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """An empty repository."""
    git(tmp_path, "init", "-q", "-b", "main")
    return tmp_path


def changes(place: Path, before: Tree, after: Tree) -> dict[str, tuple[bytes | None, bytes | None]]:
    """Return what two trees differ in, as the range between their commits tells it."""
    first, last = commit(place, before), commit(place, after)
    with git_range(place, first, last) as found:
        names = changed_paths(found.before, found.after, MOST)
        was, now = dict(found.before.contents(names)), dict(found.after.contents(names))
    return {name: (was[name], now[name]) for name in names}


def file(content: bytes = b"x") -> tuple[str, bytes]:
    return FILE, content


def test_changed_new_and_deleted_files_are_told_apart(place: Path) -> None:
    """A rename is a file that goes and one that comes; what stays is not named."""
    before = {b"a": file(), b"b": file(b"old"), b"c": file(b"moved")}
    after = {b"a": file(), b"b": file(b"new"), b"d": file(b"moved")}
    assert changes(place, before, after) == {
        "b": (b"old", b"new"),
        "c": (b"moved", None),
        "d": (None, b"moved"),
    }


def test_a_file_counts_under_each_name_that_a_link_gives_it(place: Path) -> None:
    """Whoever changes what CLAUDE.md leads to changes CLAUDE.md, through folders too."""
    links = {b"CLAUDE.md": (LINK, b"docs/agents.md"), b".claude/skills": (LINK, b"../shared")}
    before = {**links, b"docs/agents.md": file(b"1"), b"shared/one/SKILL.md": file(b"1")}
    after = {**links, b"docs/agents.md": file(b"2"), b"shared/one/SKILL.md": file(b"2")}
    found = changes(place, before, after)
    assert found["CLAUDE.md"] == found["docs/agents.md"] == (b"1", b"2")
    assert found[".claude/skills/one/SKILL.md"] == (b"1", b"2")


def test_a_link_that_is_turned_elsewhere_changes_all_it_leads_to(place: Path) -> None:
    """The files do not change and what an agent reads does."""
    files = {b"one/SKILL.md": file(b"1"), b"two/SKILL.md": file(b"2")}
    found = changes(
        place,
        {**files, b"skills": (LINK, b"one")},
        {**files, b"skills": (LINK, b"two")},
    )
    assert found == {
        "skills": (b"link to one", b"link to two"),
        "skills/SKILL.md": (b"1", b"2"),
    }


@pytest.mark.parametrize("target", [b"/etc/passwd", b"../../outside", b"nowhere", b"loop", b""])
def test_a_link_that_leads_nowhere_here_is_what_it_says(place: Path, target: bytes) -> None:
    """Nothing outside of the tree is read, and a circle ends."""
    if not target:
        target = b"x" * 5_000
    found = changes(place, {b"a": file()}, {b"a": file(), b"loop": (LINK, target)})
    assert found == {"loop": (None, b"link to " + target)}


def test_a_file_that_may_be_executed_now_is_changed(place: Path) -> None:
    """A hook that git stores with the same bytes and another mode does something else."""
    found = changes(place, {b"hook": file()}, {b"hook": (EXECUTABLE, b"x")})
    assert found == {"hook": (b"x", b"x"), "hook//executable": (None, b"executable\n")}


def test_a_submodule_is_its_commit_and_never_a_file(place: Path) -> None:
    """A folder that becomes another repository's is one that goes and one that comes."""
    one, other = b"1" * 40, b"2" * 40
    found = changes(place, {b"lib": ("160000", one)}, {b"lib": ("160000", other)})
    assert found == {"lib/": (b"commit %s\n" % one, b"commit %s\n" % other)}
    found = changes(place, {b"lib": ("160000", one)}, {b"lib": file(b"commit %s\n" % one)})
    assert found["lib/"][1] is None
    assert found["lib"] == (None, b"commit %s\n" % one)


def test_a_large_file_stands_by_its_digest_which_no_small_one_can_be(place: Path) -> None:
    """What is too large to be held is still compared byte for byte."""
    large = b"a" * (MAX_CONTENT + 1)
    ((_, stands),) = changes(place, {b"x": file()}, {b"x": file(), b"big": file(large)}).values()
    assert stands is not None
    assert stands.endswith(hashlib.sha256(large).hexdigest().encode())
    assert len(stands) < 200
    ((was, now),) = changes(place, {b"big": file(large)}, {b"big": file(stands)}).values()
    assert was == stands
    assert now != stands


def test_odd_paths_stay_apart(place: Path) -> None:
    """Bytes that are no UTF-8, line feeds and what looks like our own writing are not mixed up."""
    names = (b"\xff", b"\\xff", b"\x01ff", b"a\nb", b"a\tb", b"\xc3\xa4", b"\x01")
    found = changes(place, {b"k": file()}, {b"k": file(), **{name: file(name) for name in names}})
    assert {path_bytes(name): now for name, (_, now) in found.items()} == {n: n for n in names}


def test_more_than_the_most_is_seen_to_be_more(place: Path) -> None:
    """A hundred thousand files that change are refused without being read."""
    many = {f"f{number}".encode(): file() for number in range(30)}
    first, last = commit(place, {b"k": file()}), commit(place, many)
    with git_range(place, first, last) as found:
        assert len(changed_paths(found.before, found.after, 20)) == 21


@given(st.binary(min_size=1, max_size=40))
@settings(max_examples=200)
def test_a_path_comes_back_from_its_text(raw: bytes) -> None:
    """Two paths never have one text."""
    assert path_bytes(path_text(raw)) == raw


def test_an_object_that_is_not_here_is_no_empty_file(place: Path) -> None:
    """A clone that lacks a file cannot tell what the change is."""
    first = commit(place, {b"a": file(b"old")})
    last = commit(place, {b"a": file(b"gone")})
    blob = git(place, "rev-parse", "main:a")
    git(place, "repack", "-a", "-d", "-q")
    for pack in (place / ".git/objects/pack").glob("*.pack"):
        kept = pack.read_bytes()
        for each in (place / ".git/objects/pack").glob("*"):
            each.chmod(0o600)
            each.unlink()
        git(place, "unpack-objects", "-q", given=kept)
    (place / ".git/objects" / blob[:2] / blob[2:]).unlink()
    with git_range(place, first, last) as found, pytest.raises(CannotTell):
        list(found.after.contents(("a",)))


def test_everybody_who_wrote_is_told_as_the_commits_have_them(place: Path) -> None:
    """A mailmap that the change brings along does not rename its authors."""
    first = commit(place, {b"a": file()})
    mailmap = b"Grace <grace@example.com> <mallory@example.com>\n"
    last = commit(
        place,
        {b"a": file(b"2"), b".mailmap": file(mailmap)},
        author="Mallory <mallory@example.com>",
        message="Subject\n\nBody\n\nCo-authored-by: Eve <eve@example.com>",
    )
    with git_range(place, first, last) as found:
        (written,) = found.commits
    assert (written.author, written.committer) == ("mallory@example.com", "mallory@example.com")
    assert "Eve" in written.message


def test_the_before_is_where_the_two_left_each_other(place: Path) -> None:
    """What the base did since is not undone by the change."""
    shared = commit(place, {b"a": file()})
    git(place, "branch", "work", shared)
    commit(place, {b"a": file(), b"elsewhere": file()})
    git(place, "update-ref", "refs/heads/main2", "main")
    git(place, "update-ref", "refs/heads/main", shared)
    commit(place, {b"a": file(b"mine")})
    with git_range(place, "main2", "main") as found:
        assert found.base == shared
        assert changed_paths(found.before, found.after, MOST) == ("a",)
        assert len(found.commits) == 1


@pytest.mark.parametrize("revision", ["nothing", "-x", "--output=x", "", "a\0b", "main..main"])
def test_a_revision_that_is_none_is_refused(place: Path, revision: str) -> None:
    """No option reaches git as a revision."""
    commit(place, {b"a": file()})
    with pytest.raises(BadValue), git_range(place, "main", revision):
        pass


def test_a_shallow_clone_cannot_tell_who_wrote_it(place: Path, tmp_path: Path) -> None:
    """Authors that were cut off are not nobody."""
    base = commit(place, {b"a": file()})
    for number in range(3):
        commit(place, {b"a": file(str(number).encode())})
    git(place, "config", "uploadpack.allowAnySHA1InWant", "true")
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", "--depth=2", f"file://{place}", str(clone))
    git(clone, "fetch", "-q", "--depth=1", "origin", base)
    with pytest.raises(CannotTell, match=r"common|shallow"), git_range(clone, base, "main"):
        pass


def test_a_tree_can_be_listed_below_a_folder(place: Path) -> None:
    """Whoever needs the policy does not list the whole tree, and globs mean nothing."""
    head = commit(place, {b".pawl/gates.yaml": file(), b"a": file(), b".pawl*": file()})
    with git_reading(place) as reading:
        assert set(GitTree(reading, head, below=".pawl/").entries) == {b".pawl/gates.yaml"}
        assert set(GitTree(reading, head, below=".pawl*").entries) == {b".pawl*"}
