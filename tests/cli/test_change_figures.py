"""`pawl change figures`: from recorded changes to a table, JSON, and an old report made again."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.changes.made_changes import NOW, at, evidence, manifest
from tests.services.made_desk import ANN, CI, DEPLOYER, Made
from tests.services.made_incident_desk import made_incidents

from pawl.app import remote_changes
from pawl.app.change_figures import figures_of_folder, score_inputs
from pawl.changes.evidence import Evidence
from pawl.changes.manifest import parts_digest
from pawl.changes.metrics import Figures
from pawl.cli.change_figures import figures
from pawl.cli.main import main
from pawl.maturity.facts.practice import Practice
from pawl.services.change_terms import PAWL_ITSELF
from pawl.services.practice import read_practice
from pawl.services.practice_stores import MachineStores
from pawl.store.events.practice import WorkPlace
from pawl.store.records.engine import open_records

DAY = ("--since", "2026-11-21", "--until", "2026-11-22")


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with a change that went live and back, and one that went around everything."""
    for name in ("PAWL_RECORDS_URL", "PAWL_SERVER"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "data"
    folder.mkdir()
    engine = open_records(folder)
    made = Made(engine)
    # Early in the day, so that all of it is on one.
    made.clock.wind(hours=-10)
    known = made.live(manifest(scope="shop"))
    commits = evidence(known.manifest, "commits", payload={"first_at": "2026-11-20T02:00:00+00:00"})
    assert isinstance(made.desk.add_evidence(known.id, commits, CI), Evidence)
    made.desk.roll_back(known.id, "It is rude.", ANN, trigger_at=made.clock())
    made.clock.wind(seconds=240)
    made.desk.confirm(known.id, parts_digest(known.manifest.base), DEPLOYER)
    made.desk.found_unmanaged(manifest("Be rude.", scope="shop"), PAWL_ITSELF)
    engine.dispose()
    return folder


def ask(data: Path, *arguments: str) -> Result:
    return CliRunner().invoke(figures, arguments, obj=str(data), standalone_mode=False)


def test_figures_of_a_day(data: Path) -> None:
    """One of two releases went around everything, and the other had to go back within minutes."""
    text = ask(data, *DAY).output
    assert "2 releases, 1 of them around everything." in text
    told = json.loads(ask(data, *DAY, "--json").output)
    assert (told["releases"], told["gate_coverage"]["value"]) == (2, 0.5)
    assert told["change_failures"] == {**told["change_failures"], "numerator": 1, "denominator": 1}
    assert 240 <= told["rollback_time"]["mean_s"] < 241
    assert (told["commit_lead_time"]["ended"], told["unknown_first_commits"]) == (1, 0)
    # Opened at two in the morning, a day after its first commit; live two stages later.
    assert 26 * 3600 <= told["commit_lead_time"]["median_s"] < 27 * 3600
    assert "| Missing approvals | 50.0 % | 1 of 2 |" in ask(data, *DAY, "--markdown").output


def test_a_scope_has_its_own_figures(data: Path) -> None:
    """Elsewhere nothing was released, and that is no zero share."""
    told = json.loads(ask(data, *DAY, "--scope", "bank", "--json").output)
    assert (told["releases"], told["gate_coverage"]["value"]) == (0, None)


def test_a_report_is_made_again_from_the_ledger(data: Path, tmp_path: Path) -> None:
    """The same bytes, exit 0; one that was touched up is told apart, exit 1."""
    report = tmp_path / "report.json"
    report.write_text(ask(data, *DAY, "--json").output)
    again = ask(data, "--same-as", str(report))
    assert (again.return_value, "byte for byte" in again.output) == (0, True)
    report.write_text(report.read_text().replace('"unmanaged":1', '"unmanaged":0'))
    touched = ask(data, "--same-as", str(report))
    assert (touched.return_value, "otherwise of unmanaged" in touched.output) == (1, True)


def test_a_teams_server_is_asked_where_one_is_named(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its figures are printed, of the scope that was asked for, and this machine's are not."""
    with figures_of_folder(data, "shop") as between:
        monkeypatch.setattr(remote_changes, "remote_desk", lambda: Remote(between))
        told = ask(tmp_path / "elsewhere", *DAY, "--scope", "shop", "--json").output
    assert json.loads(told)["releases"] == 2
    assert not (tmp_path / "elsewhere").exists()


class Remote:
    """A team's server that has the figures of one scope."""

    def __init__(self, between: Callable[[str, str], Figures]) -> None:
        self.between = between

    def figures(self, since: str, until: str, *, scope: str = "") -> Figures:
        """Return the figures of a window."""
        assert scope == "shop"
        return self.between(since, until)


def test_an_assessment_is_told_of_changes_alone(data: Path) -> None:
    """Where no agent was recorded, gates and changes answer, and counts of agents say nothing."""
    with MachineStores(data, None, lambda: NOW) as stores:  # type: ignore[arg-type]
        told = read_practice(stores, at(-24), at(24), WorkPlace(project="shop"))
        other = read_practice(stores, at(-24), at(24), WorkPlace(project="bank"))
    assert isinstance(told, Practice)
    assert not isinstance(other, Practice)
    assert (told.agents_recorded, told.runs) == (False, 0)
    assert {each.approved for each in told.changes or ()} == {True, False}
    assert {each.verdict for each in told.gates or ()} >= {"pass"}
    assert [each.minutes is not None for each in told.rollbacks or ()] == [True]
    assert told.roles_acted == ("product-eng", "product-lead")


def test_the_score_takes_its_inputs_from_figures(data: Path, tmp_path: Path) -> None:
    """Of the project whose changes they are, and of no other folder beside it."""
    for name in ("shop", "bank"):
        (tmp_path / name).mkdir()
    told = score_inputs(data, tmp_path / "shop", at(24))
    assert (told["quality-gate-coverage"].value, told["rollback-mttr-min"].standing) == (
        0.5, "evidence")  # fmt: skip
    assert score_inputs(data, tmp_path / "bank", at(24)) == {}


def scored(
    data: Path, place: Path, capsys: pytest.CaptureFixture[str], *more: str
) -> tuple[int, dict[str, dict[str, object]], float | None]:
    """Return the status of `pawl score`, each input by its id, and the total."""
    capsys.readouterr()
    status = main(["--data", str(data), "score", str(place), "--json", *more])
    told = json.loads(capsys.readouterr().out)
    return status, {each["input"]: each for each in told["parts"]}, told["total"]


def test_the_score_is_computed_from_records_alone(
    data: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of changes and incidents all four inputs are known, and there is a total."""
    monkeypatch.setattr("pawl.world.clock.now", lambda: at(24))
    (tmp_path / "shop").mkdir()
    status, found, total = scored(data, tmp_path / "shop", capsys)
    missing = {name for name, each in found.items() if each["standing"] == "missing"}
    assert (status, missing, total) == (3, {"incident-repeat-rate"}, None)
    assert main(["--data", str(data), "score", str(tmp_path / "shop")]) == 3
    assert "repeat" in capsys.readouterr().out
    made = made_incidents(data)
    made.resolved(scope="shop", fingerprint="fp:1:a")
    made.engine.dispose()
    status, found, total = scored(data, tmp_path / "shop", capsys)
    assert {each["standing"] for each in found.values()} == {"evidence"}
    assert (status, found["incident-repeat-rate"]["value"]) == (0, 0.0)
    assert total is not None
    assert main(["--data", str(data), "score", str(tmp_path / "shop")]) == 0
    assert f"{total:g}"[:4] in capsys.readouterr().out


@pytest.mark.parametrize(
    "gone",
    [
        "quality-gate-coverage",
        "rollback-mttr-min",
        "policy-audit-pass-rate",
        "incident-repeat-rate",
    ],
)
def test_a_missing_input_is_named(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    gone: str,
) -> None:
    """Without one of the four there is no total, and the one is named with why."""
    for name in ("PAWL_RECORDS_URL", "PAWL_SERVER"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "shop").mkdir()
    given = {
        "quality-gate-coverage": "0.5",
        "rollback-mttr-min": "10",
        "policy-audit-pass-rate": "0.5",
        "incident-repeat-rate": "0.1",
    }
    flags = [word for name, value in given.items() if name != gone for word in (f"--{name}", value)]
    status, found, total = scored(tmp_path / "data", tmp_path / "shop", capsys, *flags)
    assert (status, total) == (3, None)
    assert [name for name, each in found.items() if each["standing"] == "missing"] == [gone]
    assert found[gone]["reason"]
