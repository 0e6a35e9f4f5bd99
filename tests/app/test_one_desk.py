"""One desk: the command line, the server and what looks after rollouts judge alike."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.cli.made_shop import GATES, Shop, made_shop
from tests.store.events.made_events import event

from pawl.app import now, rollouts
from pawl.app.changing import desk_of
from pawl.app.rollouts import tick_once
from pawl.app.serving import server_services
from pawl.changes.gate import GateResult
from pawl.services.changes import ChangeDesk
from pawl.services.rollout_turn import Ticked
from pawl.store.spool import SpoolWriter
from pawl.telemetry.event import Kind

BUDGET = """\
  - id: error-budget
    condition: error-budget-is-left
    domain: quality
    source: Ours.
"""
SLO = """\
apiVersion: openslo/v1
kind: SLO
metadata: {name: tools-succeed}
spec:
  service: shop
  indicator:
    metadata: {name: tool-success}
    spec:
      ratioMetric:
        good: {metricSource: {type: pawl, spec: {indicator: tool-success}}}
  timeWindow: [{duration: 28d, isRolling: true}]
  objectives: [{target: 0.9}]
"""


@pytest.fixture
def shop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Shop:
    """A shop whose tools fail every second time, which its error budget does not allow."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("PAWL_EVENTS_URL", raising=False)
    made = made_shop(tmp_path, monkeypatch, capsys)
    made.commit({".pawl/gates.yaml": GATES + BUDGET})
    data = tmp_path / "data"
    data.mkdir()
    (data / "slo.yaml").write_text(SLO)
    (data / "pawl.toml").write_text(
        f'[changes]\nrepository = "{made.place}"\n[alerts]\nobjectives = ["slo.yaml"]\n'
    )
    with SpoolWriter(data / "spool", "made") as spool:
        spool.append(
            [
                event(f"t{number}", time=now(), kind=Kind.TOOL_RESULT, tool_call_id=f"c{number}",
                      outcome="error" if number % 2 else "ok")
                for number in range(10)
            ]
        )  # fmt: skip
        spool.commit()
    return made


def gates(desk: ChangeDesk, change: str) -> tuple[GateResult, ...]:
    """Return what all gates say at the start."""
    return desk.look(change, "start").decision.gates


def test_the_command_line_the_server_and_the_ticker_judge_alike(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the same error budgets as well, each with the events that it may read."""
    change = shop.reviewed()
    data = Path(os.environ["PAWL_DATA"])
    seen: dict[str, tuple[GateResult, ...]] = {}

    class Looking:
        """What would look after rollouts: it keeps what the gates say to it."""

        def __init__(
            self, folder: Path, engine: Any, desk: ChangeDesk, events: Any, repository: Any
        ) -> None:
            seen["ticker"] = gates(desk, change)

        def tick(self) -> Ticked:
            return Ticked(at=now())

    with closing(desk_of(data, shop.place)) as desk:
        seen["command"] = gates(desk, change)
    with monkeypatch.context() as patched:
        patched.setattr(rollouts, "_rollouts", Looking)
        tick_once(data, shop.place)
    serving = server_services(data, url="http://127.0.0.1:1")
    try:
        serving.drain_once()
        assert serving.changes is not None
        seen["server"] = gates(serving.changes, change)
    finally:
        serving.stop()
    budget = {each.gate: each for each in seen["command"]}["error-budget"]
    assert budget.verdict == "fail", budget
    assert seen["ticker"] == seen["command"]
    assert seen["server"] == seen["command"]


@contextmanager
def closing(desk: ChangeDesk) -> Iterator[ChangeDesk]:
    """Close a desk at the end."""
    try:
        yield desk
    finally:
        desk.close()
