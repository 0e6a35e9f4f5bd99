"""The commands about maturity, run as a user runs them, on a repository of their own."""

import json
import subprocess
from pathlib import Path

import pytest

from pawl.cli.main import main


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small repository, and the working folder in it."""
    place = tmp_path / "shop"
    place.mkdir()
    (place / "README.md").write_text("# Shop\n\nSells things.\n")
    (place / "shop.py").write_text("def buy(count: int) -> int:\n    return count * 2\n")
    for arguments in (
        ("init", "-q", "-b", "main"),
        ("add", "-A"),
        ("-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-q", "-m", "Begin"),
    ):
        subprocess.run(("git", "-C", place, *arguments), check=True)
    monkeypatch.chdir(place)
    return place


def _json(
    capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0
) -> dict[str, object]:
    assert main([*arguments, "--json"]) == status
    told = json.loads(capsys.readouterr().out)
    assert isinstance(told, dict)
    return told


def test_assess_prints_one_object(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The object names its schema, the commit, and every model with its vector."""
    told = _json(capsys, "assess")
    assert told["schema"] == "pawl.assess/1"
    assert told["subject"] == "repo:shop"
    assert [model["model"] for model in told["models"]] == ["eng", "ops", "adopt", "tier3"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("form", "begins"),
    [
        ("text", "repo:shop at "),
        ("markdown", "# "),
        ("html", "<!doctype html>"),
        ("sarif", "{"),
        ("oscal", "{"),
        ("in-toto", "{"),
        ("badge", "<svg"),
        ("bundle", "{"),
    ],
)
def test_every_format_is_printed(
    shop: Path, capsys: pytest.CaptureFixture[str], form: str, begins: str
) -> None:
    """Each format goes to stdout alone."""
    assert main(["assess", "--no-record", "--model", "eng", "--format", form]) == 0
    assert capsys.readouterr().out.lower().startswith(begins)


