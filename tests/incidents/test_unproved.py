"""Whoever takes command by a name that nobody has proved: work begins, and people are paged."""

from tests.incidents.made_incidents import PEOPLE, TERMS, at, declared, events, paging, told

from pawl.incidents.commands import Accept, Decline, Mitigate, Resolve, TakeOver, Tick
from pawl.incidents.emergency import as_emergency, trusted
from pawl.incidents.event import Happened, Refusal, plain
from pawl.incidents.incident import Happening, Incident, Milestone, State
from pawl.incidents.metrics import figures
from pawl.incidents.paging import pending
from pawl.incidents.timer_audit import audit_timers
from pawl.incidents.transitions import decide


def taken() -> Incident:
    """Return an incident that ann commands on her word since second 10."""
    return told(declared(), (Accept(by="github:1", people=PEOPLE, proved=False), 10))


def types(answer: object) -> list[str]:
    """Return what an answer makes happen."""
    return [each.type for each in events(answer)]


def test_a_typed_name_takes_command_and_people_are_paged_all_the_same() -> None:
    """It is commanded, so that work can go on; nothing is stamped, and every deadline stands."""
    known = taken()
    assert (known.state, known.commander, known.unproved) == (State.COMMANDED, "ann", True)
    assert Milestone.ACCEPTED not in known.milestones
    assert pending(known) == declared().paging.deadlines
    assert types(decide(known, Tick(by="pawl"), at(301))).count(Happening.BREACHED) == 1


def test_whoever_proves_who_they_are_commands_from_then_on() -> None:
    """The same person or another; the spell on a word ends, and nobody is paged any more."""
    for by, person in (("github:1", "ann"), ("github:2", "leo")):
        known = told(taken(), (Accept(by=by, people=PEOPLE), 20))
        assert (known.commander, known.unproved) == (person, False)
        assert known.recorded(Milestone.ACCEPTED) == at(20)
        assert [each.person for each in known.commanders] == ["ann", person]
        assert known.commanders[0].until == at(20)
        assert pending(known) == ()


def test_a_typed_name_relieves_nobody() -> None:
    """Neither somebody on their word nor a commander who is known for certain, even if offered."""
    word = Accept(by="github:2", people=PEOPLE, proved=False)
    proved = told(declared(), (Accept(by="github:1", people=PEOPLE), 10))
    for known in (taken(), proved):
        answer = decide(known, word, at(20))
        assert isinstance(answer, Refusal)
        assert answer.code == "weak-source"
    same = Accept(by="github:1", people=PEOPLE, proved=False)
    assert decide(taken(), same, at(20)) == ()


def test_a_late_proof_says_the_breach_first() -> None:
    """However command is taken in the end: accepted, taken over, or ended without."""
    known = taken()
    late = decide(known, Accept(by="github:1", people=PEOPLE), at(400))
    assert types(late) == [Happening.BREACHED, Happening.ACCEPTED]
    over = decide(known, TakeOver(by="github:3", reason="Asleep.", people=PEOPLE), at(400))
    assert types(over) == [Happening.BREACHED, Happening.OFFERED, Happening.ACCEPTED]
    mended = told(known, (Mitigate(by="github:1"), 390))
    assert types(decide(mended, Resolve(by="github:1"), at(400)))[0] == Happening.BREACHED
    assert types(decide(known, Decline(by="x:1", reason="A test."), at(400)))[0] == (
        Happening.BREACHED
    )


def test_what_was_never_commanded_for_certain_did_not_keep_the_promise() -> None:
    """Resolved within the five minutes by a typed name: the figure counts no commander."""
    known = told(taken(), (Mitigate(by="github:1"), 60), (Resolve(by="github:1"), 100))
    assert not known.unproved
    found = figures((known,), at(0), at(3600), repeat_days=TERMS.repeat_days)
    assert (found.commander_in_time.numerator, found.commander_in_time.denominator) == (0, 1)


def test_the_auditor_wants_the_timers_of_what_is_commanded_on_a_word() -> None:
    """A ticker that stood still is found out; what was resolved meanwhile owes nothing more."""
    first = Happened(
        type=Happening.DECLARED, subject="inc-1", at=at(0), by="x", sets=plain(declared())
    )
    word = Accept(by="github:1", people=PEOPLE, proved=False)
    took = events(decide(declared(), word, at(1)))
    assert len(audit_timers((first, *took), at(3600), 5)) == len(paging().deadlines)
    ended = told(declared(), (word, 1), (Mitigate(by="github:1"), 2))
    resolved = events(decide(ended, Resolve(by="github:1"), at(4)))
    assert audit_timers((first, *took, *resolved), at(3600), 5) == ()


def test_nobody_breaks_glass_on_their_word_or_without_the_role() -> None:
    """Only a commander who is known for certain, and was trusted with commanding beforehand."""
    assert as_emergency(taken()).commanders == ()
    for by, trusts in (("github:1", False), ("github:3", True)):
        known = as_emergency(told(taken(), (Accept(by=by, people=PEOPLE), 20)))
        assert len(known.commanders) == 2
        assert bool(trusted(known, PEOPLE, "").commanders) is trusts
