"""`pawl run` and `pawl runs` as a user meets them, around commands of all kinds."""

import os
import resource
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from pawl.runs.record import Outcome, RunLines, RunRecord
from pawl.store.records.engine import open_records
from pawl.store.records.runs import RunRecords, RunState

PAWL = (sys.executable, "-m", "pawl")

linux = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")


class Cli:
    """`pawl` with a data folder of its own, in a folder that is no repository."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.data = root / "data"

    def start(self, *arguments: str, **options: Any) -> "subprocess.Popen[bytes]":
        base: dict[str, Any] = {
            "stdin": subprocess.DEVNULL,
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
            "cwd": self.root,
        }
        return subprocess.Popen((*PAWL, *arguments), **(base | options))

    def run(
        self, *arguments: str, input: bytes | None = None, **options: Any
    ) -> tuple[int, bytes, bytes]:
        if input is not None:
            options["stdin"] = subprocess.PIPE
        with self.start(*arguments, **options) as process:
            stdout, stderr = process.communicate(input, timeout=60)
        return process.returncode, stdout, stderr

    def record(self, *arguments: str, **options: Any) -> tuple[int, RunRecord]:
        code, stdout, stderr = self.run("run", "--json", *arguments, **options)
        assert stdout.count(b"\n") == 1, (stdout, stderr)
        return code, msgspec.json.decode(stdout, type=RunRecord)

    def runs(self) -> list[RunState]:
        engine = open_records(self.data)
        try:
            return RunRecords(engine).recent(100)
        finally:
            engine.dispose()


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    for name in ("GITHUB_ACTIONS", "GITHUB_EVENT_PATH", "GITLAB_CI"):
        monkeypatch.delenv(name, raising=False)
    root = tmp_path / "work"
    root.mkdir()
    cli = Cli(root)
    monkeypatch.setenv("PAWL_DATA", str(cli.data))
    return cli


def wait_until(true: Callable[[], bool], timeout_s: float = 20.0) -> None:
    until = time.monotonic() + timeout_s
    while not true():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_output_passes_and_is_kept_apart(cli: Cli) -> None:
    """The command's stdout is Pawl's stdout, its stderr is Pawl's stderr, and nothing is added."""
    code, stdout, stderr = cli.run("run", "--", "sh", "-c", "echo out; echo err >&2")
    assert (code, stdout, stderr) == (0, b"out\n", b"err\n")


def test_json_is_one_object_and_nothing_else(cli: Cli) -> None:
    """stdout holds the record; the command's own output is in it, stderr still passes."""
    code, record = cli.record("--project", "demo", "--", "sh", "-c", "echo out; exit 3")
    assert (code, record.outcome, record.exit_code) == (1, Outcome.AGENT_FAILED, 3)
    assert (record.result, record.project, record.agent) == ("out\n", "demo", "generic")
    assert record.usage is None
    assert record.cost.basis == "unpriced"
    assert [run.outcome for run in cli.runs()] == ["agent_failed"]


def test_stdin_is_the_commands(cli: Cli) -> None:
    """What comes on Pawl's stdin goes to the command, all of it."""
    given = os.urandom(300_000)
    assert cli.run("run", "--", "cat", input=given) == (0, given, b"")


def test_binary_and_unfinished_output_survives(cli: Cli) -> None:
    """Bytes that are no text, and a last line without an end, come out as they went in."""
    code, stdout, _ = cli.run("run", "--", "printf", r"\000\377\n\342\202")
    assert (code, stdout) == (0, b"\x00\xff\n\xe2\x82")


def test_a_missing_program_is_refused(cli: Cli) -> None:
    """Exit 5, a record that says why, and the ledger knows of the refusal."""
    code, record = cli.record("--", "no-such-agent-anywhere")
    assert (code, record.outcome) == (5, Outcome.REFUSED)
    assert record.error is not None
    assert "not found" in record.error.message
    assert [run.outcome for run in cli.runs()] == ["refused"]


def test_an_unknown_agent_is_refused(cli: Cli) -> None:
    """The message names the agents there are."""
    code, _, stderr = cli.run("run", "--agent", "nobody", "--", "true")
    assert code == 5
    assert b"claude-code" in stderr


