"""Who is paged and when, the broken promise of a commander, and who watches the timers."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.incidents.made_incidents import (
    NOW,
    PEOPLE,
    SCHEDULE,
    ZONES,
    at,
    declared,
    events,
    in_state,
    paging,
)

from pawl.governance.priority import Domain
from pawl.governance.roster import Roster
from pawl.incidents.commands import Accept, Decline, Tick
from pawl.incidents.event import Happened, after, plain
from pawl.incidents.incident import Happening, Incident, State
from pawl.incidents.paging import due, pending, plan
from pawl.incidents.people import People
from pawl.incidents.timer_audit import Wrong, audit_timers, ticker_is_dead
from pawl.incidents.transitions import decide

TICK = Tick(by="pawl")


def born(incident: Incident) -> Happened:
    """Return the event that an incident was declared."""
    return Happened(
        type=Happening.DECLARED, subject=incident.id, at=NOW, by="x:1", sets=plain(incident)
    )


def played(*steps: tuple[float, Tick | Accept | Decline]) -> list[Happened]:
    """Return all events of an incident to which things happen some seconds after its start."""
    incident = declared()
    found = [born(incident)]
    for seconds, command in steps:
        for each in events(decide(incident, command, at(seconds))):
            incident = after(incident, each)
            found.append(each)
    return found


def types(found: list[Happened]) -> list[str]:
    """Return what happened."""
    return [each.type for each in found]


ACCEPT = Accept(by="github:2", people=PEOPLE)


def test_deadlines_are_stored_at_the_declaration() -> None:
    """Two on call, the owner of the domain, and the end of the promise, each with a person."""
    found = [(each.due_at, each.person, each.breach) for each in paging().deadlines]
    assert found == [
        (at(0), "pia", False),
        (at(120), "leo", False),
        (at(240), "leo", False),
        (at(300), "leo", True),
    ]


def test_forty_minutes_without_a_commander() -> None:
    """Each page goes out when it is due and the breach is told once, at 300 seconds."""
    found = played(*((float(second), TICK) for second in range(0, 2400, 5)))
    assert [(each.type, each.at) for each in found[1:]] == [
        (Happening.PAGED, at(0)),
        (Happening.PAGED, at(120)),
        (Happening.PAGED, at(240)),
        (Happening.BREACHED, at(300)),
    ]
    assert audit_timers(found, at(2400), 5) == ()


def test_a_restart_in_between_changes_nothing() -> None:
    """A value that was read back from its events goes on where it was, and nothing comes twice."""
    quiet = [(float(second), TICK) for second in range(0, 200, 5)]
    late = [(float(second), TICK) for second in range(290, 400, 5)]
    found = played(*quiet, *late)
    assert types(found).count(Happening.BREACHED) == 1
    assert types(found).count(Happening.PAGED) == 3


@given(st.lists(st.floats(-100, 5000, allow_nan=False), max_size=12), st.floats(0, 5000))
def test_a_breach_is_told_once_whatever_the_clock_does(jumps: list[float], accept: float) -> None:
    """However ticks come, accepting later than 300 seconds is one breach, before the acceptance."""
    found = played(*((jump, TICK) for jump in jumps), (accept, ACCEPT))
    accepted = next(each.at for each in found if each.type == Happening.ACCEPTED)
    told = [each for each in found if each.type == Happening.BREACHED]
    if accepted != at(300):
        assert len(told) == (accepted > at(300))
    assert all(each.at <= accepted for each in told)


def test_accepting_at_the_last_instant_is_in_time() -> None:
    """At 300 seconds the promise is kept, unless the breach was told before."""
    assert Happening.BREACHED not in types(played((300, ACCEPT)))
    assert types(played((300, TICK), (300, ACCEPT))).count(Happening.BREACHED) == 1


def test_what_is_declined_late_was_breached_as_well() -> None:
    """Ending it without a commander, after the time, does not make the breach go away."""
    gone = Decline(by="x:1", reason="A test.")
    assert Happening.BREACHED in types(played((301, gone)))
    assert Happening.BREACHED not in types(played((299, gone)))


def test_nobody_is_paged_once_somebody_commands() -> None:
    """Whatever was still to come falls away."""
    assert due(in_state(State.COMMANDED), at(9999)) == ()
    assert len(pending(declared())) == 4


def test_who_is_on_call_nowhere_is_replaced_by_who_commands() -> None:
    """A team without rotations pages whoever owns the domain; nobody at all is told as such."""
    bare = msgspec.structs.replace(SCHEDULE, rotations=())
    found = plan(bare, PEOPLE, ZONES, NOW, domain=Domain.SECURITY)
    assert {each.person for each in found.deadlines} == {"sue"}
    alone = People(roster=Roster(), raci=PEOPLE.raci)
    found = plan(bare, alone, ZONES, NOW, domain=Domain.SECURITY)
    assert {(each.person, each.role) for each in found.deadlines} == {("", "security-lead")}


def test_the_auditor_finds_a_dead_ticker() -> None:
    """Timers that never ran are named, also when somebody accepted after all."""
    silent = audit_timers(played(), at(306), 5)
    assert [(each.deadline, each.wrong) for each in silent] == [
        ("1/page-0", Wrong.MISSING),
        ("1/page-1", Wrong.MISSING),
        ("1/page-2", Wrong.MISSING),
        ("1/breach", Wrong.MISSING),
    ]
    rescued = audit_timers(played((200, ACCEPT)), at(400), 5)
    assert [each.deadline for each in rescued] == ["1/page-0", "1/page-1"]
    assert audit_timers(played(), at(4), 5) == ()


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        (lambda found: [*found, found[1]], Wrong.TWICE),
        (lambda found: [msgspec.structs.replace(e, at=at(-9)) for e in found], Wrong.NEEDLESS),
        (lambda found: [msgspec.structs.replace(e, at=at(9)) for e in found], Wrong.LATE),
    ],
)
def test_the_auditor_finds_timers_that_ran_wrongly(change, wrong) -> None:  # type: ignore[no-untyped-def]
    """One that ran twice, too early or too late is named."""
    found = audit_timers(change(played((0, TICK))), at(10), 5)
    assert [each.wrong for each in found] == [wrong]


def test_a_silent_ticker_is_dead() -> None:
    """Without a sign of life for longer than it may, or without any, it is."""
    assert ticker_is_dead(None, NOW, 5)
    assert ticker_is_dead(at(-6), NOW, 5)
    assert not ticker_is_dead(at(-5), NOW, 5)
