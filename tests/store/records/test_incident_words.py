"""Words of incidents in the records: found alike on both engines, brought up to date, forgotten."""

import random
from pathlib import Path

import pytest
from tests.services.made_incident_desk import ANN, LEO, SUE, MadeIncidents, incident

from pawl.base.yaml_text import parse_yaml
from pawl.governance.ledger import Actor
from pawl.incidents.postmortem import Content
from pawl.store.records import incident_words
from pawl.store.records.check import check
from pawl.store.records.connection import Engine
from pawl.store.records.engine import reading, writing
from pawl.store.records.forgetting import forget

LABELLED = Path(__file__).parents[2] / "incidents" / "labelled_incidents.yaml"


@pytest.fixture
def made(engine: Engine) -> MadeIncidents:
    """A desk over empty records of either engine."""
    return MadeIncidents(engine)


def labelled() -> list[dict[str, str]]:
    """Return the labelled descriptions."""
    known: list[dict[str, str]] = parse_yaml(LABELLED.read_text(), place="labelled")["incidents"]
    return known


def told(made: MadeIncidents) -> dict[str, str]:
    """Declare every labelled incident; return their ids by the labels'."""
    return {each["id"]: made.declared(each["title"], text=each["text"]).id for each in labelled()}


EXPECTED = {"a1": ["a2", "a3"], "h2": ["h3", "h1"], "m1": ["m2", "m3"], "x1": ["x2"]}


def test_the_same_cause_comes_first_on_every_engine(made: MadeIncidents) -> None:
    """What the labels call the same is found, in one order, whichever engine is asked."""
    ids = told(made)
    back = {identity: label for label, identity in ids.items()}
    for label, wanted in EXPECTED.items():
        found = [back[each.incident] for each in made.desk.similar(ids[label])]
        assert found[: len(wanted)] == wanted
    with reading(made.engine) as connection:
        assert incident_words.difference(connection) is None
        assert incident_words.stale(connection) == []


def test_what_is_said_later_counts_and_is_counted_once(made: MadeIncidents) -> None:
    """A note and a postmortem make incidents alike; the counts of words stay right throughout."""
    one = made.resolved(title="Search is slow")
    other = made.resolved(title="Orders are late")
    assert made.desk.similar(one.id) == ()
    made.desk.note(other.id, "A poison message blocks the consumer of the queue.", ANN)
    made.desk.begin_postmortem(one.id, "leo", SUE)
    said = Content(summary="A poison message in the queue blocked its consumer.")
    made.desk.revise(one.id, said, LEO)
    (found,) = made.desk.similar(one.id)
    assert found.incident == other.id
    (back,) = made.desk.similar(other.id)
    assert back.words == found.words
    made.desk.revise(one.id, Content(summary="Nothing is known."), LEO)
    assert made.desk.similar(one.id) == ()
    assert check(made.engine, replay=True).difference is None


def test_fingerprint_and_root_cause_come_before_words(made: MadeIncidents) -> None:
    """However alike the words are, an equal fingerprint comes first; what was dismissed stays."""
    same = made.resolved(title="Payments fail", fingerprint="fp:1:x")
    alike = made.resolved(title="Search answers nothing at noon")
    one = made.resolved(title="Search answers nothing at noon", fingerprint="fp:1:x")
    assert [each.incident for each in made.desk.similar(one.id)] == [same.id, alike.id]
    incident(made.desk.dismiss_repeat(one.id, same.id, SUE))
    assert [each.incident for each in made.desk.similar(one.id)] == [alike.id]
    assert [each.incident for each in made.desk.similar(same.id)] == []
    assert len(made.desk.similar(alike.id, most=1)) == 1


def test_a_check_finds_words_that_were_altered(made: MadeIncidents) -> None:
    """Neither a changed count nor a missing place of a word goes unseen."""
    one = made.declared("Queue is full")
    made.desk.similar(one.id)
    for statement in (
        "UPDATE incident_word_counts SET incidents = 5",
        "DELETE FROM incident_postings",
    ):
        with writing(made.engine) as connection:
            connection.execute(statement)
        assert check(made.engine, replay=True).difference is not None
        with writing(made.engine) as connection:
            incident_words.clear(connection)
            incident_words.bring_up_to_date(connection)
        assert check(made.engine, replay=True).difference is None


def test_forgetting_a_person_takes_the_words_anew(made: MadeIncidents) -> None:
    """What was taken of texts before somebody was forgotten is gone, and taken of what is left."""
    one = made.declared("Queue is full", by=LEO)
    made.desk.similar(one.id)
    actor = Actor(person="pawl", source="pawl", assurance="observed")
    done = forget(made.engine, ("github:2",), actor, made.clock(), reason="asked", key="f")
    assert done.entries
    with reading(made.engine) as connection:
        for table in ("incident_words", "incident_postings", "incident_word_counts"):
            assert connection.execute(f"SELECT * FROM {table}") == []
    made.desk.similar(one.id)
    assert check(made.engine, replay=True).difference is None


def test_words_are_taken_in_short_transactions(
    made: MadeIncidents, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many are behind, each transaction takes a few; the answer counts all of them."""
    monkeypatch.setattr(incident_words, "AT_ONCE", 2)
    first = made.declared("Queue is full")
    for number in range(3):
        made.declared(f"Certificate number {number} ran out")
    last = made.declared("Queue is full again")
    with writing(made.engine) as connection:
        assert incident_words.bring_up_to_date(connection, 2) == 2
        assert len(incident_words.stale(connection, 9)) == 3
    assert [each.incident for each in made.desk.similar(last.id)] == [first.id]
    with reading(made.engine) as connection:
        assert incident_words.stale(connection) == []
        assert incident_words.difference(connection) is None
    assert made.desk.take_words() is False


@pytest.mark.heavy
def test_among_a_thousand_the_twin_is_found(made: MadeIncidents) -> None:
    """Noise of a thousand others, with the same common words, hides no twin."""
    chance = random.Random(7)
    known = labelled()
    common = " ".join(each["text"] for each in known).split()
    for _ in range(1_000):
        made.declared("Something is slow", text=" ".join(chance.choices(common, k=30)))
    first = made.declared(known[0]["title"], text=known[0]["text"])
    second = made.declared(known[1]["title"], text=known[1]["text"])
    assert made.desk.similar(second.id)[0].incident == first.id
