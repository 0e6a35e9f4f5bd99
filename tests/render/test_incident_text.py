"""Incidents and actions for people: short, harmless, and with what to do next as the last line."""

import re

import pytest
from msgspec.structs import replace
from tests.incidents.made_incidents import NOW, action, at, declared, in_state

from pawl.incidents.action import State as ActionState
from pawl.incidents.event import Refusal
from pawl.incidents.incident import OVER, Link, LinkKind, State
from pawl.incidents.timer_audit import TimerFinding, Wrong
from pawl.render.action_text import action_text, actions_text
from pawl.render.incident_markdown import (
    incident_markdown,
    status_update_markdown,
    timeline_markdown,
)
from pawl.render.incident_text import (
    declared_text,
    incident_refusal_text,
    incident_text,
    incident_told_text,
    incidents_text,
    timeline_text,
    timers_text,
)
from pawl.services.incident_terms import Declared, TimelineEntry

NASTY = "\x1b[2J\x07<b>|`x`\u202e\n# @all [a](http://e.example) \x00 ![i](x)"
ENTRY = TimelineEntry(
    seq=1, at=NOW, claimed_at=NOW, type="incident.noted", subject="inc-1", by="github:1",
    source="session", assurance="authenticated", text="Noted.", said="looking",
)  # fmt: skip


def last(text: str) -> str:
    """Return the last line."""
    return text.splitlines()[-1]


@pytest.mark.parametrize("state", list(State))
def test_the_last_line_says_what_to_do_next(state: State) -> None:
    """In every state that is not over; a merged one points to where it went on."""
    incident = in_state(state)
    for text in (
        incident_told_text(incident, at(60)),
        incident_text(incident, [ENTRY], [], [], at(60)),
        timeline_text(incident, [ENTRY]),
    ):
        shown = last(text).startswith("next: ")
        assert shown is (state not in OVER or state is State.MERGED)


def test_who_is_promised_until_when_and_that_it_was_broken() -> None:
    """Before, the time that is left; after a breach, that nobody commands."""
    incident = declared()
    assert "promised by 12:05:00Z (in 4 m 0 s)" in incident_told_text(incident, at(60))
    late = replace(incident, breached_at=at(300))
    assert "NOBODY COMMANDS; the promise was broken at" in incident_told_text(late, at(400))


def test_an_update_that_is_overdue_is_said_so() -> None:
    """Relative to now."""
    led = replace(in_state(State.COMMANDED), next_update_at=at(60))
    assert "(1 m 0 s ago)" in incident_told_text(led, at(120))


def test_whoever_is_not_proved_is_said_so() -> None:
    """Their command does not silence the pages."""
    led = replace(in_state(State.COMMANDED), unproved=True)
    assert "not proved" in incident_told_text(led, at(60))


def test_whoever_is_offered_command_is_asked_first() -> None:
    """The next thing to do is theirs."""
    led = replace(in_state(State.COMMANDED), offered_to="leo")
    assert last(incident_told_text(led, at(60))) == "next: leo: pawl incident accept inc-1"


def test_a_declaration_says_whom_it_pages_and_what_it_doubts() -> None:
    """And which one it may be again."""
    told = Declared(
        incident=declared(), new=True, may_be_back="inc-0", doubts=("There is no severity 9.",)
    )
    text = declared_text(told, NOW)
    assert "doubt: There is no severity 9." in text
    assert "pages " in text
    assert "pawl incident reopen inc-0" in text
    nobody = replace(
        told.incident,
        paging=replace(
            told.incident.paging,
            deadlines=tuple(replace(each, person="") for each in told.incident.paging.deadlines),
        ),
    )
    assert "pages NOBODY" in declared_text(replace(told, incident=nobody), NOW)


def test_a_table_counts_what_goes_on() -> None:
    """The next thing is of the worst without a commander."""
    worst = replace(declared("inc-3"), severity=1)
    minor = replace(declared("inc-2"), severity=3)
    every = [in_state(State.CLOSED), in_state(State.COMMANDED), minor, worst]
    text = incidents_text(every, at(60))
    assert "4 shown, 3 going on, 2 without a commander" in text
    assert last(text) == "next: pawl incident accept inc-3"
    assert last(incidents_text([], NOW)).startswith("next: pawl incident declare")


def test_what_stands_in_the_way_is_told_before_anybody_tries() -> None:
    """Not of what is over."""
    text = incident_text(in_state(State.RESOLVED), [], ["Its postmortem is lacking."], [], at(9))
    assert "before it can be closed:\n  Its postmortem is lacking." in text
    over = incident_text(in_state(State.CLOSED), [], ["Old."], [], at(9))
    assert "Old." not in over


