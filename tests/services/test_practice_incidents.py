"""What records of incidents tell an assessment: nobody escapes by saying less."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from tests.incidents.made_incidents import action, at, declared, in_state
from tests.services.made_incident_desk import SUE, TYPED, MadeIncidents, made_incidents

from pawl.incidents import similarity
from pawl.incidents.action import Proof
from pawl.incidents.action import State as ActionState
from pawl.incidents.incident import Incident, Link, LinkKind, Milestone, Stamp, State
from pawl.services import practice_incidents
from pawl.services.practice_incidents import began, figures_told, incidents_of
from pawl.services.practice_operated import operated
from pawl.store.records.incident_history import History, closed_since, history
from pawl.store.records.incident_rows import StepDone

DAY = 86_400


@pytest.fixture
def made(tmp_path: Path) -> Iterator[MadeIncidents]:
    """Give a desk over records of its own."""
    found = made_incidents(tmp_path)
    yield found
    found.engine.dispose()


def kept(*incidents: Incident, **other: Any) -> History:
    return History(
        incidents=incidents,
        **{"actions": {}, "steps": {}, "lowered": {}, **other},
    )


def told(*incidents: Incident, project: str | None = None, **other: Any) -> Any:
    return incidents_of(kept(*incidents, **other), project)


def days_ago(name: str, days: float, **other: Any) -> Incident:
    """Return an incident that was declared some days before the made ones."""
    when = at(-days * DAY)
    made = declared(name, when)
    stamp = Stamp(at=when, recorded_at=when)
    return msgspec.structs.replace(
        made, milestones={**made.milestones, Milestone.RESOLVED: stamp}, **other
    )


def test_a_closed_incident_tells_its_life() -> None:
    """Times, severity and the cause are those of the record; names of people are none of it."""
    (one,) = told(in_state(State.CLOSED))
    assert (one.id, one.severity, one.reopened) == ("inc-1", 2, 0)
    assert one.commander_acknowledged is True
    assert one.opened_at < one.commander_at < one.mitigated_at < one.resolved_at
    assert one.postmortem_at is not None
    assert one.root_cause.startswith("rc:1:")
    assert "leo" not in msgspec.json.encode(one).decode()


def test_declined_and_merged_ones_are_left_out() -> None:
    """What was no incident, and what was another one, is not counted."""
    assert told(in_state(State.DECLINED), in_state(State.MERGED)) == ()
    assert began(kept(in_state(State.DECLINED))) is not None


def test_an_incident_without_a_scope_counts_for_every_project() -> None:
    """Leaving the scope out does not take it out of anybody's record; another's scope does."""
    assert len(told(declared(), project="shop")) == 1
    assert len(told(declared(scope="shop"), project="shop")) == 1
    assert len(told(declared(scope="shop/search"), project="shop")) == 1
    assert told(declared(scope="mail"), project="shop") == ()
    assert len(told(declared(scope="mail"))) == 1


def test_a_name_that_nobody_proved_answers_no_page(made: MadeIncidents) -> None:
    """Whoever types a name commands, and counts as nobody who acknowledged."""
    known = made.declared()
    made.desk.accept(known.id, TYPED)
    (one,) = incidents_of(history(made.engine, at(DAY)), None)
    assert one.commander_at is None or one.commander_acknowledged is False


def test_a_severity_that_was_lowered_is_remembered(made: MadeIncidents) -> None:
    """Calling it less grave afterwards is told; calling it graver is not."""
    known = made.commanded(severity=2)
    made.clock.wind(seconds=60)
    made.desk.reclassify(known.id, "It is worse.", SUE, severity=1)
    assert incidents_of(history(made.engine, at(DAY)), None)[0].severity_lowered_at is None
    made.clock.wind(seconds=60)
    made.desk.reclassify(known.id, "Few are hit.", SUE, severity=4)
    (one,) = incidents_of(history(made.engine, at(DAY)), None)
    assert one.severity == 4
    assert one.severity_lowered_at is not None
    assert one.severity_lowered_at >= at(120)


def test_a_reopened_incident_says_so(made: MadeIncidents) -> None:
    """Each time it came back counts."""
    known = made.resolved()
    made.desk.reopen(known.id, "It is back.", SUE)
    (one,) = incidents_of(history(made.engine, at(DAY)), None)
    assert one.reopened == 1


def test_actions_count_by_the_day_that_was_promised_first() -> None:
    """Moving the day makes nobody punctual; evidence is named by place and digest."""
    proof = Proof(place="evals/cache.yaml", digest="ab" * 32)
    done = action(state=ActionState.VERIFIED, due_at=at(30 * DAY), done_at=at(8 * DAY), proof=proof)
    dropped = action(id="act-2", state=ActionState.WONT_DO, done_at=at(DAY))
    waits = action(id="act-3", state=ActionState.CLAIMED)
    (one,) = told(declared(), actions={"inc-1": (done, dropped, waits)})
    first, second, third = one.actions
    assert first.due == at(7 * DAY)
    assert first.done_at > first.due
    assert first.evidence == f"evals/cache.yaml@{'ab' * 32}"
    assert (second.closed_as, second.done_at) == ("wont-do", None)
    assert (third.closed_as, third.done_at, third.evidence) == (None, None, None)


def test_what_was_learnt_is_named_by_its_results() -> None:
    """Cases and gates are told apart; the action is neither."""
    steps = tuple(
        StepDone(key=kind, incident="inc-1", kind=kind, done_at=at(1), result=f"{kind}@{'cd' * 32}")
        for kind in ("eval-case", "gate-update", "action")
    )
    (one,) = told(declared(), steps={"inc-1": steps})
    assert one.eval_cases == (f"eval-case@{'cd' * 32}",)
    assert one.gate_updates == (f"gate-update@{'cd' * 32}",)


def test_a_suspected_change_is_what_caused_it() -> None:
    """A change that is only linked is not."""
    links = (
        Link(kind=LinkKind.CHANGE, id="chg-1"),
        Link(kind=LinkKind.CHANGE, id="chg-2", suspected=True),
    )
    (one,) = told(declared(links=links))
    assert one.caused_by_deploy == "chg-2"


def test_nothing_is_told_where_nothing_was_ever_declared(made: MadeIncidents) -> None:
    """No incident on record is not the same as no incident."""
    assert operated(made.engine, at(-90 * DAY), at(DAY), None, zones=ZoneInfo) is None
    made.declared()
    made.clock.wind(seconds=60)
    found = operated(made.engine, at(-90 * DAY), at(DAY), "shop", zones=ZoneInfo)
    assert found is not None
    assert found.incidents is not None
    assert len(found.incidents) == 1
    assert at(0) <= found.since("incidents") == found.incidents[0].opened_at
    assert found.routines is None
    assert operated(made.engine, at(-90 * DAY), at(-1), None, zones=ZoneInfo) is None


def test_who_looks_like_an_earlier_one_has_to_be_answered_for(made: MadeIncidents) -> None:
    """Confirmed and dismissed ones are answered; a look-alike without a word is counted."""
    first = days_ago("inc-1", 20, fingerprint="fp:1:a")
    second = days_ago("inc-2", 10, fingerprint="fp:1:a")
    window = (at(-30 * DAY), at(0))

    def asked(*incidents: Incident) -> tuple[int, int]:
        found, open_ = figures_told(kept(*incidents), *window, 180, None)
        return found.repeats.numerator, open_

    assert asked(first, second) == (0, 1)
    assert asked(first, msgspec.structs.replace(second, repeats=("inc-1",))) == (1, 0)
    assert asked(first, msgspec.structs.replace(second, dismissed=("inc-1",))) == (0, 0)
    assert asked(first, msgspec.structs.replace(second, fingerprint="fp:1:b")) == (0, 0)
    assert asked(first, msgspec.structs.replace(second, state=State.DECLINED)) == (0, 0)


def test_each_is_held_against_those_it_looks_like_and_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Among many that look different, few are compared; the nearest one before it is enough."""
    many = [
        days_ago(f"inc-{number}", 60 - number / 10, fingerprint=f"fp:1:{number // 3}")
        for number in range(300)
    ]
    compared = []
    real = similarity.similar

    def counted(incident: Incident, others: Any, *args: Any, **named: Any) -> Any:
        compared.append(len(others))
        return real(incident, others, *args, **named)

    monkeypatch.setattr(practice_incidents, "similar", counted)
    _, unanswered = figures_told(kept(*many), at(-90 * DAY), at(0), 180, None)
    assert unanswered == 200
    assert sum(compared) == 200


def test_what_is_closed_is_found_without_reading_the_rest(made: MadeIncidents) -> None:
    """Only closed ones that changed since; what goes on or was declined is none of them."""
    done = made.resolved(severity=4)
    assert isinstance(made.desk.close(done.id, SUE), Incident)
    made.declared("Goes on")
    between = made.clock()
    assert [each.id for each in closed_since(made.engine, "2000-01-01T00:00:00.000000Z")] == [
        done.id
    ]
    assert closed_since(made.engine, between) == ()
