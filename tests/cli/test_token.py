"""`pawl token`: the secret is shown once, the list never has it, and what is revoked is over."""

import json
from pathlib import Path

import pytest

from pawl.cli.main import main
from pawl.governance.access import looks_like_token


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the options that name a data folder of the test's own."""
    monkeypatch.delenv("PAWL_RECORDS_URL", raising=False)
    return ["--data", str(tmp_path / "data")]


def test_a_token_is_printed_once(data: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """It stands alone on stdout; list, JSON list and ledger know it by its first letters."""
    asked = ["token", "create", "--person", "ada", "--scopes", "change,approve", "--note", "laptop"]
    assert main([*data, *asked]) == 0
    printed = capsys.readouterr()
    secret = printed.out.strip()
    assert looks_like_token(secret)
    assert secret not in printed.err
    assert "not shown again" in printed.err
    assert main([*data, "token", "list"]) == 0
    shown = capsys.readouterr().out
    assert secret[:12] in shown
    assert "approve,change" in shown
    assert "laptop" in shown
    assert "never" in shown
    assert main([*data, "token", "list", "--json"]) == 0
    listed = capsys.readouterr().out
    assert main([*data, "ledger", "export"]) == 0
    ledger = capsys.readouterr().out
    assert '"token.created"' in ledger
    for text in (shown, listed, ledger):
        assert secret not in text
        assert secret[12:] not in text


def test_a_revoked_token_says_so(data: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Its state changes, the ledger tells why, and an id that is none is a wrong value."""
    asked = ["token", "create", "--person", "ada", "--scopes", "read", "--days", "7", "--json"]
    assert main([*data, *asked]) == 0
    made = json.loads(capsys.readouterr().out)
    assert main([*data, "token", "revoke", made["id"], "--reason", "lost"]) == 0
    assert "counts no more" in capsys.readouterr().out
    assert main([*data, "token", "revoke", made["id"], "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["state"] == "revoked"
    assert main([*data, "ledger", "verify", "--replay"]) == 0
    assert main([*data, "token", "revoke", "tok_none"]) == 2
    assert "No token is called" in capsys.readouterr().err


@pytest.mark.parametrize(
    "wrong",
    [
        ["--person", "a b", "--scopes", "read"],
        ["--person", "ada", "--scopes", "root"],
        ["--person", "ada", "--scopes", ""],
        ["--person", "ada", "--scopes", "read", "--days", "400"],
    ],
)
def test_a_wrong_token_is_not_made(
    data: list[str], wrong: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """No person, no such scope, none at all, for too long: said, and nothing is kept."""
    assert main([*data, "token", "create", *wrong]) == 2
    assert capsys.readouterr().out == ""
    assert main([*data, "token", "list"]) == 0
    assert capsys.readouterr().out == ""
