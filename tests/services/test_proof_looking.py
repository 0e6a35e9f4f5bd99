"""A typed claim is no evidence: what can be seen is looked at, and the rest is called declared."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from tests.services.made_incident_desk import (
    LEO,
    SUE,
    MadeIncidents,
    action,
    made_incidents,
    refused,
)
from tests.services.made_learning import CASE, GOOD, MadeTree, git, learning, made_tree

from pawl.base.canonical import sha256_hex
from pawl.evals.of_run import for_case
from pawl.evals.sealing import seal
from pawl.evals.shelf import packed_bytes
from pawl.incidents.action import Proof, Work
from pawl.incidents.incident import LinkKind
from pawl.render.action_text import action_text
from pawl.services.incident_terms import Learnt
from pawl.services.proof_looking import looked_at

TYPED = Proof(place="ci/7", digest="ab" * 32, fails_on_bad=True, passes_on_fixed=True)
NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


class Scene:
    """A desk that looks into a tree, and the actions that a learning opened."""

    def __init__(self, folder: Path) -> None:
        self.made: MadeIncidents = made_incidents(folder / "data")
        self.place = made_tree(folder / "tree")
        self.tree = MadeTree(self.place)
        self.made.desk.look_at = lambda one, proof: looked_at(one, proof, self.tree)
        incident = self.made.resolved(components=("code/push",)).id
        self.made.desk.attach(incident, LinkKind.RUN, "run_bad", LEO)
        what = learning(incident, newEvalCases=(CASE.format(id="no-push", incident=incident),))
        assert isinstance(self.made.desk.learn(incident, what, LEO, files=self.tree), Learnt)
        self.of = {each.work: each.id for each in self.made.desk.actions(incident=incident)}
        for each in self.of.values():
            action(self.made.desk.claim_action(each, LEO))


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """A scene of its own."""
    found = Scene(tmp_path)
    yield found
    found.made.engine.dispose()


def test_what_was_seen_is_checked_and_the_rest_is_declared(scene: Scene) -> None:
    """The case fails on its own record; that it passes on what is mended is the verifier's word."""
    done = action(scene.made.desk.verify_action(scene.of[Work.EVAL_CASE], TYPED, SUE))
    assert done.proof is not None
    assert done.proof.checked == ("fails-on-bad",)
    assert done.proof.declared == ("digest", "passes-on-fixed")
    assert "declared, not checked: digest, passes-on-fixed" in action_text(done, done.changed_at)


def test_with_a_record_of_what_is_mended_all_of_it_is_checked(scene: Scene) -> None:
    """The case's file, its origin and its oracle: nothing rests on anybody's word."""
    (placed,) = scene.tree.shelf().cases()
    oracle = packed_bytes(seal(for_case(GOOD, placed.case), {}).data)
    (scene.place / ".pawl/evals/records/no-push/oracle.trial.gz").write_bytes(oracle)
    digest = sha256_hex((scene.place / placed.file).read_bytes())
    proof = msgspec.structs.replace(TYPED, place=placed.file, digest=digest)
    done = action(scene.made.desk.verify_action(scene.of[Work.EVAL_CASE], proof, SUE))
    assert done.proof is not None
    assert set(done.proof.checked) == {"digest", "fails-on-bad", "passes-on-fixed"}
    assert done.proof.declared == ()


def test_nobody_types_that_it_was_checked(scene: Scene) -> None:
    """What a proof says of itself is not believed."""
    forged = msgspec.structs.replace(TYPED, checked=("digest", "passes-on-fixed"))
    done = action(scene.made.desk.verify_action(scene.of[Work.EVAL_CASE], forged, SUE))
    assert done.proof is not None
    assert done.proof.checked == ("fails-on-bad",)


def test_a_case_that_was_blunted_afterwards_verifies_nothing(scene: Scene) -> None:
    """Edited until its own incident passes, it guards against nothing, whatever is typed."""
    path = scene.place / ".pawl/evals/no-push.yaml"
    path.write_text(path.read_text().replace("Bash", "Write"))
    told = scene.made.desk.verify_action(scene.of[Work.EVAL_CASE], TYPED, SUE)
    assert "origin record" in refused(told, "wrong-proof").reasons[0]


@pytest.mark.parametrize("digest", ["ab" * 32, NOTHING, "", "sha256:00"])
def test_a_file_of_another_digest_is_no_evidence(scene: Scene, digest: str) -> None:
    """The tree has the file, and it is not what the proof says."""
    proof = Proof(place=".pawl/gates.yaml", digest=digest)
    told = scene.made.desk.verify_action(scene.of[Work.CODE], proof, SUE)
    refused(told, "wrong-proof")


@pytest.mark.parametrize("digest", [NOTHING, f"sha256:{NOTHING.upper()}"])
def test_the_digest_of_nothing_is_none(scene: Scene, digest: str) -> None:
    """An empty file shows nothing, wherever it is said to be."""
    proof = Proof(place="ci/7", digest=digest)
    refused(scene.made.desk.verify_action(scene.of[Work.CODE], proof, SUE), "no-proof")


def test_a_gate_is_verified_once_it_stands_on_the_protected_branch(scene: Scene) -> None:
    """In the tree it holds nothing up; merged it does."""
    told = scene.made.desk.verify_action(scene.of[Work.GATE], TYPED, SUE)
    assert "push-evals" in refused(told, "wrong-proof").reasons[0]
    git(scene.place, "add", "-A")
    git(scene.place, "commit", "-q", "-m", "learnt")
    done = action(scene.made.desk.verify_action(scene.of[Work.GATE], TYPED, SUE))
    assert done.proof is not None
    assert done.proof.checked == ("stands",)
