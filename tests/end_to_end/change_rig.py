"""A small firm with a real repository, real keys and the real command, one process each time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.cli.made_shop import GATES, Shop

ROOT = Path(__file__).resolve().parents[2]
SERVE = """\
import json, os, sys
place, order = sys.argv[1], json.load(sys.stdin)
there = json.load(open(place)) if os.path.exists(place) else {}
there.update(order["parts"])
with open(place + ".new", "w") as file:
    json.dump(there, file)
os.replace(place + ".new", place)
"""
SHOW = 'import sys; print(\'{"parts": \' + open(sys.argv[1]).read() + "}")'


class Firm(Shop):
    """People with keys, their policy on main, and commands that are processes of their own.

    `grants` say who is what; `people` are identities of somebody beside their key.
    """

    def __init__(
        self,
        folder: Path,
        *,
        grants: Mapping[str, tuple[str, ...]],
        people: Mapping[str, tuple[str, ...]],
        gates: str = GATES,
        agents: Mapping[str, str] | None = None,
        records: str = "",
    ) -> None:
        self.place = folder / "shop"
        self.place.mkdir(parents=True)
        self.keys = folder / "keys"
        self.data = folder / "data"
        self.home = folder / "home"
        self.home.mkdir(exist_ok=True)
        self.grants, self.people, self.agents = grants, people, agents or {}
        self.more: dict[str, str] = {"PAWL_RECORDS_URL": records} if records else {}
        self.git("init", "-q", "-b", "main")
        self.git("config", "user.email", "ada@example.com")
        self.git("config", "user.name", "Ada")
        self.commit(
            {
                ".pawl/roster.yaml": self.roster(),
                ".pawl/gates.yaml": gates,
                ".pawl/allowed_signers": self.signers(*people),
                "CLAUDE.md": "Be kind.\n",
            }
        )

    @property
    def environment(self) -> dict[str, str]:
        """Nothing of whoever runs the tests but where programs are."""
        kept = {name: os.environ[name] for name in ("PATH", "TMPDIR", "LANG") if name in os.environ}
        return {
            **kept,
            "HOME": str(self.home),
            "PAWL_DATA": str(self.data),
            "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
            "GIT_CONFIG_NOSYSTEM": "1",
            **self.more,
        }

    def roster(self) -> str:
        """Return who is who."""
        lines = ["schema: pawl.roster/1", "people:"]
        for name, own in self.people.items():
            every = [f"ssh:{self.fingerprint(name)}", *own]
            lines.append(f"  - {{id: {name}, identities: {json.dumps(every)}}}")
        for name, sponsor in self.agents.items():
            own_one = json.dumps([f"git:{name}@example.com"])
            lines.append(
                f"  - {{id: {name}, kind: agent, sponsor: {sponsor}, identities: {own_one}}}"
            )
        lines.append("grants:")
        for name, roles in self.grants.items():
            lines += [f"  - {{person: {name}, role: {role}}}" for role in roles]
        return "\n".join(lines) + "\n"

    def begin(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command and leave it running."""
        return subprocess.Popen(
            (sys.executable, "-m", "pawl", *arguments),
            cwd=self.place,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, status: int = 0) -> str:
        """Run a command, which must end with a status, and return what it prints."""
        process = self.begin(*arguments)
        out, self.err = process.communicate(timeout=120)
        assert process.returncode == status, f"{process.returncode}\n{out}\n{self.err}"
        return out

    def gates(self, change: str, moment: str = "approve", *, status: int) -> dict[str, str]:
        """Return how each gate stands, by its id."""
        told = self.told("gate", "check", change, "--moment", moment, status=status)
        return {each["gate"]: each["requirement"] for each in told["decision"]["gates"]}

    def counted(self, change: str) -> dict[str, str]:
        """Return how each answer of a change counts now, by who gave it."""
        decision = self.told("gate", "check", change, status=1)["decision"]
        return {each["person"]: each["state"] for each in decision["answers"]}

    def entries(self) -> list[dict[str, Any]]:
        """Return every entry of the ledger, as it is exported."""
        return [json.loads(line) for line in self.run("ledger", "export").splitlines()]

    def serve(self) -> Path:
        """Set up a program that rolls out into a file of JSON, and return the file."""
        folder = self.place.parent
        served = folder / "served.json"
        served.write_text("{}")
        for name, text in (("put.py", SERVE), ("get.py", SHOW)):
            (folder / name).write_text(text)
        argv = [[sys.executable, str(folder / each), str(served)] for each in ("put.py", "get.py")]
        self.data.mkdir(exist_ok=True)
        (self.data / "pawl.toml").write_text(
            f"[changes]\nrepository = {json.dumps(str(self.place))}\n\n"
            f"[changes.executors.command]\nargv = {json.dumps(argv[0])}\n"
            f"read_back = {json.dumps(argv[1])}\n"
        )
        return served


def firm(folder: Path, **other: Any) -> Firm:
    """Return Ada who writes, and Grace and Eve who answer for prompts."""
    fields: dict[str, Any] = {
        "people": {
            "ada": ("git:ada@example.com",),
            "grace": ("git:grace@example.com",),
            "eve": ("git:eve@example.com",),
        },
        "grants": {
            "ada": ("product-eng",),
            "grace": ("product-lead", "security-lead"),
            "eve": ("product-lead",),
        },
    }
    return Firm(folder, **{**fields, **other})


def until(holds: Callable[[], bool], *, patience_s: float = 60.0) -> None:
    """Wait until something holds."""
    give_up = time.monotonic() + patience_s
    while not holds():
        assert time.monotonic() < give_up
        time.sleep(0.05)
