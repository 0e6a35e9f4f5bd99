"""Each source on what it reads, on what is hostile, and on nothing at all."""

import json
import os
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

import pawl.world.sources
from pawl.base.catalogue import load, names
from pawl.base.errors import CannotTell
from pawl.investigation.facts import Alarm, Change, ChangeKind, Facts, Window
from pawl.investigation.from_events import facts_of_events
from pawl.investigation.symptoms import epoch
from pawl.investigation.terms import Terms, shipped_terms
from pawl.runs.investigation_settings import MachineInvestigationSettings
from pawl.telemetry.event import Event, Kind
from pawl.telemetry.event import Source as Teller
from pawl.world.source import Asking, Source

WINDOW = Window(
    since="2026-11-20T10:00:00.000000Z",
    until="2026-11-20T12:10:00.000000Z",
    at="2026-11-20T12:00:00.000000Z",
)
NOON = int(epoch(WINDOW.at))


def asking(folder: Path | None, **settings: Any) -> Asking:
    """Return a question to a source."""
    return Asking(
        window=WINDOW,
        settings=MachineInvestigationSettings(**settings),
        terms=shipped_terms(),
        folder=folder,
        environment=dict(os.environ),
    )


def source(name: str) -> Source:
    return load(pawl.world.sources, name, "SOURCE", Source)


def looked(name: str, asked: Asking) -> Facts:
    found = source(name)
    assert found.missing(asked) == ""
    return found.look(asked)


def git(folder: Path, *arguments: str, at: int = NOON) -> None:
    when = {"GIT_AUTHOR_DATE": f"@{at} +0000", "GIT_COMMITTER_DATE": f"@{at} +0000"}
    own = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-C", str(folder))
    environment = {**os.environ, **when, "GIT_CONFIG_GLOBAL": "/dev/null"}
    subprocess.run(("git", *own, *arguments), check=True, env=environment, capture_output=True)