def test_a_limit_that_cannot_be_held_is_refused(cli: Cli) -> None:
    """Pawl does not promise dollars of a command it cannot read."""
    code, _, stderr = cli.run("run", "--max-usd", "1", "--", "true")
    assert code == 5
    assert b"--max-usd" in stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("--timeout", "soon", "--", "true"),
        ("--max-turns", "0", "--", "true"),
        ("--json", "--stream", "--", "true"),
        ("--no-such-flag", "--", "true"),
        (),
    ],
)
def test_bad_flags_exit_two(cli: Cli, arguments: tuple[str, ...]) -> None:
    """Asked wrongly: status 2, a message, and no run."""
    code, stdout, stderr = cli.run("run", *arguments)
    assert (code, stdout) == (2, b"")
    assert stderr
    assert not cli.data.exists()


def test_the_wall_clock_stops_a_command_that_ignores_term(cli: Cli) -> None:
    """TERM, the grace, then KILL; exit 6 and the numbers of the limit."""
    deaf = "trap '' TERM; while :; do sleep 0.05; done"
    code, record = cli.record("--timeout", "0.5s", "--grace", "0.3s", "--", "sh", "-c", deaf)
    assert (code, record.outcome, record.signal) == (6, Outcome.STOPPED, 9)
    assert record.stop is not None
    assert (record.stop.limit, record.stop.threshold) == ("wall", 0.5)
    assert record.processes is not None
    assert record.processes.killed >= 1


def test_silence_is_stopped_and_output_is_not(cli: Cli) -> None:
    """The idle limit counts from the last byte heard."""
    code, record = cli.record("--idle", "0.5s", "--", "sleep", "30")
    assert code == 6
    assert record.stop is not None
    assert record.stop.limit == "idle"
    chatty = "for i in 1 2 3 4 5 6 7; do echo $i; sleep 0.2; done"
    assert cli.record("--idle", "0.6s", "--", "sh", "-c", chatty)[0] == 0


def test_endless_output_is_stopped(cli: Cli) -> None:
    """The output limit ends a flood, and little more than the limit was passed on."""
    code, stdout, _ = cli.run("run", "--max-output", "100000", "--", "yes")
    assert code == 6
    assert len(stdout) < 8 * 1024 * 1024


@linux
def test_one_giant_line_fits_into_bounded_memory(cli: Cli) -> None:
    """300 MB on one line pass through; Pawl itself stays small."""
    flood = "head -c 300000000 /dev/zero | tr '\\0' x"
    with cli.start("run", "--", "sh", "-c", flood) as process:
        assert process.stdout is not None
        size = peak = 0
        while piece := process.stdout.read1(1 << 20):  # type: ignore[attr-defined]
            size += len(piece)
            if size < 200_000_000:
                peak = max(peak, _peak_kib(process.pid))
        process.communicate()
    assert (process.returncode, size) == (0, 300_000_000)
    assert peak < 110 * 1024


def _peak_kib(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1])
    return 0


def test_a_reader_that_does_not_read_does_not_stop_the_clock(cli: Cli) -> None:
    """The time limit strikes although nobody takes the output; what was kept still comes."""
    with cli.start("run", "--timeout", "0.5s", "--", "yes") as process:
        time.sleep(2.5)
        assert process.stdout is not None
        wait_until(lambda: not _children(process.pid))
        assert process.stdout.read(4) == b"y\ny\n"
        process.communicate()
    assert process.returncode == 6