def test_a_long_timeline_is_cut_beside_an_incident_only() -> None:
    """It says how many are missing; the timeline itself has all."""
    entries = [replace(ENTRY, seq=number, said=f"note {number}") for number in range(50)]
    text = incident_text(declared(), entries, [], [], NOW)
    assert "… 10 earlier" in text
    assert "note 9\n" not in text
    assert "note 0\n" in timeline_text(declared(), entries)


def test_timers_are_told_with_who_looks() -> None:
    """What is wrong, when the clock was looked at, and that nothing does."""
    finding = TimerFinding(
        incident="inc-1", deadline="1/breach", wrong=Wrong.LATE, due_at=NOW, fired_at=at(60)
    )
    text = timers_text([finding], None, at(90), alive=False)
    assert "inc-1: 1/breach late, due 2026-11-21T12:00:00Z, it was done" in text
    assert "last look of the clock: never" in text
    assert last(text).startswith("next: pawl up")
    assert "Every timer did as it should." in timers_text([], NOW, None, alive=True)


def test_a_refusal_has_every_reason_and_the_hint() -> None:
    """Each on a line of its own."""
    text = incident_refusal_text(Refusal(code="no", reasons=("One.", "Two."), hint="Do this."))
    assert text == "refused (no)\n  One.\n  Two.\n  → Do this.\n"


def test_an_action_says_who_is_to_do_what() -> None:
    """Overdue, moved, claimed, and that somebody else verifies."""
    one = replace(action(), state=ActionState.CLAIMED, claimed_by="ann")
    text = action_text(one, "2999-01-01T00:00:00.000000Z")
    assert "OVERDUE" in text
    assert last(text).startswith("next: somebody else: pawl action verify")
    table = actions_text([one, replace(one, state=ActionState.VERIFIED)], NOW)
    assert "2 shown, 1 to do, 0 overdue" in table
    assert actions_text([], NOW) == "No actions.\n"


def test_hostile_text_moves_no_terminal() -> None:
    """No control character of anybody's comes through, and no line is added."""
    incident = replace(
        declared(), title=NASTY, scope=NASTY, components=(NASTY,), declared_by=NASTY,
        links=(Link(kind=LinkKind.RUN, id=NASTY),), why=NASTY, responders=(NASTY,),
    )  # fmt: skip
    entry = replace(ENTRY, text=NASTY, said=NASTY, by=NASTY, doubts=(NASTY,))
    work = replace(action(), title=NASTY, owner=NASTY, component=NASTY, why=NASTY)
    texts = (
        incident_text(incident, [entry], [NASTY], [work], NOW),
        incidents_text([incident], NOW),
        declared_text(Declared(incident=incident, new=True, doubts=(NASTY,)), NOW),
        action_text(work, NOW),
        actions_text([work], NOW),
        incident_refusal_text(Refusal(code=NASTY, reasons=(NASTY,), hint=NASTY)),
    )
    for text in texts:
        assert all(each.isprintable() for each in text.split("\n"))
        assert not any(line.startswith("# @all") for line in text.splitlines())


def test_hostile_text_is_no_markdown() -> None:
    """No heading, link, image, mention or table cell of anybody's making."""
    incident = replace(
        in_state(State.COMMANDED), title=NASTY, scope=NASTY, responders=(NASTY,),
        links=(Link(kind=LinkKind.RUN, id=NASTY),),
    )  # fmt: skip
    entry = replace(ENTRY, text=NASTY, said=NASTY, by=NASTY, doubts=(NASTY,))
    work = replace(action(), title=NASTY, owner=NASTY)
    for text in (
        status_update_markdown(incident, NASTY, NASTY, NASTY),
        timeline_markdown(incident, [entry]),
        incident_markdown(incident, [entry], [NASTY], [work]),
    ):
        assert "\x1b" not in text
        plain = re.sub(r"`[^`\n]*`", "", text)  # A code span shows everything as it is.
        for bad in ("<b>", "@all", "](http://", "\n![", "\n#  "):
            assert bad not in plain
        rows = [line for line in text.splitlines() if line.startswith("| ")]
        assert all(row.replace("\\|", "").count("|") == 3 for row in rows)


def test_a_status_update_says_the_four_things() -> None:
    """What is known, whom it hurts, what is done, and when the next one is; lines stay lines."""
    led = replace(in_state(State.COMMANDED), next_update_at=at(1_800))
    text = status_update_markdown(led, "One.\n\nTwo.", "All.", "Rolling back.")
    assert "**Facts.** One.  \nTwo.\n" in text
    assert "**Next update.** 2026-11-21T12:30Z" in text
    done = status_update_markdown(replace(led, next_update_at=None), "a", " ", "c")
    assert "None is due." in done
    assert "**Impact.** Nothing was said." in done
