"""`pawl up` as a process: it prints where it is, ends on a signal, and leaves nothing behind."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pawl.store.events.owner import owner


@contextmanager
def up(*arguments: str) -> Iterator[tuple[dict[str, str], subprocess.Popen[str]]]:
    """Start `pawl up` on a free port; yield what it printed and the process."""
    process = subprocess.Popen(
        [sys.executable, "-m", "pawl", "up", "--port", "0", "--json", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, process.stderr and process.stderr.read()
        yield json.loads(line), process
    finally:
        process.terminate()
        process.communicate(timeout=30)


def get(url: str) -> str:
    """Return the text at an address."""
    with urllib.request.urlopen(url, timeout=10) as answer:
        return str(answer.read().decode())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_sample_is_served_and_thrown_away(number: signal.Signals) -> None:
    """The server prints its real address, serves, ends cleanly on a signal, and its temporary
    folder is gone."""
    with up("--sample") as (told, process):
        assert told["schema"] == "pawl.up/1"
        assert "Sample data" in get(told["url"])
        process.send_signal(number)
        assert process.wait(timeout=20) == 128 + number
        assert process.stderr is not None
        assert process.stderr.read().startswith("Pawl serves sample data at http://127.0.0.1:")
    assert not Path(told["data"]).exists()


def test_this_machines_transcripts_are_read_in_the_background() -> None:
    """A session lying in its usual place is on the page without anybody importing it."""
    folder = Path(os.environ["HOME"]) / ".claude" / "projects" / "shop"
    folder.mkdir(parents=True)
    line = {
        "type": "assistant",
        "timestamp": "2026-11-20T10:00:00.000Z",
        "sessionId": "11111111-2222-3333-4444-555555555555",
        "requestId": "req_1",
        "uuid": "u1",
        "cwd": "/srv/shop",
        "message": {
            "id": "msg_1",
            "model": "claude-opus-5-5",
            "role": "assistant",
            "content": [],
            "stop_reason": "end_turn",
            "usage": {"input_tokens": 100, "output_tokens": 20},
        },
    }
    (folder / "s.jsonl").write_text(json.dumps(line) + "\n")
    with up("--sample-if-empty") as (told, _):
        known = owner(Path(told["data"]))
        assert known is not None
        assert known.url == told["url"]
        for _ in range(200):
            bill = json.loads(get(told["url"] + "/api/cost?by=project"))
            if bill["total"]["requests"]:
                break
            time.sleep(0.05)
        assert [row["project"] for row in bill["rows"]] == ["shop"]
        assert "Sample data" not in get(told["url"])


def test_an_empty_machine_gets_the_sample_if_asked() -> None:
    """With --sample-if-empty and nothing of its own, a machine shows the sample."""
    with up("--sample-if-empty") as (told, _):
        assert "Sample data" in get(told["url"])


def test_a_server_beyond_this_machine_needs_a_token() -> None:
    """Without a token the command refuses, says why, and exits 5."""
    ran = subprocess.run(
        [sys.executable, "-m", "pawl", "up", "--host", "0.0.0.0", "--port", "0"],
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 5
    assert "PAWL_TOKEN" in ran.stderr


def test_a_second_server_on_the_same_data_names_the_first() -> None:
    """The second `pawl up` says who owns the data and where it answers."""
    with up() as (told, _):
        ran = subprocess.run(
            [sys.executable, "-m", "pawl", "up", "--port", "0"], capture_output=True, text=True
        )
        assert ran.returncode == 3
        assert told["url"] in ran.stderr
