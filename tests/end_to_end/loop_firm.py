"""A firm whose agents work by a prompt that `pawl change` rolls out, for the story of a whole loop.

The prompt is the production checkout's CLAUDE.md: the executor of rollouts writes it, and the real
agent reads it. The model is scripted, and does what the prompt that it is sent says.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.end_to_end.change_rig import Firm
from tests.end_to_end.fake_model import (
    FakeModel,
    Match,
    Request,
    Script,
    repeat,
    text,
    tool,
    without_tools,
)
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
FINISHED = (
    ("class: behaviour", "class: guard"),
    ("setup:\n", "setup:\n  workspace: shop\n"),
    ("run:\n", "run:\n  arguments: [--allowedTools, Bash]\n"),
    (
        "assert:\n",
        "trials: {k: 1, confirm: 1, pool: 1}\n"
        "assert:\n- {contains: the check fails, ignore_case: true}\n",
    ),
)
"""How the draft of the case is finished: a workspace, and what a right answer says."""
UPDATE = (
    "{id: evals, condition: evals-hold, domain: quality, applies: {works: [prompt]},"
    " several: newest, source: The incident.}"
)
WRITTEN = (
    ("## Impact\n", "## Impact\n\nNobody outside was hurt.\n"),
    ("## Which control failed\n", "## Which control failed\n\nNo gate asked for evals.\n"),
    ("- Class:", "- Class: prompt"),
    ("- Component:", f"- Component: {PROMPT}"),
    ("- Trigger:", "- Trigger: change"),
    ("control:", "control: an eval case"),
)
"""What people write into the postmortem's draft."""
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
        self.run_told: dict[str, Any] = {}
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

    @property
    def production(self) -> Path:
        """Where agents work."""
        return self.place.parent / "production" / "shop"

    @property
    def deployed(self) -> Path:
        """What agents are told there."""
        return self.production / "CLAUDE.md"

    def deploy(self) -> None:
        """Set up the machine: the executor, the alert that declares, and everybody's token."""
        folder = self.place.parent
        self.git("clone", "-q", str(self.place), str(self.production))
        for name, source in (("put.py", PUT), ("get.py", GET)):
            (folder / name).write_text(source)
        put, get = (
            json.dumps([sys.executable, str(folder / each), str(self.production)])
            for each in ("put.py", "get.py")
        )
        self.data.mkdir(exist_ok=True)
        (self.data / "pawl.toml").write_text(
            f"[changes]\nrepository = {json.dumps(str(self.place))}\n\n"
            f"[changes.executors.command]\nargv = {put}\nread_back = {get}\n\n"
            '[[alerts.routes]]\nto = []\nrules = ["run-stopped"]\n'
            'levels = ["critical", "warning"]\ndeclare = 2\n'
        )
        people = dict(self.people)
        for name, own in self.people.items():
            scopes = "read,operate,evidence,change,approve,incident"
            made = self.told("token", "create", "--person", name, "--scopes", scopes)
            self.tokens[name] = made["secret"]
            people[name] = (*own, f"token:{made['id']}")
        self.people = people
        self.commit({".pawl/roster.yaml": self.roster()})

    def work(self) -> int:
        """Let the real agent do its work in production, supervised; return the exit status."""
        run = [sys.executable, "-m", "pawl", "run", "--project", "shop", "--json", "--"]
        asked = ["-p", "Check the shop.", "--model", MODEL, "--allowedTools", "Bash"]
        ran = subprocess.run(
            [*run, *self.agent.claude(*asked)],
            cwd=self.production,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        told: dict[str, Any] = json.loads(ran.stdout) if ran.stdout else {}
        self.run_told = {**told, "stderr": ran.stderr}
        return ran.returncode

    def opened(self, text: str = "main..HEAD", *more: str) -> str:
        """Open a change of a range of commits that the program brings out; submit it, linted."""
        plan = ("--stage", "all=1", "--executor", "command", "--back-by", "command")
        change = str(self.told("change", "new", "--from-diff", text, *plan, *more)["change"]["id"])
        self.lint(change)
        self.told("change", "submit", change)
        return change

    def proposed(self, prompt: str, branch: str, *more: str) -> str:
        """Propose a prompt on a branch of its own; return the change."""
        self.git("checkout", "-q", "-B", branch, "main")
        self.commit({"CLAUDE.md": prompt})
        return self.opened(f"main..{branch}", *more)

    def lesson(self, incident: str) -> Path:
        """Draft the case from the run that went wrong, finish it, and write what is learned."""
        self.run(
            *("eval", "new", "--from-run", self.first_stopped(), "--owner", "shop"),
            *("--id", "one-check", "--incident", incident, "--covers", "CLAUDE.md"),
            *("--prompt", "Check the shop."),
        )
        assert "cannot be read" not in self.err
        case = self.place / ".pawl" / "evals" / "one-check.yaml"
        text = case.read_text()
        assert "args_match: \\./check\\.sh" in text
        for before, after in FINISHED:
            assert before in text
            text = text.replace(before, after)
        case.write_text(text)
        check = case.parent / "shop" / "check.sh"
        check.parent.mkdir()
        check.write_text(CHECK)
        check.chmod(0o755)
        told = {
            "incidentId": incident,
            "rootCause": "nothing tried the prompt before it went out",
            "newEvalCases": [".pawl/evals/one-check.yaml"],
            "gateUpdates": [UPDATE],
            "owner": "ada",
        }
        path = self.place.parent / "learning.json"
        path.write_text(json.dumps(told))
        return path

    def first_stopped(self) -> str:
        """Return the id of the run that a limit stopped."""
        runs = self.told("runs", "list")["runs"]
        return str(next(each["run_id"] for each in runs if each["outcome"] == "stopped"))

    def published(self, incident: str, lesson: Path) -> None:
        """Write the postmortem on top of its draft, and publish it."""
        text = self.run("incident", "postmortem", incident, "--owner", "grace")
        for before, after in WRITTEN:
            assert before in text
            text = text.replace(before, after)
        paper = self.place.parent / "paper.md"
        paper.write_text(f"{text}\n```json\n{lesson.read_text()}\n```\n")
        steps = ("--edit", str(paper), "--ask-review", "--publish")
        told = self.told("incident", "postmortem", incident, *steps)
        assert told["postmortem"]["state"] == "published"

    def proved(self, case: str) -> None:
        """Record an agent that does nothing and one that does right, bless, and commit it all."""
        self.run("eval", "record", case, "--null")
        (trial,) = self.told("eval", "record", case, "-n", "1")["trials"]
        self.run("eval", "record", case, "--oracle", trial["address"])
        self.run("eval", "bless", "--reason", "It checks once.")
        assert self.told("eval", "grade")["verdict"] == "pass"
        self.commit({})

    def evals(self, change: str, *, status: int) -> str:
        """Try the cases on what is checked out, hand over what they say, return the verdict."""
        out = self.run("eval", "run", "--json", status=status)
        path = self.place.parent / "evals.json"
        path.write_text(out)
        self.told("change", "evidence", "add", change, str(path))
        return str(json.loads(out)["verdict"])

    def tidy(self) -> None:
        """Leave nothing of trials in the tree."""
        self.git("clean", "-fdq", ".pawl")
        self.git("checkout", "-q", "--", ".")
