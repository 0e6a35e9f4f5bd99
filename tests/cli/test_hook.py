"""The hook asks the supervisor, refuses when it cannot, and never allows by itself."""

import json
import os
import selectors
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest

from pawl.cli import hook
from pawl.runs.outside import Asked
from pawl.world.hook_socket import MAX_QUESTION_BYTES, HookSocket

QUESTION = {"tool_name": "Bash", "tool_input": {"command": "ls"}, "tool_use_id": "toolu_1"}
COMMAND = (sys.executable, "-I", "-S", hook.__file__, "pre-tool-use")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[HookSocket]:
    server = HookSocket("right", str(tmp_path))
    yield server
    server.close()


def ask(
    server: HookSocket,
    answer: Callable[[Asked], dict[str, object]],
    *,
    token: str = "right",
    question: bytes | None = None,
) -> tuple[int, str, str]:
    environment = {**os.environ, "PAWL_HOOK_SOCKET": server.path, "PAWL_HOOK_TOKEN": token}
    with selectors.DefaultSelector() as selector:
        server.attach(selector)
        process = subprocess.Popen(
            COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
        )
        with process:
            assert process.stdin is not None
            assert process.stdout is not None
            assert process.stderr is not None
            process.stdin.write(json.dumps(QUESTION).encode() if question is None else question)
            process.stdin.close()
            while process.poll() is None:
                for key, _ in selector.select(0.02):
                    for asked in key.data():
                        reply = json.dumps(answer(asked)).encode()
                        server.answer(asked.ticket, reply)
            stdout, stderr = process.stdout.read().decode(), process.stderr.read().decode()
        return process.returncode, stdout, stderr


def test_a_denied_call_is_refused_with_its_reason(server: HookSocket) -> None:
    """The reason goes to the model, in the words Claude Code reads."""
    code, stdout, _ = ask(server, lambda _: {"allow": False, "reason": "not Bash"})
    told = json.loads(stdout)["hookSpecificOutput"]
    assert code == 0
    assert told == {
        "hookEventName": "PreToolUse",
        "permissionDecision": "deny",
        "permissionDecisionReason": "not Bash",
    }


def test_an_allowed_call_is_left_to_the_agents_own_rules(server: HookSocket) -> None:
    """Nothing is printed: a word of ours must not overrule the user's own ask or deny."""
    seen: list[bytes] = []

    def allow(asked: Asked) -> dict[str, object]:
        seen.append(asked.body)
        return {"allow": True}

    assert ask(server, allow) == (0, "", "")
    assert json.loads(seen[0]) == QUESTION


def test_a_wrong_token_is_hung_up_on_and_refuses(server: HookSocket) -> None:
    """Whoever cannot name the token gets no answer, and no answer is a no."""
    code, stdout, stderr = ask(server, lambda _: {"allow": True}, token="wrong")
    assert (code, stdout) == (2, "")
    assert "did not answer" in stderr


def test_a_question_too_large_to_check_is_refused(server: HookSocket) -> None:
    """An input beyond the bound cannot be judged, so it may not pass."""
    code, _, stderr = ask(
        server, lambda _: {"allow": True}, question=b"x" * (MAX_QUESTION_BYTES + 10)
    )
    assert code == 2
    assert "too large" in stderr


def test_a_dead_supervisor_refuses() -> None:
    """A socket that nobody listens on fails closed."""
    environment = {**os.environ, "PAWL_HOOK_SOCKET": "/nowhere/hook"}
    done = subprocess.run(COMMAND, input=b"{}", capture_output=True, env=environment, check=False)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"Refused by pawl" in done.stderr


def test_outside_a_run_there_is_nothing_to_say() -> None:
    """Without a run the hook is not ours: no output, status 0."""
    environment = {k: v for k, v in os.environ.items() if k != "PAWL_HOOK_SOCKET"}
    done = subprocess.run(COMMAND, input=b"{}", capture_output=True, env=environment, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_the_hook_imports_nothing_heavy() -> None:
    """An agent waits for this start before every tool call."""
    code = (
        f"import sys, runpy; sys.argv = [{hook.__file__!r}, 'pre-tool-use']\n"
        f"try: runpy.run_path({hook.__file__!r}, run_name='__main__')\n"
        "except SystemExit: pass\n"
        "print(*sorted(sys.modules))"
    )
    done = subprocess.run(
        (sys.executable, "-I", "-c", code), capture_output=True, text=True, check=True, env={}
    )
    loaded = set(done.stdout.split())
    assert not loaded & {"click", "msgspec", "sqlalchemy", "asyncio", "subprocess", "pawl"}


def test_the_command_line_has_the_hook_too() -> None:
    """`pawl hook --help` explains it like any other command."""
    assert isinstance(hook.command, click.Command)
    with pytest.raises(AttributeError):
        hook.nothing_else  # noqa: B018


def test_many_askers_wait_for_their_turn(server: HookSocket) -> None:
    """More connections than are taken at once are queued, not refused."""
    import socket

    waiting = []
    with selectors.DefaultSelector() as selector:
        server.attach(selector)
        for _ in range(20):
            client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            client.connect(server.path)
            client.sendall(b"right\n{}")
            client.shutdown(socket.SHUT_WR)
            waiting.append(client)
        answered = 0
        for _ in range(500):
            server.look()
            for key, _ in selector.select(0.01):
                for asked in key.data():
                    server.answer(asked.ticket, b"ok")
                    answered += 1
            if answered == 20:
                break
        for client in waiting:
            assert client.recv(10) == b"ok"
            client.close()