def commit(folder: Path, message: str, at: int, **files: str) -> None:
    """Write files and commit them; `__` in a name is a slash, `_` a dot."""
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    git(folder, "add", "-A", at=at)
    git(folder, "commit", "-q", "-m", message, at=at)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A repository with a commit before the window, two within and one after."""
    folder = tmp_path / "shop"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    commit(folder, "Old", NOON - 9 * 3600, app_py="one\n", flags_json='{"cache": false}')
    commit(folder, "Cache users\n\nIn Redis.", NOON - 900, src__cache_py="+++ b/no.py\nredis\n")
    commit(folder, "Flags", NOON - 600, flags_json='{"cache": true}')
    commit(folder, "Later", NOON + 3600, app_py="two\n")
    return folder


@pytest.mark.parametrize("name", names(pawl.world.sources))
def test_a_source_without_anything_to_look_at_says_so(name: str) -> None:
    """Nothing configured is not a failure and not an empty answer: it is told as absent."""
    assert source(name).missing(asking(None)).endswith(".")
    assert source(name).answers


def test_git_tells_commits_of_the_window_with_what_they_change(shop: Path) -> None:
    """Message, author, paths and changed lines; commits of flags alone are left to the flags."""
    told = looked("git", asking(shop, flags="flags.json"))
    (only,) = told.changes
    assert (only.title, only.body, only.who) == ("Cache users", "In Redis.", "Ada")
    assert only.at == "2026-11-20T11:45:00.000000Z"
    assert only.paths == ("src/cache.py",)
    assert only.text == "++++ b/no.py\n+redis"
    assert told.left == ()


def test_git_sees_what_a_revert_takes_back(shop: Path) -> None:
    """A revert names the commit that it takes back."""
    git(shop, "revert", "--no-edit", "HEAD~2", at=NOON + 60)
    undone = next(each for each in looked("git", asking(shop)).changes if each.undo)
    first = next(
        each for each in looked("git", asking(shop)).changes if each.title == "Cache users"
    )
    assert undone.undoes == first.id


def test_git_obeys_no_repository(shop: Path, tmp_path: Path) -> None:
    """Programs that its configuration names are not run."""
    hit = tmp_path / "hit"
    for key in ("core.fsmonitor", "diff.external", "core.pager", "diff.x.textconv"):
        git(shop, "config", key, f"touch {hit}; cat")
    (shop / ".gitattributes").write_text("* diff=x\n")
    assert looked("git", asking(shop)).changes
    assert not hit.exists()


def test_flags_tell_when_each_was_switched(shop: Path) -> None:
    """The history of the file is the history of its flags; uncommitted ones have no time."""
    (only,) = looked("flags", asking(shop, flags="flags.json")).changes
    assert (only.id, only.before, only.after) == ("cache", "false", "true")
    assert only.at == "2026-11-20T11:50:00.000000Z"
    (shop / "flags.json").write_text('{"cache": false}')
    told = looked("flags", asking(shop, flags="flags.json"))
    assert "not committed" in told.left[0]


def test_flags_without_a_history_cannot_tell(tmp_path: Path) -> None:
    """Of a file outside of git nobody knows when a flag was switched."""
    (tmp_path / "flags.json").write_text("{}")
    with pytest.raises(CannotTell, match="no history"):
        looked("flags", asking(tmp_path, flags="flags.json"))


def test_deploys_are_read_from_a_file(tmp_path: Path) -> None:
    """Those that took effect in the window, with the version that one goes back to."""
    rows = [
        {"at": "2026-11-20T09:00:00Z", "component": "shop", "version": "v1"},
        {"at": "2026-11-20T11:00:00Z", "component": "shop", "version": "v2", "commit": "abc1234"},
        {"at": "2026-11-20T11:10:00Z", "component": "shop", "version": "v3", "status": "failed"},
        {"at": "2026-11-20T12:00:00Z", "component": "shop", "version": "v1"},
    ]
    text = "\n".join(map(json.dumps, rows))
    (tmp_path / "deploys.jsonl").write_text(f"{text}\nnonsense\n")
    told = looked("deploys", asking(tmp_path, deploys="deploys.jsonl"))
    assert [(each.version, each.undo) for each in told.changes] == [("v2", False), ("v1", True)]
    assert told.left == ("1 lines are no deployments.",)


def test_log_files_are_read_from_their_ends(tmp_path: Path) -> None:
    """Lines of the window, of JSON and of plain text; what is too long is cut and told."""
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "a.log").write_text(
        '{"time":"2026-11-20T12:00:00Z","level":"error","service":"shop","msg":"no"}\n'
        '{"time":"2026-11-20T09:00:00Z","level":"error","service":"shop","msg":"early"}\n'
    )
    (tmp_path / "logs" / "b.log").write_text(
        "no time at all\n2026-11-20T12:01:00Z ERROR shop.db: gone\n  at db.py:3\n"
    )
    told = looked("log-files", asking(tmp_path, logs=("logs/*.log",)))
    assert sorted(each.message for each in told.lines) == ["no", "shop.db: gone"]
    assert told.left == ("1 lines have no time.",)
    big = "\n".join(f'{{"time":"2026-11-20T12:00:00Z","msg":"{"x" * 1000}"}}' for _ in range(1500))
    (tmp_path / "logs" / "a.log").write_text(big)
    cut = looked("log-files", asking(tmp_path, logs=("logs/a.log",), max_mib=1))
    assert "only the end was read" in cut.left[0]


def test_no_glob_leads_out_of_the_folder(tmp_path: Path) -> None:
    """Neither dots, nor absolute paths, nor links."""
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "secret.log").write_text("2026-11-20T12:00:00Z ERROR secret\n")
    (inside / "link.log").symlink_to(tmp_path / "secret.log")
    (inside / "folder").symlink_to(tmp_path)
    for glob in (
        "../secret.log",
        str(tmp_path / "secret.log"),
        "link.log",
        "folder/*.log",
        "*.log",
    ):
        with pytest.raises(CannotTell):
            looked("log-files", asking(inside, logs=(glob,)))
    (inside / "deep").mkdir()
    (inside / "deep" / "own.log").write_text("2026-11-20T12:00:00Z ERROR own\n")
    told = looked("log-files", asking(inside, logs=("**/*.log",)))
    assert [each.message for each in told.lines] == ["own"]


def test_the_journal_is_asked_for_units_and_a_window(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What journalctl prints is read; a unit cannot pass for an option."""
    told = tmp_path / "told"
    program = tmp_path / "journalctl"
    entry = {
        "__REALTIME_TIMESTAMP": f"{NOON}000000",
        "MESSAGE": "refused",
        "PRIORITY": "3",
        "_SYSTEMD_UNIT": "shop.service",
    }
    program.write_text(f"#!/bin/sh\necho \"$@\" > {told}\necho '{json.dumps(entry)}'\necho x\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    found = looked("journal", asking(None, journal=("shop", "--vacuum-size=1")))
    (line,) = found.lines
    assert (line.level, line.component, line.message) == ("error", "shop", "refused")
    assert "--unit=shop" in told.read_text()
    assert "vacuum" not in told.read_text()
    assert found.left == ("1 lines do not read.",)


class Answers(BaseHTTPRequestHandler):
    """A store of measures and logs that answers what a test put there."""

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self.server.asked.append((parts.path, parse_qs(parts.query), dict(self.headers)))  # type: ignore[attr-defined]
        status, body = self.server.answers.get(parts.path, (404, b""))  # type: ignore[attr-defined]
        self.send_response(status)
        if status == 302:
            self.send_header("location", "http://127.0.0.1:1/")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A server on this machine, with `answers` by path and `asked`."""
    monkeypatch.setenv("NO_PROXY", "*")
    made: Any = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    made.answers, made.asked = {}, []
    made.url = f"http://127.0.0.1:{made.server_port}"
    thread = threading.Thread(target=made.serve_forever, args=(0.01,))
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


def matrix(*values: tuple[int, str], **labels: str) -> bytes:
    row = {"metric": {"__name__": "errors", **labels}, "values": list(values)}
    return json.dumps(
        {"status": "success", "data": {"resultType": "matrix", "result": [row]}}
    ).encode()


def test_prometheus_is_asked_over_the_window(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each query is asked once, with the token; what is no number is left out."""
    server.answers["/api/v1/query_range"] = (
        200,
        matrix((NOON, "0.5"), (NOON + 60, "NaN"), job="shop"),
    )
    monkeypatch.setenv("METRICS", "t0ken")
    settings = {"prometheus": server.url, "queries": ("errors",), "prometheus_token": "METRICS"}
    (series,) = looked("prometheus", asking(None, **settings)).series
    assert (series.name, series.labels, series.points) == (
        "errors",
        {"job": "shop"},
        ((NOON, 0.5),),
    )
    (asked,) = server.asked
    assert asked[1]["query"] == ["errors"]
    assert float(asked[1]["start"][0]) == epoch(WINDOW.since)
    assert asked[2]["authorization"] == "Bearer t0ken"


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ((200, b'{"status": "error", "error": "bad query"}'), "bad query"),
        ((200, b"<html>"), "cannot be read"),
        ((200, b'{"status":"success","data":{"resultType":"vector","result":[]}}'), "no series"),
        ((503, b""), "503"),
        ((302, b""), "302"),
        ((200, b"x" * (1024 * 1024 + 1)), "more than"),
    ],
)
def test_a_prometheus_that_answers_otherwise_cannot_tell(
    server: Any, answer: tuple[int, bytes], says: str
) -> None:
    """Errors, pages, other kinds, redirects and floods are told as what they are."""
    server.answers["/api/v1/query_range"] = answer
    with pytest.raises(CannotTell, match=says):
        looked("prometheus", asking(None, prometheus=server.url, queries=("errors",), max_mib=1))


