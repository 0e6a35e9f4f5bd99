"""A learning that is applied in a clone and kept on a server: whole, once, and for good."""

import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from tests.server.conftest import Ask
from tests.server.incident_team import IncidentTeam
from tests.services.made_incident_desk import MadeIncidents
from tests.services.made_learning import CASE, GATE, MadeTree, learning, made_tree, snapshot

from pawl.base.errors import Unavailable
from pawl.governance.access import Scope
from pawl.incidents.declaring import Said
from pawl.incidents.event import Refusal
from pawl.incidents.incident import LinkKind
from pawl.incidents.learning import IncidentLearning, Step
from pawl.services.change_terms import By
from pawl.services.identity import Identity
from pawl.services.incident_terms import Declared, Learnt
from pawl.services.incidents import IncidentDesk
from pawl.store.records.check import check
from pawl.store.records.engine import Engine, open_records

ANY = By(identity="", source="", assurance="declared")
DUE = "2027-01-01"


class Killed(Exception):
    """Stands for a clone's process that ends between two steps."""


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """The records of the server."""
    found = open_records(tmp_path / "incidents")
    yield found
    found.dispose()


@pytest.fixture
def team(site: Ask, identity: Identity, engine: Engine) -> IncidentTeam:
    """A team with a server."""
    return IncidentTeam(site, identity, engine)


def went_wrong(desk: IncidentDesk, by: Callable[[str], By]) -> str:
    """Return the id of a resolved incident that is linked with the run that went wrong."""
    told = desk.declare(Said(title="It pushed", components=("code/push",)), by("ann"))
    assert isinstance(told, Declared)
    which = told.incident.id
    desk.accept(which, by("sue"))
    desk.mitigate(which, by("sue"))
    desk.resolve(which, by("sue"))
    desk.attach(which, LinkKind.RUN, "run_bad", by("leo"))
    return which


def lesson(which: str) -> IncidentLearning:
    """Return what is taught: two cases and a gate."""
    return learning(
        which,
        newEvalCases=tuple(CASE.format(id=name, incident=which) for name in ("a", "b")),
        gateUpdates=(GATE.format(id="g"),),
    )


def learnt(told: object) -> Learnt:
    """Return what was learnt."""
    assert isinstance(told, Learnt), told
    return told


def timeless(value: object) -> bytes:
    """Return a value as JSON, without the seconds of its times: each look at a clock moves it."""
    return re.sub(rb"\d\d\.\d{6}Z", b"", msgspec.json.encode(value))


def test_a_clone_beside_a_server_learns_what_one_beside_its_records_learns(
    team: IncidentTeam, tmp_path: Path
) -> None:
    """The same files, steps, actions and words, and the same answer when it is asked again."""
    here = open_records(tmp_path / "here")
    try:
        local = MadeIncidents(here, people=team.people).desk
        found = []
        for name, desk in (("one", local), ("two", team.made.desk)):
            which = went_wrong(desk, team.by)
            tree = MadeTree(made_tree(tmp_path / name))
            asked: IncidentDesk = desk if desk is local else team.desk("leo")
            done = learnt(asked.learn(which, lesson(which), team.by("leo"), files=tree, due_at=DUE))
            again = learnt(
                asked.learn(which, lesson(which), team.by("leo"), files=tree, due_at=DUE)
            )
            told = (done, again, desk.actions(incident=which))
            found.append((snapshot(tree.top), told))
            assert (len(done.done), len(done.told), again.told) == (4, 4, ())
        (here_files, here_told), (there_files, there_told) = found
        assert there_files == here_files
        assert timeless(there_told) == timeless(here_told)
        assert check(team.made.engine, replay=True).difference is None
    finally:
        here.dispose()


@pytest.mark.parametrize("at", range(4))
def test_a_clone_that_dies_between_two_steps_is_taken_up_by_another(
    team: IncidentTeam, tmp_path: Path, at: int
) -> None:
    """Whatever was left, the next run does the rest, and nothing is there twice."""
    which = went_wrong(team.made.desk, team.by)
    left = [at]

    def stop(step: Step) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise Killed(step.key)

    tree = MadeTree(made_tree(tmp_path / "tree"))
    with pytest.raises(Killed):
        team.desk("leo").learn(which, lesson(which), ANY, files=tree, before_step=stop)
    assert len(team.made.desk.learnt(which)) == at
    done = learnt(team.desk("sue").learn(which, lesson(which), ANY, files=tree))
    assert (len(done.done), done.left, len(done.told)) == (4, (), 4 - at)
    assert len(team.made.desk.actions(incident=which)) == 4
    assert sorted(each.case.id for each in tree.shelf().cases()) == ["a", "b"]
    assert check(team.made.engine, replay=True).difference is None


