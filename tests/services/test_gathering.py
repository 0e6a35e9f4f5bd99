"""Facts are gathered once, kept by content, and never invented."""

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha1
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.base.errors import BadFile, CannotTell, Unavailable
from pawl.maturity.extract import MAX_BLOB_BYTES, Extract
from pawl.maturity.facts import Absent, is_claimed
from pawl.maturity.facts.history import Commit, FileChange, History
from pawl.maturity.facts.practice import Practice
from pawl.maturity.facts.reports import Reports
from pawl.maturity.facts.tree import Tree, TreeFile
from pawl.maturity.reading import read_files
from pawl.services import kept_extracts, tree_reading
from pawl.services.gathering import Gathered, gather
from pawl.services.kept_extracts import Kept
from pawl.services.tree_reading import Job
from pawl.world.data_files import DataFiles
from pawl.world.repository import open_tree

NOW = "2026-11-21T00:00:00.000000Z"
JUNIT = '<testsuite><testcase name="a"/></testsuite>'


class Words(msgspec.Struct, frozen=True):
    """Counted words."""

    count: int
    first: str | None = None


class Size(msgspec.Struct, frozen=True):
    """A length."""

    characters: int


def _words(path: str, text: str) -> Words | None:
    if "explode" in text:
        raise RuntimeError("boom")
    return Words(len(text.split()), path) if text.strip() else None


EXTRACTS = {
    "words": Extract(
        version=1, kind=Words, wants=lambda f: f.path.endswith((".md", ".txt")), read=_words
    ),
    "size": Extract(
        version=1,
        kind=Size,
        wants=lambda f: f.path.endswith(".md"),
        read=lambda _, text: Size(len(text)),
    ),
}


class Made:
    """A repository in memory that counts what is asked of it."""

    place = "/made"
    name = "made"
    origin: str | None = "github.com/acme/made"
    commit: str | None = "c" * 40

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.by_path = dict(files)
        self.asked: list[str] = []
        self.known: Mapping[str, Any] = {}
        self.lost: set[str] = set()
        self.fails: Exception | None = None

    @property
    def tree(self) -> str:
        return sha1(repr(sorted(self.by_path.items())).encode()).hexdigest()

    def files(self) -> tuple[TreeFile, ...]:
        return tuple(
            TreeFile(path, len(content), sha1(content).hexdigest())
            for path, content in sorted(self.by_path.items())
        )

    def below(self, folder: str) -> tuple[TreeFile, ...]:
        return tuple(file for file in self.files() if file.path.startswith(folder))

    def contents(self, files: Sequence[TreeFile]) -> Iterator[tuple[TreeFile, bytes | None]]:
        for file in files:
            self.asked.append(file.path)
            yield file, None if file.path in self.lost else self.by_path[file.path]

    def history(self, since: str, known: Mapping[str, tuple[FileChange, ...]]) -> History | None:
        self.known = known
        if self.fails is not None:
            raise self.fails
        change = FileChange("a.md", 1, 0, lines=((1, 1),))
        commit = Commit(
            id="c" * 40,
            parents=("d" * 40,),
            author="a@x",
            committer="a@x",
            authored_at=NOW,
            committed_at=NOW,
            subject="s",
            files=(change,),
        )
        return History(commits=(commit,), complete_since=since)

    def uncommitted(self) -> int | None:
        return 0


