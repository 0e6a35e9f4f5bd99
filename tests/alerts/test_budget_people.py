"""Names and teams: one person whatever they are called."""

import pytest

from pawl.alerts.budget_people import (
    People,
    check_people,
    merged,
    named,
    persons_by_name,
    teams_by_name,
)
from pawl.base.errors import BadFile

PEOPLE = People(
    people={"ada": ("ada@example.com", "Ada-L"), "grace": ("grace@example.com",)},
    teams={"platform": ("ada", "linus"), "search": ("ADA@example.com", "grace")},
)


def test_an_alias_of_any_kind_stands_for_its_person() -> None:
    """Git address, telemetry identity and login are one person, in any case of letters."""
    names = persons_by_name(PEOPLE)
    assert {named(names, name) for name in ("ada", "ADA@EXAMPLE.com", "ada-l")} == {"ada"}
    assert named(names, "somebody") == "somebody"


def test_a_team_has_all_names_of_its_members() -> None:
    """A member named by an alias counts with every name; one without an entry with that name."""
    found = teams_by_name(PEOPLE)
    assert found["ada-l"] == ("platform", "search")
    assert found["linus"] == ("platform",)
    assert found["grace@example.com"] == ("search",)
    assert "ada" in teams_by_name(PEOPLE, "Platform")
    assert "grace" not in teams_by_name(PEOPLE, "Platform")


def test_a_name_of_two_people_is_refused() -> None:
    """Whose spend would it be?"""
    twice = People(people={"ada": ("x@example.com",), "grace": ("X@example.com",)})
    with pytest.raises(BadFile, match="both 'ada' and 'grace'"):
        check_people(twice, place="people.yaml")


def test_the_teams_own_file_outranks_a_repositorys() -> None:
    """A repository can add people, and cannot take a name or a team over."""
    theirs = People(
        people={"mallory": ("ada@example.com", "m@example.com"), "ada": ("evil",)},
        teams={"platform": ("mallory",), "docs": ("mallory",)},
    )
    both = merged(PEOPLE, theirs)
    assert named(persons_by_name(both), "ada@example.com") == "ada"
    assert both.people["mallory"] == ("m@example.com",)
    assert both.people["ada"] == PEOPLE.people["ada"]
    assert both.teams["platform"] == ("ada", "linus")
    assert both.teams["docs"] == ("mallory",)
