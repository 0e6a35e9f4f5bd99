"""Which files an extract is asked about, and which of those it reads."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from pawl.maturity.extract import Extract
from pawl.maturity.facts.tree import TreeFile
from pawl.maturity.reading import Candidates, chosen, chosen_of


class Nothing(Struct, frozen=True):
    """What these extracts read."""


def extract(*, most: int = 2000, names: str = "", suffixes: str = "") -> Extract:
    return Extract(
        version=1,
        kind=Nothing,
        wants=lambda file: "no" not in file.path,
        read=lambda *_: Nothing(),
        most=most,
        names=frozenset(names.split()),
        suffixes=frozenset(suffixes.split()),
    )


def paths(extract: Extract, files: list[TreeFile]) -> list[str]:
    return [file.path for file in chosen(extract, files)[0]]


FILES = [
    TreeFile("a/CODEOWNERS", 1, "1"),
    TreeFile("a/b.YML", 1, "2"),
    TreeFile("a/b.tar.yml", 1, "3"),
    TreeFile("a/no.yml", 1, "4"),
    TreeFile(".env", 1, "5"),
    TreeFile("a.yml/deep.txt", 1, "6"),
    TreeFile("link.yml", 1, "7", "link"),
    TreeFile("empty.yml", 0, "8"),
    TreeFile("sub.yml", 0, "9", "submodule"),
    TreeFile("run.yml", 1, "a", "executable"),
]


def test_names_and_endings_are_asked_about_in_any_case() -> None:
    """Only base names and last suffixes count, never folders; links and empty files are none."""
    assert paths(extract(suffixes=".yml"), FILES) == ["a/b.YML", "a/b.tar.yml", "run.yml"]
    assert paths(extract(names="codeowners .env"), FILES) == [".env", "a/CODEOWNERS"]
    assert paths(extract(names=".env", suffixes=".env"), FILES) == [".env"]
    assert paths(extract(names="b.yml", suffixes=".yml"), FILES) == [
        "a/b.YML",
        "a/b.tar.yml",
        "run.yml",
    ]


@given(st.lists(st.text(alphabet="ab./Y", min_size=1, max_size=6), unique=True))
def test_the_index_only_saves_asking(names: list[str]) -> None:
    """With an index or without, an extract that wants just those files reads the same."""
    files = [TreeFile(name, 1, str(number)) for number, name in enumerate(sorted(names))]

    def ends(file: TreeFile) -> bool:
        base = file.path.lower().rpartition("/")[2]
        return base == "a" or ("." in base[1:] and base[base.rfind(".") :] == ".b")

    plain = Extract(version=1, kind=Nothing, wants=ends, read=lambda *_: Nothing())
    quick = Extract(
        version=1,
        kind=Nothing,
        wants=ends,
        read=lambda *_: Nothing(),
        names=frozenset({"a"}),
        suffixes=frozenset({".b"}),
    )
    candidates = Candidates(files)
    assert chosen_of(quick, candidates) == chosen_of(plain, candidates)


def test_a_sample_is_picked_by_nobody() -> None:
    """Of too many files those with the lowest object ids are read."""
    looked, sampled = chosen(extract(most=2), FILES)
    assert sampled
    assert [file.blob for file in looked] == ["1", "2"]


def test_particular_files_come_before_a_sample_of_the_others() -> None:
    """What an extract puts first is read whatever its object id; the rest is picked by nobody."""
    particular = Extract(
        version=1,
        kind=Nothing,
        wants=lambda _: True,
        read=lambda *_: Nothing(),
        most=3,
        first=lambda path: path in ("run.yml", ".env"),
    )
    assert [file.blob for file in chosen(particular, FILES)[0]] == ["5", "a", "1"]
