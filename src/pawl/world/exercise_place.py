"""Make the folder of an exercise: a repository with its history, logs, measures, deployments.

It is looked at by the same sources as a real one. Git is given an environment of ours, so that
nothing of whoever plays the exercise gets into it, and the same recipe makes the same commits.
"""

import os
import shutil
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from pawl.base.errors import Unavailable
from pawl.base.times import parse_time
from pawl.investigation.exercise import Exercise, made_lines, made_points
from pawl.runs.investigation_settings import MachineInvestigationSettings

FLAGS = "config/flags.json"
_TIMEOUT_S = 60.0
SETTINGS = MachineInvestigationSettings(
    logs=("logs/*.log",), metrics=("metrics/*.json",), flags=FLAGS, deploys="deploys.jsonl"
)
"""What the sources are told of such a folder."""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A made folder. `commits` are the real ids of the recipe's."""

    folder: Path
    commits: dict[str, str]


@contextmanager
def exercise_place(exercise: Exercise) -> Iterator[Place]:
    """Make the folder of an exercise, and remove it afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="pawl-exercise-"))
    try:
        inside = folder / exercise.id
        inside.mkdir()
        yield make_exercise(exercise, inside)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def make_exercise(exercise: Exercise, folder: Path) -> Place:
    """Write an exercise into an empty folder; raises Unavailable without a git command."""
    commits = _history(exercise, folder)
    _logs(exercise, folder / "logs")
    _metrics(exercise, folder / "metrics")
    deploys = [
        msgspec.json.encode(
            {
                "at": exercise.when(each.minute),
                "component": each.component,
                "version": each.version,
                "commits": [commits[name][:12] for name in each.commits],
                "status": each.status,
            }
        )
        for each in sorted(exercise.deploys, key=lambda each: each.minute)
    ]
    (folder / "deploys.jsonl").write_bytes(b"\n".join((*deploys, b"")))
    return Place(folder=folder, commits=commits)


def _history(exercise: Exercise, folder: Path) -> dict[str, str]:
    """Write the commits, those that switch flags among them, and return their ids."""
    flags = dict(exercise.flags)
    # Without flags there are none at the beginning either.
    steps: list[tuple[float, int, str, str, str, dict[str, str]]] = []
    for at, commit in enumerate(exercise.commits):
        message = f"{commit.subject}\n\n{commit.body}".strip()
        steps.append((commit.minute, at, commit.id, commit.author, message, dict(commit.files)))
    first = min((step[0] for step in steps), default=exercise.since) - 1
    steps.append((first, -1, "", "operations", "Flags", {FLAGS: _json(flags)}))
    for at, switch in enumerate(sorted(exercise.switches, key=lambda each: each.minute)):
        flags = {**flags, switch.name: switch.value}
        told = (switch.minute, 1_000 + at, "", switch.author, f"Set {switch.name}")
        steps.append((*told, {FLAGS: _json(flags)}))
    steps.sort(key=lambda step: (step[0], step[1]))
    stream = bytearray()
    marks: dict[str, int] = {}
    for number, (minute, _, name, author, message, files) in enumerate(steps, 1):
        marks[name or f"step {number}"] = number
        when = int(parse_time(exercise.when(minute)).timestamp())
        who = f"{author} <{author}@example.com> {when} +0000"
        stream += f"commit refs/heads/main\nmark :{number}\nauthor {who}\n".encode()
        stream += f"committer {who}\n".encode() + _data(message)
        if number > 1:
            stream += f"from :{number - 1}\n".encode()
        for path, text in sorted(files.items()):
            stream += f"M 100644 inline {path}\n".encode() + _data(text)
    _git(folder, "init", "--quiet", "--initial-branch=main", str(folder))
    exported = folder / ".git" / "pawl-marks"
    _git(
        folder,
        "-C",
        str(folder),
        "fast-import",
        "--quiet",
        f"--export-marks={exported}",
        given=bytes(stream),
    )
    _git(folder, "-C", str(folder), "reset", "--quiet", "--hard", "main")
    ids = dict(line.split() for line in exported.read_text().splitlines())
    return {
        name: ids[f":{number}"] for name, number in marks.items() if not name.startswith("step ")
    }


def _logs(exercise: Exercise, folder: Path) -> None:
    folder.mkdir()
    lines: dict[str, list[tuple[str, bytes]]] = defaultdict(list)
    for line in made_lines(exercise):
        told = {
            "time": line.time,
            "level": line.level,
            "service": line.service,
            "message": line.message,
            **line.attributes,
        }
        lines[line.service].append((line.time, msgspec.json.encode(told)))
    for service, held in lines.items():
        name = "".join(each if each.isalnum() else "-" for each in service)
        held.sort()
        (folder / f"{name}.log").write_bytes(b"".join(text + b"\n" for _, text in held))


def _metrics(exercise: Exercise, folder: Path) -> None:
    folder.mkdir()
    for at, recipe in enumerate(exercise.metrics):
        points = [[when, repr(value)] for when, value in made_points(exercise, recipe)]
        row = {"metric": {"__name__": recipe.name, **recipe.labels}, "values": points}
        answer = {"status": "success", "data": {"resultType": "matrix", "result": [row]}}
        (folder / f"{at:02d}-{recipe.name}.json").write_bytes(msgspec.json.encode(answer))


def _json(flags: dict[str, str]) -> str:
    return msgspec.json.format(msgspec.json.encode(flags), indent=2).decode() + "\n"


def _data(text: str) -> bytes:
    content = text.encode()
    return b"data %d\n%s\n" % (len(content), content)


def _git(folder: Path, *arguments: str, given: bytes = b"") -> None:
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(folder),
        "LC_ALL": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_TERMINAL_PROMPT": "0",
    }
    try:
        subprocess.run(
            ("git", *arguments),
            input=given,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=environment,
            timeout=_TIMEOUT_S,
            check=True,
        )
    except FileNotFoundError as error:
        raise Unavailable("there is no git command.", hint="Install git.") from error
    except (OSError, subprocess.SubprocessError) as error:
        raise Unavailable(f"git cannot make the exercise: {type(error).__name__}.") from error
