"""A tree answers questions about its paths as a plain look at all of them would."""

from hypothesis import given
from hypothesis import strategies as st

from pawl.maturity.facts.tree import Tree, TreeFile
from pawl.parsing.languages import NOBODYS, SOURCE, SUPPORT, TEST, letters_of, role_of

PATHS = st.sets(
    st.lists(st.sampled_from(["a", "a.py", "ab", "tests", "test_a.py", "a-b", "ä"]), min_size=1)
    .filter(lambda parts: len(parts) < 5)
    .map("/".join),
    max_size=12,
)


def _tree(paths: set[str]) -> Tree:
    files = tuple(TreeFile(path, 1, f"id of {path}") for path in sorted(paths))
    roles = letters_of(file.path for file in files)
    return Tree(commit=None, tree=None, files=files, extracts={}, roles=roles)


@given(PATHS, st.sampled_from(["", "a", "a/", "tests/", "a-", "b", "ä/", "a/tests/"]))
def test_below_are_the_paths_that_begin_so(paths: set[str], start: str) -> None:
    """All of them, in order, and no other."""
    found = [file.path for file in _tree(paths).below(start)]
    assert found == sorted(path for path in paths if path.startswith(start))


@given(PATHS, st.sampled_from(["", "a", "tests", "a/tests", "ab", "."]))
def test_a_folder_is_what_something_lies_in(paths: set[str], folder: str) -> None:
    """At any depth; the root is nobody's folder."""
    holds = any(path.startswith(f"{folder}/") for path in paths)
    assert _tree(paths).is_folder(folder) == (bool(folder) and holds)


@given(PATHS, st.lists(st.sampled_from(["a", "a.py", "ab", "zz", "tests/a.py", "a/a"])))
def test_object_ids_are_found_by_path(paths: set[str], asked: list[str]) -> None:
    """Each once and sorted; a path that is not there has none."""
    tree = _tree(paths)
    assert tree.blobs_of(asked) == sorted(f"id of {path}" for path in paths & set(asked))
    assert [tree.blob_of(path) is not None for path in asked] == [path in paths for path in asked]


@given(PATHS)
def test_files_are_found_by_role(paths: set[str]) -> None:
    """The letters stand for what each path is asked for by itself."""
    tree = _tree(paths)
    letters = {SOURCE: "source", TEST: "test", SUPPORT: "support", NOBODYS: None}
    for letter, role in letters.items():
        found = [file.path for file in tree.of_role(letter)]
        assert found == sorted(path for path in paths if role_of(path) == role)
    assert len(tree.of_role(SOURCE + TEST)) == len(tree.of_role(SOURCE)) + len(tree.of_role(TEST))
