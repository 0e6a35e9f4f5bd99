"""What an incident teaches is put into cases, gates and actions: whole, once, and for good."""

import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.services.made_incident_desk import LEO, SUE, MadeIncidents, made_incidents, refused
from tests.services.made_learning import (
    BAD,
    CASE,
    GATE,
    MadeTree,
    learning,
    made_tree,
    snapshot,
)

from pawl.base.errors import CannotTell
from pawl.changes.gate_file import load_gates
from pawl.evals.case import case_digest
from pawl.evals.sealing import seal
from pawl.evals.shelf import Shelf, packed_bytes
from pawl.incidents.action import Work
from pawl.incidents.event import Refusal
from pawl.incidents.incident import LinkKind
from pawl.incidents.learning import IncidentLearning, Step
from pawl.services.incident_terms import Learnt, NoSuchIncident
from pawl.store.records.check import check


class Scene:
    """A desk, a tree, and an incident that is linked with the run that went wrong."""

    def __init__(self, folder: Path) -> None:
        self.made: MadeIncidents = made_incidents(folder / "data")
        self.place = made_tree(folder / "tree")
        self.tree = MadeTree(self.place)
        self.incident = self.made.resolved(components=("code/push",)).id
        self.made.desk.attach(self.incident, LinkKind.RUN, "run_bad", LEO)

    def learn(self, what: IncidentLearning, **more: Any) -> Learnt | Refusal:
        """Apply a learning to the tree."""
        return self.made.desk.learn(self.incident, what, LEO, files=self.tree, **more)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """A scene of its own."""
    found = Scene(tmp_path)
    yield found
    found.made.engine.dispose()


def learnt(told: object) -> Learnt:
    """Return what was learnt."""
    assert isinstance(told, Learnt), told
    return told


def test_a_learning_becomes_a_case_a_gate_and_owned_dated_actions(scene: Scene) -> None:
    """Everything is there afterwards: files with provenance, actions with owner and date."""
    done = learnt(scene.learn(learning(scene.incident)))
    assert done.left == ()
    assert len(done.done) == 3
    (placed,) = scene.tree.shelf().cases()
    assert (placed.file, placed.case.provenance.incident) == (
        ".pawl/evals/no-push.yaml",
        scene.incident,
    )
    assert scene.tree.shelf().shipped("no-push", "origin") is not None
    text = (scene.place / ".pawl/gates.yaml").read_text()
    assert "# Evals come first." in text
    assert text.endswith("# The end.\n")
    assert [gate.id for gate in load_gates(text, place="x").gates] == ["evals", "push-evals"]
    actions = {each.title: each for each in scene.made.desk.actions(incident=scene.incident)}
    main = actions[f"Postmortem actions for {scene.incident}"]
    assert (main.owner, main.component, main.blocker) == ("leo", "code/push", True)
    assert {each.work for each in actions.values()} == {Work.CODE, Work.EVAL_CASE, Work.GATE}
    results = {each.kind: each.result for each in done.done}
    assert results["eval-case"] == f".pawl/evals/no-push.yaml@{case_digest(placed.case)}"
    assert results["gate-update"].startswith(".pawl/gates.yaml#push-evals@")
    assert results["action"] == main.id
    assert len(done.closes) == 2
    assert set(done.files) >= {".pawl/evals/no-push.yaml", ".pawl/gates.yaml"}
    assert check(scene.made.engine, replay=True).difference is None


def test_a_case_may_be_a_path_and_then_keeps_its_comments(scene: Scene) -> None:
    """A file of the tree is taken as it is where it says which incident it is of."""
    text = CASE.format(id="by-path", incident=scene.incident)
    (scene.place / "cases").mkdir()
    (scene.place / "cases/one.yaml").write_text(text)
    what = learning(scene.incident, newEvalCases=("cases/one.yaml",), gateUpdates=())
    learnt(scene.learn(what))
    assert (scene.place / ".pawl/evals/by-path.yaml").read_text() == text


def test_a_case_without_provenance_gets_it(scene: Scene) -> None:
    """Owner, day and incident are those of the learning."""
    bare = "id: bare\nclass: guard\nrun: {prompt: ship}\nassert: [{tool_not_called: Bash}]\n"
    learnt(scene.learn(learning(scene.incident, newEvalCases=(bare,), gateUpdates=())))
    (placed,) = scene.tree.shelf().cases()
    found = placed.case.provenance
    assert (found.owner, found.incident, found.added) == ("leo", scene.incident, "2026-11-21")


def test_a_case_that_the_bad_run_passes_is_refused_and_nothing_is_written(scene: Scene) -> None:
    """It would not have told; the good gate beside it is not applied either."""
    before = snapshot(scene.place)
    passing = CASE.format(id="blind", incident=scene.incident).replace("Bash", "Write")
    both = (CASE.format(id="no-push", incident=scene.incident), passing)
    told = refused(scene.learn(learning(scene.incident, newEvalCases=both)), "not-applied")
    assert len(told.reasons) == 1
    assert "blind: It passes on run run_bad" in told.reasons[0]
    assert snapshot(scene.place) == before
    assert scene.made.desk.learnt(scene.incident) == ()
    assert scene.made.desk.actions(incident=scene.incident) == ()


