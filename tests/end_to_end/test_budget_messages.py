"""A run reaches a share of a budget, and the server of another process tells the channel."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from standardwebhooks.webhooks import Webhook
from tests.end_to_end.test_alerts_live import SECRET, asked, configured, serving, until
from tests.world.notify.receivers import Received, http_receiver

AGENT = """#!{python} -IS
import json, os
name = "%d" % os.getpid()
def say(value):
    os.write(1, json.dumps(value).encode() + b"\\n")
say({{"type": "system", "subtype": "init", "session_id": name, "model": "claude-sonnet-4-5"}})
say({{"type": "assistant", "session_id": name, "request_id": "r" + name,
     "message": {{"id": "m" + name, "model": "claude-sonnet-4-5", "role": "assistant",
                 "content": [{{"type": "text", "text": "hi"}}],
                 "usage": {{"input_tokens": 100000, "output_tokens": 5000}}}}}})
say({{"type": "result", "subtype": "success", "is_error": False, "result": "done",
     "session_id": name, "num_turns": 1}})
"""
"""One answer of 0.375 USD: 100,000 tokens in at 3 USD and 5,000 out at 15 USD a million."""


def run(data: Path, agent: Path) -> str:
    """Run the agent once, as a person would; return what was said on stderr."""
    done = subprocess.run(
        [sys.executable, "-m", "pawl", "--data", str(data), "run", "--", str(agent), "-p", "x"],
        cwd=agent.parent, env={**os.environ, "HOME": str(agent.parent)}, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stderr


def messages(received: Received) -> list[Any]:
    """Return what came in, each with a signature that holds."""
    return [Webhook(SECRET).verify(body, headers) for _, headers, body in received.requests]


def test_runs_reach_shares_and_the_receiver_is_told_once_of_each(tmp_path: Path) -> None:
    """80 % by the first run, 100 % by the second; the third and a new server tell nothing."""
    data, agent = tmp_path / "machine", tmp_path / "work" / "claude"
    agent.parent.mkdir()
    agent.write_text(AGENT.format(python=sys.executable))
    agent.chmod(0o755)
    with http_receiver() as received:
        configured(data, received)
        with (data / "pawl.toml").open("a") as file:
            # Nothing else may come in between.
            file.write('[alerts]\nbudgets = ["hook"]\n[[alerts.routes]]\nto = []\n')
        (data / "budgets.toml").write_text(
            '[[budgets]]\nname = "shop"\nscope = "organisation"\nsoft_usd = 0.45\n'
        )
        assert "80 % of its soft limit of $0.4500 is reached" in run(data, agent)
        with serving(data) as (_, url):
            until(lambda: received.requests)
            assert "100 % of its soft limit" in run(data, agent)
            until(lambda: len(received.requests) > 1)
            assert "is reached" not in run(data, agent)
        with serving(data) as (_, again):
            until(lambda: _sent(again) == 2)
        told = messages(received)
    assert [each["level"] for each in told] == ["warning", "critical"]
    assert len({headers["webhook-id"] for _, headers, _ in received.requests}) == 2
    first = told[0]["alerts"][0]
    assert "The budget shop (organisation, 20" in first["summary"]
    assert "It renews at 20" in first["summary"]
    assert (first["rule"], first["rows"][0][0]) == ("budget", "run")
    assert told[0]["link"] == f"{url}/budgets"


def _sent(url: str) -> int:
    (channel,) = asked(f"{url}/api/alerts")["channels"]
    return int(channel["sent"])


def test_a_broken_file_keeps_it_due_and_says_so(tmp_path: Path) -> None:
    """The run is not harmed; mended, the next look tells."""
    data, agent = tmp_path / "machine", tmp_path / "work" / "claude"
    agent.parent.mkdir()
    agent.write_text(AGENT.format(python=sys.executable))
    agent.chmod(0o755)
    data.mkdir()
    (data / "pawl.toml").write_text("[alerts\n")
    (data / "budgets.toml").write_text(
        '[[budgets]]\nname = "shop"\nscope = "organisation"\nsoft_usd = 0.3\n'
    )
    assert "nobody can be told yet" in run(data, agent)
    (data / "pawl.toml").unlink()
    listed = subprocess.run(
        [sys.executable, "-m", "pawl", "--data", str(data), "budgets", "--json"],
        cwd=agent.parent, env={**os.environ, "HOME": str(agent.parent)}, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert [notice["percent"] for notice in json.loads(listed.stdout)["notices"]] == [100]
