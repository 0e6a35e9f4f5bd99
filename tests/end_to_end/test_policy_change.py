"""A policy change in a real repository: from blocked to rolled back, and replayed a year later.

Real git, real SSH signatures, real commands that deploy and read back, telemetry in the store, and
every step by the command line; only the clock is the test's.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.services.made_desk import Clock
from tests.world.made_keys import Key, made_key

from pawl.app.changing import desk_of
from pawl.changes.change import Change, State
from pawl.changes.evidence import Evidence, sealed, statement_of
from pawl.changes.manifest import part_digest
from pawl.changes.signed_statement import NAMESPACE
from pawl.changes.verdict import Verdict
from pawl.cli.main import main
from pawl.store.spool import SpoolWriter
from pawl.telemetry.event import Event, Kind, Source
from pawl.world.clock import now

GATES = """\
schema: pawl.gates/1
version: "1"
as_of: 2026-11-21
gates:
  - {id: lint, condition: lint-is-clean, domain: quality, source: Ours, several: newest}
"""
ROSTER = """\
schema: pawl.roster/1
people:
  - {{id: ann, identities: ["git:ann@example.com"]}}
  - {{id: sue, identities: ["git:sue@example.com", "ssh:{fingerprint}"]}}
grants:
  - {{person: ann, role: security-eng}}
  - {{person: sue, role: security-lead}}
"""
BEFORE = '{"permissions": {"allow": ["Read"]}}\n'
AFTER = '{"permissions": {"allow": ["Read", "Bash(git push:*)"]}}\n'
COMPONENT = "policy/.claude/settings.json"
_PUT = """
import json, sys
order = json.load(sys.stdin)
open("live.json", "w").write(json.dumps(order["parts"]))
open("orders", "a").write(order["kind"] + " " + order["stage"] + chr(10))
"""
_GET = """
import json
print(json.dumps({"parts": json.load(open("live.json"))}))
"""


class Story:
    """A repository, a data folder with executors, and a clock."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self.clock = clock
        self.data, self.place = folder / "data", folder / "app"
        self.data.mkdir()
        self.place.mkdir()
        self.key: Key = made_key(folder, "sue")
        self.events = 0
        self.git("init", "-q", "-b", "main")
        self.commit(
            {
                ".pawl/gates.yaml": GATES,
                ".pawl/roster.yaml": ROSTER.format(fingerprint=self.key.fingerprint),
                ".pawl/allowed_signers": f'sue namespaces="{NAMESPACE}" {self.key.public}\n',
                ".claude/settings.json": BEFORE,
            }
        )
        self.git("checkout", "-q", "-b", "push")
        self.commit({".claude/settings.json": AFTER})
        self.git("checkout", "-q", "main")
        for name, text in (("put", _PUT), ("get", _GET)):
            (self.data / name).write_text(f"#!{sys.executable} -S\n{text}")
            (self.data / name).chmod(0o755)
        (self.data / "pawl.toml").write_text(
            '[changes.executors.command]\nargv = ["./put"]\nread_back = ["./get"]\n'
        )

    def git(self, *arguments: str) -> str:
        """Run git as Ann."""
        known = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1"}
        for who in ("AUTHOR", "COMMITTER"):
            known |= {f"GIT_{who}_NAME": "Ann", f"GIT_{who}_EMAIL": "ann@example.com"}
        done = subprocess.run(
            ("git", "-C", self.place, *arguments),
            env=known,
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout.strip()

    def commit(self, files: dict[str, str]) -> None:
        """Commit files."""
        for name, text in files.items():
            path = self.place / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "Settings")

    def told(self, change: Change, count: int, failed: int, *, tagged: bool) -> None:
        """Put requests of the last minutes into the spool, some of them errors."""
        tag = {"change": change.id} if tagged else {}
        facts = []
        for number in range(count):
            self.events += 1
            facts.append(
                Event(
                    id=f"e{self.events}",
                    time=self.clock(),
                    kind=Kind.ERROR if number < failed else Kind.REQUEST,
                    source=Source.TELEMETRY,
                    agent="claude-code",
                    project="app",
                    session_id=f"s{self.events % 40}",
                    request_id=f"r{self.events}",
                    attributes=tag,
                )
            )
        with SpoolWriter(self.data / "spool", f"w{self.events}") as writer:
            writer.append(facts)
            writer.commit()


