"""What files may declare, and whose spend counts for a budget."""

from typing import Any

import pytest

from pawl.alerts.budget import Budget, Owner, Scope, budgets_of, whose
from pawl.alerts.budget_people import People
from pawl.base.errors import PawlError

PEOPLE = People(people={"ada": ("ada@example.com",)}, teams={"platform": ("ada",)})
OWNER = Owner(project="shop", developer="Ada@Example.com", agent="codex", models=("gpt-5.5",))


def declared(**section: Any) -> Budget:
    """Return the budget that one section declares."""
    whole = {"name": "b", "scope": "organisation", "hard_usd": 1, **section}
    (found,) = budgets_of([whole], source="team", people=PEOPLE, place="budgets.toml")
    return found


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        ({}, ("organisation",)),
        ({"of": "Acme"}, ("Acme",)),
        ({"scope": "team", "of": "platform"}, ("platform",)),
        ({"scope": "team", "each": True}, ("platform",)),
        ({"scope": "project", "of": "shop"}, ("shop",)),
        ({"scope": "project", "of": "sh*"}, ("sh*",)),
        ({"scope": "project", "of": "other"}, ()),
        ({"scope": "project", "each": True}, ("shop",)),
        ({"scope": "developer", "of": "ada@example.com"}, ("ada",)),
        ({"scope": "developer", "of": "ada"}, ("ada",)),
        ({"scope": "developer", "of": "grace"}, ()),
        ({"scope": "developer", "each": True}, ("ada",)),
        ({"scope": "model", "of": "gpt-*"}, ("gpt-*",)),
        ({"scope": "model", "of": "claude-*"}, ()),
        ({"scope": "agent", "of": "codex"}, ("codex",)),
    ],
)
def test_whose_spend_it_is(section: dict[str, Any], expected: tuple[str, ...]) -> None:
    """Each scope by name, by pattern, for each; people by any of their names."""
    assert whose(declared(**section), OWNER) == expected


def test_an_unknown_owner_has_a_budget_of_its_own_where_each_has_one() -> None:
    """Nobody's spend is a group that can run out, never a way around the limit."""
    nobody = Owner(models=())
    assert whose(declared(scope="project", each=True), nobody) == ("(unknown)",)
    assert whose(declared(scope="developer", each=True), nobody) == ("(unknown)",)
    assert whose(declared(scope="developer", of="ada"), nobody) == ()


def test_a_model_that_is_not_known_yet_counts_for_a_budget_of_any() -> None:
    """Before a run starts its model may be anything."""
    before = Owner(models=None)
    assert whose(declared(scope="model", of="claude-*"), before) == ("claude-*",)


@pytest.mark.parametrize(
    ("section", "told"),
    [
        ({"name": "a/b"}, "not a budget's name"),
        ({"hard_usd": None}, "no limit"),
        ({"hard_usd": "much"}, "not an amount"),
        ({"hard_usd": -1}, "not an amount"),
        ({"soft_usd": 2}, "more than hard_usd"),
        ({"scope": "project"}, "whose budget"),
        ({"scope": "project", "of": "x", "each": True}, "`each`"),
        ({"each": True}, "`each`"),
        ({"scope": "model", "each": True}, "not known before"),
        ({"scope": "team", "of": "nobody"}, "nobody is known"),
        ({"scope": "everybody"}, "Invalid enum"),
        ({"period": "year"}, "Invalid enum"),
        ({"wildly": 1}, "unknown field"),
        ({"hard_usd": [1]}, "Expected"),
    ],
)
def test_what_means_nothing_is_refused_with_its_place(section: dict[str, Any], told: str) -> None:
    """The message names the file and the section."""
    with pytest.raises(PawlError, match=told) as caught:
        declared(**section)
    assert caught.value.place.startswith("budgets.toml")


def test_a_name_stands_once() -> None:
    """Two budgets of one name in one file could not be told apart."""
    section = {"name": "b", "scope": "organisation", "hard_usd": 1}
    with pytest.raises(PawlError, match="second budget"):
        budgets_of([section, section], source="team", people=PEOPLE, place="budgets.toml")


def test_amounts_are_whole_micro_dollars() -> None:
    """A float of dollars in the file becomes the integer it looks like."""
    assert declared(hard_usd=0.1).hard_micros == 100_000
    assert declared(hard_usd="0.000001").hard_micros == 1
    assert declared(scope=Scope.ORGANISATION.value, run_usd=0.5).run_micros == 500_000
