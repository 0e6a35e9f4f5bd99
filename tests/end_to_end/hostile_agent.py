#!/usr/bin/env python3
"""An agent that behaves as badly as a seed tells it to.

It is started under the name `claude` and speaks that program's stream, between garbage, floods,
daemons and refusals to end. HOSTILE_SEED chooses what it does; HOSTILE_MARK is put into every
process it leaves, in the environment or, where that is emptied, in the command line, so that a
test can find what got away. Nothing it starts outlives LIFETIME_S by itself.
"""

import json
import os
import random
import signal
import sys
import time

LIFETIME_S = 60
MARK = os.environ.get("HOSTILE_MARK", "unmarked")


class Agent:
    """One seeded misbehaviour after another."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.calls = 0
        self.session = f"00000000-0000-4000-8000-{dice.randrange(10**12):012d}"

    def write(self, data: bytes) -> None:
        while data:
            data = data[os.write(1, data) :]

    def say(self, value: object) -> None:
        self.write(json.dumps(value).encode() + b"\n")

    def init(self) -> None:
        self.say(
            {
                "type": "system",
                "subtype": "init",
                "session_id": self.session,
                "model": "claude-sonnet-4-5",
                "claude_code_version": "2.1.329",
                "tools": ["Bash"],
            }
        )

    def answer(self, content: dict[str, object]) -> None:
        self.calls += 1
        self.say(
            {
                "type": "assistant",
                "session_id": self.session,
                "request_id": f"req_{self.session}_{self.calls}",
                "parent_tool_use_id": None,
                "message": {
                    "id": f"msg_{self.session}_{self.calls}",
                    "model": "claude-sonnet-4-5",
                    "role": "assistant",
                    "content": [content],
                    "usage": {
                        "input_tokens": self.dice.choice([1, 100, 10_000]),
                        "output_tokens": self.dice.choice([1, 50, 5_000]),
                    },
                },
            }
        )

    def talk(self) -> None:
        self.answer({"type": "text", "text": "thinking " * self.dice.randrange(50)})

    def use_tool(self) -> None:
        name = self.dice.choice(["Bash", "Read", "WebFetch"])
        call = f"toolu_{self.calls}"
        self.answer({"type": "tool_use", "id": call, "name": name, "input": {"command": "ls"}})
        result = {"type": "tool_result", "tool_use_id": call, "content": "same", "is_error": False}
        message = {"role": "user", "content": [result]}
        self.say({"type": "user", "session_id": self.session, "message": message})

    def print_garbage(self) -> None:
        self.write(self.dice.randbytes(self.dice.randrange(1, 100_000)) + b"\n")

    def print_half_an_object(self) -> None:
        self.write(b'{"type": "assistant", "message": {"id": "msg_')

    def print_odd_json(self) -> None:
        odd = [b"null", b"[[" * 5000, b'{"type": 7}', b'{"type": "result"}', b'"\xed\xa0\x80"']
        self.write(self.dice.choice(odd) + b"\n")

    def print_a_long_line(self) -> None:
        for _ in range(self.dice.randrange(1, 200)):
            self.write(b"x" * 100_000)
        self.write(b"\n")

    def flood(self) -> None:
        until = time.monotonic() + self.dice.random()
        while time.monotonic() < until:
            self.write(b"flood\n" * 10_000)

    def complain(self) -> None:
        os.write(2, b"password=hunter2-is-secret " + self.dice.randbytes(2000) + b"\n")

    def close_stdout(self) -> None:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.close(null)

    def ignore_term(self) -> None:
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)

    def nap(self) -> None:
        time.sleep(self.dice.random() * 0.5)

    def leave_a_child(self) -> None:
        if os.fork() == 0:
            self.outlive(self.dice)

    def leave_a_daemon(self) -> None:
        pid = os.fork()
        if pid:
            os.waitpid(pid, 0)
            return
        os.setsid()
        if os.fork():
            os._exit(0)
        self.outlive(self.dice)

    def fork_storm(self) -> None:
        """Every process forks the next and goes: there is never one to hit for long."""
        if os.fork() == 0:
            until = time.monotonic() + 3
            os.setsid()
            while time.monotonic() < until:
                if os.fork():
                    os._exit(0)
                time.sleep(0.001)
            os._exit(0)

    def outlive(self, dice: random.Random) -> None:
        if dice.random() < 0.5:
            self.ignore_term()
        if dice.random() < 0.5:
            os.closerange(0, 256)
        if dice.random() < 0.3 and "HOSTILE_KEEPS_ENVIRONMENT" not in os.environ:
            # A clean environment: only parentage, or the name of the process, tells whose it is.
            os.execve("/bin/sleep", [f"sleep-{MARK}", str(LIFETIME_S)], {})
        signal.alarm(LIFETIME_S) if dice.random() < 0.5 else None
        time.sleep(LIFETIME_S)
        os._exit(0)

    def end(self) -> None:
        how = self.dice.choice(["result", "result", "error", "silence", "signal", "stay", "crash"])
        if how in ("result", "error"):
            self.say(
                {
                    "type": "result",
                    "subtype": "success",
                    "is_error": how == "error",
                    "result": "done",
                    "session_id": self.session,
                    "num_turns": self.calls,
                    "total_cost_usd": 0.01,
                    "usage": {"input_tokens": 1, "output_tokens": 1},
                }
            )
            sys.exit(how == "error")
        if how == "signal":
            os.kill(os.getpid(), self.dice.choice([signal.SIGKILL, signal.SIGSEGV]))
        if how == "stay":
            time.sleep(LIFETIME_S)
        sys.exit(0 if how == "silence" else self.dice.randrange(1, 256))


def main() -> None:
    """Do what the seed says."""
    dice = random.Random(int(os.environ.get("HOSTILE_SEED", "0")))
    agent = Agent(dice)
    tricks = [
        *(agent.talk, agent.use_tool) * 4,
        agent.print_garbage,
        agent.print_half_an_object,
        agent.print_odd_json,
        agent.print_a_long_line,
        agent.flood,
        agent.complain,
        agent.close_stdout,
        agent.ignore_term,
        agent.nap,
        agent.leave_a_child,
        agent.leave_a_daemon,
        agent.fork_storm,
    ]
    if dice.random() < 0.9:
        agent.init()
    for _ in range(dice.randrange(12)):
        dice.choice(tricks)()
    agent.end()


if __name__ == "__main__":
    main()
