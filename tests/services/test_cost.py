"""A bill from the transcripts of a machine: exact, incremental, and safe against crashes."""

import json
import random
import shutil
from pathlib import Path
from typing import Any

import msgspec
import pytest
from benchmarks.make_transcripts import generate
from tests.telemetry.formats.lines import claude, encoded

from pawl.app import SPOOL, bill_machine, transcript_formats
from pawl.base.errors import BadValue, Unavailable
from pawl.services import cost
from pawl.services.cost import INDEX, SNAPSHOT, Answer, Question, ask, window
from pawl.services.machine import Machine
from pawl.store.spool import SpoolWriter
from pawl.telemetry.bill import Bill, Key
from pawl.telemetry.event import Event, Kind, Source

BY = (Key.DAY, Key.MODEL, Key.PROJECT, Key.AGENT)


@pytest.fixture(scope="module", params=["clean", "edge"])
def tree(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small tree of all agents with a known answer."""
    out = tmp_path_factory.mktemp(request.param) / "tree"
    generate(out, size_mb=4, seed=3, projects=6, days=9, profile=request.param, agents="all")
    return out


def machine_for(tree: Path, data: Path) -> Machine:
    """This machine, with a generated tree in the places of its agents."""
    home = tree / "home"
    home.mkdir(exist_ok=True)
    gemini = home / ".gemini"
    if (tree / "gemini").exists() and not gemini.exists():
        gemini.symlink_to(tree / "gemini")
    environment = {
        "CLAUDE_CONFIG_DIR": str(tree),
        "CODEX_HOME": str(tree / "codex"),
        "PAWL_DEVELOPER": "ada",
    }
    return msgspec.structs.replace(bill_machine(data, environment), home=str(home))


def asked(machine: Machine, *by: Key, **question: Any) -> Bill:
    return ask(Question(by=by, **question), machine).bill


def usage_of(row: Any) -> dict[str, int]:
    amount = row.amount
    names = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output", "web_searches")
    return {"requests": amount.requests, **{n: getattr(amount.usage, n) for n in names}}


def test_every_day_model_and_project_is_exact(tree: Path, tmp_path: Path) -> None:
    """Tokens of a tree with a known answer, grouped each way, are the answer to the token."""
    machine = machine_for(tree, tmp_path / "data")
    truth = json.loads((tree / "truth.json").read_text())
    for key, name in ((Key.DAY, "by_day"), (Key.MODEL, "by_model")):
        rows = {row.keys[0]: usage_of(row) for row in asked(machine, key).rows}
        assert rows == truth[name]
    projects = {row.keys[0]: usage_of(row) for row in asked(machine, Key.PROJECT).rows}
    assert projects == {name.rpartition("/")[2]: sums for name, sums in truth["by_project"].items()}


def test_the_order_of_files_does_not_matter(tree: Path, tmp_path: Path) -> None:
    """Whichever file is read first, and in however many sittings, the bill is the same."""
    expected = asked(machine_for(tree, tmp_path / "data"), *BY)
    for seed in range(2):
        chance = random.Random(seed)
        part = tmp_path / f"part{seed}"
        paths = sorted(path for path in tree.rglob("*.jsonl") if "home" not in path.parts)
        chance.shuffle(paths)
        part.mkdir()
        machine = machine_for(part, tmp_path / f"data{seed}")
        for start in range(0, len(paths), 1 + len(paths) // 3):
            for path in paths[start : start + 1 + len(paths) // 3]:
                copy = part / path.relative_to(tree)
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, copy)
            machine = machine_for(part, tmp_path / f"data{seed}")
            found = asked(machine, *BY)
        assert found == expected


def one_file(root: Path, *lines: Any, name: str = "s1") -> Path:
    path = root / "projects" / "-home-dev-shop" / f"{name}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encoded(*lines))
    return path


def lines(count: int, first: int = 0) -> list[Any]:
    return [claude(request=f"r{n}", message=f"m{n}") for n in range(first, first + count)]


@pytest.fixture
def small(tmp_path: Path) -> Path:
    root = tmp_path / "tree"
    root.mkdir()
    return root


def test_an_unchanged_machine_is_not_read_again(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second question opens no transcript, loads no index and prices nothing."""
    one_file(small, *lines(3))
    machine = machine_for(small, tmp_path / "data")
    first = ask(Question(by=BY), machine)

    def refuse(*_: object) -> None:
        raise AssertionError("read again")

    monkeypatch.setattr(cost, "read_task", refuse)
    monkeypatch.setattr(cost, "_index", refuse)
    monkeypatch.setattr(cost, "Tally", refuse)
    second = ask(Question(by=BY), machine_for(small, tmp_path / "data"))
    assert second.bill == first.bill
    assert [(r.files, r.unchanged) for r in second.scanned if r.files] == [(1, 1)]


def test_a_grown_file_is_read_from_where_it_stopped(small: Path, tmp_path: Path) -> None:
    """Only the new bytes are read, and a torn last line waits for its end."""
    path = one_file(small, *lines(3))
    machine = machine_for(small, tmp_path / "data")
    assert asked(machine).total.requests == 3
    more = encoded(*lines(2, first=3))
    with path.open("ab") as file:
        file.write(more[:-40])
    answer = ask(Question(by=()), machine)
    assert answer.bill.total.requests == 4
    assert [r.bytes for r in answer.scanned if r.files] == [len(encoded(*lines(1, first=3)))]
    with path.open("ab") as file:
        file.write(more[-40:])
    assert asked(machine).total.requests == 5


def test_a_last_line_without_its_newline_counts_once(small: Path, tmp_path: Path) -> None:
    """A whole line that only lacks its newline is told now and not again when that comes."""
    path = one_file(small, *lines(2))
    path.write_bytes(path.read_bytes()[:-1])
    machine = machine_for(small, tmp_path / "data")
    assert asked(machine).total.requests == 2
    with path.open("ab") as file:
        file.write(b"\n" + encoded(*lines(1, first=2)))
    assert asked(machine).total.requests == 3


def test_a_rewritten_file_adds_what_is_new(small: Path, tmp_path: Path) -> None:
    """A file written anew in place is read from its start; nothing counts twice."""
    one_file(small, *lines(3))
    machine = machine_for(small, tmp_path / "data")
    asked(machine)
    one_file(small, *lines(4, first=1))
    assert asked(machine).total.requests == 5


def test_a_deleted_transcript_stays_in_the_bill(small: Path, tmp_path: Path) -> None:
    """Agents clean up old transcripts; what they cost was spent all the same."""
    path = one_file(small, *lines(3))
    machine = machine_for(small, tmp_path / "data")
    before = asked(machine, *BY)
    path.unlink()
    one_file(small, *lines(1, first=9), name="s2")
    after = asked(machine, *BY)
    assert after.total.requests == before.total.requests + 1


@pytest.mark.parametrize("lost", [INDEX, SNAPSHOT])
@pytest.mark.parametrize("content", [None, b"", b"garbage", msgspec.msgpack.encode([9, b"", 1])])
def test_a_lost_or_broken_file_of_ours_is_made_again(
    small: Path, tmp_path: Path, lost: str, content: bytes | None
) -> None:
    """Whichever of our two files is gone or unreadable, the next bill is the same."""
    one_file(small, *lines(3))
    data = tmp_path / "data"
    before = asked(machine_for(small, data), *BY)
    (data / lost).unlink() if content is None else (data / lost).write_bytes(content)
    one_file(small, *lines(1, first=2), name="s2")
    assert asked(machine_for(small, data), *BY) == before


class DiesAt:
    """Storage that dies before writing a file of some name."""

    def __init__(self, inner: Any, name: str) -> None:
        self.inner, self.name = inner, name

    def read(self, name: str) -> bytes | None:
        return self.inner.read(name)  # type: ignore[no-any-return]

    def replace(self, name: str, content: bytes) -> None:
        if name == self.name:
            raise Unavailable("the disk is full.")
        self.inner.replace(name, content)


@pytest.mark.parametrize("name", [INDEX, SNAPSHOT])
def test_a_crash_between_two_writes_loses_and_doubles_nothing(
    small: Path, tmp_path: Path, name: str
) -> None:
    """After a death before either write, the next question finds every request once."""
    one_file(small, *lines(3))
    machine = machine_for(small, tmp_path / "data")
    asked(machine)
    one_file(small, *lines(2, first=3), name="s2")
    dying = msgspec.structs.replace(machine, storage=DiesAt(machine.storage, name))
    with pytest.raises(Unavailable):
        asked(dying)
    assert asked(machine).total.requests == 5


def test_a_run_and_its_transcript_are_one(small: Path, tmp_path: Path) -> None:
    """A request in the spool that a transcript tells too counts once, with the run's project."""
    one_file(small, *lines(2))
    data = tmp_path / "data"
    told = Event(
        id="e1",
        time="2026-11-20T10:00:01.000000Z",
        kind=Kind.REQUEST,
        source=Source.RUN,
        agent="claude-code",
        request_id="r0",
        model="claude-opus-5-5",
        project="told-by-the-run",
        input=10,
        output=1,
        final=False,
    )
    with SpoolWriter(data / SPOOL, "run_1") as spool:
        spool.append([told])
        spool.commit()
    machine = machine_for(small, data)
    bill = asked(machine, Key.PROJECT)
    assert {row.keys[0]: row.amount.requests for row in bill.rows} == {
        "shop": 1,
        "told-by-the-run": 1,
    }
    shares = {share.source: share for share in bill.sources}
    assert (shares["run"].confirms, shares["run"].disagrees) == (1, 0)
    assert asked(machine_for(small, data), Key.PROJECT) == bill


def test_new_prices_price_what_was_read_before(small: Path, tmp_path: Path) -> None:
    """A price file of the user's changes the bill without a transcript being read again."""
    one_file(small, *lines(1))
    data = tmp_path / "data"
    assert asked(machine_for(small, data)).total.cost_micros == 140
    (data / "prices.yaml").write_text(
        'schema: pawl.prices/1\nversion: ours\nas_of: "2026-11-20"\nsources: {us: a contract}\n'
        "models: [{id: claude-opus-5-5, source: us, rows: [{input: 1, output: 1}]}]\n"
    )
    bill = asked(machine_for(small, data))
    assert (bill.total.cost_micros, bill.prices_version[-4:]) == (15, "ours")


def test_what_cannot_be_read_is_a_warning(small: Path, tmp_path: Path) -> None:
    """A link in the place of a transcript is told, and the rest is read."""
    path = one_file(small, *lines(1))
    (path.parent / "s2.jsonl").symlink_to(path)
    answer: Answer = ask(Question(by=()), machine_for(small, tmp_path / "data"))
    assert answer.bill.total.requests == 1
    assert answer.warnings == (f"{path.parent}/s2.jsonl: a symbolic link, not followed",)


def test_no_import_answers_from_what_was_read(small: Path, tmp_path: Path) -> None:
    """Asked not to read, a bill tells what was read before, and nothing newer."""
    one_file(small, *lines(1))
    machine = machine_for(small, tmp_path / "data")
    question = Question(by=())
    assert ask(question, machine, read_first=False).bill.total.requests == 0
    ask(question, machine)
    one_file(small, *lines(2, first=5), name="s2")
    assert ask(question, machine, read_first=False).bill.total.requests == 1
    assert ask(question, machine).bill.total.requests == 3


NOW = "2026-11-21T10:30:00.000000Z"


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        (None, None, (None, None)),
        ("7d", None, ("2026-11-14T10", None)),
        ("90m", None, ("2026-11-21T09", None)),
        ("2026-11-01", "2026-11-20", ("2026-11-01T00", "2026-11-21T00")),
        ("2026-11-01T10:59:00Z", "1h", ("2026-11-01T10", "2026-11-21T09")),
        ("2026-11-01T10:00:00+02:00", None, ("2026-11-01T08", None)),
    ],
)
def test_a_window_is_whole_hours(
    since: str | None, until: str | None, expected: tuple[str | None, str | None]
) -> None:
    """Days, instants and times ago become hours in UTC; a last day is included."""
    found = window(since, until, NOW)
    assert tuple(None if time is None else time[:13] for time in found) == expected


@pytest.mark.parametrize(("since", "until"), [("soon", None), ("1d", "2d"), ("7 days", None)])
def test_a_window_that_means_nothing_is_refused(since: str, until: str | None) -> None:
    """What is no time, and an end before its beginning, are the asker's to mend."""
    with pytest.raises(BadValue):
        window(since, until, NOW)


def test_all_formats_are_there() -> None:
    """The four agents and the cost log are read without a list of them anywhere."""
    agents = sorted(form.agent for form in transcript_formats())
    assert agents == ["claude-code", "codex", "cost-log", "gemini-cli", "opencode"]
