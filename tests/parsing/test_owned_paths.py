"""Which owners the rules of CODEOWNERS give a path."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.parsing.owned_paths import OwnerRule, expression, owners_of


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("*", "a/b.py", True),
        ("*.py", "x/y.py", True),
        ("*.py", "x/y.pyc", False),
        ("/docs/", "docs/a/b", True),
        ("/docs/", "x/docs/a", False),
        ("docs/", "x/docs/a", True),
        ("docs/*", "docs/a", True),
        ("docs/*", "docs/a/b", False),
        ("apps/web", "apps/web/x", True),
        ("apps/web", "x/apps/web/y", False),
        ("/src/**/test_*.py", "src/a/b/test_x.py", True),
        ("/src/**/test_*.py", "src/test_x.py", True),
        ("src/**", "src/a/b", True),
        ("**/logs", "deep/down/logs/x", True),
        ("*a*b", "ab", True),
        ("*b*b", "ab", False),
        ("a?c", "abc", True),
        ("a?c", "a/c", False),
        ("/Makefile", "Makefile", True),
        ("/Makefile", "x/Makefile", False),
    ],
)
def test_a_pattern_matches_as_its_host_says(pattern: str, path: str, matches: bool) -> None:
    """Patterns are anchored by a slash, stars stay within a folder, two stars do not."""
    rules = (OwnerRule(pattern, ("@o",), 1),)
    assert bool(owners_of(path, rules, "github")) is matches


def test_the_last_match_wins_even_without_owners() -> None:
    """A later line replaces an earlier one, and an empty one takes ownership away."""
    rules = (OwnerRule("*", ("@a",), 1), OwnerRule("/x/", ("@b",), 2), OwnerRule("/x/y", (), 3))
    assert owners_of("z", rules, "github") == ("@a",)
    assert owners_of("x/1", rules, "github") == ("@b",)
    assert owners_of("x/y", rules, "github") == ()


def test_gitea_adds_the_owners_of_all_matching_expressions() -> None:
    """Gitea's patterns are expressions over whole paths; all that match count."""
    rules = (OwnerRule(".*\\.go", ("@go",), 1), OwnerRule("docs/.*", ("@docs",), 2))
    assert owners_of("docs/a.go", rules, "gitea") == ("@go", "@docs")
    assert owners_of("docs/a.gone", rules, "gitea") == ("@docs",)


@pytest.mark.parametrize("pattern", ["(a+)+b", "[a-z]*", ".*.*.*.*x", "\\d+", "a{9}"])
def test_an_expression_that_could_run_long_is_not_read(pattern: str) -> None:
    """Only simple expressions of Gitea are matched; a hostile one matches nothing."""
    assert expression(pattern, "gitea") is None


def test_a_hostile_pattern_takes_no_time() -> None:
    """Many stars against a long name are matched without trying every way to split it."""
    rules = (OwnerRule("*a" * 140 + "b", ("@o",), 1), OwnerRule("**/" * 40 + "x", ("@o",), 2))
    assert owners_of("a" * 4000, rules, "github") == ()


def _fits(pattern: str, name: str) -> bool:
    """Match stars the slow, plain way."""
    if not pattern:
        return not name
    if pattern[0] == "*":
        return _fits(pattern[1:], name) or (bool(name) and _fits(pattern, name[1:]))
    return bool(name) and pattern[0] == name[0] and _fits(pattern[1:], name[1:])


@given(st.text("ab*", min_size=1, max_size=6), st.text("ab", min_size=1, max_size=8))
def test_stars_match_as_the_plain_way_does(pattern: str, name: str) -> None:
    """The quick expression agrees with matching by trying everything."""
    compiled = expression(f"/{pattern}", "github")
    found = compiled is not None and compiled.match(name) is not None
    assert found is _fits(pattern, name)
