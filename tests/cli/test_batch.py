"""`pawl batch` as a user starts it, over stand-in agents."""

import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest

PAWL = (sys.executable, "-P", "-m", "pawl")
CLAUDE = """#!/bin/sh
# Ids among the arguments are hexadecimal, so that they may hold the word alone.
case "$*" in *"-p bad"*) exit 9;; *slow*) touch "$PAWL_DATA/../slow"; sleep 60;; esac
cat > "$PAWL_DATA/../stdin" < /dev/stdin
echo '{"type":"result","subtype":"success","is_error":false,"result":"fine","total_cost_usd":0.01}'
"""


class Finished:
    """How a command ended."""

    def __init__(self, done: "subprocess.CompletedProcess[str]") -> None:
        self.status, self.stdout, self.stderr = done.returncode, done.stdout, done.stderr

    @property
    def json(self) -> dict[str, Any]:
        """stdout, which is one object."""
        found = msgspec.json.decode(self.stdout)
        assert isinstance(found, dict)
        return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with an agent in it."""
    agent = tmp_path / "claude"
    agent.write_text(CLAUDE)
    agent.chmod(0o755)
    return tmp_path


def batch(folder: Path, *words: str) -> Finished:
    """Run `pawl batch` in a folder."""
    return Finished(
        subprocess.run(
            (*PAWL, "batch", *words), cwd=folder, capture_output=True, text=True, timeout=120
        )
    )


def lines(path: Path) -> list[dict[str, Any]]:
    """Return the result lines in a file."""
    return [msgspec.json.decode(line) for line in path.read_bytes().splitlines()]


def test_a_batch_of_commands(folder: Path) -> None:
    """Texts stay one argument each, a failure is told by the status, and stdout is one object."""
    (folder / "items").write_text("a b; touch X\n$(touch Y)\nfail\n")
    script = 'test "$1" != fail && printf "<%s>" "$1"'
    done = batch(folder, "items", "--json", "--", "sh", "-c", script, "sh", "{item}")
    assert (done.status, done.json["exit"]) == (1, 1)
    assert (done.json["succeeded"], done.json["failed"]) == (2, 1)
    answers = {line["label"]: line["answer"] for line in lines(folder / "items.results.ndjson")}
    assert answers == {"a b; touch X": "<a b; touch X>", "$(touch Y)": "<$(touch Y)>", "fail": None}
    assert not (folder / "X").exists()
    assert not (folder / "Y").exists()
    assert "[3/3]" in done.stderr
    again = batch(folder, "items", "--json", "--", "sh", "-c", script, "sh", "{item}")
    assert (again.status, again.json["resumed"], again.json["attempts"]) == (1, 3, 0)


def test_limits_reach_every_run(folder: Path) -> None:
    """A budget is a reservation of the batch and a limit of each run; stdin is the item's."""
    (folder / "items.csv").write_text("id,what\none,x\ntwo,y\n")
    done = batch(
        *(folder, "items.csv", "--out", "out", "--max-usd", "0.05", "--max-usd-per-item", "0.04"),
        *("--timeout", "50s", "--stdin-template", "about {item.what}", "--json"),
        *("--", "./claude", "-p", "{item}"),
    )
    assert (done.status, done.json["succeeded"]) == (0, 2), done.stderr
    assert done.json["known_cost_micros"] == 20_000
    assert (folder / "stdin").read_text() == "about y"
    assert {line["item"]: line["cost_basis"] for line in lines(folder / "out")} == {
        "one": "reported", "two": "reported",
    }  # fmt: skip


def test_what_is_asked_wrongly_starts_nothing(folder: Path) -> None:
    """Bad files, templates and amounts exit 2 with the place, and leave no file."""
    (folder / "twice").write_text("x\ny\nx\n")
    (folder / "ok").write_text("x\n")
    for words, said in (
        (("none", "--", "true", "{item}"), "none: cannot be read"),
        (("twice", "--", "true", "{item}"), "line 1 and line 3"),
        (("ok", "--", "true"), "all items would do the same"),
        (("ok", "--", "true", "{item.name}"), "ok: line 1: the item has no name"),
        (("ok", "--max-usd", "1", "--", "true", "{item}"), "--max-usd-per-item"),
        (("ok", "--timeout", "soon", "--", "true", "{item}"), "--timeout: 'soon'"),
    ):
        done = batch(folder, *words)
        assert (done.status, done.stdout) == (2, ""), words
        assert said in done.stderr
    assert sorted(os.listdir(folder)) == ["claude", "home", "ok", "twice"]


