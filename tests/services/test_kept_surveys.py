"""A survey is made again when, and only when, something that it read has changed."""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha1
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from pawl.maturity.facts.tree import TreeFile
from pawl.maturity.survey import Survey, Whole
from pawl.services.kept_surveys import KeptSurveys, WholeTree

DAY = "2026-11-21"


class Told(msgspec.Struct, frozen=True):
    """What the made-up survey says: how often one word stands in what it reads."""

    words: int


class Memory:
    """Files of ours in memory."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def read(self, name: str) -> bytes | None:
        """Return a file's bytes."""
        return self.files.get(name)

    def replace(self, name: str, content: bytes) -> None:
        """Write a file."""
        self.files[name] = content


class Bench:
    """A survey over files in memory, with a count of how often it looked."""

    def __init__(self) -> None:
        self.memory = Memory()
        self.looked = 0
        self.notes: list[str] = []

    def told(
        self,
        files: Mapping[str, bytes],
        *,
        identity: str = "1",
        tree: str | None = None,
        day: str = DAY,
        lost: bool = False,
    ) -> dict[str, Any]:
        """Return what the survey comes to, with what was kept from before."""
        listed = [
            TreeFile(path, len(content), sha1(content).hexdigest())
            for path, content in sorted(files.items())
        ]

        def contents(asked: Sequence[TreeFile]) -> Iterator[tuple[TreeFile, bytes | None]]:
            return ((file, None if lost else files[file.path]) for file in asked)

        survey = Survey(
            identity=identity,
            kind=Told,
            look=self._look,
            first=lambda entries: [path for path in entries if path.endswith(".md")],
        )
        kept = KeptSurveys(self.memory, "/made")
        found = kept.made({"words": survey}, listed, contents, tree=tree, day=day)
        kept.save()
        self.notes = kept.notes
        return found

    def _look(self, whole: Whole, day: str) -> Told:
        self.looked += 1
        texts = [whole.text(path) for path in whole.entries if path.endswith(".md")]
        if any(text and "explode" in text for text in texts):
            raise RuntimeError("boom")
        return Told(sum(text.count("word") for text in texts if text))


def test_what_was_read_and_is_the_same_is_not_looked_at_again() -> None:
    """Another commit, or a file that was not read, changes nothing."""
    bench = Bench()
    files = {"a.md": b"word", "b.py": b"x"}
    assert bench.told(files, tree="t1") == {"words": Told(1)}
    assert bench.told(files, tree="t1") == {"words": Told(1)}
    assert bench.told({**files, "b.py": b"y"}, tree="t2") == {"words": Told(1)}
    assert bench.looked == 1


def test_what_it_rests_on_is_looked_at_again() -> None:
    """A file that it read, a name that came or went, the rules, the day: each makes it anew."""
    bench = Bench()
    files = {"a.md": b"word", "b.py": b"x"}
    bench.told(files, tree="t1")
    assert bench.told({**files, "a.md": b"word word"}, tree="t2") == {"words": Told(2)}
    assert bench.told({**files, "c.md": b"word"}, tree="t3") == {"words": Told(2)}
    bench.told(files, tree="t1", identity="2")
    bench.told(files, tree="t1", identity="2", day="2026-11-22")
    assert bench.looked == 5


def test_what_is_not_to_be_had_is_not_kept() -> None:
    """A file that a partial clone lacks may be there tomorrow."""
    bench = Bench()
    assert bench.told({"a.md": b"word"}, tree="t1", lost=True) == {"words": Told(0)}
    assert bench.told({"a.md": b"word"}, tree="t1") == {"words": Told(1)}


def test_a_survey_that_fails_is_told_of_and_left_out() -> None:
    """A defect of ours costs the survey, and nothing else."""
    bench = Bench()
    assert bench.told({"a.md": b"explode"}) == {}
    assert "boom" in bench.notes[0]


def test_what_was_kept_and_is_damaged_is_made_anew() -> None:
    """A file that was altered is never believed."""
    bench = Bench()
    bench.told({"a.md": b"word"}, tree="t1")
    (name,) = bench.memory.files
    bench.memory.files[name] = bench.memory.files[name][:-1] + b"\0"
    assert bench.told({"a.md": b"word"}, tree="t1") == {"words": Told(1)}
    assert bench.looked == 2
    assert "damaged" in bench.notes[0]


def test_links_say_where_they_lead_and_are_never_followed() -> None:
    """A link has a target and no text; a file has text and no target."""
    files = [TreeFile("a.md", 4, "1"), TreeFile("l.md", 10, "2", "link")]

    def contents(asked: Sequence[TreeFile]) -> Iterator[tuple[TreeFile, bytes | None]]:
        return ((file, b"text" if file.path == "a.md" else b"../outside") for file in asked)

    whole = WholeTree(files, contents, in_git=True)
    assert (whole.entries["l.md"].target, whole.text("l.md")) == ("../outside", None)
    assert (whole.entries["a.md"].target, whole.text("a.md")) == (None, "text")
    assert whole.content("a.md", 3) is None


CONTENTS = st.dictionaries(
    st.sampled_from(["a.md", "b.md", "c.py"]), st.sampled_from([b"word", b"word word", b"x"])
)


@given(st.lists(CONTENTS, min_size=1, max_size=5))
def test_a_kept_answer_is_the_one_that_looking_gives(trees: list[dict[str, bytes]]) -> None:
    """Whatever came before, the answer is the one of somebody who kept nothing."""
    bench = Bench()
    for files in trees:
        assert bench.told(files) == Bench().told(files)
