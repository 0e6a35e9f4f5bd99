"""`pawl change tick`, `advance`, `finish` and `confirm` with a program that deploys, by hand."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.cli.made_shop import Shop, made_shop

from pawl.app import now, records_engine
from pawl.changes.rollout import StageVerdict
from pawl.changes.stage_metrics import Judgement
from pawl.changes.verdict import Verdict
from pawl.governance.ledger import PAWL
from pawl.store.records.rollouts import RolloutRecords

COMPONENT = "prompt/CLAUDE.md"
OLD, NEW = "Be kind.\n", "Be brief.\n"
_PUT = """
import json, sys
order = json.load(sys.stdin)
open("live.json", "w").write(json.dumps(order["parts"]))
open("orders", "a").write((order["kind"] + " " + order["stage"]).strip() + chr(10))
"""
_GET = """
import json
print(json.dumps({"parts": json.load(open("live.json"))}))
"""


class Deployed:
    """A shop whose approved change of two stages is put out by a program."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.data = Path(os.environ["PAWL_DATA"])
        self.data.mkdir(exist_ok=True)
        for name, text in (("put", _PUT), ("get", _GET)):
            (self.data / name).write_text(f"#!{sys.executable} -S\n{text}")
            (self.data / name).chmod(0o755)
        (self.data / "pawl.toml").write_text(
            '[changes.executors.command]\nargv = ["./put"]\nread_back = ["./get"]\n'
        )
        self.put(OLD)
        shop.git("checkout", "-q", "-B", "work", "main")
        shop.commit({"CLAUDE.md": NEW})
        opened = shop.told(
            *("change", "new", "--from-diff", "main..HEAD", "--stage", "canary=0.1"),
            *("--stage", "all=1", "--executor", "command", "--back-by", "command"),
        )
        self.change = str(opened["change"]["id"])
        shop.lint(self.change)
        shop.told("change", "submit", self.change)
        assert shop.approve(self.change, "grace")["change"]["state"] == "approved"

    def put(self, text: str) -> None:
        """Put a prompt where it is served, past everybody."""
        (self.data / "live.json").write_text(
            json.dumps({COMPONENT: {"type": "prompt", "text": text}})
        )

    @property
    def served(self) -> str:
        """The prompt that is served."""
        told = json.loads((self.data / "live.json").read_text())
        return str(told[COMPONENT]["text"])

    @property
    def orders(self) -> list[str]:
        """What the program was told, in order."""
        return (self.data / "orders").read_text().splitlines()

    def step(self, word: str, *more: str, status: int = 0) -> Any:
        """Give one command about the change."""
        return self.shop.told("change", word, self.change, *more, status=status)

    def tick(self, status: int = 0) -> Any:
        """Let what is due be done once."""
        return self.shop.told("change", "tick", status=status)

    def passes(self, stage: int) -> None:
        """Put on record that telemetry found a stage good."""
        found = self.step("show")["change"]
        at = now()
        verdict = StageVerdict(
            id=f"v{stage}", stage=stage, digest=found["digest"], verdict=Verdict.PASS, at=at,
            events=500,
        )  # fmt: skip
        engine = records_engine(self.data)
        try:
            judged = Judgement(verdict=Verdict.PASS, events=500, reason="As good as before.")
            RolloutRecords(engine).judge(self.change, verdict, judged, PAWL)
        finally:
            engine.dispose()


@pytest.fixture
def deployed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Deployed:
    """An approved change, and nothing of it out."""
    monkeypatch.delenv("PAWL_EVENTS_URL", raising=False)
    return Deployed(made_shop(tmp_path, monkeypatch, capsys))


def test_stage_by_stage_to_the_end_by_hand(deployed: Deployed) -> None:
    """Each step waits for a verdict, and the last one for what is really served."""
    assert deployed.step("start")["change"]["stage"] == 0
    assert deployed.served == OLD
    assert any(each["what"] == "start confirmed" for each in deployed.tick()["did"])
    assert (deployed.served, deployed.orders) == (NEW, ["start canary"])
    assert deployed.step("advance", status=1)["refusal"]["reasons"]
    deployed.passes(0)
    assert deployed.step("advance")["change"]["stage"] == 1
    deployed.tick()
    assert deployed.orders == ["start canary", "advance all"]
    deployed.passes(1)
    deployed.put("Be rude.\n")
    refused = deployed.step("finish", status=1)["refusal"]
    assert deployed.step("show")["change"]["state"] == "rolling-out", refused
    (deployed.data / "live.json").unlink()
    deployed.shop.run("change", "finish", deployed.change, status=3)
    deployed.put(NEW)
    assert deployed.step("finish")["change"]["state"] == "live"
    live = deployed.shop.told("change", "show", "--live", COMPONENT)
    assert live["content"]["text"] == NEW


def test_the_way_back_ends_when_what_stood_before_is_served(deployed: Deployed) -> None:
    """Confirmed by hand only where it is so; else a tick carries it out and confirms it."""
    deployed.step("start")
    deployed.tick()
    assert deployed.step("rollback", "--reason", "No.")["change"]["state"] == "rolling-back"
    assert deployed.step("confirm", status=1)["refusal"]["reasons"]
    deployed.put(OLD)
    assert deployed.step("confirm")["change"]["state"] == "rolled-back"
    assert "rollback" not in deployed.orders


def test_one_tick_takes_back_and_confirms(deployed: Deployed) -> None:
    """What stood before is put back and read back; after that nothing is due."""
    deployed.step("start")
    deployed.tick()
    deployed.step("rollback", "--reason", "No.")
    deployed.tick()
    assert deployed.step("show")["change"]["state"] == "rolled-back"
    assert (deployed.served, deployed.orders[-1]) == (OLD, "rollback")
    assert deployed.shop.run("change", "tick") == "Nothing is due.\n"


def test_nothing_is_read_back_of_what_never_went_out(deployed: Deployed) -> None:
    """Nobody can tell what a change is whose rollout did not begin here."""
    deployed.shop.run("change", "finish", deployed.change, status=3)
    assert "nothing of it was brought out" in deployed.shop.err