def test_one_query_that_fails_leaves_the_others(server: Any) -> None:
    """What can be had is had, and the rest is told."""
    server.answers["/api/v1/query_range"] = (200, b'{"status": "error", "error": "no"}')
    with pytest.raises(CannotTell):
        looked("prometheus", asking(None, prometheus=server.url, queries=("a", "b")))


def test_log_http_is_asked_for_the_window(server: Any) -> None:
    """The window stands in the address; lines outside of it are dropped."""
    body = (
        b'{"time":"2026-11-20T12:00:00Z","level":"error","service":"shop","msg":"no"}\n'
        b'{"time":"2026-11-20T13:00:00Z","level":"error","service":"shop","msg":"late"}\n'
    )
    server.answers["/lines"] = (200, body)
    url = f"{server.url}/lines?from={{since}}&to={{until}}"
    told = looked("log-http", asking(None, log_url=url))
    assert [each.message for each in told.lines] == ["no"]
    assert server.asked[0][1] == {"from": [WINDOW.since], "to": [WINDOW.until]}


def test_metric_files_hold_answers_of_prometheus(tmp_path: Path) -> None:
    """Points of the window; a file that does not read leaves the others."""
    (tmp_path / "a.json").write_bytes(matrix((NOON, "1"), (NOON + 9000, "2")))
    (tmp_path / "b.json").write_text("{}")
    told = looked("metric-files", asking(tmp_path, metrics=("*.json",)))
    assert told.series[0].points == ((NOON, 1.0),)
    assert told.left[0].startswith("b.json")


class Recorded:
    """Records whose answers are set."""

    def changes(self, since: str, until: str) -> tuple[Change, ...]:
        told: Any = {"id": "chg_1", "at": WINDOW.at, "title": "x", "source": "changes"}
        return (Change(kind=ChangeKind.CHANGE, **told),)

    def alarms(self, since: str, until: str) -> tuple[Alarm, ...]:
        return (Alarm(id="a", at=WINDOW.at, title="errors", source="alerts"),)

    def events(self, since: str, until: str) -> Iterator[Event]:
        told: Any = {"source": Teller.RUN, "agent": "claude-code", "project": "shop"}
        for number in range(60):
            at = f"2026-11-20T{10 + number // 30}:{number % 30 * 2:02d}:00.000000Z"
            model = "old" if number < 45 else "new"
            yield Event(id=f"r{number}", time=at, kind=Kind.REQUEST, model=model, **told)
            if number >= 45:
                yield Event(id=f"d{number}", time=at, kind=Kind.TOOL_DENIED, tool="Bash", **told)

    def event_facts(self, since: str, until: str, terms: Terms) -> Facts:
        return facts_of_events(self.events(since, until), epoch(since), epoch(until), terms)


def test_records_of_our_own_are_asked() -> None:
    """Changes, alerts and events come from the records; a model that shifted is a change."""
    import msgspec

    asked = msgspec.structs.replace(asking(None), recorded=Recorded())
    assert [each.id for each in looked("changes", asked).changes] == ["chg_1"]
    assert [each.id for each in looked("alerts", asked).alarms] == ["a"]
    told = looked("events", asked)
    assert [(each.before, each.after) for each in told.changes] == [("old", "new")]
    assert {each.message for each in told.lines} == {"tool denied Bash"}
    assert {each.name for each in told.series} == {"agent_requests", "agent_tools_denied"}
