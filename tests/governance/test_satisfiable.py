"""Rules that nobody could keep are found before somebody has to."""

from hypothesis import given
from hypothesis import strategies as st

from pawl.base.finding import Severity
from pawl.governance.roster import Grant, Kind, Person, Roster, holders
from pawl.governance.satisfiable import Need, eligible, unsatisfiable

NOW = "2026-11-21T12:00:00.000000Z"
NEED = Need(rule="approval of prompt", roles=("lead",))


def roster(*leads: str, others: tuple[str, ...] = ()) -> Roster:
    return Roster(
        people=tuple(Person(id=each) for each in (*leads, *others)),
        grants=tuple(Grant(person=each, role="lead") for each in leads),
    )


def test_two_leads_can_approve_each_other() -> None:
    """With two of a role every author leaves one."""
    assert unsatisfiable([NEED], roster("ada", "bob", others=("eve",)), NOW) == ()


def test_the_only_lead_is_stuck_with_their_own_change() -> None:
    """With one of a role that one's own changes wait for ever, and that is said of whom."""
    (found,) = unsatisfiable([NEED], roster("ada", others=("eve",)), NOW)
    assert found.severity is Severity.HIGH
    assert "cannot be satisfied for a change of ada" in found.message
    assert "one more person" in found.hint


def test_a_team_of_one_is_told_its_way_out() -> None:
    """One person alone gets the reason, and what they can do instead of looking for a switch."""
    *_, last = unsatisfiable([NEED], roster("ada"), NOW)
    assert last.id == "team-of-one"
    assert "outside the team" in last.hint
    assert "declare-emergency" in last.hint
    assert "break-glass" in last.hint
    assert "rolling back never needs one" in last.message


def test_agents_do_not_help() -> None:
    """An agent with the role leaves nobody who could approve."""
    team = Roster(
        people=(Person(id="ada"), Person(id="bot", kind=Kind.AGENT, sponsor="ada")),
        grants=(Grant(person="ada", role="lead"), Grant(person="bot", role="lead")),
    )
    assert unsatisfiable([NEED], team, NOW)


def test_a_role_that_ends_soon_is_told_with_its_day() -> None:
    """What holds today and not after a grant has ended is a finding from that day on."""
    team = Roster(
        people=(Person(id="ada"), Person(id="bob"), Person(id="eve")),
        grants=(
            Grant(person="ada", role="lead"),
            Grant(person="bob", role="lead", ends="2026-12-01T00:00:00.000000Z"),
        ),
    )
    (found,) = unsatisfiable([NEED], team, NOW)
    assert found.severity is Severity.MEDIUM
    assert found.message.startswith("From 2026-12-01 on ")
    assert unsatisfiable([NEED], team, NOW, horizon_days=5) == ()


@given(
    st.sets(st.sampled_from("abcdef")),
    st.sets(st.sampled_from("abcdef"), min_size=1),
    st.integers(1, 3),
)
def test_it_agrees_with_trying_every_author(leads: set[str], people: set[str], quorum: int) -> None:
    """A need is found unsatisfiable exactly where some author leaves too few who could approve."""
    team = Roster(
        people=tuple(Person(id=each) for each in sorted(people)),
        grants=tuple(Grant(person=each, role="lead") for each in sorted(leads & people)),
    )
    need = Need(rule="r", roles=("lead",), quorum=quorum)
    stuck = any(
        len({*holders(team, "lead", "", NOW)} - {author}) < quorum for author in sorted(people)
    )
    found = [each for each in unsatisfiable([need], team, NOW) if each.id != "team-of-one"]
    assert bool(found) == stuck
    for author in people:
        assert author not in eligible(need, team, NOW, author)
