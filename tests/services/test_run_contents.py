"""The texts of a supervised run: its command line and its stream, durable with its events."""

import stat
import sys
from pathlib import Path

import pytest
from tests.end_to_end.test_run_command import Cli
from tests.store.events.made_events import event

from pawl.runs.spec import RunSpec
from pawl.services.contents import Keeping
from pawl.services.run_contents import ContentSpool
from pawl.store.content_days import ContentsUnavailable
from pawl.store.contents import Contents
from pawl.store.spool import SpoolWriter, read_segment, segments
from pawl.telemetry.content import Role
from pawl.telemetry.event import Attribution, Kind

NOW = "2026-11-21T12:00:00.000000Z"
SPEC = RunSpec(
    run_id="run_1",
    command=("claude", "-p", "Fix it"),
    agent="claude-code",
    cwd="/",
    attribution=Attribution(developer="ada"),
)
PROMPT = "please find the marker-of-the-prompt"
ANSWER = "marker-of-the-answer"
SECRET = "ghp_" + "0123456789abcdefghijABCDEFGHIJ0123"


def spooled(folder: Path) -> list[str]:
    """Return the ids in a spool."""
    found = [read_segment(each.path).events for each in segments(folder)]
    return [each.id for part in found for each in part]


def test_texts_are_kept_with_their_batch_and_know_whose_they_are(tmp_path: Path) -> None:
    """What is gathered while one batch is on its way belongs to the next."""
    contents = Contents(tmp_path, lambda: NOW)
    spool = ContentSpool(SpoolWriter(tmp_path / "spool", "run_1"), Keeping(contents, 1000), SPEC)
    spool.append([event("start", kind=Kind.RUN_STARTED, run_id="run_1")])
    spool.commit()
    said = event("said", kind=Kind.MESSAGE, session_id="s1")
    spool.gathered.add(said, Role.ANSWER, "one")
    spool.append([said])
    assert spool.pending_bytes > 3
    batch = spool.take()
    later = event("later", kind=Kind.MESSAGE, session_id="s1")
    spool.gathered.add(later, Role.ANSWER, "two")
    spool.keep(batch)
    stored, _ = contents.of_session("s1", 10_000, ("run_1",))
    assert sorted(each.text for each in stored) == ["claude -p 'Fix it'", "one"]
    assert not spool.take()
    spool.append([later])
    spool.keep(spool.take())
    assert len(contents.of_session("s1", 10_000)[0]) == 2
    assert contents.forget(("Ada",), []) == 3
    spool.close()


def test_what_is_lost_is_lost_whole(tmp_path: Path) -> None:
    """Where texts cannot be kept their events are not either; discarding forgets both."""
    contents = Contents(tmp_path, lambda: NOW)
    (tmp_path / "contents").write_text("in the way")
    spool = ContentSpool(SpoolWriter(tmp_path / "spool", "run_1"), Keeping(contents, 1000), SPEC)
    spool.append([event("start", kind=Kind.RUN_STARTED, run_id="run_1")])
    for _ in range(2):
        with pytest.raises(ContentsUnavailable):
            spool.commit()
    assert spooled(tmp_path / "spool") == []
    spool.discard()
    assert spool.pending_bytes == 0
    (tmp_path / "contents").unlink()
    spool.append([event("next", kind=Kind.MESSAGE, run_id="run_1")])
    spool.commit()
    assert spooled(tmp_path / "spool") == ["next"]
    assert not (tmp_path / "contents").exists()
    spool.close()


def fake_claude(root: Path) -> str:
    """Return a Claude Code that says one thing and uses one tool."""
    agent = root / "claude"
    lines = (
        '{"type":"system","subtype":"init","session_id":"s1","model":"m","cwd":"/"}',
        '{"type":"assistant","session_id":"s1","message":{"id":"msg_1","model":"m","content":['
        f'{{"type":"text","text":"{ANSWER}"}},'
        '{"type":"tool_use","id":"toolu_1","name":"Bash","input":{"command":"marker-of-the-call"}}],'
        '"usage":{"input_tokens":1,"output_tokens":1}}}',
        '{"type":"user","session_id":"s1","message":{"content":[{"type":"tool_result",'
        f'"tool_use_id":"toolu_1","content":"marker-of-the-result {SECRET}"}}]}}}}',
        '{"type":"result","subtype":"success","is_error":false,"result":"done","session_id":"s1"}',
    )
    agent.write_text(f"#!{sys.executable}\nprint({chr(10).join(lines)!r})\n")
    agent.chmod(agent.stat().st_mode | stat.S_IXUSR)
    return str(agent)


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """`pawl` with a data folder of its own."""
    made = Cli(tmp_path)
    monkeypatch.setenv("PAWL_DATA", str(made.data))
    monkeypatch.setenv("PAWL_DEVELOPER", "ada")
    return made


def holding(folder: Path, words: str) -> list[str]:
    """Return the files in whose bytes words are."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return [path.name for path in files if words.encode() in path.read_bytes()]


def test_a_run_keeps_what_was_said_only_where_the_machine_asked(cli: Cli) -> None:
    """A repository's file has no say; the machine's own has, and no secret gets in with it."""
    agent = fake_claude(cli.root)
    assert cli.record("--", agent, "-p", PROMPT)[0] == 0
    assert holding(cli.data, "marker-of-the") == []
    (cli.root / "pawl.toml").write_text("[content]\nkeep = true\n")
    code, _, stderr = cli.run("run", "--", agent, "-p", PROMPT)
    assert code == 2
    assert b"content" in stderr
    (cli.root / "pawl.toml").unlink()
    assert not (cli.data / "contents").exists()

    (cli.data / "pawl.toml").write_text("[content]\nkeep = true\n")
    code, record = cli.record("--", agent, "-p", PROMPT)
    assert code == 0
    contents = Contents(cli.data, lambda: record.ended_at or NOW)
    stored, _ = contents.of_session("s1", 100_000, (record.run_id,))
    texts = {each.role.value: each.text for each in stored}
    assert PROMPT in texts["command"]
    assert texts["answer"] == ANSWER
    assert texts["arguments"] == '{"command":"marker-of-the-call"}'
    assert texts["result"] == "marker-of-the-result [redacted]"
    assert {name[10:] for name in holding(cli.data, ANSWER)} <= {".db", ".db-wal"}
    assert holding(cli.data, SECRET) == []
    assert contents.forget(("ada",), []) == 4
    assert holding(cli.data, "marker-of-the") == []


def test_a_bad_setting_keeps_nothing_and_is_told(cli: Cli) -> None:
    """Whoever asked for contents, and misspelt it, hears of it; the run goes on without."""
    cli.data.mkdir()
    (cli.data / "pawl.toml").write_text("[content]\nkeep = true\ndays = 401\n")
    code, _, stderr = cli.run("run", "--", "true")
    assert (code, b"days" in stderr, b"Nothing of what is said is kept" in stderr) == (
        0,
        True,
        True,
    )
    assert not (cli.data / "contents").exists()