def test_an_answer_that_gets_lost_is_asked_for_again(team: IncidentTeam, tmp_path: Path) -> None:
    """A step whose answer never came was done: telling it again changes nothing."""
    which = went_wrong(team.made.desk, team.by)
    tree = MadeTree(made_tree(tmp_path / "tree"))
    done = learnt(team.desk("leo", loses=2).learn(which, lesson(which), ANY, files=tree))
    assert (len(done.done), done.left) == (4, ())
    with pytest.raises(Unavailable):
        team.desk("leo", loses=100).learn(which, lesson(which), ANY, files=tree)


def test_two_clones_at_once_apply_it_once(team: IncidentTeam, tmp_path: Path) -> None:
    """Each step is on record once, each action is open once, and both are told the same."""
    which = went_wrong(team.made.desk, team.by)
    trees = [MadeTree(made_tree(tmp_path / name)) for name in ("one", "two")]
    told: list[object] = []
    ready = threading.Barrier(2)

    def go(tree: MadeTree) -> None:
        ready.wait()
        try:
            told.append(team.made.desk.learn(which, lesson(which), team.by("leo"), files=tree))
        except Exception as error:
            told.append(error)

    def far() -> None:
        ready.wait()
        try:
            told.append(team.desk("sue").learn(which, lesson(which), ANY, files=trees[1]))
        except Exception as error:
            told.append(error)

    threads = [threading.Thread(target=go, args=(trees[0],)), threading.Thread(target=far)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    one, other = map(learnt, told)
    assert one.done == other.done
    assert one.left == other.left == ()
    assert len(team.made.desk.actions(incident=which)) == 4
    assert snapshot(trees[0].top) == snapshot(trees[1].top)


@pytest.mark.parametrize(
    ("result", "title", "code"),
    [
        ("", "Eval case a", "not-whole"),
        ("made.yaml@" + "ab" * 32, "Eval case a", "not-whole"),
        (".pawl/evals/../gates.yaml@" + "ab" * 32, "Eval case a", "not-whole"),
        (".pawl/evals/a.yaml@short", "Eval case a", "not-whole"),
        (".pawl/evals/a b.yaml@" + "ab" * 32, "Eval case a", "not-whole"),
        (".pawl/evals/a.yaml@" + "ab" * 32, " ", "not-whole"),
        (".pawl/evals/a.yaml@" + "ab" * 32, "a\nb", "not-whole"),
    ],
)
def test_a_step_that_says_nothing_of_what_it_made_is_refused(
    team: IncidentTeam, result: str, title: str, code: str
) -> None:
    """A case is told by its place below .pawl/evals and its digest, and opens a named action."""
    which = went_wrong(team.made.desk, team.by)
    desk = team.desk("leo")
    plan = desk.plan_learning(which, lesson(which))
    assert not isinstance(plan, Refusal)
    told = desk.record_step(which, lesson(which), plan.steps[0].key, result, title, ANY)
    assert isinstance(told, Refusal)
    assert told.code == code
    assert team.made.desk.learnt(which) == ()


def test_a_step_that_the_server_did_not_plan_is_refused(team: IncidentTeam) -> None:
    """What is not in the learning, or is of another incident or owner, is not recorded."""
    which = went_wrong(team.made.desk, team.by)
    desk = team.desk("leo")
    made = ".pawl/evals/a.yaml@" + "ab" * 32
    other = learning(which, newEvalCases=("another",))
    plan = desk.plan_learning(which, other)
    assert not isinstance(plan, Refusal)
    for what, code in (
        (lesson(which), "no-such-step"),
        (learning("inc_none"), "other-incident"),
        (learning(which, owner="coder"), "no-human"),
    ):
        told = desk.record_step(which, what, plan.steps[0].key, made, "Eval case a", ANY)
        assert isinstance(told, Refusal)
        assert told.code == code
    assert team.made.desk.learnt(which) == ()


def test_it_takes_the_scope_of_incidents(team: IncidentTeam) -> None:
    """Whoever may only read cannot put a step on record."""
    secret = team.token("pia", Scope.READ).secret
    for word in ("plan", "steps"):
        answer = team.client.post(
            f"/api/incidents/inc_0001/learn/{word}",
            json={},
            headers={"Authorization": f"Bearer {secret}"},
        )
        assert answer.status_code == 403