class Memory:
    """Files of ours in memory."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.writes = 0

    def read(self, name: str) -> bytes | None:
        return self.files.get(name)

    def replace(self, name: str, content: bytes) -> None:
        self.writes += 1
        self.files[name] = content


def told(source: Made, memory: Memory | None = None, **more: Any) -> Gathered:
    extracts = more.pop("extracts", EXTRACTS)
    return gather(source, now=NOW, extracts=extracts, storage=memory, **more)


def tree_of(gathered: Gathered) -> Tree:
    assert isinstance(gathered.facts.tree, Tree)
    return gathered.facts.tree


FILES = {
    "a.md": b"one two",
    "b.txt": b"three",
    "c.py": b"x",
    "empty.md": b"",
    "bin.md": b"\0\1",
    "lfs.md": b"version https://git-lfs.github.com/spec/v1\noid sha256:x\n",
    "big.md": b"x" * (MAX_BLOB_BYTES + 1),
}


def test_facts_are_those_of_reading_everything_at_once() -> None:
    """What is gathered equals the plain reading of the same files by the same extracts."""
    source = Made(FILES)
    gathered = told(source)
    plain = read_files(source.files(), FILES, EXTRACTS, commit=source.commit, tree=source.tree)
    assert msgspec.to_builtins(tree_of(gathered)) == msgspec.to_builtins(plain)
    assert gathered.facts.subject == "repo:github.com/acme/made"
    assert {skipped.path for skipped in plain.skipped} == {"bin.md", "lfs.md", "big.md"}
    assert source.asked.count("a.md") == 1, "one file is read once for all extracts"
    assert "c.py" not in source.asked
    assert "big.md" not in source.asked


def test_what_was_read_is_not_read_again() -> None:
    """The second time nothing is asked, nothing written, and the facts are the same."""
    memory = Memory()
    first = told(Made(FILES), memory)
    again = Made(FILES)
    second = told(again, memory)
    assert again.asked == []
    assert memory.writes == 1
    assert second.facts == first.facts
    assert set(again.known) == {"c" * 40}
    changed = Made(FILES | {"b.txt": b"three four", "new.md": b"n"})
    third = tree_of(told(changed, memory))
    assert sorted(changed.asked) == ["b.txt", "new.md"]
    assert third.extracts["words"]["b.txt"] == Words(2, "b.txt")


def test_a_tree_is_listed_once() -> None:
    """The files of the same tree are not asked for again, and are the same ones."""
    memory = Memory()
    kinds = ("file", "link", "executable", "submodule")

    class Counted(Made):
        listed = 0

        def files(self) -> tuple[TreeFile, ...]:
            self.listed += 1
            return tuple(
                msgspec.structs.replace(file, kind=kinds[at % len(kinds)])
                for at, file in enumerate(super().files())
            )

    first, second, other = Counted(FILES), Counted(FILES), Counted(FILES | {"d.py": b"y"})
    before = tree_of(told(first, memory))
    after = tree_of(told(second, memory))
    assert (first.listed, second.listed) == (1, 0)
    assert after == before
    assert after.roles == "----s--"
    assert [file.path for file in tree_of(told(other, memory)).files] == sorted(other.by_path)
    assert other.listed == 1


def test_roles_of_another_version_are_told_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was kept by other rules is not believed."""
    memory = Memory()
    told(Made(FILES), memory)
    monkeypatch.setattr(kept_extracts, "ROLES_VERSION", 0)
    monkeypatch.setattr(tree_reading, "letters_of", lambda paths: "t" * len(list(paths)))
    assert tree_of(told(Made(FILES), memory)).roles == "t" * len(FILES)


def test_the_same_bytes_under_another_name_are_read_again() -> None:
    """What an extract says may depend on the path."""
    memory = Memory()
    told(Made({"a.md": b"one"}), memory)
    moved = Made({"b.md": b"one"})
    assert tree_of(told(moved, memory)).extracts["words"]["b.md"] == Words(1, "b.md")


def test_a_new_version_of_an_extract_reads_anew() -> None:
    """The version and the fields of an extract are part of what is kept."""
    memory = Memory()
    told(Made(FILES), memory)
    newer = msgspec.structs.replace(EXTRACTS["words"], version=2)
    source = Made(FILES)
    told(source, memory, extracts=EXTRACTS | {"words": newer})
    assert "a.md" in source.asked


@pytest.mark.parametrize("damage", ["cut", "altered", "other", "empty"])
def test_a_damaged_file_of_ours_is_thrown_away(damage: str) -> None:
    """Kept facts that were cut short or changed are never believed, and it is said."""
    memory = Memory()
    first = told(Made(FILES), memory)
    ((name, content),) = memory.files.items()
    memory.files[name] = {
        "cut": content[:-5],
        "altered": content[:40] + bytes([content[40] ^ 1]) + content[41:],
        "other": b"something else",
        "empty": b"",
    }[damage]
    second = told(Made(FILES), memory)
    assert second.facts == first.facts
    assert any("damaged" in note for note in second.notes)
    third = told(Made(FILES), memory)
    assert third.notes == ()