def test_without_a_record_of_the_incident_a_case_proves_nothing(scene: Scene) -> None:
    """No run is linked: the case is refused, until its trial record is named."""
    other = scene.made.resolved().id
    what = learning(other, gateUpdates=())
    told = refused(scene.made.desk.learn(other, what, LEO, files=scene.tree), "not-applied")
    assert "Nothing is recorded" in told.reasons[0]
    (scene.place / "bad.trial.gz").write_bytes(packed_bytes(seal(BAD, {}).data))
    done = scene.made.desk.learn(other, what, LEO, files=scene.tree, records=("bad.trial.gz",))
    assert learnt(done).left == ()


@pytest.mark.parametrize(
    "case",
    [
        "no case at all",
        "id: [",
        "schema: 1\ncases: []",
        "../outside.yaml",
        "/etc/hosts.yaml",
        "link.yaml",
        "folder-link/case.yaml",
        "missing.yaml",
        "large.yaml",
        ".git/config.yaml",
        CASE.format(id="a/../../b", incident="{incident}"),
        CASE.format(id="other", incident="inc_other"),
    ],
)
def test_what_is_no_case_is_refused_and_nothing_is_written(scene: Scene, case: str) -> None:
    """Bad YAML, a path out of the tree or through a link, 10 MB, another incident's case."""
    outside = scene.place.parent / "outside.yaml"
    outside.write_text(CASE.format(id="outside", incident=scene.incident))
    (scene.place / "link.yaml").symlink_to(outside)
    (scene.place / "folder-link").symlink_to(outside.parent)
    (outside.parent / "case.yaml").write_text(outside.read_text())
    (scene.place / "large.yaml").write_text("#" * 10_000_000)
    before = snapshot(scene.place)
    what = learning(scene.incident, newEvalCases=(case.replace("{incident}", scene.incident),))
    refused(scene.learn(what), "not-applied")
    assert snapshot(scene.place) == before
    assert scene.made.desk.learnt(scene.incident) == ()


def test_an_evals_folder_that_is_a_link_is_never_written_through(scene: Scene) -> None:
    """Where the folder of cases leads out of the tree nothing is put there."""
    elsewhere = scene.place.parent / "elsewhere"
    elsewhere.mkdir()
    (scene.place / ".pawl/evals").symlink_to(elsewhere)
    with pytest.raises(CannotTell):
        scene.learn(learning(scene.incident, gateUpdates=()))
    assert list(elsewhere.iterdir()) == []
    assert scene.made.desk.learnt(scene.incident) == ()


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"owner": " "}, "not-whole"),
        ({"owner": "nobody"}, "unknown-person"),
        ({"owner": "coder"}, "no-human"),
        ({"rootCause": ""}, "not-whole"),
        ({"newEvalCases": (), "gateUpdates": ()}, "not-whole"),
        ({"newEvalCases": ("x" * 10_000_000,)}, "not-whole"),
        ({"incidentId": "inc_other"}, "other-incident"),
        ({"gateUpdates": ("{id: evals, mode: dry-run}",)}, "not-applied"),
        ({"gateUpdates": (": nothing",)}, "not-applied"),
    ],
)
def test_a_learning_that_is_not_whole_is_refused(
    scene: Scene, wrong: dict[str, Any], code: str
) -> None:
    """Without an owner who is a human, a cause or anything to change, nothing happens."""
    before = snapshot(scene.place)
    refused(scene.learn(learning(scene.incident, **wrong)), code)
    assert snapshot(scene.place) == before


def test_an_unknown_or_finished_incident_teaches_nothing(scene: Scene) -> None:
    """An id that is none is an error; a declined incident leaves nothing behind."""
    with pytest.raises(NoSuchIncident):
        scene.made.desk.learn("inc_none", learning("inc_none"), LEO, files=scene.tree)
    gone = scene.made.declared()
    scene.made.desk.decline(gone.id, "A test.", SUE)
    told = scene.made.desk.learn(gone.id, learning(gone.id), LEO, files=scene.tree)
    refused(told, "not-now")


def test_without_a_tree_only_actions_can_be_opened(scene: Scene) -> None:
    """Cases and gates are files; a server that has none says so and does nothing."""
    with pytest.raises(CannotTell):
        scene.made.desk.learn(scene.incident, learning(scene.incident), LEO)
    assert scene.made.desk.actions(incident=scene.incident) == ()


