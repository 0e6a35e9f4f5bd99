"""`pawl alerts` at work: what fires, who looks after it, and channels that are the machine's."""

import json
from pathlib import Path

import pytest
from tests.alerts.made_alerts import a_notice, alerts, an_alert
from tests.world.notify.receivers import http_receiver

from pawl.cli.main import main
from pawl.store.records.alerts import AlertRecords, Decided
from pawl.store.records.engine import open_records
from pawl.store.records.outbox import OutboxRecords
from pawl.world.clock import now

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the data folder of the commands."""
    monkeypatch.setenv("PAWL_DEVELOPER", "ann")
    monkeypatch.delenv("PAWL_RECORDS_URL", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "data"


def looked(data: Path) -> str:
    """Keep a look that found one firing alert and put a notice in; return the alert's id."""
    engine, firing = open_records(data), an_alert()
    decided = Decided(alerts=alerts(firing, at=now()), notices=((a_notice(), ("hook",)),))
    records = AlertRecords(engine)
    records.look("here", "one", now(), lambda *_: decided, every_s=0.0, stale_s=0.0)
    outbox = OutboxRecords(engine)
    claimed = outbox.claim("hook", "x", now(), lease_s=1, most=9)
    assert claimed is not None
    outbox.failed(claimed, "x", now(), "the receiver answered 502.", None)
    engine.dispose()
    return firing.id


def test_list_cannot_tell_while_nobody_looks(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a server the exit is 3, never 0."""
    assert main(["alerts", "list"]) == 3
    assert "Nobody has looked yet" in capsys.readouterr().out


def test_what_a_person_does_is_listed(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Acknowledge, silence, lift and close an alert by the beginning of its id."""
    identity = looked(data)
    assert main(["alerts", "list"]) == 1
    assert "error-rate" in capsys.readouterr().out
    assert main(["alerts", "ack", identity[:10], "--note", "I look"]) == 0
    silence = ["alerts", "silence", "--alert", identity[:10], "--for", "4h", "--reason", "deploy"]
    assert main([*silence, "--json"]) == 0
    placed = json.loads(capsys.readouterr().out.splitlines()[-1])["silence"]
    assert (placed["by"], placed["rule"]) == ("ann", "error-rate")
    assert main(["alerts", "list"]) == 1
    told = capsys.readouterr().out
    assert "ann looks after it" in told
    assert "silenced until" in told
    assert main(["alerts", "unsilence", placed["id"]]) == 0
    assert main(["alerts", "unsilence", placed["id"]]) == 2
    assert main(["alerts", "close", identity[:10], "--reason", "over"]) == 0
    assert main(["alerts", "list", "--json"]) == 0
    view = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (view["schema"], view["firing"]) == ("pawl.alert-list/1", [])
    assert main(["alerts", "ack", "nope"]) == 2


def test_a_dead_notice_is_listed_and_sent_again(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The exit is 1 while there is one."""
    looked(data)
    assert main(["alerts", "dead"]) == 1
    assert "answered 502" in capsys.readouterr().out
    assert main(["alerts", "resend", "notice1", "--channel", "hook"]) == 0
    assert main(["alerts", "dead"]) == 0
    assert main(["alerts", "resend", "notice1", "--channel", "hook"]) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        ["silence", "--for", "4h", "--reason", "x"],
        ["silence", "*", "--alert", "x", "--for", "4h", "--reason", "x"],
        ["silence", "*", "--scope", "nothing", "--for", "4h", "--reason", "x"],
        ["silence", "*", "--for", "ever", "--reason", "x"],
        ["silence", "*", "--for", "4h", "--reason", "  "],
        ["silence", "*", "--for", "365d", "--reason", "x"],
    ],
)
def test_a_silence_needs_a_reason_an_end_and_a_target(data: Path, wrong: list[str]) -> None:
    """Asked wrongly is 2, and nothing is kept."""
    assert main(["alerts", *wrong]) == 2


def test_a_channel_is_the_machines_and_never_a_repositorys(
    data: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The file of the folder one stands in names channels to nobody."""
    monkeypatch.setenv("HOOK", SECRET)
    with http_receiver() as received:
        config = (
            f'[alerts.channels.hook]\nkind = "webhook"\nurl = "{received.url}"\nsecret = "HOOK"\n'
        )
        (tmp_path / "pawl.toml").write_text(config)
        assert main(["alerts", "test-channel", "hook"]) == 2
        assert received.requests == []
        data.mkdir()
        (data / "pawl.toml").write_text(config)
        assert main(["alerts", "test-channel", "hook"]) == 0
        assert json.loads(received.requests[0][2])["alerts"][0]["rule"] == "test"
        received.status = 500
        assert main(["alerts", "test-channel", "hook"]) == 1
        assert "answered 500" in capsys.readouterr().err
    monkeypatch.delenv("HOOK")
    assert main(["alerts", "test-channel", "hook"]) == 2


def test_a_config_that_means_nothing_is_refused(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A misspelt key and a secret in the file are named with the file."""
    data.mkdir()
    (data / "pawl.toml").write_text('[alerts.channels.hook]\nkind = "webhook"\ntoken = "x"\n')
    assert main(["alerts", "list"]) == 2
    assert "pawl.toml" in capsys.readouterr().err