@given(st.binary(max_size=200), st.integers(0, 400))
def test_no_byte_of_it_breaks_the_gathering(rubbish: bytes, at: int) -> None:
    """Whatever lies in the place of kept facts, the answer is that of a first time."""
    memory = Memory()
    first = told(Made({"a.md": b"one two"}), memory)
    ((name, content),) = memory.files.items()
    memory.files[name] = content[:at] + rubbish
    assert told(Made({"a.md": b"one two"}), memory).facts == first.facts


def test_a_full_disk_costs_time_and_not_the_answer() -> None:
    """Where nothing can be kept, the facts are told all the same."""

    class Full(Memory):
        def replace(self, name: str, content: bytes) -> None:
            raise Unavailable("no space left")

    gathered = told(Made(FILES), Full())
    assert tree_of(gathered).extracts["words"]
    assert any("no space" in note for note in gathered.notes)


def test_an_extract_that_fails_costs_one_file() -> None:
    """A defect of ours is told of; the other extracts still read the file."""
    gathered = told(Made({"a.md": b"explode", "b.md": b"fine"}))
    tree = tree_of(gathered)
    assert list(tree.extracts["words"]) == ["b.md"]
    assert list(tree.extracts["size"]) == ["a.md", "b.md"]
    assert any("words failed" in note for note in gathered.notes)
    assert [skipped.path for skipped in tree.skipped] == ["a.md"]


def test_what_was_not_to_be_had_is_asked_for_again() -> None:
    """A missing object is told as skipped, and looked for the next time."""
    memory = Memory()
    source = Made({"a.md": b"one"})
    source.lost.add("a.md")
    assert [skipped.reason for skipped in tree_of(told(source, memory)).skipped] == [
        "not to be had"
    ]
    listing = Kept(memory, source.place).listing(source.tree)
    assert listing is None, "git cannot tell the size of what is missing"
    assert tree_of(told(Made({"a.md": b"one"}), memory)).extracts["words"]["a.md"].count == 1


def test_a_sample_is_the_same_each_time_and_said() -> None:
    """Too many files give a sample by object id, which the tree names."""
    few = msgspec.structs.replace(EXTRACTS["words"], most=3)
    files = {f"{n}.md": f"file {n}".encode() for n in range(9)}
    memory = Memory()
    first = tree_of(told(Made(files), memory, extracts={"words": few}))
    assert len(first.extracts["words"]) == 3
    assert not first.is_census("words")
    again = tree_of(told(Made(files), memory, extracts={"words": few}))
    assert again == first


class Other:
    """A second process in the same one; it may be lost."""

    def __init__(self, lost: bool = False) -> None:
        self.lost = lost
        self.batches = 0

    def start(self) -> None:
        pass

    def read(self, jobs: Sequence[Job]) -> "Other":
        self.batches += 1
        self.jobs = list(jobs)
        return self

    def is_done(self) -> bool:
        return True

    def answers(self) -> list[Any] | None:
        from pawl.maturity.reading import read_content

        if self.lost:
            return None
        return [read_content(path, text, names, EXTRACTS) for path, _, text, names in self.jobs]


