"""`pawl alerts declare`: an incident made of an alert by hand."""

import json
from pathlib import Path

import pytest
from tests.alerts.made_alerts import START, alerts, an_alert

from pawl.alerts.alert import Alerts
from pawl.cli.main import main
from pawl.store.records.alerts import AlertRecords, Decided
from pawl.store.records.engine import open_records


def test_an_alert_is_declared_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the beginning of its id, with its severity; again it is the same; another is none."""
    monkeypatch.chdir(tmp_path)
    data = tmp_path / "data"
    alert = an_alert()
    engine = open_records(data)

    def decide(before: Alerts, silences: object) -> Decided:
        return Decided(alerts=alerts(alert))

    assert AlertRecords(engine).look("here", "me", START, decide, every_s=1, stale_s=1)
    engine.dispose()
    asked = ["--data", str(data), "alerts", "declare", alert.id[:8], "--severity", "1", "--json"]
    assert main(asked) == 0
    first = json.loads(capsys.readouterr().out)
    assert (first["severity"], first["new"]) == (1, True)
    assert main(asked) == 0
    again = json.loads(capsys.readouterr().out)
    assert (again["incident"], again["new"]) == (first["incident"], False)
    assert main(["--data", str(data), "alerts", "declare", "ffffffff"]) == 2
    assert "no alerts" in capsys.readouterr().err
