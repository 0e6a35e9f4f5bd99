"""Assessments as people hold them are kept event by event, and a replay gives the same."""

import pytest
from tests.conftest import ROOT

from pawl.governance.ledger import Actor
from pawl.maturity.ceremony import decide, open_ceremony
from pawl.maturity.ceremony_terms import (
    Abandon,
    AgreeFindings,
    AttachEvidence,
    Ceremony,
    Gap,
    NoteGap,
    Refusal,
    State,
)
from pawl.maturity.confirm import Trigger
from pawl.maturity.loading import load_model
from pawl.maturity.model import Model
from pawl.maturity.verdict import DimensionResult, ModelResult
from pawl.store.records.ceremonies import CeremonyRecords
from pawl.store.records.check import check
from pawl.store.records.engine import Engine, writing

ACTOR = Actor(person="ana@example.org", source="git-config", assurance="declared")
NOW = "2026-11-21T00:00:00.000000Z"
TRIGGER = Trigger(cause="quarter", ref="2026-Q4", at=NOW)


@pytest.fixture(scope="module")
def model() -> Model:
    """The operations model: one dimension."""
    path = ROOT / "src" / "pawl" / "maturity" / "models" / "ops.yaml"
    return load_model(path.read_text(), place="ops.yaml")


def _result(model: Model) -> ModelResult:
    dimension = DimensionResult(
        id=model.dimensions[0].id,
        name=model.dimensions[0].name,
        measured=1,
        level_id="ops.L1",
        level_name="experimental",
        risk="",
        criteria=(),
    )
    return ModelResult(
        model=model.id,
        version=model.version,
        digest=model.digest,
        name=model.name,
        complete=True,
        weakest=(dimension.id,),
        dimensions=(dimension,),
    )


def _open(kept: CeremonyRecords, model: Model, identity: str = "asm_1") -> Ceremony | Refusal:
    return kept.open(
        identity,
        lambda running: open_ceremony(identity, "repo:a", model, TRIGGER, NOW, running=running),
        ACTOR,
        NOW,
        subject="repo:a",
        model=model.id,
    )


def test_a_ceremony_is_rebuilt_from_its_entries(engine: Engine, model: Model) -> None:
    """What commands did and what a replay of the ledger gives are the same."""
    kept = CeremonyRecords(engine)
    assert isinstance(_open(kept, model), Ceremony)
    gap = Gap(id="no-owner", dimension=model.dimensions[0].id, text="Nobody owns the gate.")
    for command in (
        AttachEvidence(result=_result(model), assessment="a" * 64),
        NoteGap(gap=gap),
    ):
        told = kept.tell("asm_1", lambda held, c=command: decide(held, c, NOW), ACTOR, NOW)  # type: ignore[misc]
        assert isinstance(told, Ceremony), told
    held = kept.get("asm_1")
    assert held is not None
    assert held.state is State.EVIDENCE
    assert held.gaps == (gap,)
    assert kept.of("repo:a") == (held,)
    assert kept.confirmed("repo:a") == ()
    assert check(engine, replay=True).intact
    with writing(engine) as connection:
        connection.execute("UPDATE ceremonies SET state = 'closed'")
    assert not check(engine, replay=True).intact


def test_one_at_a_time(engine: Engine, model: Model) -> None:
    """A second assessment of the same subject and model waits until the first has ended."""
    kept = CeremonyRecords(engine)
    _open(kept, model)
    refused = _open(kept, model, "asm_2")
    assert isinstance(refused, Refusal)
    assert refused.code == "one-at-a-time"
    kept.tell("asm_1", lambda held: decide(held, Abandon(reason="Wrong quarter."), NOW), ACTOR, NOW)
    assert isinstance(_open(kept, model, "asm_2"), Ceremony)
    assert [each.id for each in kept.of("repo:a")] == ["asm_1", "asm_2"]


def test_a_refusal_changes_nothing(engine: Engine, model: Model) -> None:
    """A command that does not fit the state leaves ledger and row as they were."""
    kept = CeremonyRecords(engine)
    _open(kept, model)
    before = check(engine, replay=True).entries
    told = kept.tell("asm_1", lambda held: decide(held, AgreeFindings(), NOW), ACTOR, NOW)
    assert isinstance(told, Refusal)
    assert check(engine, replay=True).entries == before
    with pytest.raises(KeyError):
        kept.tell("nobody", lambda held: decide(held, AgreeFindings(), NOW), ACTOR, NOW)
