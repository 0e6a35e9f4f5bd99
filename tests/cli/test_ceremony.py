"""`pawl ceremony`: an assessment held from its trigger to its confirmed levels, as a user does."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from pawl.cli.main import main

OWNED = ("--owner", "platform-team", "--due", "2999-12-31", "--indicator", "The criterion is met.")


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small repository that was assessed once, and the working folder in it."""
    place = tmp_path / "shop"
    place.mkdir()
    (place / "README.md").write_text("# Shop\n\nSells things.\n")
    for arguments in (
        ("init", "-q", "-b", "main"),
        ("add", "-A"),
        ("-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-q", "-m", "Begin"),
    ):
        subprocess.run(("git", "-C", place, *arguments), check=True)
    monkeypatch.chdir(place)
    monkeypatch.setenv("PAWL_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("PAWL_DEVELOPER", "lead@example.org")
    monkeypatch.delenv("PAWL_RECORDS_URL", raising=False)
    return place


@pytest.fixture
def tell(capsys: pytest.CaptureFixture[str]) -> Any:
    """What runs `pawl ceremony … --json` and returns its object; its status must be `status`."""

    def run(*arguments: str, status: int = 0) -> dict[str, Any]:
        capsys.readouterr()
        assert main(["ceremony", *arguments, "--json"]) == status, capsys.readouterr().err
        told = json.loads(capsys.readouterr().out)
        assert told["schema"] == "pawl.ceremony/1"
        assert isinstance(told, dict)
        return told

    return run


def opened(tell: Any, cause: str = "quarter", ref: str = "2026-Q4", model: str = "ops") -> str:
    """Open an assessment of the repository here and return its id."""
    assert main(["assess"]) == 0
    told = tell("open", ".", "--model", model, "--trigger", cause, "--ref", ref)
    identity = told["assessment"]["id"]
    assert isinstance(identity, str)
    return identity


def to_its_actions(tell: Any, held: str) -> dict[str, Any]:
    """Bring an assessment as far as its actions, with one gap; return what it then is."""
    attached = tell("attach", held)
    dimension = attached["assessment"]["result"]["dimensions"][0]["id"]
    text = ("--dimension", dimension, "--text", "Changes are small.")
    tell("strength", held, *text)
    tell("gap", held, attached["missing"][0])
    told = tell("agree", held)
    assert isinstance(told, dict)
    return told


def test_an_assessment_is_held_from_open_to_close(shop: Path, tell: Any) -> None:
    """Each step says what comes next; at the end levels are confirmed, and stay so."""
    held = opened(tell)
    told = to_its_actions(tell, held)["assessment"]
    assert told["state"] == "actions"
    gap = told["gaps"][0]
    # The gap's words are the criterion's own.
    assert gap["text"]
    planned = tell("action", held, "--gap", gap["id"], "--text", "Do it.", *OWNED)
    assert planned["assessment"]["actions"][0]["owner"] == "platform-team"
    aims = planned["to_do"]
    assert any("target" in each for each in aims)
    for dimension in told["result"]["dimensions"]:
        last = tell("target", held, dimension["id"], str(dimension["measured"]))
    assert last["to_do"] == ["Close it: its levels are confirmed."]
    closed = tell("close", held)["assessment"]
    assert closed["state"] == "closed"
    assert {each["level"] for each in closed["confirmed"]} == {1}
    assert [each["id"] for each in tell("list", ".")["assessments"]] == [held]
    assert tell("show", held)["assessment"] == closed
    assert main(["ledger", "verify", "--replay"]) == 0


def test_closing_too_early_is_refused(
    shop: Path, tell: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """While a gap has no action nothing is confirmed: the reason, the remedy, and exit 1."""
    held = opened(tell)
    to_its_actions(tell, held)
    assert main(["ceremony", "close", held]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "Nothing is planned for ops." in err
    assert "  Plan an owned and dated action for each gap." in err
    told = tell("close", held, status=1)
    assert told["refusal"]["code"] == "gap-without-action"
    assert told["assessment"]["confirmed"] == []


def test_a_step_out_of_order_is_refused(shop: Path, tell: Any) -> None:
    """Nothing is noted before there is evidence, and no second one of the model is opened."""
    held = opened(tell)
    noted = tell("gap", held, "own", "--dimension", "operations", "--text", "None.", status=1)
    assert noted["refusal"]["code"] == "not-now"
    again = ("open", ".", "--model", "ops", "--trigger", "incident", "--ref", "INC-1")
    told = tell(*again, status=1)
    assert (told["refusal"]["code"], told["assessment"]) == ("one-at-a-time", None)
    given_up = tell("abandon", held, "--reason", "The quarter moved.")["assessment"]
    assert (given_up["state"], given_up["abandoned_because"]) == ("abandoned", "The quarter moved.")
    assert tell(*again)["assessment"]["trigger"]["cause"] == "incident"


def test_a_request_to_scale_is_decided(
    shop: Path, tell: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before its assessment is closed nothing is allowed; other triggers decide nothing."""
    held = opened(tell, "scale-request", "new-region", "eng")
    told = tell("scale", held, "the new region", status=1)
    assert told["decision"]["allowed"] is False
    assert main(["ceremony", "scale", held, "the new region"]) == 1
    assert "new-region is blocked" in capsys.readouterr().out
    other = opened(tell)
    assert main(["ceremony", "scale", other, "the new region"]) == 3


def test_text_tells_what_to_do_next(
    shop: Path, tell: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """People read how far it is, and the next step."""
    held = opened(tell)
    assert main(["ceremony", "show", held]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"{held}: formal assessment of repo:shop by ops, draft\n")
    assert "next: Attach the newest assessment as its evidence.\n" in out
    tell("attach", held)
    assert main(["ceremony", "strength", held, "--dimension", "adapt", "--text", "x\x1b[2J"]) == 1
    assert main(["ceremony", "list"]) == 0
    assert f"{held}  " in capsys.readouterr().out


def test_what_is_not_known_is_asked_wrongly(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An unknown id or model is exit 2, and asking makes no records; a subject never assessed is a
    refusal with its remedy."""
    for arguments in (["show", "asm_x"], ["close", "asm_x"], ["agree", "asm_x"]):
        assert main(["ceremony", *arguments]) == 2
        assert "No assessment is called 'asm_x'" in capsys.readouterr().err
    assert main(["ceremony", "list"]) == 0
    assert not (tmp_path / "data").exists()
    trigger = ["--trigger", "quarter", "--ref", "2026-Q4"]
    assert main(["ceremony", "open", "repo:gone", "--model", "eng", *trigger]) == 1
    assert "pawl assess" in capsys.readouterr().err
    assert main(["ceremony", "show", "asm_x"]) == 2
    assert main(["ceremony", "open", ".", "--model", "no", *trigger]) == 2
    assert main(["ceremony", "open", ".", "--model", "eng", "--trigger", "mood", "--ref", "x"]) == 2
