"""What doctor says of who is reached."""

from datetime import UTC

import pytest
from tests.incidents.made_incidents import NOW, PEOPLE, SCHEDULE

from pawl.base.finding import Finding, Outcome
from pawl.governance.raci import shipped_raci
from pawl.governance.roster import Grant, Person, Roster
from pawl.incidents.oncall import Schedule, load_schedule, shipped_schedule
from pawl.incidents.oncall_health import oncall_findings, unread_findings
from pawl.incidents.people import People

ZONES = {"UTC": UTC}


def told(schedule: Schedule, people: People = PEOPLE) -> dict[str, Finding]:
    """Return the findings by id."""
    return {each.id: each for each in oncall_findings(schedule, people, ZONES, NOW)}


def failed(schedule: Schedule, people: People = PEOPLE) -> set[str]:
    """Return the ids of what is wrong."""
    found = told(schedule, people)
    return {name for name, each in found.items() if each.outcome is Outcome.FAIL}


def scheduled(members: str, starts: str = "2026-01-05") -> Schedule:
    """Return a schedule with one rotation."""
    return load_schedule(
        "schema: pawl.oncall/1\nrotations:\n"
        f"  - {{id: primary, members: [{members}], starts: {starts}}}\n",
        place="oncall.yaml",
    )


def test_a_sound_schedule_has_no_finding() -> None:
    """People who are there, for each hour, and somebody who is named at the end."""
    assert failed(SCHEDULE) == set()


@pytest.mark.parametrize(
    ("members", "why"),
    [
        ("ann, nobody", "nobody is not in the roster"),
        ("coder", "coder is no human but a agent"),
        ("gone", "gone is on call from"),
    ],
)
def test_whoever_cannot_answer_is_named(members: str, why: str) -> None:
    """Strangers, agents and those who have left are found before they are paged."""
    found = told(scheduled(members))["whoever-is-on-call-can-answer"]
    assert found.outcome is Outcome.FAIL
    assert why in found.message


def test_who_leaves_during_their_turn_is_named() -> None:
    """A person whose last day is within their own turn cannot finish it."""
    people = People(
        roster=Roster(people=(Person(id="ann", active_to="2026-11-23T00:00:00.000000Z"),)),
        raci=shipped_raci(),
    )
    found = told(scheduled("ann"), people)["whoever-is-on-call-can-answer"]
    assert "leaves on 2026-11-23 00:00Z" in found.message


def test_a_rotation_that_begins_later_leaves_a_gap() -> None:
    """Times with nobody on call are told with their hours."""
    found = told(scheduled("ann", "2026-12-01"))["somebody-is-always-on-call"]
    assert found.outcome is Outcome.FAIL
    assert "2026-11-21 12:00Z to 2026-12-01 09:00Z" in found.message


def test_an_escalation_that_ends_at_nobody_is_wrong() -> None:
    """Where no role is held the breach would name nobody."""
    people = People(roster=Roster(people=(Person(id="ann"),)), raci=shipped_raci())
    found = told(scheduled("ann"), people)["escalation-ends-at-somebody"]
    assert found.outcome is Outcome.FAIL
    assert "security, safety, quality, cost" in found.message


def test_a_team_of_one_is_fine_and_told_what_that_means() -> None:
    """Nothing fails; what one person cannot do is said."""
    people = People(
        roster=Roster(
            people=(Person(id="ann"),), grants=(Grant(person="ann", role="incident-commander"),)
        ),
        raci=shipped_raci(),
    )
    assert failed(scheduled("ann"), people) == set()
    assert (
        "Every page goes to ann"
        in told(scheduled("ann"), people)["more-than-one-person-is-reached"].message
    )
    assert "more-than-one-person-is-reached" not in told(SCHEDULE)


def test_without_rotations_owners_are_paged_and_that_is_no_failure() -> None:
    """The shipped schedule has none."""
    assert failed(shipped_schedule()) == set()


def test_what_does_not_read_is_a_finding_of_its_own() -> None:
    """Each doubt is told, with what follows from it."""
    (found,) = unread_findings(("The schedule does not read.",), "main")
    assert found.outcome is Outcome.FAIL
    assert "wrong people" in found.hint
