"""What is read out of files that say who has which role."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.maturity.extracts.roles import EXTRACT, Duty, Role, read_roles
from pawl.maturity.facts.tree import TreeFile

RACI = """
schema: pawl.raci/1
roles:
  product-lead:
    members: ["@alice", carol@acme.io]
  platform: ["@acme/platform"]
work:
  prompt-change: {R: engineer, A: product-lead, C: platform, I: [support]}
  deployment:
    responsible: [platform, engineer]
    accountable: platform and product-lead
"""


def test_a_raci_file_gives_roles_holders_and_duties() -> None:
    """Letters and words mean the same, and a list written in words is a list."""
    read = read_roles(".pawl/raci.yaml", RACI)
    assert read is not None
    assert read.source == "raci"
    assert read.roles == (
        Role("product-lead", ("@alice", "carol@acme.io")),
        Role("platform", ("@acme/platform",)),
    )
    assert read.duties == (
        Duty("prompt-change", ("engineer",), ("product-lead",)),
        Duty("deployment", ("platform", "engineer"), ("platform", "product-lead")),
    )


def test_duties_may_be_a_list_of_tables() -> None:
    """Rows in a list are named by their own key."""
    read = read_roles("docs/raci.yml", "rows:\n- {work: release, r: dev, a: lead}\n")
    assert read is not None
    assert read.duties == (Duty("release", ("dev",), ("lead",)),)


def test_a_broken_raci_file_says_so() -> None:
    """What cannot be read is told, and is not a file without roles."""
    read = read_roles(".pawl/raci.yaml", "roles: [")
    assert read is not None
    assert "YAML" in read.problem
    listed = read_roles(".pawl/raci.yaml", "- a\n")
    assert listed is not None
    assert listed.problem


@pytest.mark.parametrize(
    ("path", "text", "roles"),
    [
        (
            "pkg/OWNERS",
            "approvers:\n- alice\n- bob\nreviewers: [carol]\n",
            (Role("approvers", ("alice", "bob")), Role("reviewers", ("carol",))),
        ),
        (
            "OWNERS",
            "set noparent\n# who\nann@acme.io\nper-file *.md=ben@acme.io,cat@acme.io\n",
            (Role("owners", ("ann@acme.io", "ben@acme.io", "cat@acme.io")),),
        ),
        (
            "MAINTAINERS",
            "SHOP\nM:\tAnn <ann@acme.io>\nR:\tBen <ben@acme.io>\nF:\tshop/\n",
            (Role("maintainers", ("ann@acme.io",)), Role("reviewers", ("ben@acme.io",))),
        ),
        (
            "MAINTAINERS.md",
            "|Name|Account|\n|---|---|\n|Ann|[ann](https://github.com/ann)|\n|B|@ben|\n",
            (Role("maintainers", ("ann", "@ben")),),
        ),
        (
            "MAINTAINERS",
            '[people.ann]\nName = "Ann"\nGitHub = "ann"\n',
            (Role("maintainers", ("ann",)),),
        ),
    ],
)
def test_owners_and_maintainers_name_roles(path: str, text: str, roles: tuple[Role, ...]) -> None:
    """The usual kinds of these files are read."""
    read = read_roles(path, text)
    assert read is not None
    assert read.roles == roles


def test_a_file_that_names_nobody_is_none() -> None:
    """An OWNERS file without accounts says nothing about roles."""
    assert read_roles("OWNERS", "# nobody yet\n") is None
    assert read_roles("MAINTAINERS", "The team.\n") is None


def test_foreign_trees_are_passed() -> None:
    """A vendored project's owners own nothing here."""
    assert EXTRACT.wants(TreeFile("src/OWNERS", 10, "b"))
    assert not EXTRACT.wants(TreeFile("vendor/x/OWNERS", 10, "b"))
    assert not EXTRACT.wants(TreeFile("src/owners.py", 10, "b"))


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    """No text raises, whatever file it stands in."""
    for path in (".pawl/raci.yaml", "OWNERS", "MAINTAINERS", "MAINTAINERS.md"):
        read_roles(path, text)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
        max_leaves=8,
    )
)
def test_any_shape_of_roles_is_read(value: object) -> None:
    """A RACI file of odd shape raises nothing."""

    for shape in ({"roles": value}, {"work": value}, {"work": {"x": {"a": value}}}):
        assert read_roles(".pawl/raci.yaml", json.dumps(shape)) is not None
