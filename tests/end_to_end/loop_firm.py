"""A firm whose agents work by a prompt that `pawl change` rolls out, for the story of a whole loop.

The prompt is the production checkout's CLAUDE.md: the executor of rollouts writes it, and the real
agent reads it. The model is scripted, and does what the prompt that it is sent says.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.end_to_end.change_rig import Firm
from tests.end_to_end.fake_model import FakeModel, Match, Request, Script, repeat, text, tool
from tests.end_to_end.fake_model import without_tools
from tests.end_to_end.model_script import Usage
from tests.end_to_end.rig import AgentHome

MODEL = "claude-sonnet-4-5"
PROMPT = "prompt/CLAUDE.md"
GOOD = "Run ./check.sh once. When it fails, say so and stop.\n"
BAD = "Run ./check.sh again and again until it passes.\n"
FIXED = f"{GOOD}Never run a check that failed a second time.\n"
CHECK = "#!/bin/sh\necho '1 failed: test_add'\nexit 1\n"
SAID = "The check fails: 1 failed."
GATES = """\
schema: pawl.gates/1
version: "1"
as_of: 2026-11-21
gates:
  - {id: lint, condition: lint-is-clean, domain: quality, several: newest, source: Ours.}
  # What incidents left to do comes first.
  - {id: actions, condition: incident-actions-are-done, domain: safety, source: Ours.}
"""
ONCALL = """\
schema: pawl.oncall/1
rotations: [{id: primary, members: [grace, eve], starts: 2026-01-05, days: 7}]
escalation: [{after_s: 0, page: primary}]
"""
PUT = """\
import json, os, sys
order = json.load(sys.stdin)
served = sys.argv[1] + "/../served.json"
there = json.load(open(served)) if os.path.exists(served) else {}
there.update(order["parts"])
json.dump(there, open(served + ".new", "w"))
os.replace(served + ".new", served)
if "prompt/CLAUDE.md" in there:
    open(sys.argv[1] + "/CLAUDE.md", "w").write(there["prompt/CLAUDE.md"]["text"])
"""
GET = """\
import json, os, sys
served = sys.argv[1] + "/../served.json"
there = json.load(open(served)) if os.path.exists(served) else {}
there["prompt/CLAUDE.md"] = {"type": "prompt", "text": open(sys.argv[1] + "/CLAUDE.md").read()}
print(json.dumps({"parts": there}))
"""


def _says(words: str) -> Match:
    """Return whether a request holds these words, in the prompt that it carries or in results."""

    def match(request: Request) -> bool:
        return words in json.dumps(request.body)

    return match


def obedient() -> FakeModel:
    """Return a model that does as the prompt says: what it does hangs on what it was sent."""
    check = tool("Bash", {"command": "./check.sh"})
    return FakeModel(
        Script([repeat(check)]),
        rules=[
            Script([repeat(text("A title", Usage()))], name="side", when=without_tools),
            Script([repeat(check)], name="stubborn", when=_says("again and again until")),
            Script([repeat(text(SAID))], name="said", when=_says("1 failed: test_add")),
        ],
    )


class LoopFirm(Firm):
    """Ada writes; Grace and Eve answer for prompts and have tokens of the team's server."""

    def __init__(self, folder: Path, home: AgentHome) -> None:
        self.agent = home
        super().__init__(
            folder,
            people={
                "ada": ("git:ada@example.com",),
                "grace": ("git:grace@example.com",),
                "eve": ("git:eve@example.com",),
            },
            grants={
                "ada": ("product-eng", "security-eng"),
                "grace": ("product-lead", "security-lead", "platform-lead", "incident-commander"),
                "eve": ("product-lead", "incident-commander"),
            },
            gates=GATES,
        )
        self.commit({"CLAUDE.md": GOOD, ".pawl/oncall.yaml": ONCALL, "check.sh": CHECK})
        (self.place / "check.sh").chmod(0o755)
        self.commit({})
        self.tokens: dict[str, str] = {}
        self.url = ""

    @property
    def environment(self) -> dict[str, str]:
        """That of the agent, with the firm's own data."""
        own = super().environment
        return {**self.agent.env(), **own, "PATH": self.agent.env()["PATH"]}

    def as_(self, name: str) -> Mapping[str, str]:
        """Give the next commands to the team's server, as somebody; "" is this machine itself."""
        for each in ("PAWL_SERVER", "PAWL_TOKEN"):
            self.more.pop(each, None)
        if name:
            self.more |= {"PAWL_SERVER": self.url, "PAWL_TOKEN": self.tokens[name]}
        return self.more

    def deploy(self, hook: str) -> Path:
        """Set up the machine: executor, alert, channel and tokens; return the deployed prompt."""
        folder = self.place.parent
        production = folder / "production" / "shop"
        self.git("clone", "-q", str(self.place), str(production))
        deployed = production / "CLAUDE.md"
        for name, source in (("put.py", PUT), ("get.py", GET)):
            (folder / name).write_text(source)
        argv = [[sys.executable, str(folder / each), str(production)] for each in ("put.py", "get.py")]
        self.data.mkdir(exist_ok=True)
        (self.data / "pawl.toml").write_text(
            f"[changes]\nrepository = {json.dumps(str(self.place))}\n\n"
            f"[changes.executors.command]\nargv = {json.dumps(argv[0])}\n"
            f"read_back = {json.dumps(argv[1])}\n\n"
            f'[alerts.channels.team]\nkind = "webhook"\nurl = "{hook}"\nsecret = "HOOK_SECRET"\n\n'
            '[[alerts.routes]]\nto = ["team"]\nrules = ["incident"]\n\n'
            '[[alerts.routes]]\nto = ["team"]\nrules = ["run-stopped"]\n'
            'levels = ["critical", "warning"]\ndeclare = 2\n'
        )
        for name in self.people:
            scopes = "read,operate,evidence,change,approve,incident"
            made = self.told("token", "create", "--person", name, "--scopes", scopes)
            self.tokens[name] = made["secret"]
            self.people[name] = (*self.people[name], f"token:{made['id']}")
        self.commit({".pawl/roster.yaml": self.roster()})
        return deployed

    def work(self) -> int:
        """Let the real agent do a day's work in production, supervised; return the exit status."""
        command = [sys.executable, "-m", "pawl", "run", "--project", "shop", "--json", "--"]
        asked = ["-p", "Check the shop.", "--model", MODEL, "--allowedTools", "Bash"]
        production = self.place.parent / "production" / "shop"
        ended = _in(production, [*command, *self.agent.claude(*asked)], self.environment)
        self.run_told = ended
        return int(ended["exit_code"])

    def proposed(self, prompt: str, branch: str, *more: str) -> str:
        """Propose a prompt on a branch of its own, with clean files; return the change."""
        self.git("checkout", "-q", "-B", branch, "main")
        self.commit({"CLAUDE.md": prompt})
        plan = ("--stage", "all=1", "--executor", "command", "--back-by", "command")
        told = self.told("change", "new", "--from-diff", f"main..{branch}", *plan, *more)
        change = str(told["change"]["id"])
        self.lint(change)
        self.told("change", "submit", change)
        return change


def _in(place: Path, command: list[str], environment: Mapping[str, str]) -> dict[str, Any]:
    import subprocess

    ran = subprocess.run(
        command, cwd=place, env=dict(environment), capture_output=True, text=True, timeout=120
    )
    told: dict[str, Any] = json.loads(ran.stdout) if ran.stdout else {"stderr": ran.stderr}
    return {**told, "exit_code": ran.returncode, "said": ran.stderr}
