"""Who may give which command: agents propose, services carry out, humans decide."""

from typing import get_args

import pytest

from pawl.governance.permissions import CommandName, Permit, may, shipped_permissions
from pawl.governance.raci import Work, shipped_raci
from pawl.governance.roster import Grant, Kind, Person, Roster

NOW = "2026-11-21T12:00:00.000000Z"
PEOPLE = {
    "lead": Person(id="lead"),
    "eng": Person(id="eng"),
    "guest": Person(id="guest"),
    "robot": Person(id="robot", kind=Kind.AGENT, sponsor="eng"),
    "deployer": Person(id="deployer", kind=Kind.SERVICE),
    "gone": Person(id="gone", active_to="2026-11-01T00:00:00.000000Z"),
}
ROSTER = Roster(
    people=tuple(PEOPLE.values()),
    grants=(
        Grant(person="lead", role="product-lead"),
        Grant(person="eng", role="product-eng"),
        Grant(person="robot", role="product-lead"),
        Grant(person="gone", role="product-lead"),
    ),
)


def asked(command: CommandName, name: str | None, *authors: str) -> Permit:
    return may(
        command,
        PEOPLE[name] if name else None,
        works={Work.PROMPT},
        scope="",
        authors=frozenset(authors),
        roster=ROSTER,
        raci=shipped_raci(),
        now=NOW,
        table=shipped_permissions(),
    )


def test_every_command_has_a_rule() -> None:
    """No command is left to whoever tries it first."""
    assert set(shipped_permissions().commands) == set(get_args(CommandName))


@pytest.mark.parametrize("command", get_args(CommandName))
def test_agents_never_decide(command: CommandName) -> None:
    """An agent may open, edit and submit, whatever roles somebody gave it, and nothing else."""
    assert asked(command, "robot").allowed == (command in ("open", "edit", "submit"))


@pytest.mark.parametrize("name", ["lead", "eng", "guest", "deployer"])
def test_rolling_back_asks_for_no_role(name: str) -> None:
    """Whoever is at hand stops the harm first."""
    assert asked("roll-back", name).allowed


def test_roles_are_needed_where_something_is_decided() -> None:
    """Who answers for the work may answer and start; a guest may not, and is told who may."""
    assert asked("answer", "lead").allowed
    assert asked("start", "eng").allowed
    assert asked("start", "deployer").allowed
    refused = asked("answer", "guest")
    assert not refused.allowed
    assert "product-lead" in refused.reason
    assert not asked("reject", "eng").allowed


def test_authors_may_withdraw_their_own() -> None:
    """A change can be taken back by who wrote it without any role."""
    assert asked("withdraw", "guest", "guest").allowed
    assert not asked("withdraw", "guest").allowed


def test_strangers_and_those_who_left_may_nothing() -> None:
    """An identity that nobody claims, and a person who left, are refused everything."""
    for command in get_args(CommandName):
        assert not asked(command, None).allowed
        assert not asked(command, "gone").allowed
