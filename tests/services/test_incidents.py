"""The desk of incidents: declaring never fails, the clock keeps promises, names are proved."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.incidents.made_incidents import NOW, SCHEDULE, TERMS, at
from tests.services.made_desk import Clock
from tests.services.made_incident_desk import (
    ANN,
    CODER,
    LEO,
    PIA,
    STRANGER,
    SUE,
    TYPED,
    MadeIncidents,
    action,
    incident,
    made_incidents,
    refused,
)

from pawl.alerts.budget_letter import Mailing
from pawl.alerts.policy import Policy, Route
from pawl.base.errors import BadFile, CannotTell
from pawl.governance.priority import Domain
from pawl.incidents.action import Proof, Work
from pawl.incidents.action import State as Acting
from pawl.incidents.declaring import Said
from pawl.incidents.event import Refusal
from pawl.incidents.incident import Happening, LinkKind, Milestone, State
from pawl.incidents.timer_audit import Wrong
from pawl.services.incident_ground import proved
from pawl.services.incident_terms import Declared, NoSuchIncident
from pawl.store.records.check import check
from pawl.store.records.engine import reading

BROKEN = BadFile("it is no YAML.", place="x")


@pytest.fixture
def made(tmp_path: Path) -> Iterator[MadeIncidents]:
    """A desk over records of its own."""
    made = made_incidents(tmp_path / "data")
    yield made
    made.engine.dispose()


def broken(tmp_path: Path, **world: Any) -> Declared:
    """Return what a declaration comes to in a world of which something cannot be read."""
    made = made_incidents(tmp_path / "data", **world)
    try:
        done = made.desk.declare(Said(title="Down"), STRANGER)
        assert isinstance(done, Declared)
        assert done.new
        told = made.desk.timeline(done.incident.id)
        assert told[0].doubts == done.doubts
        made.clock.wind(seconds=301)
        assert [each.type for each in made.desk.tick()][-1] == Happening.BREACHED
        assert check(made.engine, replay=True).difference is None
    finally:
        made.engine.dispose()
    return done


@pytest.mark.parametrize(
    ("world", "word"),
    [
        ({"people": CannotTell("there is no repository.")}, "roster"),
        ({"schedule": BROKEN}, "schedule"),
        ({"zones": BROKEN}, "time zone"),
        ({"zones": {}}, "on call"),
        ({"terms": BROKEN}, "terms"),
        ({"people": RuntimeError("a defect")}, "roster"),
        (dict.fromkeys(("people", "schedule", "zones", "terms"), OSError("gone")), "roster"),
    ],
    ids=str,
)
def test_a_declaration_needs_nothing_of_the_world(
    tmp_path: Path, world: dict[str, Any], word: str
) -> None:
    """What cannot be read is a doubt on its timeline, and the five minutes run all the same."""
    done = broken(tmp_path, **world)
    assert any(word in each for each in done.doubts), done.doubts
    assert done.incident.promised_at == at(300.001)


def test_nobody_to_page_is_said(tmp_path: Path) -> None:
    """A declaration that wakes nobody must not look as if it had."""
    done = broken(tmp_path, people=CannotTell("no repository."), schedule=BROKEN)
    assert "Nobody could be found to page." in done.doubts


def test_channels_that_cannot_be_read_stop_no_declaration(tmp_path: Path) -> None:
    """The message waits in the outbox for a server that can read its own."""

    def bad() -> Mailing:
        raise BROKEN

    made = made_incidents(tmp_path / "data", mailing=bad)
    made.declared()
    with reading(made.engine) as connection:
        rows = connection.execute("SELECT channel FROM outbox")
    assert rows == [{"channel": ""}]
    made.engine.dispose()


def test_only_an_empty_title_is_refused(made: MadeIncidents) -> None:
    """Whatever else is wrong with it is left out and said."""
    refused(made.desk.declare(Said(title="  "), ANN), "no-title")
    done = made.desk.declare(
        Said(title="x", severity=9, started_at="yesterday", declared_at="2999-01-01"), STRANGER
    )
    assert isinstance(done, Declared)
    assert len(done.doubts) == 3
    assert (done.incident.severity, done.incident.domain) == (2, Domain.QUALITY)


def test_whoever_declares_is_answered_with_the_first_page_out(made: MadeIncidents) -> None:
    """The page of second 0 waits for no ticker."""
    known = made.declared()
    assert known.paging.fired == ("1/page-0",)
    assert [each.text for each in made.desk.timeline(known.id)][1] == "pia was paged as primary."


def test_the_same_thing_is_one_incident_until_it_is_over(made: MadeIncidents) -> None:
    """Then it is a new one, which says that the last may be back."""
    first = made.resolved(key="alert:errors")
    again = made.desk.declare(Said(title="Errors", key="alert:errors"), ANN)
    assert isinstance(again, Declared)
    assert (again.new, again.may_be_back) == (True, first.id)
    assert any(first.id in each for each in again.doubts)
    refused(made.desk.reopen(first.id, "It is back.", ANN), "open-already")
    same = made.desk.declare(Said(title="Errors", key="alert:errors"), ANN)
    assert isinstance(same, Declared)
    assert (same.new, same.incident.id) == (False, again.incident.id)


def test_forty_minutes_without_a_commander(made: MadeIncidents) -> None:
    """With a look every five seconds: three pages in time, one breach at 300 s, and no more."""
    known = made.declared()
    told = []
    for _ in range(40 * 12):
        made.clock.wind(seconds=5)
        told += [(each.type, each.tells["late_s"]) for each in made.desk.tick()]
    assert [each for each, _ in told] == [Happening.PAGED, Happening.PAGED, Happening.BREACHED]
    assert all(late <= 5 for _, late in told)
    assert made.desk.audit() == ()
    accepted = incident(made.desk.accept(known.id, SUE))
    assert accepted.breached_at == accepted.first_breach_at is not None
    rate = made.desk.figures(at(-1), at(86_400)).incidents.commander_in_time
    assert (rate.numerator, rate.denominator) == (0, 1)


def test_a_restart_at_200_seconds_breaks_the_promise_once(tmp_path: Path) -> None:
    """Deadlines are rows: whoever comes next goes on, and a third desk finds nothing to do."""
    clock = Clock(NOW)
    first = made_incidents(tmp_path / "data", clock=clock)
    known = first.declared()
    clock.wind(seconds=200)
    first.desk.tick()
    first.engine.dispose()
    second = made_incidents(tmp_path / "data", clock=clock)
    assert second.desk.next_due() == known.paging.deadlines[2].due_at
    clock.wind(seconds=101)
    assert [each.type for each in second.desk.tick()] == [Happening.PAGED, Happening.BREACHED]
    third = MadeIncidents(second.engine, clock)
    clock.wind(seconds=100)
    assert third.desk.tick() == ()
    assert third.desk.next_due() is None
    second.engine.dispose()


def test_the_auditor_finds_a_ticker_that_was_dead(made: MadeIncidents) -> None:
    """From the ledger alone: what is missing while nobody ticks, what was late afterwards."""
    made.declared()
    assert made.desk.last_tick() is None
    made.clock.wind(seconds=600)
    missing = made.desk.audit()
    assert {each.wrong for each in missing} == {Wrong.MISSING}
    assert len(missing) == 3
    made.desk.tick()
    assert {each.wrong for each in made.desk.audit()} == {Wrong.LATE}
    assert made.desk.audit(since=NOW) == made.desk.audit()
    assert made.desk.audit(since=made.clock()) == ()
    assert made.desk.last_tick() is not None


def test_an_incident_that_cannot_be_read_holds_up_no_other(made: MadeIncidents) -> None:
    """The others' deadlines are acted on, and the heartbeat says which one's are not."""
    bad, good = made.declared(), made.declared()
    with made.records.writing() as book:
        book.connection.execute("UPDATE incidents SET body = '{' WHERE id = :id", {"id": bad.id})
    made.clock.wind(seconds=301)
    told = made.desk.tick()
    assert {each.subject for each in told} == {good.id}
    with reading(made.engine) as connection:
        (row,) = connection.execute("SELECT failure FROM heartbeats WHERE name = 'incidents'")
    assert bad.id in row["failure"]


def test_a_typed_name_works_and_silences_nobody(made: MadeIncidents) -> None:
    """At three in the morning without a key: command is taken, pages go on until proved."""
    known = incident(made.desk.accept(made.declared().id, TYPED))
    assert (known.commander, known.unproved) == ("ann", True)
    entry = made.desk.timeline(known.id)[-1]
    assert (entry.type, entry.assurance) == (Happening.TAKEN, "declared")
    assert "people are still paged" in entry.text
    incident(made.desk.note(known.id, "The disk is full.", TYPED))
    incident(made.desk.update(known.id, "Disk.", "All.", "Deleting.", TYPED))
    incident(made.desk.mitigate(known.id, TYPED))
    for told in (
        made.desk.resolve(known.id, TYPED),
        made.desk.merge(known.id, made.declared().id, TYPED),
        made.desk.decline(made.declared().id, "A test.", TYPED),
    ):
        refused(told, "weak-source")
    made.clock.wind(seconds=120)
    assert Happening.PAGED in [each.type for each in made.desk.tick()]
    made.clock.wind(seconds=181)
    resolved = incident(made.desk.resolve(known.id, TYPED))
    assert (resolved.state, bool(resolved.breached_at)) == (State.RESOLVED, True)
    assert resolved.recorded(Milestone.ACCEPTED) is None


def test_proof_ends_the_paging(made: MadeIncidents) -> None:
    """Whoever typed a name and proves it commands; the promise is met by when that was."""
    known = incident(made.desk.accept(made.declared().id, TYPED))
    made.clock.wind(seconds=60)
    sure = incident(made.desk.accept(known.id, ANN))
    assert not sure.unproved
    assert made.desk.next_due() is None
    made.clock.wind(seconds=600)
    assert made.desk.tick() == ()
    assert made.desk.audit() == ()
    refused(made.desk.accept(known.id, LEO), "not-offered")


@pytest.mark.parametrize("by", [CODER, STRANGER], ids=["agent", "stranger"])
def test_no_agent_and_no_stranger_commands(made: MadeIncidents, by: Any) -> None:
    """They may declare and note."""
    known = made.declared(by=by)
    assert isinstance(made.desk.accept(known.id, by), Refusal)
    assert isinstance(made.desk.join(known.id, by), Refusal)
    incident(made.desk.note(known.id, "Look.", by))


def test_what_ends_a_doubt_takes_a_proved_name(made: MadeIncidents) -> None:
    """Taking over, verifying, giving up, moving and dismissing: a typed name does none of it."""
    known = made.resolved()
    earlier = made.resolved()
    one = action(
        made.desk.open_action(known.id, "Try it", "leo", "2026-12-01", Work.CODE, "a", TYPED)
    )
    action(made.desk.claim_action(one.id, TYPED))
    led = incident(made.desk.accept(made.declared().id, LEO))
    typed = msgspec.structs.replace(SUE, assurance="declared", source="git-config")
    proof = Proof(place="x", digest="y")
    for told in (
        made.desk.take_over(led.id, "Asleep.", typed),
        made.desk.verify_action(one.id, proof, typed),
        made.desk.drop_action(one.id, "No.", typed),
        made.desk.move_action(one.id, "Later.", typed, due_at="2026-12-24"),
        made.desk.dismiss_repeat(known.id, earlier.id, typed),
    ):
        refused(told, "weak-source")
    assert incident(made.desk.take_over(led.id, "Asleep.", SUE)).commander == "sue"
    assert action(made.desk.move_action(one.id, "Later.", SUE, due_at="2026-12-24")).due_at > NOW
    assert action(made.desk.verify_action(one.id, proof, SUE)).state is Acting.VERIFIED
    assert incident(made.desk.dismiss_repeat(known.id, earlier.id, SUE)).dismissed == (earlier.id,)


def test_what_comes_back_is_paged_anew(made: MadeIncidents) -> None:
    """A second spell with deadlines of its own; the breach of the first one stays the figure."""
    known = made.resolved()
    back = incident(made.desk.reopen(known.id, "It is back.", TYPED))
    assert (back.spell, back.state, back.breached_at) == (2, State.DECLARED, None)
    assert back.paging.fired == ("2/page-0",)
    made.clock.wind(seconds=301)
    assert [each.tells["deadline"] for each in made.desk.tick()] == [
        "2/page-1", "2/page-2", "2/breach",
    ]  # fmt: skip
    assert made.desk.get(known.id).first_breach_at is None


def test_closing_asks_for_all_that_is_to_be_done(tmp_path: Path) -> None:
    """A postmortem where it is severe or dear, and actions that somebody else verified."""
    used: list[float | None] = [None]
    made = made_incidents(tmp_path / "data", budget_used=lambda incident: used[0])
    known = made.resolved(severity=3)
    assert made.desk.unmet(known.id) == ()
    used[0] = 0.5
    (why,) = made.desk.unmet(known.id)
    assert "50%" in why
    refused(made.desk.close(known.id, ANN), "not-done")
    used[0] = None
    one = action(made.desk.open_action(known.id, "T", "leo", "2026-12-01", Work.CODE, "a", LEO))
    assert len(refused(made.desk.close(known.id, ANN), "not-done").reasons) == 1
    action(made.desk.claim_action(one.id, LEO))
    action(made.desk.verify_action(one.id, Proof(place="x", digest="y"), SUE))
    assert incident(made.desk.close(known.id, ANN)).state is State.CLOSED
    refused(
        made.desk.open_action(known.id, "U", "leo", "2026-12-01", Work.CODE, "a", LEO), "not-now"
    )
    made.engine.dispose()


def test_the_timeline_tells_all_of_it_in_order(made: MadeIncidents) -> None:
    """What happened to the incident and to its actions, with links and in whose words."""
    known = made.commanded()
    made.desk.attach(known.id, LinkKind.CHANGE, "chg_1", ANN, suspected=True)
    made.desk.claim(known.id, Milestone.STARTED, at(-600), ANN)
    made.desk.reclassify(known.id, "All of it.", ANN, severity=1)
    made.desk.offer(known.id, "leo", SUE)
    made.desk.accept(known.id, LEO)
    made.desk.join(known.id, PIA)
    made.desk.leave(known.id, PIA)
    made.desk.update(known.id, "Disk.", "All.", "Deleting.", LEO)
    made.desk.open_action(known.id, "More disk", "leo", "2026-12-01", Work.CODE, "a", LEO)
    told = made.desk.timeline(known.id)
    assert [each.seq for each in told] == sorted(each.seq for each in told)
    texts = "\n".join(each.text for each in told)
    for words in (
        "Declared: Search answers nothing. SEV2, quality.", "sue commands.",
        "Linked with change chg_1, which may be the cause.", "It was started at",
        "SEV1, quality; it was SEV2, quality.", "sue offers command to leo.", "leo commands.",
        "pia fixes it.", "Update; the next one by", "An action for leo, due 2026-12-01.",
    ):  # fmt: skip
        assert words in texts, words
    by_type = {each.type: each for each in told}
    assert by_type["incident.updated"].said == "Facts: Disk.\nImpact: All.\nStatus: Deleting."
    assert by_type["incident.reclassified"].said == "All of it."
    assert [each.id for each in by_type["incident.linked"].links] == ["chg_1"]
    assert by_type["action.opened"].said == "More disk"


def test_what_is_paged_is_told_once(tmp_path: Path) -> None:
    """One message for each page and for the breach, in the transaction that keeps it."""
    routes = Policy(routes=(Route(to=("file",), rules=("incident",)),))
    made = made_incidents(
        tmp_path / "data", mailing=lambda: Mailing(policy=routes, channels=("file",))
    )
    made.declared()
    made.clock.wind(seconds=301)
    for _ in range(3):
        made.desk.tick()
    with reading(made.engine) as connection:
        letters = connection.execute("SELECT id FROM outbox")
        (told,) = connection.execute(
            "SELECT COUNT(*) AS n FROM ledger WHERE type IN "
            "('incident.paged', 'incident.command-breached')"
        )
    assert len(letters) == told["n"] == 4
    made.engine.dispose()


def test_nothing_is_called_by_a_wrong_name(made: MadeIncidents) -> None:
    """An id may be shortened as far as it is clear; what is none says where to look."""
    known = made.declared()
    assert made.desk.get(known.id[:-2]).id == known.id
    made.declared()
    for name in ("", "inc_", "inc_9", "%"):
        with pytest.raises(NoSuchIncident):
            made.desk.get(name)
    with pytest.raises(NoSuchIncident):
        made.desk.action("act_1")


def test_commands_that_ask_for_people_cannot_tell_without_them(made: MadeIncidents) -> None:
    """Not so what works without: a note, and that it no longer hurts."""
    known = made.commanded()
    made.world.who = CannotTell("there is no repository.")
    with pytest.raises(CannotTell):
        made.desk.accept(known.id, LEO)
    incident(made.desk.note(known.id, "Look.", ANN))
    incident(made.desk.mitigate(known.id, ANN))
    incident(made.desk.resolve(known.id, ANN))
    assert incident(made.desk.reopen(known.id, "Back.", ANN)).spell == 2


def test_a_signed_link_is_a_proof() -> None:
    """So is a session, a listed key, or a reviewed token; a name of the machine is none."""
    assert proved(ANN)
    assert proved(msgspec.structs.replace(ANN, source="signed-link"))
    assert not proved(TYPED)
    assert not proved(msgspec.structs.replace(TYPED, assurance="observed"))
    assert TERMS.timer_grace_s >= 5
    assert SCHEDULE.breach_after_s == 300
