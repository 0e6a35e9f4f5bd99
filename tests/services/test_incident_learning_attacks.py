"""Learning that only looks like it, and learning that would take something away, is refused."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.services.made_incident_desk import LEO, MadeIncidents, made_incidents, refused
from tests.services.made_learning import CASE, GATE, GATES, MadeTree, learning, made_tree, snapshot

from pawl.changes.gate_file import load_gates
from pawl.incidents.event import Refusal
from pawl.incidents.incident import LinkKind
from pawl.incidents.learning import IncidentLearning, Step, StepKind
from pawl.services.incident_terms import Learnt


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


class Killed(Exception):
    """Stands for a process that ends between two steps."""


SUITE = """\
schema: 1
cases:
  - id: old-one
    class: guard
    provenance: {added: 2026-01-01, owner: leo}
    run: {prompt: x}
    assert: [{tool_not_called: Bash}]
"""


@pytest.mark.parametrize("text", [SUITE, "schema: 1\ncases: [\n", "# only notes\n"])
def test_a_case_never_takes_the_place_of_another_file(scene: Scene, text: str) -> None:
    """A suite, or a file that does not read, of the name that the case would get stays."""
    (scene.place / ".pawl/evals").mkdir()
    (scene.place / ".pawl/evals/no-push.yaml").write_text(text)
    before = snapshot(scene.place)
    told = refused(scene.learn(learning(scene.incident)), "not-applied")
    assert ".pawl/evals/no-push.yaml" in told.reasons[0]
    assert snapshot(scene.place) == before


def test_taken_up_on_another_day_it_goes_on_where_it_stopped(scene: Scene) -> None:
    """A case whose file was written before the end is the same case on the next day."""
    bare = "id: bare\nclass: guard\nrun: {prompt: ship}\nassert: [{tool_not_called: Bash}]\n"
    what = learning(scene.incident, newEvalCases=(bare,), gateUpdates=())
    tree = scene.tree
    write = tree.write_bytes

    def dies(path: str, content: bytes) -> None:
        write(path, content)
        if path.endswith("bare.yaml"):
            raise Killed(path)

    tree.write_bytes = dies  # type: ignore[method-assign]
    with pytest.raises(Killed):
        scene.learn(what)
    tree.write_bytes = write  # type: ignore[method-assign]
    scene.made.clock.wind(seconds=2 * 86_400)
    done = scene.learn(what)
    assert isinstance(done, Learnt), done
    assert done.left == ()


def _while_it_goes_on(scene: Scene, path: str, text: str, kind: StepKind) -> Any:
    def change(step: Step) -> None:
        if step.kind is kind:
            target = scene.place / path
            target.parent.mkdir(exist_ok=True)
            target.write_text(text)

    return change


def test_gates_that_somebody_changed_meanwhile_are_not_written_over(scene: Scene) -> None:
    """Who saved their own gate between the trial and the writing keeps it."""
    theirs = GATES.replace(
        "# The end.\n",
        "  - {id: theirs, condition: evals-hold, domain: safety, source: another lesson}\n",
    )
    meanwhile = _while_it_goes_on(scene, ".pawl/gates.yaml", theirs, StepKind.GATE_UPDATE)
    told = refused(scene.learn(learning(scene.incident), before_step=meanwhile), "moved")
    assert ".pawl/gates.yaml" in told.reasons[0]
    assert (scene.place / ".pawl/gates.yaml").read_text() == theirs
    done = scene.learn(learning(scene.incident))
    assert isinstance(done, Learnt), done
    text = (scene.place / ".pawl/gates.yaml").read_text()
    assert {each.id for each in load_gates(text, place="x").gates} == {
        "evals", "theirs", "push-evals",
    }  # fmt: skip


def test_a_case_that_somebody_wrote_meanwhile_is_not_written_over(scene: Scene) -> None:
    """The file was not there when the case was tried, and is now: it stays as it is."""
    path = ".pawl/evals/no-push.yaml"
    meanwhile = _while_it_goes_on(scene, path, SUITE, StepKind.EVAL_CASE)
    refused(scene.learn(learning(scene.incident), before_step=meanwhile), "moved")
    assert (scene.place / path).read_text() == SUITE


@pytest.mark.parametrize(
    "update",
    [
        "{id: evals}",
        "{id: evals, condition: evals-hold}",
        GATES.replace("# The end.\n", ""),
    ],
)
def test_a_gate_update_that_says_what_stands_already_teaches_nothing(
    scene: Scene, update: str
) -> None:
    """What was committed before the incident and let it through is no lesson of it."""
    if update.startswith("#"):
        update = "gates:" + update.partition("gates:")[2]
    before = snapshot(scene.place)
    what = learning(scene.incident, newEvalCases=(), gateUpdates=(update,))
    told = refused(scene.learn(what), "not-applied")
    assert "already" in told.reasons[0]
    assert snapshot(scene.place) == before


@pytest.mark.parametrize(
    "gate",
    [
        "{id: g, condition: evals-hold, domain: safety, source: x, mode: dry-run}",
        "{id: g, condition: evals-hold, domain: safety, source: x, moments: []}",
        "{id: g, condition: no-such-condition, domain: safety, source: x}",
        "{id: evals, condition: evals-hold, domain: quality, source: ours, min_events: -1}",
        "{id: evals, source: '  '}",
        "{id: evals, domain: cost}",
        "{id: evals, applies: {risk: [high]}}",
        "{id: evals, moments: [start]}",
        "{id: evals, must_have_data: false}",
        "{id: evals, with: {rate: 0}}",
    ],
)
def test_a_gate_that_holds_nothing_up_or_holds_less_is_refused(scene: Scene, gate: str) -> None:
    """Dry-run, never asked, of no condition, of less evidence, of fewer changes."""
    before = snapshot(scene.place)
    what = learning(scene.incident, newEvalCases=(), gateUpdates=(gate,))
    refused(scene.learn(what), "not-applied")
    assert snapshot(scene.place) == before


def test_another_owner_applies_nothing_twice(scene: Scene) -> None:
    """The same lesson with another owner, order and spaces is the lesson that was applied."""
    cases = tuple(CASE.format(id=name, incident=scene.incident) for name in ("a", "b"))
    first = learning(scene.incident, newEvalCases=cases)
    done = scene.learn(first)
    assert isinstance(done, Learnt), done
    before = snapshot(scene.place)
    again = learning(
        scene.incident,
        newEvalCases=tuple(f"\r\n{each}".replace("\n", "\r\n") for each in reversed(cases)),
        gateUpdates=(GATE.format(id="push-evals") + "\n\n",),
        owner="ann",
    )
    done = scene.learn(again)
    assert isinstance(done, Learnt), done
    assert done.told == ()
    assert snapshot(scene.place) == before
    owners = {each.owner for each in scene.made.desk.actions(incident=scene.incident)}
    assert owners == {"leo"}
