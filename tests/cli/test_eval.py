"""`pawl eval` in a repository: from records to a verdict, a baseline and a comparison."""

import subprocess
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result
from tests.services.eval_repository import SKILL, Repository

from pawl.cli.main import main, pawl
from pawl.evals.baseline import read_baselines
from pawl.store.records.check import check
from pawl.store.records.engine import open_records, reading
from pawl.store.records.ledger import entries


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A git repository with a behaviour and a guard, and a data folder beside it."""
    top = tmp_path / "shop"
    top.mkdir()
    repository = Repository()
    repository.add(repository.case(), ["done"] * 20)
    repository.add(repository.case("guard", "guard"), ["done"] * 3)
    write(top, repository)
    git(top, "init", "-q")
    commit(top)
    monkeypatch.chdir(top)
    monkeypatch.setenv("PAWL_DEVELOPER", "kim-doe")
    monkeypatch.delenv("PAWL_RECORDS_URL", raising=False)
    return tmp_path


def write(top: Path, repository: Repository) -> None:
    """Write the files of a repository in memory."""
    for path, content in repository.tree.held.items():
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        (top / path).write_bytes(content)


def git(top: Path, *arguments: str) -> None:
    """Run git."""
    who = ("-c", "user.name=kim", "-c", "user.email=kim@example.org")
    subprocess.run(["git", "-C", str(top), *who, *arguments], check=True, capture_output=True)


def commit(top: Path) -> None:
    """Commit everything."""
    git(top, "add", "-A")
    git(top, "commit", "-qm", "as it is")


def ask(place: Path, *arguments: str) -> Result:
    """Run `pawl eval` in this process."""
    return CliRunner().invoke(
        pawl, ["--data", str(place / "data"), "eval", *arguments], standalone_mode=False
    )


def held(top: Path) -> Repository:
    """Return what is written, to be added to."""
    repository = Repository()
    files = [path for path in top.rglob("*") if path.is_file() and ".git" not in path.parts]
    repository.tree.held = {str(path.relative_to(top)): path.read_bytes() for path in files}
    for name in ("release", "guard"):
        repository.edit(name, "schema: 1", "schema: 1")
    return repository


def test_from_records_to_a_baseline_to_a_regression(place: Path) -> None:
    """No baseline, blessed, green, stale with the edit, regressed with its trials, green again."""
    top = place / "shop"
    found = ask(place, "grade")
    assert (found.return_value, found.output.splitlines()[-1]) == (
        3, "no-baseline: 1 no-baseline, 1 pass",
    )  # fmt: skip
    assert ask(place, "bless", "--reason", "reviewed with the team").return_value == 0
    assert ask(place, "grade").return_value == 0
    commit(top)
    before = (top / SKILL).read_bytes()
    (top / SKILL).write_text("tag as you like")
    found = ask(place, "grade")
    assert found.return_value == 3
    assert f"changed: {SKILL}" in found.output
    repository = held(top)
    repository.add(repository.cases["release"], ["no"] * 8)
    repository.add(repository.cases["guard"], ["done"] * 3)
    write(top, repository)
    found = ask(place, "grade", "--diff", "HEAD")
    assert found.return_value == 1
    assert "0 of 8 after 20 of 20: p " in found.output
    (top / SKILL).write_bytes(before)
    assert ask(place, "grade", "--diff", "HEAD").return_value == 0


def test_a_blessing_is_in_the_ledger_and_the_chain_holds(place: Path) -> None:
    """Who, why and the digest are an entry; the file holds its hash and no name."""
    told = msgspec.json.decode(ask(place, "bless", "--reason", "reviewed", "--json").output)
    text = (place / "shop/.pawl/evals/baselines.json").read_text()
    baselines = read_baselines(text, place="b").baselines
    engine = open_records(place / "data")
    try:
        with reading(engine) as connection:
            (entry,) = entries(connection, "eval.")
        assert check(engine, replay=True).intact
    finally:
        engine.dispose()
    assert {each.ledger for each in baselines} == {entry.hash, told["ledger"]} == {entry.hash}
    assert entry.actor.person == "kim-doe"
    assert "kim-doe" not in text
    assert entry.subject == "evals of shop"
    assert msgspec.json.decode(entry.body)["digest"] == told["digest"]


def test_outputs_are_written_beside_one_json_object(place: Path) -> None:
    """JUnit and Markdown go to files, and nothing but the object is printed."""
    ask(place, "bless", "--reason", "reviewed")
    junit, markdown = place / "j.xml", place / "m.md"
    found = ask(place, "grade", "--json", "--junit", str(junit), "--markdown", str(markdown))
    assert msgspec.json.decode(found.stdout)["verdict"] == "pass"
    assert junit.read_text().startswith("<?xml")
    assert markdown.read_text().startswith("### ✅")
    again = ask(place, "grade", "--json")
    assert again.stdout == found.stdout
    assert ask(place, "grade", "--junit", str(place / "no" / "j.xml")).exception is not None


def test_one_case_is_graded_by_name(place: Path) -> None:
    """A name that is none is asked wrongly."""
    found = ask(place, "grade", "guard")
    assert (found.return_value, found.output.splitlines()[-1]) == (0, "pass: 1 pass")
    assert main(["--data", str(place / "data"), "eval", "grade", "gaurd"]) == 2


def test_an_altered_record_exits_3_and_is_named(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Everything else is graded; a broken case file instead is asked wrongly."""
    top = place / "shop"
    folder = top / ".pawl/evals/records/guard"
    record = next(path for path in sorted(folder.iterdir()) if len(path.name) > 60)
    record.write_bytes(record.read_bytes()[:-3])
    assert main(["--data", str(place / "data"), "eval", "grade", "guard"]) == 3
    assert record.name in capsys.readouterr().out
    (top / ".pawl/evals/guard.yaml").write_text("schema: 1\nid: [\n")
    assert main(["--data", str(place / "data"), "eval", "grade"]) == 2
    assert ".pawl/evals/guard.yaml:" in capsys.readouterr().err


