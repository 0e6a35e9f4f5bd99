"""With and without an events store a bill is the same."""

from pathlib import Path
from typing import Any

import pytest
from benchmarks.make_transcripts import generate
from tests.telemetry.formats.lines import claude, encoded

from pawl.app import SPOOL, bill_machine, import_spool, price_texts, server_at
from pawl.services.cost import Question, ask
from pawl.services.machine import Machine
from pawl.services.stored_bill import StoredBill
from pawl.services.stored_cost import ask_store
from pawl.telemetry.bill import Key

BY = (Key.DAY, Key.PROJECT, Key.MODEL, Key.AGENT, Key.DEVELOPER, Key.BRANCH)


@pytest.fixture(scope="module", params=["clean", "edge"])
def tree(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small tree of all agents."""
    out = tmp_path_factory.mktemp(request.param) / "tree"
    generate(out, size_mb=3, seed=5, projects=4, days=5, profile=request.param, agents="all")
    return out


def machine_for(tree: Path, data: Path) -> Machine:
    environment = {
        "CLAUDE_CONFIG_DIR": str(tree),
        "CODEX_HOME": str(tree / "codex"),
        "PAWL_DEVELOPER": "ada",
    }
    return bill_machine(data, environment)


def from_store(machine: Machine, data: Path, question: Question) -> Any:
    store = StoredBill(data, data / SPOOL, price_texts(data))
    return ask_store(question, store, machine, lambda: import_spool(data), beside=server_at).bill


def test_both_ways_agree(tree: Path, tmp_path: Path) -> None:
    """The pure fold and the store's queries give the same bill, row for row."""
    light, stored = tmp_path / "light", tmp_path / "stored"
    for question in (
        Question(by=BY),
        Question(by=(Key.HOUR,), project="billing-00"),
        Question(by=(Key.MODEL,), since="2026-11-01T00:00:00.000000Z"),
        Question(by=()),
    ):
        expected = ask(question, machine_for(tree, light)).bill
        assert from_store(machine_for(tree, stored), stored, question) == expected


def test_a_kept_answer_is_given_until_something_changes(tmp_path: Path) -> None:
    """The engine is not opened for the same question, and is when a transcript has grown."""
    path = tmp_path / "tree/projects/x/s.jsonl"
    path.parent.mkdir(parents=True)
    path.write_bytes(encoded(claude()))
    data = tmp_path / "data"
    machine = machine_for(tmp_path / "tree", data)
    asked = 0

    class Counting(StoredBill):
        def bill(self, question: Question) -> Any:
            nonlocal asked
            asked += 1
            return super().bill(question)

    store = Counting(data, data / SPOOL, price_texts(data))

    def total() -> int:
        answer = ask_store(
            Question(by=()), store, machine, lambda: import_spool(data), beside=server_at
        )
        return answer.bill.total.requests

    assert [total(), total(), asked] == [1, 1, 1]
    with path.open("ab") as file:
        file.write(encoded(claude(request="r2", message="m2")))
    assert [total(), total(), asked] == [2, 2, 2]