def test_a_dry_run_shows_and_starts_nothing(folder: Path) -> None:
    """The command of each item is printed as a shell would read it, or as an array."""
    (folder / "items.ndjson").write_text('{"id":"a","prompt":"two words","cwd":"sub"}\n')
    words = ("items.ndjson", "--dry-run", "--", "touch", "{item}")
    assert batch(folder, *words).stdout == "a  (in sub)  touch 'two words'\n"
    plan = batch(folder, words[0], "--json", *words[1:]).json
    assert plan["items"] == [{"item": "a", "cwd": "sub", "command": ["touch", "two words"]}]
    assert sorted(os.listdir(folder)) == ["claude", "home", "items.ndjson"]


def test_an_unknown_program_is_refused_before_the_first_item(folder: Path) -> None:
    """What no item can do ends the batch at once, with every item left."""
    (folder / "items").write_text("x\ny\n")
    done = batch(folder, "items", "--json", "--", "no-such-program", "{item}")
    assert (done.status, done.json["left"]) == (5, 2)
    assert "no-such-program" in done.json["stopped"]["detail"]


def test_a_broken_setting_is_told_once(folder: Path) -> None:
    """`pawl.toml` that does not load exits 2 and eats no item."""
    (folder / "pawl.toml").write_text("[limits]\nwal = 3\n")
    (folder / "items").write_text("x\ny\n")
    done = batch(folder, "items", "--json", "--", "true", "{item}")
    assert (done.status, done.json["left"]) == (2, 2)
    assert "pawl.toml" in done.json["stopped"]["detail"]


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_batch_can_be_resumed(folder: Path, number: int, status: int) -> None:
    """The agents end in order, their items are left, and a second batch was refused meanwhile."""
    (folder / "items").write_text("slow\n")
    command = (*PAWL, "batch", "items", "--json", "--grace", "1s", "--", "./claude", "-p", "{item}")
    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        while not (folder / "slow").exists():
            assert process.poll() is None
            time.sleep(0.01)
        second = batch(folder, "items", "--", "./claude", "-p", "{item}")
        assert second.status == 5
        assert f"process {process.pid}" in second.stderr
        process.send_signal(number)
        stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == status, stderr
    told = msgspec.json.decode(stdout)
    assert (told["left"], told["stopped"]["by"]) == (1, "interrupted")
    assert not (folder / "items.results.ndjson").exists()
    (folder / "slow").unlink()
    (folder / "claude").write_text(CLAUDE.replace("sleep 60", "true"))
    resumed = batch(folder, "items", "--", "./claude", "-p", "{item}")
    told = (folder / "items.results.ndjson").read_text()
    assert resumed.status == 0, f"{resumed.stderr}\n{told}"


def test_a_terminal_gets_a_bar(folder: Path) -> None:
    """On a terminal stderr shows one bar with cost and time left, and the failures as lines."""
    (folder / "items").write_text("good\nbad\n")
    own, theirs = pty.openpty()
    shown = b""
    with subprocess.Popen(
        (*PAWL, "batch", "items", "--", "./claude", "-p", "{item}"),
        cwd=folder,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "120"},
        stdout=subprocess.PIPE,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        try:
            while chunk := os.read(own, 65536):
                shown += chunk
        except OSError:
            pass  # How Linux says that nobody has the other end any more.
        finally:
            os.close(own)
        stdout, _ = process.communicate(timeout=120)
    text = shown.decode()
    assert process.returncode == 1
    assert stdout == b""
    assert "2/2" in text
    assert "1 not succeeded" in text
    assert "agent_failed" in text
    assert "ETA" in text


def test_only_a_run_id_of_ours_is_taken(folder: Path) -> None:
    """The id that a batch gives a run names a folder, so nothing else may stand there."""
    done = subprocess.run(
        (*PAWL, "run", "--run-id", "../../x", "--", "true"), cwd=folder, capture_output=True
    )
    assert done.returncode == 2
    assert b"--run-id" in done.stderr