def test_a_required_level_that_is_not_reached_is_a_no(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 1 names each dimension below; a level that is none is asked wrongly."""
    assert main(["assess", "--require", "eng.L2"]) == 1
    assert "Code Quality is at level 1" in capsys.readouterr().err
    assert main(["assess", "--require", "eng.L1"]) == 0
    assert main(["assess", "--require", "high"]) == 2


def test_questions_are_answered_from_the_last_assessment(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before the first assessment nothing can be told; afterwards every question is answered."""
    assert main(["explain", "code"]) == 3
    assert "pawl assess" in capsys.readouterr().err
    assert main(["assess"]) == 0
    capsys.readouterr()
    assert _json(capsys, "explain", "eng.code")["subject"] == "repo:shop"
    assert _json(capsys, "why-not", "eng.code")["measured"] == 1
    assert _json(capsys, "cheapest-path", "eng.code")["target"] == 2
    assert _json(capsys, "what-if", "--at", "2027-12-01")["hypothetical"] is True
    goals = _json(capsys, "roadmap", "--model", "eng")["goals"]
    assert goals
    assert main(["explain", "eng.code"]) == 0
    assert "bound by ledger entry 1" in capsys.readouterr().out
    assert main(["explain", "nothing"]) == 2
    assert main(["trend"]) == 0
    assert "L1" in capsys.readouterr().out
    assert main(["trend", "--model", "nothing"]) == 3


def test_where_there_is_nothing_no_level_is_published(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An empty folder and a repository without a commit exit 3, and every model says so."""
    (tmp_path / "empty").mkdir()
    subprocess.run(("git", "init", "-q", tmp_path / "unborn"), check=True)
    for place in ("empty", "unborn"):
        told = _json(capsys, "assess", str(tmp_path / place), status=3)
        assert not any(model["complete"] for model in told["models"])  # type: ignore[attr-defined]


def test_the_trend_shows_changes(capsys: pytest.CaptureFixture[str]) -> None:
    """Of assessments that measured the same only the first and the very last stand."""
    from pawl.render.trend_text import trend_text

    days = [
        (f"2026-11-{day:02}T00:00:00.000000Z", {"code": level})
        for day, level in ((1, 1), (2, 1), (3, 2), (4, 2), (5, 2))
    ]
    shown = trend_text([*days, ("2026-11-06T00:00:00.000000Z", None)])
    assert [line.split()[0] for line in shown.splitlines()[2:]] == [
        "2026-11-01",
        "2026-11-03",
        "2026-11-06",
    ]
    assert shown.splitlines()[-1].endswith("?")


def test_an_assessment_is_verified_offline(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A bundle makes itself again; one changed word in it is found."""
    file = tmp_path / "a.json"
    assert main(["assess", "--format", "bundle", "--output", str(file)]) == 0
    assert _json(capsys, "verify-assessment", str(file))["same"] is True
    file.write_text(file.read_text().replace('"measured":1', '"measured":3', 1))
    told = _json(capsys, "verify-assessment", str(file), status=1)
    assert told["same"] is False
    assert "measured" in str(told["difference"])


def test_two_assessments_are_compared(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each change names its one cause; the same twice is no change."""
    first, second = tmp_path / "a.json", tmp_path / "b.json"
    assert main(["assess", "--format", "bundle", "--output", str(first)]) == 0
    assert main(["diff", str(first), str(first)]) == 0
    (shop / "SECURITY.md").write_text("# Security\n\nWrite to security@example.org.\n")
    (shop / "test_shop.py").write_text(
        "from shop import buy\n\n"
        + "".join(f"def test_{n}():\n    assert buy({n}) == {2 * n}\n\n" for n in range(9))
    )
    subprocess.run(("git", "-C", shop, "add", "-A"), check=True)
    author = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    subprocess.run(("git", "-C", shop, *author, "commit", "-q", "-m", "Test"), check=True)
    assert main(["assess", "--format", "bundle", "--output", str(second)]) == 0
    capsys.readouterr()
    told = _json(capsys, "diff", str(first), str(second), status=1)
    changes = told["changes"]
    assert isinstance(changes, list)
    assert {change["cause"] for change in changes} == {"evidence"}
    assert "eng.code.L2.tests" in {change["criterion"] for change in changes}


def test_the_score_takes_the_four_figures(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Figures typed by hand are declared; without them nothing is made up."""
    flags = ["--quality-gate-coverage", "0.85", "--rollback-mttr-min", "12"]
    flags += ["--policy-audit-pass-rate", "0.97", "--incident-repeat-rate", "0.08"]
    told = _json(capsys, "score", *flags)
    assert told["total"] == 85.3
    assert told["declared"] is True
    assert told["feeds_gates"] is False
    assert _json(capsys, "score", status=3)["total"] is None
    assert main(["score", "--quality-gate-coverage", "85"]) == 2
    assert "--quality-gate-coverage" in capsys.readouterr().err


def test_a_fleet_names_the_weakest(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One repository that cannot be assessed makes the group's level unknown, and exit 3."""
    file = tmp_path / "fleet.yaml"
    file.write_text(
        "schema: pawl.fleet/1\norganisation: acme\nrepositories:\n"
        "- {path: shop, team: a}\n- {path: gone, team: b}\n"
    )
    told = _json(capsys, "assess", "--fleet", str(file), "--model", "eng", status=3)
    assert [team["lowest"][0]["level"] for team in told["teams"]] == [1, None]  # type: ignore[attr-defined]


def test_exemptions_are_judged(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A register that approves itself is refused, with the reason and exit 1."""
    assert main(["exempt"]) == 0
    assert "Nothing is exempt" in capsys.readouterr().out
    register = shop / ".pawl/exemptions.yaml"
    register.parent.mkdir()
    register.write_text(
        "schema: pawl.exemptions/1\nexemptions:\n"
        "- {id: X, criterion: eng.code.L2.tests, reason: Later., residual_control: None yet.,\n"
        "   owner: lead, approver: lead, created: '2026-11-01', expires: '2026-12-01'}\n"
    )
    subprocess.run(("git", "-C", shop, "add", "-A"), check=True)
    author = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    subprocess.run(("git", "-C", shop, *author, "commit", "-q", "-m", "Exempt"), check=True)
    told = _json(capsys, "exempt", status=1)
    assert told["exemptions"][0]["status"] == "refused"  # type: ignore[index]