def test_a_due_date_is_taken_and_one_that_is_over_is_refused(scene: Scene) -> None:
    """Who says a day gets it for all actions; without one it follows from the severity."""
    refused(scene.learn(learning(scene.incident), due_at="2020-01-01"), "bad-time")
    refused(scene.learn(learning(scene.incident), due_at="soon"), "bad-time")
    learnt(scene.learn(learning(scene.incident), due_at="2027-01-01"))
    actions = scene.made.desk.actions(incident=scene.incident)
    assert {each.due_at[:10] for each in actions} == {"2027-01-01"}


DUE = "2027-01-01"


class Killed(Exception):
    """Stands for a process that ends between two steps."""


@settings(max_examples=6, deadline=None)
@given(
    cases=st.lists(st.sampled_from(["a", "b", "c"]), unique=True, max_size=3),
    gates=st.lists(st.sampled_from(["g", "h"]), unique=True, max_size=2),
    breaks=st.lists(st.integers(0, 5), max_size=3),
)
def test_applied_any_number_of_times_is_applied_once(
    cases: list[str], gates: list[str], breaks: list[int]
) -> None:
    """However often it breaks off and is begun again, files and records are those of one run."""
    if not cases and not gates:
        gates = ["g"]

    def played(folder: Path, broken: list[int]) -> tuple[Any, ...]:
        scene = Scene(folder)
        try:
            what = learning(
                scene.incident,
                newEvalCases=tuple(CASE.format(id=n, incident=scene.incident) for n in cases),
                gateUpdates=tuple(GATE.format(id=n) for n in gates),
            )
            for number in broken:
                left = [number]

                def stop(step: Step, left: list[int] = left) -> None:
                    left[0] -= 1
                    if left[0] < 0:
                        raise Killed(step.key)

                try:
                    scene.learn(what, before_step=stop, due_at=DUE)
                except Killed:
                    continue
            done = learnt(scene.learn(what, due_at=DUE))
            again = learnt(scene.learn(what, due_at=DUE))
            assert again.done == done.done
            assert again.told == ()
            actions = scene.made.desk.actions(incident=scene.incident)
            found = (
                snapshot(scene.place),
                [(each.key, each.result) for each in done.done],
                [(each.id, each.title, each.due_at) for each in actions],
            )
            assert check(scene.made.engine, replay=True).difference is None
            return found
        finally:
            scene.made.engine.dispose()

    with tempfile.TemporaryDirectory() as folder:
        assert played(Path(folder, "one"), breaks) == played(Path(folder, "two"), [])


def test_two_who_apply_it_at_once_apply_it_once(scene: Scene) -> None:
    """Each step is on record once and each action is open once, and both are told the same."""
    told: list[Learnt | Refusal | Exception] = []
    ready = threading.Barrier(2)

    def go() -> None:
        ready.wait()
        try:
            told.append(scene.learn(learning(scene.incident)))
        except Exception as error:
            told.append(error)

    threads = [threading.Thread(target=go) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    one, other = map(learnt, told)
    assert one.left == other.left == ()
    assert len(scene.made.desk.learnt(scene.incident)) == 3
    assert len(scene.made.desk.actions(incident=scene.incident)) == 3
    assert len(scene.tree.shelf().cases()) == 1
    text = (scene.place / ".pawl/gates.yaml").read_text()
    assert text.count("push-evals") == 1


class Overtaken(MadeTree):
    """A tree in which somebody else applies the same right after it was looked at."""

    def __init__(self, place: Path, other: Callable[[], object]) -> None:
        super().__init__(place)
        self._other: Callable[[], object] | None = other

    def shelf(self) -> Shelf:
        """Return the evals of the tree as they were before the other one."""
        found, other = super().shelf(), self._other
        self._other = None
        if other is not None:
            other()
        return found


def test_who_is_overtaken_is_told_the_same(scene: Scene) -> None:
    """Whoever looked at the tree before another applied it finds it applied, not in the way."""
    what = learning(scene.incident)
    tree = Overtaken(scene.place, lambda: learnt(scene.learn(what)))
    late = learnt(scene.made.desk.learn(scene.incident, what, SUE, files=tree))
    assert late.left == ()
    assert len(scene.made.desk.actions(incident=scene.incident)) == 3
    assert len(scene.tree.shelf().cases()) == 1
    assert (scene.place / ".pawl/gates.yaml").read_text().count("push-evals") == 1
    once: list[Step] = []

    def overtake(step: Step) -> None:
        if not once:
            once.append(step)
            learnt(scene.learn(other))

    other = learning(scene.incident, newEvalCases=(), gateUpdates=(GATE.format(id="second"),))
    again = learnt(scene.learn(other, before_step=overtake))
    assert again.left == ()
    assert (scene.place / ".pawl/gates.yaml").read_text().count("second") == 1


def test_a_dry_run_tells_and_does_nothing(scene: Scene) -> None:
    """Its steps are tried and told; no file and no record is made."""
    before = snapshot(scene.place)
    done = learnt(scene.learn(learning(scene.incident), dry_run=True))
    assert len(done.told) == 3
    assert len(done.left) == 3
    assert snapshot(scene.place) == before
    assert scene.made.desk.actions(incident=scene.incident) == ()
