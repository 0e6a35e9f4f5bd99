"""How long `pawl lint` takes on a plugin repository, one file and many workflows, beside peers.

    python benchmarks/lint_tree.py [--tree PATH] [--peers FOLDER] [--runs 5]

Without `--tree` a repository of 900 skills, agents, commands and scripts is made up from one seed,
and 500 workflows of which half run an agent. `--peers` is a folder with the programs `agnix`,
`skillsaw` and `zizmor` (`pip install agnix skillsaw zizmor` into an environment of their own). All
commands take turns, so that whatever else runs hits them alike. Pawl's byte code is written first.
"""

import argparse
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

WORDS = (
    *("review", "deploy", "release", "check", "plan", "build", "migrate", "test", "trace", "guard"),
    *("report", "refactor", "schema", "queue", "invoice", "ledger", "parser", "cache", "token"),
    *("budget", "alert", "session", "worker", "page", "form", "search", "index"),
)


def plugin(place: Path, files: int, seed: int) -> None:
    """Write a plugin repository: skills with references and scripts, agents, commands, hooks."""
    chance = random.Random(seed)
    write(place, ".claude-plugin/plugin.json", '{"name": "made-up", "version": "1.0.0"}\n')
    write(place, "CLAUDE.md", f"# Rules\n\n{prose(chance, 60)}\n")
    write(
        place,
        "hooks/hooks.json",
        '{"hooks": {"PreToolUse": [{"matcher": "Bash", "hooks": [{"type": "command",'
        ' "command": "${CLAUDE_PLUGIN_ROOT}/scripts/guard.sh"}]}]}}\n',
    )
    write(place, "scripts/guard.sh", "#!/bin/sh\nexit 0\n", executable=True)
    made = 4
    number = 0
    while made < files:
        number += 1
        name = f"{chance.choice(WORDS)}-{chance.choice(WORDS)}-{number}"
        head = f"---\nname: {name}\ndescription: {prose(chance, 14)}\n"
        if number % 3 == 0:
            write(place, f"agents/{name}.md", f"{head}tools: Read, Grep\n---\n{page(chance)}")
            made += 1
        elif number % 3 == 1:
            write(place, f"commands/{name}.md", f"{head}---\n{page(chance)}")
            made += 1
        else:
            write(place, f"skills/{name}/SKILL.md", f"{head}---\n{page(chance)}")
            write(place, f"skills/{name}/references/format.md", page(chance))
            made += 2


def workflows(place: Path, files: int, seed: int) -> None:
    """Write workflows; every second one runs an agent."""
    chance = random.Random(seed)
    for number in range(files):
        agent = (
            "      - uses: anthropics/claude-code-action@v1\n        with:\n"
            f"          prompt: {prose(chance, 20)}\n"
            '          claude_args: --max-turns 5 --allowedTools "Read,Grep"\n'
            if number % 2
            else ""
        )
        steps = "".join(
            f"      - run: |\n          make {chance.choice(WORDS)}\n"
            f"          echo {prose(chance, 6)}\n"
            for _ in range(chance.randrange(3, 12))
        )
        write(
            place,
            f".github/workflows/flow-{number}.yml",
            "name: made up\non: [push, pull_request]\npermissions: {contents: read}\njobs:\n"
            "  build:\n    runs-on: ubuntu-latest\n    timeout-minutes: 10\n    steps:\n"
            f"      - uses: actions/checkout@v4\n{steps}{agent}",
        )


def write(place: Path, path: str, text: str, *, executable: bool = False) -> None:
    """Write one file with its folders."""
    file = place / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    if executable:
        file.chmod(0o755)


def prose(chance: random.Random, words: int) -> str:
    """Return words that mean nothing."""
    return " ".join(chance.choice(WORDS) for _ in range(words))


def page(chance: random.Random) -> str:
    """Return a page of headings, paragraphs and code."""
    parts = []
    for _ in range(chance.randrange(3, 12)):
        parts.append(f"## {prose(chance, 3)}\n\n{prose(chance, chance.randrange(20, 120))}\n")
        parts.append(f"```sh\nmake {chance.choice(WORDS)}\n```\n")
    return "\n".join(parts)


def once(command: list[str], place: Path) -> tuple[float, float, float]:
    """Run a command; return wall and processor seconds and the peak of its memory in MiB."""
    began = time.perf_counter()
    with subprocess.Popen(
        command,
        cwd=place,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "NO_COLOR": "1"},
    ) as process:
        _, _, used = os.wait4(process.pid, 0)
        process.returncode = 0
    wall = time.perf_counter() - began
    return wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def compare(title: str, commands: dict[str, list[str]], place: Path, runs: int) -> None:
    """Run all commands in turns and print a row of each."""
    print(f"\n{title}\n\n| command | CPU s (min / median) | wall s (min / median) | peak MiB |")
    print("|---|---|---|---|")
    took: dict[str, list[tuple[float, float, float]]] = {name: [] for name in commands}
    for command in commands.values():
        once(command, place)
    for _ in range(runs):
        for name, command in commands.items():
            took[name].append(once(command, place))
    for name, rows in took.items():
        wall, cpu, peak = ([row[at] for row in rows] for at in range(3))
        print(
            f"| {name} | {min(cpu):.2f} / {statistics.median(cpu):.2f} "
            f"| {min(wall):.2f} / {statistics.median(wall):.2f} | {max(peak):.0f} |"
        )


def main() -> None:
    """Make trees, run, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tree", type=Path)
    parser.add_argument("--peers", type=Path)
    parser.add_argument("--runs", type=int, default=5)
    asked = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    pawl = [sys.executable, "-m", "pawl", "lint"]
    with tempfile.TemporaryDirectory(prefix="pawl-lint-") as made:
        tree, flows = Path(made, "plugin"), Path(made, "flows")
        plugin(tree, 900, 1)
        workflows(flows, 500, 2)
        tree = asked.tree or tree
        for place in (tree, flows):
            if not (place / ".git").exists():
                for arguments in (["init", "-q"], ["add", "-A"]):
                    subprocess.run(["git", "-C", str(place), *arguments], check=True)
        whole = {"pawl lint": pawl}
        of_flows = {"pawl lint": pawl}
        if asked.peers is not None:
            peers = asked.peers.absolute()
            whole["agnix"] = [str(peers / "agnix"), "."]
            whole["skillsaw"] = [str(peers / "skillsaw"), "lint", "."]
            of_flows["zizmor"] = [str(peers / "zizmor"), "--offline", "."]
        compare("A plugin repository", whole, tree, asked.runs)
        one = next(path for path in sorted(tree.rglob("SKILL.md")))
        compare("One file of it", {"pawl lint FILE": [*pawl, str(one)]}, tree, asked.runs)
        compare("500 workflows", of_flows, flows, asked.runs)


if __name__ == "__main__":
    main()
