"""A repository is read as it is, and never obeyed."""

import os
import subprocess
from pathlib import Path

import pytest

from pawl.base.errors import BadValue, CannotTell
from pawl.maturity.facts.history import History
from pawl.maturity.facts.tree import TreeFile
from pawl.world import git_reading, repository
from pawl.world.object_reader import ObjectReader
from pawl.world.repository import GitRepository, open_tree

LONG_AGO = "2020-01-01T00:00:00.000000Z"
ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "Ada@Example.com",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.com",
}


def git(folder: Path, *arguments: str, at: str = "2026-11-01T10:00:00Z", **more: str) -> str:
    dates = {"GIT_AUTHOR_DATE": at, "GIT_COMMITTER_DATE": at}
    done = subprocess.run(
        ("git", "-C", str(folder), *arguments),
        check=True,
        capture_output=True,
        text=True,
        env=ENVIRONMENT | dates | more,
    )
    return done.stdout.strip()


def commit(folder: Path, message: str, at: str = "2026-11-01T10:00:00Z") -> str:
    git(folder, "add", "-A", "-f")
    git(folder, "commit", "-q", "--allow-empty", "-m", message, at=at)
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def top(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    (folder / "README.md").write_text("# Shop\n")
    (folder / "run.sh").write_text("exit 0\n")
    (folder / "run.sh").chmod(0o755)
    commit(folder, "Begin")
    return folder


def by_path(source: repository.GitRepository) -> dict[str, TreeFile]:
    return {file.path: file for file in source.files()}


def opened(folder: Path, at: str | None = None) -> GitRepository:
    return GitRepository(folder, at)


def history(source: GitRepository, since: str = LONG_AGO) -> History:
    return source.history(since)


def test_files_of_the_commit_with_their_kinds(top: Path) -> None:
    """Files, executables, links and submodules are told apart; a link is not followed."""
    (top / "out").symlink_to("/etc/passwd")
    git(top, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(top), "sub")
    commit(top, "More")
    with opened(top) as source:
        files = by_path(source)
        kinds = {path: file.kind for path, file in files.items()}
        contents = {file.path: content for file, content in source.contents([files["out"]])}
    assert kinds == {
        ".gitmodules": "file",
        "README.md": "file",
        "out": "link",
        "run.sh": "executable",
        "sub": "submodule",
    }
    assert contents["out"] == b"/etc/passwd"
    assert files["README.md"].size == 7
    assert files["README.md"].blob == git(top, "rev-parse", "HEAD:README.md")


def test_the_commit_is_read_and_not_the_working_tree(top: Path) -> None:
    """A change that is not committed is counted and not read; so is a deleted file."""
    (top / "README.md").write_text("changed")
    (top / "run.sh").unlink()
    (top / "untracked").write_text("x")
    with opened(top) as source:
        files = by_path(source)
        ((_, content),) = source.contents([files["README.md"]])
        assert source.uncommitted() == 2
    assert content == b"# Shop\n"
    assert "untracked" not in files


def test_any_revision_can_be_looked_at(top: Path) -> None:
    """A tag, a branch, a short id and a step back name commits; an option-like text names none."""
    first = git(top, "rev-parse", "HEAD")
    git(top, "tag", "v1")
    (top / "new").write_text("n")
    second = commit(top, "New")
    for name in ("v1", "main~1", first[:10], "HEAD^"):
        with opened(top, name) as source:
            assert source.commit == first
            assert "new" not in by_path(source)
            assert source.uncommitted() is None
    with opened(top) as source:
        assert source.commit == second
    for wrong in ("nope", "--output=/tmp/x", "-h", "", "a\0b", "HEAD:README.md"):
        with pytest.raises(BadValue):
            opened(top, wrong)


def test_names_that_mean_harm(top: Path) -> None:
    """Newlines, tabs, quotes, dashes and bytes that are no UTF-8 are only parts of names."""
    names = [b"a\nb", b"tab\there", b'quo"te', b"--option", b"\xff\xfe.md", "ünï.md".encode()]
    for number, name in enumerate(names):
        with open(os.fsencode(top) + b"/" + name, "wb") as file:
            file.write(b"content %d" % number)
    commit(top, "Names")
    (top / "later").write_text("l")
    commit(top, "Later")
    with opened(top) as source:
        files = by_path(source)
        wanted = ["a\nb", "tab\there", 'quo"te', "--option", "\\xff\\xfe.md", "ünï.md"]
        read = {file.path: content for file, content in source.contents([files[n] for n in wanted])}
        later, named, first = history(source).commits
    assert read == {name: b"content %d" % number for number, name in enumerate(wanted)}
    assert [change.path for change in later.files] == ["later"]
    assert {change.path for change in named.files} == set(wanted)
    assert all(change.lines == ((1, 1),) for change in named.files)
    assert first.files == (), "the first commit is nobody's change"


HOSTILE = """
[core]
	fsmonitor = {touch} fsmonitor
	hooksPath = {hooks}
	pager = {touch} pager
	sshCommand = {touch} ssh
	alternateRefsCommand = {touch} refs
	gitProxy = {touch} proxy
	askPass = {touch} askpass
	editor = {touch} editor
	attributesFile = {attributes}
[diff]
	external = {touch} external
[diff "evil"]
	textconv = {touch} textconv
	command = {touch} command
[filter "evil"]
	clean = {touch} clean
	smudge = {touch} smudge
	process = {touch} process
	required = true
[gpg]
	program = {touch} gpg
[log]
	showSignature = true
[trailer "x"]
	command = {touch} trailer
[mailmap]
	file = /etc/passwd
[extensions]
	partialClone = origin
[remote "origin"]
	url = ext::{touch} remote
	promisor = true
	partialclonefilter = blob:none
[include]
	path = {include}
"""


def test_nothing_of_a_hostile_repository_is_run(top: Path, tmp_path: Path) -> None:
    """Whatever program its configuration, attributes and hooks name, none is started."""
    marks = tmp_path / "marks"
    marks.mkdir()
    touch = tmp_path / "touch.sh"
    touch.write_text(f'#!/bin/sh\ntouch "{marks}/$1"\ncat\n')
    touch.chmod(0o755)
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for name in ("post-index-change", "reference-transaction", "pre-auto-gc", "post-checkout"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {marks}/hook\n")
        (hooks / name).chmod(0o755)
    attributes = tmp_path / "attributes"
    attributes.write_text("* diff=evil filter=evil\n")
    include = tmp_path / "include"
    include.write_text(f"[core]\n\tfsmonitor = {touch} included\n")
    (top / ".gitattributes").write_text("* diff=evil filter=evil\n")
    (top / "README.md").write_text("two\n")
    commit(top, "Two\n\nx: y")
    missing = git(top, "rev-parse", "HEAD:README.md")
    (top / ".git" / "config").write_text(
        HOSTILE.format(touch=touch, hooks=hooks, attributes=attributes, include=include)
    )
    (top / ".git" / "objects" / missing[:2] / missing[2:]).unlink()
    (top / "README.md").write_text("three\n")
    before = sorted((path, path.stat().st_mtime_ns) for path in top.rglob("*"))
    with opened(top) as source:
        files = by_path(source)
        read = {f.path: c for f, c in source.contents(list(files.values()))}
        told = history(source)
        assert source.uncommitted() is not None
    assert read["README.md"] is None
    assert read["run.sh"] == b"exit 0\n"
    assert len(told.commits) == 2
    assert list(marks.iterdir()) == []
    assert sorted((path, path.stat().st_mtime_ns) for path in top.rglob("*")) == before


def test_a_replaced_object_is_not_believed(top: Path) -> None:
    """Replace references show other content than the commit has; they are passed over."""
    first = git(top, "rev-parse", "HEAD:README.md")
    other = git(top, "rev-parse", "HEAD:run.sh")
    git(top, "replace", first, other)
    with opened(top) as source:
        ((_, content),) = source.contents([by_path(source)["README.md"]])
    assert content == b"# Shop\n"


def test_somebody_elses_repository_is_read(top: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who owns the files does not matter: nothing of theirs is obeyed."""
    ours = git_reading.GitReading.environment

    def other(self: git_reading.GitReading) -> dict[str, str]:
        return ours(self) | {"GIT_TEST_ASSUME_DIFFERENT_OWNER": "1"}

    monkeypatch.setattr(git_reading.GitReading, "environment", other)
    with opened(top) as source:
        assert len(source.files()) == 2
        assert source.uncommitted() == 0


def test_a_bare_repository(top: Path, tmp_path: Path) -> None:
    """It has a commit and a history, and no working tree to differ."""
    bare = tmp_path / "shop.git"
    git(tmp_path, "clone", "-q", "--bare", str(top), str(bare))
    with opened(bare) as source:
        assert source.name == "shop"
        assert len(source.files()) == 2
        assert len(history(source).commits) == 1
        assert source.uncommitted() is None


def test_a_shallow_clone_says_how_far_it_reaches(top: Path, tmp_path: Path) -> None:
    """The window begins where the clone ends, and its oldest commit is not taken for a root."""
    for number in range(4):
        (top / "f").write_text(str(number))
        commit(top, f"Change {number}", at=f"2026-11-0{number + 2}T10:00:00Z")
    shallow = tmp_path / "shallow"
    git(tmp_path, "clone", "-q", "--depth", "2", f"file://{top}", str(shallow))
    with opened(shallow) as source:
        told = history(source)
    assert told.shallow
    assert [commit.subject for commit in told.commits] == ["Change 3", "Change 2"]
    assert told.complete_since == "2026-11-04T10:00:00.000000Z"
    with opened(top) as source:
        whole = history(source)
    assert (whole.shallow, whole.complete_since) == (False, LONG_AGO)


def test_a_repository_without_commits(tmp_path: Path) -> None:
    """There is nothing to read, which is no error."""
    git(tmp_path, "init", "-q", "empty")
    with opened(tmp_path / "empty") as source:
        assert (source.commit, source.files(), source.uncommitted()) == (None, (), None)
        assert history(source).commits == ()


def test_a_head_that_cannot_be_read_is_not_an_empty_repository(top: Path) -> None:
    """A commit whose object is gone makes the answer "cannot tell"."""
    told = git(top, "rev-parse", "HEAD")
    (top / ".git" / "objects" / told[:2] / told[2:]).unlink()
    with pytest.raises(CannotTell):
        opened(top)


def test_a_damaged_tree_cannot_be_told(top: Path) -> None:
    """A tree that is gone half-way is no shorter tree."""
    (top / "deep").mkdir()
    (top / "deep" / "file").write_text("f")
    commit(top, "Deep")
    tree = git(top, "rev-parse", "HEAD:deep")
    (top / ".git" / "objects" / tree[:2] / tree[2:]).unlink()
    with opened(top) as source, pytest.raises(CannotTell):
        source.files()


def test_linked_working_trees_and_detached_heads(top: Path, tmp_path: Path) -> None:
    """A linked tree reads the objects of the repository it belongs to."""
    first = git(top, "rev-parse", "HEAD")
    (top / "new").write_text("n")
    commit(top, "New")
    linked = tmp_path / "linked"
    git(top, "worktree", "add", "-q", "--detach", str(linked), first)
    (linked / "README.md").write_text("changed")
    with opened(linked) as source:
        assert source.commit == first
        assert len(source.files()) == 2
        assert source.uncommitted() == 1


def test_sha256_repositories(tmp_path: Path) -> None:
    """Object ids of 64 digits are read as they are."""
    folder = tmp_path / "wide"
    git(tmp_path, "init", "-q", "--object-format=sha256", str(folder))
    (folder / "a").write_text("a")
    commit(folder, "Wide")
    with opened(folder) as source:
        assert source.commit is not None
        assert len(source.commit) == 64
        ((_, content),) = source.contents(source.files())
        assert content == b"a"
        assert len(history(source).commits) == 1


def test_history_tells_people_merges_and_trailers(top: Path) -> None:
    """Addresses follow the committed mailmap; the main line is marked; trailers are kept."""
    (top / ".mailmap").write_text("Ada <ada@work.example> <ada@example.com>\n")
    commit(top, "Map")
    git(top, "checkout", "-q", "-b", "side")
    (top / "side").write_text("one\ntwo\n")
    commit(top, "Side\n\nWhy it is.\n\nCo-authored-by: Bob <bob@example.com>\nRefs: #12")
    git(top, "checkout", "-q", "main")
    git(top, "merge", "-q", "--no-ff", "-m", "Merge side", "side")
    with opened(top) as source:
        commits = {each.subject: each for each in history(source).commits}
    assert commits["Begin"].author == "ada@work.example"
    assert commits["Begin"].authored_at == "2026-11-01T10:00:00.000000Z"
    assert [commits[n].first_parent for n in ("Begin", "Side", "Merge side")] == [True, False, True]
    assert commits["Side"].trailers == (
        ("Co-authored-by", "Bob <bob@example.com>"),
        ("Refs", "#12"),
    )
    assert commits["Merge side"].files == ()
    (change,) = commits["Side"].files
    assert (change.path, change.added, change.removed) == ("side", 2, 0)
    assert change.lines == ((1, 2),)


def test_moved_and_binary_files(top: Path) -> None:
    """A move counts no line; a binary file's lines are unknown."""
    (top / "long").write_text("".join(f"line {n}\n" for n in range(50)))
    (top / "pic").write_bytes(b"\0\1\2")
    commit(top, "Add")
    git(top, "mv", "long", "longer")
    with (top / "longer").open("a") as file:
        file.write("@@ -1,9 +1,9 @@\ndiff --git a/x b/x\n" + "a" * 40 + "\n")
    commit(top, "Move")
    with opened(top) as source:
        move, add, _ = history(source).commits
    assert [(c.path, c.added, c.removed, c.lines) for c in move.files] == [
        ("longer", 3, 0, ((51, 53),))
    ]
    assert {c.path: (c.added, c.lines) for c in add.files} == {
        "long": (50, ((1, 50),)),
        "pic": (None, ()),
    }


def test_known_commits_are_not_looked_at_again(top: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is told of a commit before is taken as it was; only new ones are compared."""
    for number in range(3):
        (top / "f").write_text(str(number))
        commit(top, f"Change {number}")
    with opened(top) as source:
        first = history(source)
        known = {each.id: each.files for each in first.commits if each.files}
    asked: list[bytes] = []
    answer = git_reading.GitReading.answer

    def spy(self: git_reading.GitReading, *a: str, given: bytes | None = None) -> bytes | None:
        asked.append(given or b"")
        return answer(self, *a, given=given)

    monkeypatch.setattr(git_reading.GitReading, "answer", spy)
    with opened(top) as source:
        again = source.history(LONG_AGO, known)
    assert again == first
    assert b"".join(asked) == b""


def test_tags_that_name_commits(top: Path) -> None:
    """Light and annotated tags tell the commit they reach; a tag of a file is none."""
    head = git(top, "rev-parse", "HEAD")
    git(top, "tag", "light")
    git(top, "tag", "-a", "-m", "One", "heavy", at="2026-11-02T00:00:00Z")
    git(top, "tag", "blob", "HEAD:README.md")
    git(top, "pack-refs", "--all")
    git(top, "tag", "loose")
    with opened(top) as source:
        tags = {tag.name: tag for tag in history(source).tags}
    assert set(tags) == {"light", "heavy", "loose"}
    assert {tag.commit for tag in tags.values()} == {head}
    assert tags["heavy"].at == "2026-11-02T00:00:00.000000Z"
    assert not tags["heavy"].signed


def test_a_window_leaves_older_commits_out(top: Path) -> None:
    """Only commits since the time asked for are told of, and the answer is complete from it."""
    commit(top, "Later", at="2026-11-20T00:00:00Z")
    with opened(top) as source:
        told = history(source, "2026-11-10T00:00:00.000000Z")
    assert [each.subject for each in told.commits] == ["Later"]
    assert told.complete_since == "2026-11-10T00:00:00.000000Z"


def test_dates_that_nobody_meant(top: Path) -> None:
    """A date outside all calendars becomes one that can be written, and nothing breaks."""
    commit(top, "Far", at="@99999999999999 +0000")
    with opened(top) as source:
        told = history(source)
    assert told.commits[0].subject == "Far"


def test_an_object_that_ends_git_costs_only_itself(
    top: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A damaged object is not to be had; the next ones are."""
    for number in range(5):
        (top / f"f{number}").write_text(f"file {number}")
    commit(top, "Files")
    bad = git(top, "rev-parse", "HEAD:f2")
    path = top / ".git" / "objects" / bad[:2] / bad[2:]
    path.chmod(0o644)
    content = path.read_bytes()
    path.write_bytes(content[:8] + b"\xff\xff" + content[10:])
    with opened(top) as source:
        sizes = [TreeFile(f"f{n}", 6, git(top, "rev-parse", f"HEAD:f{n}")) for n in range(5)]
        read = [content for _, content in source.contents(sizes)]
    assert read == [b"file 0", b"file 1", None, b"file 3", b"file 4"]


def test_many_objects_are_asked_for_in_order(top: Path) -> None:
    """More objects than fit into one question come back each with its own bytes."""
    for number in range(600):
        (top / f"n{number:04}").write_text(f"number {number}\n" * (number % 7 + 1))
    commit(top, "Many")
    with opened(top) as source:
        files = [file for file in source.files() if file.path.startswith("n")]
        read = {file.path: content for file, content in source.contents(files)}
    assert len(read) == 600
    for file in files:
        content = read[file.path]
        assert content is not None
        assert content.startswith(f"number {int(file.path[1:])}\n".encode())
        assert len(content) == file.size


def test_a_hanging_git_is_ended(top: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that does not answer in time is killed, and the answer is "cannot tell"."""
    slow = tmp_path / "bin"
    slow.mkdir()
    (slow / "git").write_text("#!/bin/sh\nexec sleep 60\n")
    (slow / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{slow}:{os.environ['PATH']}")
    monkeypatch.setattr(git_reading, "TIMEOUT_S", 0.2)
    with pytest.raises(CannotTell):
        opened(top)


def test_a_relative_path_entry_is_never_searched(
    top: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file called `git` in the assessed folder is not the git that is run."""
    (top / "git").write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    (top / "git").chmod(0o755)
    monkeypatch.chdir(top)
    monkeypatch.setenv("PATH", f".:{os.environ['PATH']}")
    with opened(top) as source:
        assert source.files()
    assert not (tmp_path / "ran").exists()


def test_the_folder_of_ours_goes_with_it(top: Path) -> None:
    """Nothing is left behind, not even by a reader that was left half-way."""
    with opened(top) as source:
        reading = source._reading
        left = ObjectReader(reading).read(source.files())
        next(left)
        folder = reading._folder
        assert folder.is_dir()
    left.close()  # type: ignore[attr-defined]
    assert not folder.exists()


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    """No folder, and a revision outside git, are the asker's to mend."""
    with pytest.raises(BadValue, match="no such folder"):
        open_tree(tmp_path / "nope")
    (tmp_path / "plain").mkdir()
    with pytest.raises(BadValue, match="no git repository"):
        open_tree(tmp_path / "plain", "main")
