"""What is read out of CODEOWNERS, in each host's place and syntax."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.maturity.extracts.codeowners import EXTRACT, CodeOwners, in_force, read_owners
from pawl.maturity.facts.tree import TreeFile
from pawl.parsing.owned_paths import OwnerRule, owners_of


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("CODEOWNERS", True),
        (".github/CODEOWNERS", True),
        ("docs/CODEOWNERS", True),
        (".gitlab/CODEOWNERS", True),
        (".gitea/CODEOWNERS", True),
        (".bitbucket/CODEOWNERS", True),
        ("src/CODEOWNERS", False),
        ("vendor/x/.github/CODEOWNERS", False),
    ],
)
def test_only_places_that_a_host_reads_are_wanted(path: str, wanted: bool) -> None:
    """A file of owners counts where a host looks for it, and nowhere else."""
    assert EXTRACT.wants(TreeFile(path, 10, "b")) is wanted


def test_github_rules_keep_their_lines_and_lines_without_owners() -> None:
    """A line without owners is a rule that takes ownership away; comments are none."""
    read = read_owners(
        ".github/CODEOWNERS",
        "# everything\n* @acme/core dev@acme.io # note\n\n/docs/\nwith\\ space.md @bob\n",
    )
    assert read.dialect == "github"
    assert read.rules == (
        OwnerRule("*", ("@acme/core", "dev@acme.io"), 2),
        OwnerRule("/docs/", (), 4),
        OwnerRule("with\\ space.md", ("@bob",), 5),
    )
    assert read.impossible == ()
    assert owners_of("with space.md", read.rules, "github") == ("@bob",)


@pytest.mark.parametrize(
    "name",
    [
        "bob",
        "@",
        "@your-org/your-team",
        "@nobody",
        "@TODO",
        "me@example.com",
        "@org/team",
        "@@",
        "-",
    ],
)
def test_an_owner_who_cannot_exist_is_left_out_and_told(name: str) -> None:
    """Names without a sign, template words and accounts that stand for nobody own nothing."""
    read = read_owners("CODEOWNERS", f"* {name}\n")
    assert read.impossible == (1,)
    assert read.rules[0].owners == ()


def test_gitlab_sections_have_defaults_options_and_exclusions() -> None:
    """A section's owners stand for its lines without own; `!` takes a path out of the section."""
    text = "[Core][2] @carol\nsrc/\nsrc/api/ @dan\n!src/gen/\n^[Docs]\n*.md @eve\n"
    read = read_owners(".gitlab/CODEOWNERS", text)
    assert read.dialect == "gitlab"
    assert owners_of("src/a.py", read.rules, "gitlab") == ("@carol",)
    assert owners_of("src/api/a.md", read.rules, "gitlab") == ("@dan", "@eve")
    assert owners_of("src/gen/a.py", read.rules, "gitlab") == ()
    assert [rule.optional for rule in read.rules] == [False, False, False, True]


def test_the_host_decides_which_of_several_files_counts() -> None:
    """GitHub prefers its own folder, GitLab the root."""
    files = [
        (path, read_owners(path, "* @a\n"))
        for path in ("CODEOWNERS", ".github/CODEOWNERS", ".gitlab/CODEOWNERS")
    ]
    for host, place in (("github", ".github/CODEOWNERS"), ("gitlab", "CODEOWNERS")):
        found = in_force(files, host)
        assert found is not None
        assert found[0] == place
    assert in_force([]) is None


@given(st.text(max_size=300))
def test_any_text_is_read_and_matched(text: str) -> None:
    """No text raises, and every rule can be asked about a path."""
    for path in ("CODEOWNERS", ".gitlab/CODEOWNERS", ".gitea/CODEOWNERS"):
        read = read_owners(path, text)
        assert isinstance(read, CodeOwners)
        owners_of("src/a.py", read.rules, read.dialect)
