"""The tutorial is run, command by command, and answers what it says it answers."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)


def steps(page: str) -> list[tuple[str, str]]:
    """Return the commands of a page's console blocks, each with the answer it shows."""
    found: list[tuple[str, str]] = []
    for block in BLOCK.findall(page):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, answer = part.partition("\n")
            found.append((command, answer))
    return found


def matches(shown: str, told: str) -> bool:
    """Say whether an answer is the one shown; `…` stands for anything within a line."""
    pattern = r"[^\n]*".join(re.escape(part) for part in shown.rstrip("\n").split("…"))
    return re.fullmatch(pattern.replace(r"\ [^\n]*", r"[^\n]*"), told.rstrip("\n")) is not None


def test_the_tutorial_runs(tmp_path: Path) -> None:
    """A newcomer who types what the tutorial says sees what it shows."""
    repository = tmp_path / "demo"
    subprocess.run(["git", "init", "-q", str(repository)], check=True)
    path = [str(Path(sys.executable).parent), str(ROOT / "examples" / "stand-in")]
    environment = {**os.environ, "PATH": os.pathsep.join([*path, os.environ["PATH"]])}
    status = 0
    commands = steps((ROOT / "docs" / "tutorial.md").read_text())
    assert len(commands) >= 10
    for command, shown in commands:
        ran = subprocess.run(
            ["bash", "-c", f"(exit {status}); {command}"],
            cwd=repository,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
        )
        status = ran.returncode
        assert matches(shown, ran.stdout), f"$ {command}\nshown:\n{shown}\ntold:\n{ran.stdout}"