@pytest.mark.parametrize("lost", [False, True])
def test_a_second_process_changes_nothing_but_time(
    lost: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shared or not, or with the other one lost, the facts are the same."""
    monkeypatch.setattr(tree_reading, "WORTH_BYTES", 10)
    monkeypatch.setattr(tree_reading, "BATCH_BYTES", 20)
    files = {f"{n}.md": f"this is file {n}".encode() for n in range(20)}
    alone = told(Made(files))
    other = Other(lost)
    assert told(Made(files), beside=other).facts == alone.facts
    assert other.batches > 1


def test_a_source_that_cannot_be_read_says_why() -> None:
    """A failing history leaves the tree, and the section says what to do."""
    source = Made(FILES)
    source.fails = CannotTell("git cannot read the history.", hint="Fetch it.")
    facts = told(source).facts
    assert facts.history == Absent("git cannot read the history.", "Fetch it.")
    assert isinstance(facts.tree, Tree)
    assert facts.practice == Absent("Pawl's own records were not asked.")


def test_practice_is_asked_and_may_be_busy() -> None:
    """Stores that cannot be asked become a section that says so."""
    practice = Practice(complete_since=NOW)
    assert told(Made({}), practice=lambda: practice).facts.practice == practice

    def busy() -> Practice:
        raise Unavailable("somebody has it", hint="Wait.")

    assert told(Made({}), practice=busy).facts.practice == Absent("somebody has it", "Wait.")


def test_progress_is_told() -> None:
    """Whoever waits sees how far it is, up to the end."""
    seen: list[tuple[int, int, str]] = []
    told(Made(FILES), progress=lambda *each: seen.append(each))
    assert seen[0][:2] == (0, 4)
    assert seen[-1] == (4, 4, "files read")


class Given(msgspec.Struct, frozen=True):
    """A file that was handed over."""

    path: str
    content: bytes | None
    typed: bool = False

    @property
    def size(self) -> int:
        return len(self.content or b"")

    def read(self) -> bytes | None:
        return self.content


def test_exports_in_the_tree_are_marked_as_the_trees_own_word() -> None:
    """What the assessed brought along is told apart from what was handed over beside it."""
    source = Made({".pawl/evidence/junit.xml": JUNIT.encode()})
    reports = told(source, exports=[Given("/ci/junit.xml", JUNIT.encode())]).facts.reports
    assert isinstance(reports, Reports)
    marks = {run.source: is_claimed(run.source) for run in reports.tests}
    assert marks == {"tree:.pawl/evidence/junit.xml": True, "/ci/junit.xml": False}


def test_naming_a_committed_file_does_not_make_it_anybody_elses_word() -> None:
    """A file of the tree stays the tree's when it is handed over by its path."""
    source = Made({"reports/junit.xml": JUNIT.encode()})
    reports = told(
        source,
        exports=[
            Given("/made/reports/junit.xml", JUNIT.encode()),
            Given("/made/build/junit.xml", JUNIT.encode()),
        ],
    ).facts.reports
    assert isinstance(reports, Reports)
    assert {run.source for run in reports.tests} == {
        "tree:/made/reports/junit.xml",
        "/made/build/junit.xml",
    }


def test_a_typed_file_that_does_not_read_is_an_error() -> None:
    """What a person names must read; what lies in a folder may not, and is named."""
    with pytest.raises(BadFile):
        told(Made({}), exports=[Given("/ci/junit.xml", b"<testsuites>", typed=True)])
    reports = told(Made({}), exports=[Given("/ci/junit.xml", b"<testsuites>")]).facts.reports
    assert isinstance(reports, Reports)
    ((path, reason),) = reports.unreadable
    assert path == "/ci/junit.xml"
    assert "XML" in reason


def test_a_real_repository_end_to_end(tmp_path: Path) -> None:
    """A repository on disk is read through git, twice, with the same answer."""
    top = tmp_path / "shop"
    top.mkdir()
    (top / "README.md").write_text("# Shop\n")
    for command in (
        ("init", "-q"),
        ("add", "."),
        ("-c", "user.name=a", "-c", "user.email=a@x", "commit", "-qm", "one"),
    ):
        subprocess.run(("git", "-C", str(top), *command), check=True)
    answers = []
    for _ in range(2):
        with open_tree(top) as source:
            answers.append(
                gather(
                    source,
                    now="2099-01-01T00:00:00.000000Z",
                    extracts=EXTRACTS,
                    storage=DataFiles(tmp_path / "kept"),
                    history_days=40_000,
                )
            )
    assert answers[0] == answers[1]
    assert answers[0].facts.subject == "repo:shop"
    assert answers[0].uncommitted == 0
    assert tree_of(answers[0]).extracts["words"]["README.md"].count == 2


def test_empty_places_say_so(tmp_path: Path) -> None:
    """A repository without commits has no tree; a plain folder has one and no history."""
    subprocess.run(("git", "init", "-q", str(tmp_path / "new")), check=True)
    with open_tree(tmp_path / "new") as source:
        facts = gather(source, now=NOW, extracts=EXTRACTS).facts
    assert isinstance(facts.tree, Absent)
    assert isinstance(facts.history, Absent)
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain" / "a.md").write_text("x")
    with open_tree(tmp_path / "plain") as folder:
        facts = gather(folder, now=NOW, extracts=EXTRACTS).facts
    assert isinstance(facts.tree, Tree)
    assert facts.tree.commit is None
    assert isinstance(facts.history, Absent)
