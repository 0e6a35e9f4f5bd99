"""A home, a repository and an environment in which the real agent programs reach only the fake
model.

Nothing of the developer's own machine leaks in: the environment is built from nothing, so neither
a real key, nor a proxy, nor personal settings can change what a test sees or let it spend money.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

AGENTS = Path(__file__).parent / "agents"
_MODULES = AGENTS / "node_modules"
_INSTALL_HINT = "run `npm ci` in tests/end_to_end/agents"

_REPOSITORY = {
    "app.py": "def add(a, b):\n    return a - b\n\n\nprint(add(2, 3))\n",
    "test_app.py": "from app import add\n\n\ndef test_add():\n    assert add(2, 3) == 5\n",
    "README.md": "# Demo\n\nA small repository for an agent to work in.\n",
}

_CODEX_CONFIG = """\
model = "gpt-5.5"
model_provider = "fake"

[model_providers.fake]
name = "fake"
base_url = "{url}/v1"
env_key = "FAKE_API_KEY"
wire_api = "responses"
request_max_retries = 1
stream_max_retries = 1
"""


def claude_program() -> Path | None:
    """Claude Code's own executable.

    The platform package holds it, and npm installs only the one that fits. The `claude` link works
    too, but only where npm may run install scripts.
    """
    return next(iter(sorted(_MODULES.glob("@anthropic-ai/claude-code-*/claude"))), None)


def codex_program() -> Path | None:
    """Codex's launcher, a Node script that starts the executable of the platform package."""
    launcher = _MODULES / ".bin" / "codex"
    return launcher if launcher.exists() else None


def claude_missing() -> str | None:
    """Why Claude Code cannot be run here, in one line; None when it can."""
    return None if claude_program() else f"Claude Code is not installed: {_INSTALL_HINT}"


def codex_missing() -> str | None:
    """Why Codex cannot be run here, in one line; None when it can."""
    if codex_program() is None:
        return f"Codex is not installed: {_INSTALL_HINT}"
    return None if shutil.which("node") else "Codex needs node, which is not on PATH"


def agents_missing() -> str | None:
    """Why the agent programs cannot both be run here, in one line; None when they can."""
    return claude_missing() or codex_missing()


@dataclass(frozen=True, slots=True)
class Finished:
    """How a command ended, with the exit code as a shell shows it: 128 + n after signal n."""

    exit_code: int
    stdout: str
    stderr: str


@dataclass(slots=True)
class AgentHome:
    """One home directory and one git repository below `root`, for the model server at `url`.

    `extra_env` is added last, for a test that wants fewer retries or another limit.
    """

    root: Path
    url: str
    extra_env: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.codex_config.parent.mkdir(parents=True)
        self.codex_config.write_text(_CODEX_CONFIG.format(url=self.url))
        self._make_bin()
        self._make_repository()

    @property
    def home(self) -> Path:
        return self.root / "home"

    @property
    def repository(self) -> Path:
        return self.root / "repository"

    @property
    def codex_config(self) -> Path:
        return self.home / ".codex" / "config.toml"

    @property
    def bin(self) -> Path:
        """First on PATH, so that `claude` and `codex` by name are the pinned ones."""
        return self.root / "bin"

    def claude(self, *arguments: str) -> list[str]:
        """The command line of Claude Code with these arguments."""
        return [str(self.bin / "claude"), *arguments]

    def codex(self, *arguments: str) -> list[str]:
        """The command line of Codex with these arguments."""
        return [str(self.bin / "codex"), *arguments]

    def env(self) -> dict[str, str]:
        """The whole environment of both programs, and of anything that starts them."""
        return {
            "PATH": f"{self.bin}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(self.home),
            "TERM": "dumb",
            "LANG": "C.UTF-8",
            "GIT_CONFIG_NOSYSTEM": "1",
            "ANTHROPIC_BASE_URL": self.url,
            "ANTHROPIC_API_KEY": "dummy-key",
            "DISABLE_TELEMETRY": "1",
            "DISABLE_AUTOUPDATER": "1",
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
            "FAKE_API_KEY": "dummy-key",
            **self.extra_env,
        }

    def start(self, command: Sequence[str]) -> subprocess.Popen[str]:
        """Start a command in the repository, in a group of its own, with nothing on its input."""
        return subprocess.Popen(
            command,
            cwd=self.repository,
            env=self.env(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, command: Sequence[str], *, timeout_s: float = 90.0) -> Finished:
        """Run a command to its end; past the limit, end its whole process group and say so."""
        process = self.start(command)
        try:
            stdout, stderr = process.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            stdout, stderr = process.communicate()
            raise TimeoutError(
                f"{command[0]} ran for more than {timeout_s} s\n{stdout}\n{stderr}"
            ) from None
        code = process.returncode
        return Finished(code if code >= 0 else 128 - code, stdout, stderr)

    def claude_transcripts(self) -> list[Path]:
        """The session files Claude Code wrote, subagents' included."""
        return sorted((self.home / ".claude" / "projects").rglob("*.jsonl"))

    def codex_rollouts(self) -> list[Path]:
        """The session files Codex wrote."""
        return sorted((self.home / ".codex" / "sessions").rglob("*.jsonl"))

    def _make_bin(self) -> None:
        self.bin.mkdir()
        for name, program in (("claude", claude_program()), ("codex", codex_program())):
            if program is not None:
                (self.bin / name).symlink_to(program.resolve())

    def _make_repository(self) -> None:
        self.repository.mkdir()
        for name, content in _REPOSITORY.items():
            (self.repository / name).write_text(content)
        author = ("-c", "user.name=Dev", "-c", "user.email=dev@example.com")
        for arguments in (
            ("init", "-q", "-b", "main"),
            ("add", "."),
            (*author, "commit", "-qm", "Start"),
        ):
            subprocess.run(("git", *arguments), cwd=self.repository, env=self.env(), check=True)
