"""Paths of reports, matched with those of the tree."""

from hypothesis import given
from hypothesis import strategies as st

from pawl.maturity.facts.reports import Coverage, CoveredFile
from pawl.maturity.readers.locating import Paths, located

TREE = Paths(["src/shop/a.py", "src/shop/b.py", "lib/b.py", "a.py", "x/y/b.py"])


def test_paths_are_found_by_their_end() -> None:
    """Absolute paths and paths below a source folder mean the file that they end like."""
    assert TREE.find("src/shop/a.py") == "src/shop/a.py"
    assert TREE.find("home/ci/work/src/shop/a.py") == "src/shop/a.py"
    assert TREE.find("shop/b.py") == "src/shop/b.py"
    assert TREE.find("nowhere.py") == "nowhere.py"


def test_a_path_that_could_be_two_is_neither() -> None:
    """A guess would cover lines of another file."""
    assert TREE.find("b.py") == "b.py"


def test_coverage_is_renamed() -> None:
    """The files of a report get the tree's names; their lines stay."""
    report = Coverage(
        source="s", digest="d", files=(CoveredFile("shop/b.py", frozenset({1}), frozenset()),)
    )
    (told,) = located([report], TREE)
    assert told.files == (CoveredFile("src/shop/b.py", frozenset({1}), frozenset()),)


@given(
    st.lists(st.text(alphabet="ab/", min_size=1, max_size=6)), st.text(alphabet="ab/", max_size=8)
)
def test_a_found_path_is_one_of_the_tree_or_unchanged(paths: list[str], told: str) -> None:
    """Nothing is invented."""
    assert Paths(paths).find(told) in {*paths, told}
