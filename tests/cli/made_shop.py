"""A repository with policy, people and keys on its protected branch, for tests of commands."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from pawl.cli.main import main

GATES = """\
schema: pawl.gates/1
version: "1"
as_of: 2026-11-21
gates:
  - {id: lint, condition: lint-is-clean, domain: quality, several: newest, source: Ours.}
"""
TERMS = Path(__file__).parents[2] / "src/pawl/changes/terms.yaml"


class Shop:
    """A repository, and commands in it. Ada writes; Grace and Eve have keys."""

    def __init__(self, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.place = place
        self.capsys = capsys
        self.keys = place.parent / "keys"

    def git(self, *arguments: str, email: str = "ada@example.com") -> str:
        """Run git and return what it prints."""
        ran = subprocess.run(
            ("git", "-C", self.place, "-c", f"user.email={email}", *arguments),
            check=True,
            capture_output=True,
            text=True,
            env={**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"},
        )
        return ran.stdout.strip()

    def commit(self, files: dict[str, str | None], *, email: str = "ada@example.com") -> None:
        """Write files, None being one that goes, and commit all."""
        for name, text in files.items():
            path = self.place / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if text is None:
                path.unlink()
            else:
                path.write_text(text)
        self.git("add", "-A")
        self.git("commit", "-qm", "A change", email=email)

    def key(self, name: str) -> Path:
        """Return the private key of somebody; the first time it is made."""
        path = self.keys / name
        if not path.exists():
            self.keys.mkdir(exist_ok=True)
            made = ("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", path)
            subprocess.run(made, check=True)
        return path

    def fingerprint(self, name: str) -> str:
        """Return the fingerprint of somebody's key, such as SHA256:..."""
        shown = subprocess.run(
            ("ssh-keygen", "-lf", f"{self.key(name)}.pub"),
            check=True,
            capture_output=True,
            text=True,
        )
        return shown.stdout.split()[1]

    def roster(self) -> str:
        """Return who is who."""
        return (
            "schema: pawl.roster/1\npeople:\n"
            '  - {id: ada, identities: ["git:ada@example.com"]}\n'
            f'  - {{id: grace, identities: ["ssh:{self.fingerprint("grace")}"]}}\n'
            f'  - {{id: eve, identities: ["ssh:{self.fingerprint("eve")}"]}}\n'
            '  - {id: coder, kind: agent, sponsor: ada, identities: ["git:coder@example.com"]}\n'
            "grants:\n"
            "  - {person: grace, role: product-lead}\n"
            "  - {person: grace, role: security-lead}\n"
            "  - {person: ada, role: product-eng}\n"
        )

    def signers(self, *names: str) -> str:
        """Return the list of keys that count."""
        return "".join(
            f'{name} namespaces="pawl-approval@v1" {Path(f"{self.key(name)}.pub").read_text()}'
            for name in names
        )

    def run(self, *arguments: str, status: int = 0) -> str:
        """Run a command, which must end with a status, and return what it prints."""
        self.capsys.readouterr()
        found = main(list(arguments))
        said = self.capsys.readouterr()
        assert found == status, f"{found}\n{said.out}\n{said.err}"
        self.err = said.err
        return said.out

    def told(self, *arguments: str, status: int = 0) -> Any:
        """Run a command with --json and return its object."""
        return json.loads(self.run(*arguments, "--json", status=status))

    def opened(self, text: str = "Be brief.\n") -> str:
        """Open a change of the prompt on a branch `work`, and return its id."""
        self.git("checkout", "-q", "-B", "work", "main")
        self.commit({"CLAUDE.md": text})
        return str(self.told("change", "new", "--from-diff", "main..HEAD")["change"]["id"])

    def reviewed(self) -> str:
        """Open a change with clean files, and submit it."""
        change = self.opened()
        self.lint(change)
        assert self.told("change", "submit", change)["change"]["state"] == "in-review"
        return change

    def lint(self, change: str, *, failing: int = 0) -> Any:
        """Hand over what `pawl lint` would say."""
        path = self.place.parent / "lint.json"
        said = {
            "schema": "pawl.lint/1", "failing": failing, "fail_at": "high", "unread": [],
            "looked_at": {"instructions": 1}, "unseen": [], "failed_rules": {},
        }  # fmt: skip
        path.write_text(json.dumps(said))
        return self.told("change", "evidence", "add", change, str(path))

    def approved(self) -> str:
        """Open a change, submit it, and approve it as Grace."""
        change = self.reviewed()
        assert self.approve(change, "grace")["change"]["state"] == "approved"
        return change

    def approve(self, change: str, name: str, *more: str, status: int = 0) -> Any:
        """Approve what a change is now, signed with somebody's key."""
        digest = self.told("change", "show", change)["asked"]["digest"]
        key = str(self.key(name))
        return self.told(
            *("change", "approve", change, "--digest", digest[:12], "--ssh-key", key, *more),
            status=status,
        )


def made_shop(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Shop:
    """Return a shop with its policy on main, and go there."""
    place = folder / "shop"
    place.mkdir()
    shop = Shop(place, capsys)
    shop.git("init", "-q", "-b", "main")
    shop.git("config", "user.email", "ada@example.com")
    shop.git("config", "user.name", "Ada")
    monkeypatch.chdir(place)
    monkeypatch.setenv("PAWL_DATA", str(folder / "data"))
    for name in ("PAWL_RECORDS_URL", "PAWL_SERVER", "PAWL_TOKEN", "GIT_AUTHOR_EMAIL"):
        monkeypatch.delenv(name, raising=False)
    shop.commit(
        {
            ".pawl/roster.yaml": shop.roster(),
            ".pawl/gates.yaml": GATES,
            ".pawl/allowed_signers": shop.signers("grace", "eve"),
            "CLAUDE.md": "Be kind.\n",
        }
    )
    return shop