@pytest.fixture
def story(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Story:
    """The story before its first command, with everything of this machine out of sight."""
    clock = Clock(now())  # Commits have the machine's own times.
    monkeypatch.setattr("pawl.world.clock.now", clock)
    for name, value in {
        "PAWL_DATA": str(tmp_path / "data"),
        "HOME": str(tmp_path),
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_EMAIL": "ann@example.com",
        "EMAIL": "ann@example.com",
    }.items():
        monkeypatch.setenv(name, value)
    for name in ("PAWL_SERVER", "PAWL_TOKEN", "PAWL_RECORDS_URL", "PAWL_EVENTS_URL"):
        monkeypatch.delenv(name, raising=False)
    made = Story(tmp_path, clock)
    made.git("config", "user.email", "ann@example.com")
    monkeypatch.chdir(made.place)
    return made


@pytest.fixture
def pawl(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    """Run a command and return its status and all that it said."""

    def run(*arguments: str) -> tuple[int, str]:
        capsys.readouterr()
        status = main(list(arguments))
        said = capsys.readouterr()
        return status, said.out + said.err

    return run


@pytest.mark.heavy
def test_a_policy_change_from_blocked_to_replayed(
    story: Story, pawl: Callable[..., tuple[int, str]], tmp_path: Path
) -> None:
    """Blocked without an approval, out by stages with one, back on a fail, the same in a year."""
    desk = desk_of(story.data, story.place)
    status, said = pawl(
        *("change", "new", "--from-diff", "main..push", "--title", "Let it push", "--scope", ""),
        *("--stage", "canary=0.1:10m:100", "--stage", "all=1:10m:100"),
        *("--executor", "command", "--back-by", "command"),
    )
    assert status == 0, said
    (change,) = desk.list()
    assert list(change.manifest.parts) == [COMPONENT]
    (story.data / "live.json").write_text(json.dumps({COMPONENT: _plain(change, "base")}))

    # Blocked: by its state, and by its gates.
    assert pawl("change", "submit", change.id)[0] == 0
    assert pawl("change", "start", change.id)[0] == 1
    status, said = pawl("gate", "check", change.id)
    assert status == 1, said
    assert desk.get(change.id).state is State.IN_REVIEW

    # Gated: evidence about exactly this content, and a rehearsal of the way back.
    digest, base, _ = desk.asked(change.id).bound
    lint = sealed(
        Evidence(
            id="lint", kind="lint", digest=digest, base_digest=base, verdict=Verdict.PASS,
            produced_at=story.clock(), recorded_at="", producer="", payload_digest="", events=1,
        )
    )  # fmt: skip
    (tmp_path / "lint.json").write_text(json.dumps(statement_of(lint)))
    status, said = pawl("change", "evidence", "add", change.id, str(tmp_path / "lint.json"))
    assert status == 0, said
    assert pawl("gate", "check", change.id)[0] == 1, "nobody has said yes"

    # Approved: signed with a listed key, by somebody who did not write it.
    signed = ("change", "approve", change.id, "--digest", digest, "--ssh-key")
    stranger = made_key(tmp_path, "eve")
    assert pawl(*signed, str(stranger.path))[0] == 1
    status, said = pawl(*signed, str(story.key.path))
    assert status == 0, said
    assert desk.get(change.id).state is State.APPROVED, said

    # Out, by command, and the first stage is good.
    status, said = pawl("change", "start", change.id)
    assert status == 0, said
    status, said = pawl("change", "tick")
    assert status == 0, said
    assert json.loads((story.data / "live.json").read_text())[COMPONENT] == _plain(change, "parts")
    story.told(change, 400, 2, tagged=True)
    story.told(change, 3000, 15, tagged=False)
    story.clock.wind(seconds=900)
    status, said = pawl("change", "tick")
    assert status == 0, said
    assert desk.get(change.id).stage == 1, said

    # The second regresses, and goes back by itself.
    story.told(change, 400, 200, tagged=True)
    story.clock.wind(seconds=60)
    assert pawl("change", "tick", "--json")[0] == 0
    back = desk.get(change.id)
    assert back.state is State.ROLLED_BACK
    assert "error-rate" in back.why
    assert json.loads((story.data / "live.json").read_text())[COMPONENT] == _plain(change, "base")
    assert (story.data / "orders").read_text().splitlines() == [
        *("start canary", "advance all", "rollback "),
    ]
    quarantined = desk.registry().quarantine
    assert f"{COMPONENT}@{part_digest(change.manifest.parts[COMPONENT])}" in quarantined

    # A year later every decision says the very same, and the ledger makes the tables.
    story.clock.wind(hours=24 * 365)
    decisions = desk.decisions_of(change.id)
    assert len(decisions) >= 4
    for kept in decisions:
        replayed = desk.replay(kept.decision_id)
        assert replayed.identical, replayed.why
        assert replayed.stored == replayed.again
        assert pawl("gate", "replay", kept.decision_id)[0] == 0
    status, said = pawl("ledger", "verify", "--replay")
    assert status == 0, said


def _plain(change: Change, side: str) -> object:
    import msgspec

    return msgspec.to_builtins(getattr(change.manifest, side)[COMPONENT])
