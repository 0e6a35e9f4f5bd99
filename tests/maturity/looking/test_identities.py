"""People, machines, and who may be whom."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.maturity.looking.identities import is_machine, is_same, normal, people


@pytest.mark.parametrize(
    "account",
    [
        "dependabot[bot]",
        "49699333+dependabot[bot]@users.noreply.github.com",
        "github-actions",
        "Claude <noreply@anthropic.com>",
        "copilot-swe-agent",
        "project_4711_bot_ab12",
        "acme-bot",
        "devin-ai-integration[bot]",
        "cursoragent@cursor.com",
    ],
)
def test_bots_and_agents_are_machines(account: str) -> None:
    """Accounts and addresses of automation and coding agents are no people."""
    assert is_machine(account)


@pytest.mark.parametrize(
    "account", ["alice", "abbott", "claudette@x.io", "cindy", "robotnik@x.io", "ampere", "botond"]
)
def test_people_with_such_names_are_people(account: str) -> None:
    """A name that begins like a bot's is a person's all the same."""
    assert not is_machine(account)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("@Alice", "alice", True),
        ("alice", "12+alice@users.noreply.github.com", True),
        ("alice", "alice@acme.io", True),
        ("alice@acme.io", "alice@home.org", False),
        ("Alice A <alice@acme.io>", "alice@acme.io", True),
        ("alice", "bob", False),
    ],
)
def test_accounts_that_may_be_one_person_are_the_same(one: str, other: str, same: bool) -> None:
    """A handle may be an address's first part; two addresses are two."""
    assert is_same(one, other) is same
    assert is_same(other, one) is same


def test_somebody_seen_twice_is_counted_once() -> None:
    """A handle and the address that may be its own are one, machines are none."""
    assert len(people(["ann", "ann@x.io", "ben@x.io", "renovate[bot]", ""])) == 2


@given(st.text(max_size=80))
def test_normal_form_is_stable(account: str) -> None:
    """What is compared stays the same when it is brought to its form again."""
    assert normal(normal(account)) == normal(normal(normal(account)))
    is_machine(account)