def _children(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except FileNotFoundError:
        return []


def test_a_reader_that_has_gone_ends_the_command(cli: Cli) -> None:
    """As a pipe would have ended it; and there is a record."""
    with cli.start("run", "--", "yes") as process:
        assert process.stdout is not None
        process.stdout.read(2)
        process.stdout.close()
        process.stdout = None
        process.wait(20)
        if process.stderr is not None:
            process.stderr.read()
    assert [run.outcome for run in cli.runs()] == ["interrupted"]


def test_stdout_closed_early_is_no_ending(cli: Cli) -> None:
    """A command may close its stdout and work on."""
    code, record = cli.record("--", "sh", "-c", "exec >&-; sleep 0.3; exit 4")
    assert (code, record.exit_code) == (1, 4)
    assert record.duration_ms is not None
    assert record.duration_ms >= 250


def test_pawl_with_closed_streams(cli: Cli) -> None:
    """Closed standard streams do not turn our files into somebody's output."""
    script = f"{' '.join(PAWL)} run -- sh -c 'echo hi' <&- >&- 2>&-"
    assert subprocess.run(("sh", "-c", script), cwd=cli.root, check=False).returncode == 0
    assert [run.outcome for run in cli.runs()] == ["succeeded"]
    for path in (cli.data / "spool").iterdir():
        assert b"hi\n" not in path.read_bytes()


@linux
def test_daemons_that_outlive_the_command_are_ended_and_told(cli: Cli) -> None:
    """A normal ending leaves nothing behind either."""
    leave = "(setsid sleep 61 </dev/null >/dev/null 2>&1 &); echo done"
    code, record = cli.record("--", "sh", "-c", leave)
    assert (code, record.result) == (0, "done\n")
    assert record.processes is not None
    assert record.processes.terminated == 1


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_the_command_and_leaves_a_record(cli: Cli, number: int, status: int) -> None:
    """The command gets TERM, the record says interrupted, the status says by what."""
    polite = "trap 'echo bye; exit 9' TERM; echo ready; while :; do sleep 0.05; done"
    with cli.start("run", "--", "sh", "-c", polite) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        process.send_signal(number)
        stdout, _ = process.communicate(timeout=20)
    assert (process.returncode, stdout) == (status, b"bye\n")
    (run,) = cli.runs()
    assert run.outcome == "interrupted"


def test_a_second_signal_kills_at_once(cli: Cli) -> None:
    """Nobody waits for the grace who asked twice."""
    deaf = "trap '' TERM; echo ready; while :; do sleep 0.05; done"
    with cli.start("run", "--grace", "60s", "--", "sh", "-c", deaf) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
    assert process.returncode == 130


@linux
def test_kill_9_of_pawl_takes_the_agent_along_and_the_next_start_says_so(cli: Cli) -> None:
    """The agent dies with its supervisor; what it had started goes with the next start."""
    spread = "sleep 62 & echo ready; wait"
    with cli.start("run", "--", "sh", "-c", spread) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.kill()
        process.wait(20)
        (folder,) = (cli.data / "runs").iterdir()
        run_id = folder.name
        assert cli.run("run", "--", "true")[0] == 0
        process.communicate()
    assert {run.run_id: run.outcome for run in cli.runs()}[run_id] == "interrupted"
    assert list((cli.data / "runs").iterdir()) == []


def _small_files() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, resource.RLIM_INFINITY))


def _fake_claude(cli: Cli) -> str:
    """A Claude Code that answers often, so that there is much to keep."""
    agent = cli.root / "claude"
    line = (
        '{"type":"assistant","session_id":"s","request_id":"req_%d","message":{"id":"msg_%d",'
        '"model":"claude-sonnet-4-5","content":[{"type":"text","text":"hi"}],'
        '"usage":{"input_tokens":1,"output_tokens":1}}}'
    )
    result = (
        '{"type":"result","subtype":"success","is_error":false,"result":"done","session_id":"s"}'
    )
    agent.write_text(
        f"#!{sys.executable}\nimport time\nfor n in range(50):\n"
        f"    print('{line}' % (n, n), flush=True)\n    time.sleep(0.02)\nprint('{result}')\n"
    )
    agent.chmod(agent.stat().st_mode | stat.S_IXUSR)
    return str(agent)