def test_links_in_a_circle_neither_hang_nor_count(place: Path) -> None:
    """A record, a case and the folder itself may be links; nothing is followed."""
    top = place / "shop"
    (top / f".pawl/evals/records/guard/{'0' * 64}.trial.gz").symlink_to("loop")
    (top / ".pawl/evals/records/guard/loop").symlink_to(f"{'0' * 64}.trial.gz")
    assert main(["--data", str(place / "data"), "eval", "grade", "guard"]) == 3
    (top / ".pawl/evals/loop.yaml").symlink_to("loop.yaml")
    assert main(["--data", str(place / "data"), "eval", "grade", "guard"]) == 2


def test_list_and_compare_tell_what_there_is(place: Path) -> None:
    """Revisions are compared with what is there; an empty repository exits 3."""
    found = ask(place, "list", "--json")
    value = msgspec.json.decode(found.stdout)
    assert [case["id"] for case in value["cases"]] == ["guard", "release"]
    top = place / "shop"
    repository = held(top)
    repository.add(repository.cases["release"], ["no"] * 8)
    write(top, repository)
    commit(top)
    found = ask(place, "compare", "@HEAD~1", "@HEAD:sonnet", "--json")
    pair = msgspec.json.decode(found.stdout)["pairs"][0]
    release = next(case for case in pair["cases"] if case["case"] == "release")
    assert (release["first"], release["second"]) == (
        {"passes": 20, "n": 20},
        {"passes": 20, "n": 28},
    )
    empty = place / "empty"
    empty.mkdir()
    assert ask(place, "list", "--path", str(empty)).return_value == 3


def test_import_writes_a_suite_and_says_what_was_left(place: Path) -> None:
    """The suite is found at once; a second time its name is taken."""
    file = place / "promptfooconfig.yaml"
    file.write_text(
        "prompts: ['say {{ x }}']\n"
        "tests:\n- vars: {x: hi}\n"
        "  assert: [{type: contains, value: hi}, {type: python, value: x}]\n"
    )
    found = ask(place, "import", str(file), "--owner", "platform")
    assert found.return_value == 1
    assert "left python" in found.output
    assert "test-1" in ask(place, "list").output
    data = str(place / "data")
    assert main(["--data", data, "eval", "import", str(file), "--owner", "platform"]) == 2
