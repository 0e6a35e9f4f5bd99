"""Many at once, in processes of their own: one incident for a key, one breach, one commander."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from tests.services.made_incident_desk import ANN, MadeIncidents

from pawl.incidents.declaring import Said
from pawl.incidents.incident import Happening, State
from pawl.services.incident_terms import Declared
from pawl.store.records.check import check
from pawl.store.records.connection import Engine
from pawl.store.records.engine import reading

CHILD = Path(__file__).with_name("incident_child.py")
ROOT = Path(__file__).resolve().parents[3]
ROUNDS = 6


class Actors:
    """Processes that act at the same moment."""

    def __init__(self, children: list["subprocess.Popen[str]"]) -> None:
        self.children = children

    def act(self, line: str) -> list[str]:
        """Let all of them act on a line; return what each says came of it."""
        for child in self.children:
            assert child.stdin is not None
            child.stdin.write(f"{line}\n")
            child.stdin.flush()
        found = []
        for child in self.children:
            assert child.stdout is not None
            found.append(child.stdout.readline().strip())
        return found


Starting = Callable[..., AbstractContextManager[Actors]]


@pytest.fixture
def actors(tmp_path: Path, request: pytest.FixtureRequest) -> Starting:
    """Start processes over the test's records, one for each role that is named."""
    url = request.getfixturevalue("postgres_url") if "postgresql" in request.node.name else ""
    path = f"{ROOT}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"

    @contextmanager
    def start(*roles: str) -> Iterator[Actors]:
        children = [
            subprocess.Popen(
                [sys.executable, str(CHILD), role, str(tmp_path / "data"), url],
                env={**os.environ, "PYTHONPATH": path},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for role in roles
        ]
        try:
            yield Actors(children)
        finally:
            for child in children:
                child.communicate()

    return start


def types(engine: Engine) -> Counter[tuple[str, str]]:
    """Return how often what happened to which incident."""
    with reading(engine) as connection:
        rows = connection.execute("SELECT type, subject FROM ledger")
    return Counter((row["subject"], row["type"]) for row in rows)


def test_three_who_declare_one_key_declare_one_incident(engine: Engine, actors: Starting) -> None:
    """One is new, and the others are signals of the same thing."""
    made = MadeIncidents(engine)
    with actors("declare", "declare", "declare") as racing:
        for number in range(ROUNDS):
            assert sorted(racing.act(f"key-{number}")) == ["again", "again", "new"]
    assert len(made.desk.ongoing()) == ROUNDS
    told = types(engine)
    for each in made.desk.ongoing():
        assert told[each.id, Happening.DECLARED] == 1
        assert told[each.id, Happening.SIGNALLED] == 2
    assert check(engine, replay=True).difference is None


def test_two_tickers_tell_one_breach(engine: Engine, actors: Starting) -> None:
    """Of a hundred incidents each page and each breach is told once, whoever comes first."""
    made = MadeIncidents(engine)
    names = [made.declared().id for _ in range(100)]
    with actors("tick", "tick") as racing:
        said = " ".join(racing.act("now"))
        again = racing.act("now")
    assert said.split().count(Happening.BREACHED) == 100
    assert again == ["nothing", "nothing"]
    told = types(engine)
    assert all(told[each, Happening.BREACHED] == 1 for each in names)
    assert all(told[each, Happening.PAGED] == 3 for each in names)
    assert made.desk.next_due() is None
    assert check(engine, replay=True).difference is None


def test_two_acceptors_make_one_commander(engine: Engine, actors: Starting) -> None:
    """Whoever is first commands; the other is refused, and told by whom."""
    made = MadeIncidents(engine)
    with actors("ann", "leo") as racing:
        for _ in range(ROUNDS):
            done = made.desk.declare(Said(title="Down"), ANN)
            assert isinstance(done, Declared)
            first, second = racing.act(done.incident.id)
            known = made.desk.get(done.incident.id)
            assert known.state is State.COMMANDED
            assert {first, second} == {known.commander, "not-offered"}
            assert len(known.commanders) == 1


@pytest.mark.heavy
def test_a_ring_of_merges_never_closes(engine: Engine, actors: Starting) -> None:
    """Three are merged into each other at once: one is left, and the way there has an end."""
    made = MadeIncidents(engine)
    with actors("first", "second", "third") as racing:
        for _ in range(ROUNDS):
            names = [made.declared().id for _ in range(3)]
            told = racing.act(" ".join(names))
            known = {each: made.desk.get(each) for each in names}
            left = [each for each in names if known[each].state is State.DECLARED]
            assert len(left) == 3 - told.count("done")
            assert left
            for each in names:
                seen = {each}
                while known[each].merged_into:
                    each = known[each].merged_into
                    assert each not in seen
                    seen.add(each)
    assert check(engine, replay=True).difference is None


@pytest.mark.heavy
def test_what_is_back_and_what_is_declared_anew_are_one(engine: Engine, actors: Starting) -> None:
    """Whoever is first holds the key: it was opened again, or the new one is open in its place."""
    made = MadeIncidents(engine)
    with actors("reopen", "again") as racing:
        for number in range(ROUNDS):
            key = f"key-{number}"
            known = made.resolved(title=f"Down {number}", key=key)
            reopened, declared = racing.act(f"{key} {known.id}")
            open_now = [each for each in made.desk.ongoing() if each.key == key]
            assert len(open_now) == 1
            assert reopened in ("done", "open-already")
            assert (declared == known.id) == (reopened == "done")
            assert open_now[0].id == declared
    assert check(engine, replay=True).difference is None


@pytest.mark.heavy
def test_nothing_is_left_behind_by_what_was_closed_meanwhile(
    engine: Engine, actors: Starting
) -> None:
    """An action comes before the end and stops it, or after it and is refused."""
    made = MadeIncidents(engine)
    with actors("close", "leave") as racing:
        for _ in range(ROUNDS):
            known = made.resolved(severity=4)
            told = racing.act(known.id)
            assert told in (["done", "not-now"], ["not-done", "done"])
            closed = made.desk.get(known.id).state is State.CLOSED
            assert closed == (told[0] == "done")
            assert bool(made.desk.actions(incident=known.id)) != closed
    assert check(engine, replay=True).difference is None