def test_a_full_disk_stops_the_run_or_not_by_policy(cli: Cli) -> None:
    """What cannot be recorded is not let run on, unless the user says so; both ways it is told."""
    agent = _fake_claude(cli)
    # Only the spool's file is small enough to hit the limit: the ledger was made before.
    assert cli.run("run", "--", "true")[0] == 0
    full: dict[str, Any] = {"preexec_fn": _small_files}
    code, stdout, stderr = cli.run("run", "--json", "--", agent, "-p", "x", **full)
    record = msgspec.json.decode(stdout, type=RunRecord)
    assert (code, record.outcome) == (6, Outcome.STOPPED)
    assert record.stop is not None
    assert record.stop.limit == "spool"
    assert b"could not be written" in stderr
    code, stdout, _ = cli.run(
        "run", "--json", "--on-disk-full", "continue", "--", agent, "-p", "x", **full
    )
    record = msgspec.json.decode(stdout, type=RunRecord)
    assert (code, record.outcome) == (0, Outcome.SUCCEEDED)
    assert any("could not be kept" in warning for warning in record.warnings)


def test_secrets_on_stderr_are_not_kept(cli: Cli) -> None:
    """The tail of stderr is in the record, what looks like a key is not."""
    _, record = cli.record("--", "sh", "-c", "echo token=abcdef123456 >&2; exit 1")
    assert "abcdef123456" not in record.stderr_tail
    assert "[redacted]" in record.stderr_tail


def test_the_command_learns_whose_work_it_is(cli: Cli) -> None:
    """Resource attributes, a trace parent and the run's id are in its environment."""
    code, stdout, _ = cli.run(
        "run",
        "--project",
        "a b",
        "--",
        "env",
        env={**os.environ, "OTEL_RESOURCE_ATTRIBUTES": "x=1"},
    )
    told = dict(line.split("=", 1) for line in stdout.decode().splitlines() if "=" in line)
    pairs = dict(pair.split("=", 1) for pair in told["OTEL_RESOURCE_ATTRIBUTES"].split(","))
    assert code == 0
    assert pairs["x"] == "1"
    assert pairs["pawl.project"] == "a%20b"
    assert pairs["pawl.run_id"] == told["PAWL_RUN_ID"]
    version, trace, span, flags = told["TRACEPARENT"].split("-")
    assert (version, len(trace), len(span), flags) == ("00", 32, 16, "01")


def test_settings_come_from_pawl_toml_and_flags_win(cli: Cli) -> None:
    """`[limits]` and `[run]` are defaults; an unknown key is a mistake that is named."""
    (cli.root / "pawl.toml").write_text('[limits]\nwall = "0.5s"\n[run]\nproject = "filed"\n')
    code, record = cli.record("--", "sleep", "30")
    assert (code, record.project) == (6, "filed")
    assert cli.record("--timeout", "20s", "--", "sleep", "1")[0] == 0
    (cli.root / "pawl.toml").write_text("[limits]\nwal = 1\n")
    code, _, stderr = cli.run("run", "--", "true")
    assert code == 2
    assert b"wal" in stderr


def test_runs_are_listed_and_shown(cli: Cli) -> None:
    """The list is newest first; one run shows its record and what happened."""
    _, first = cli.record("--", "true")
    _, second = cli.record("--", "false")
    code, stdout, _ = cli.run("runs", "list", "--json")
    listed = msgspec.json.decode(stdout, type=RunLines)
    assert code == 0
    assert [line.run_id for line in listed.runs] == [second.run_id, first.run_id]
    assert b"agent_failed" in cli.run("runs", "list")[1]
    code, stdout, _ = cli.run("runs", "show", first.run_id)
    assert code == 0
    assert b"run_started" in stdout
    code, stdout, _ = cli.run("runs", "show", second.run_id, "--json")
    assert msgspec.json.decode(stdout, type=RunRecord).outcome is Outcome.AGENT_FAILED
    assert cli.run("runs", "show", "run_nobody")[0] == 2


def test_what_the_agent_said_is_not_stored(cli: Cli) -> None:
    """The result is printed with --json and is in no file of ours afterwards."""
    code, record = cli.record("--", "echo", "a-private-answer")
    assert (code, record.result) == (0, "a-private-answer\n")
    for path in cli.data.rglob("*"):
        if path.is_file():
            assert b"a-private-answer" not in path.read_bytes(), path
