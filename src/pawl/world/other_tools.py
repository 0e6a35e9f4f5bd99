"""Run zizmor and actionlint on a copy of a tree's pipelines, offline and told nothing by the tree.

The copy holds the pipelines and nothing else: no configuration of the tree's is there to silence a
check or to name a program, and no link. The program is one of the machine's: folders of PATH that
are not absolute, or lie within the tree, are passed over. It sees no token of ours, has a home that
is empty, and ends with everything that it started.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

import msgspec

from pawl.assets.other_tools import MAX_BYTES
from pawl.world.session import ended

TIMEOUT_S = 120.0
MAX_COPIED = 64 * 1024 * 1024
"""Bytes of pipelines that are copied for a tool."""
_SAID = 64 * 1024
_GOOD: dict[str, tuple[int, ...]] = {"zizmor": (0,), "actionlint": (0, 1)}
"""How they end when they looked: actionlint says by 1 that it found something."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """How a tool ended: what it wrote, what it said beside it, and why it is no answer."""

    output: bytes = b""
    said: str = ""
    problem: str = ""


class OtherTools:
    """The other tools of this machine, for a tree at `top`."""

    def __init__(self, top: Path, environment: Mapping[str, str]) -> None:
        self._top = os.path.realpath(top)
        self._path = self._outside(environment.get("PATH", os.defpath))

    def has(self, name: str) -> bool:
        """Say whether a tool is installed, outside of the tree."""
        return self._program(name) is not None

    def run(self, name: str, files: Mapping[str, str], *, timeout_s: float = TIMEOUT_S) -> Answer:
        """Return a tool's answer about some pipelines, given by their paths with their texts."""
        program = self._program(name)
        if program is None:
            return Answer(problem="it is not installed")
        if sum(map(len, files.values())) > MAX_COPIED:
            return Answer(problem=f"the pipelines are larger than {MAX_COPIED:,} bytes together")
        if not all(map(_is_below, files)):
            return Answer(problem="a path of the tree leads out of it")
        with tempfile.TemporaryDirectory(prefix="pawl-lint-") as folder:
            place = Path(folder)
            copy, home, empty = place / "tree", place / "home", place / "empty.yaml"
            for each in (copy, home):
                each.mkdir()
            empty.write_text("self-hosted-runner:\n  labels: []\n")
            for path, text in files.items():
                target = copy / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(text.encode("utf-8", "surrogatepass"))
            command = [program, *_arguments(name, files, empty)]
            return self._run(command, copy, home, timeout_s, _GOOD[name])

    def _run(
        self, command: list[str], copy: Path, home: Path, timeout_s: float, good: tuple[int, ...]
    ) -> Answer:
        named = {"PATH": self._path, "HOME": str(home), "LANG": "C.UTF-8", "NO_COLOR": "1"}
        with tempfile.TemporaryFile() as told, tempfile.TemporaryFile() as said:
            try:
                process = subprocess.Popen(
                    command,
                    cwd=copy,
                    env=named,
                    stdin=subprocess.DEVNULL,
                    stdout=told,
                    stderr=said,
                    start_new_session=True,
                    preexec_fn=_write_little,
                )
            except OSError as error:
                return Answer(problem=f"it cannot be started: {error.strerror or error}")
            status = ended(process, timeout_s)
            said.seek(0)
            beside = said.read(_SAID).decode("utf-8", "replace")
            if status is None:
                return Answer(said=beside, problem=f"it took longer than {timeout_s:g} seconds")
            if told.seek(0, os.SEEK_END) >= MAX_BYTES:
                return Answer(said=beside, problem=f"it wrote {MAX_BYTES:,} bytes and more")
            if status not in good:
                why = f"it ended with {status}: {beside.strip()[-300:] or 'it said nothing'}"
                return Answer(said=beside, problem=why)
            told.seek(0)
            return Answer(output=told.read(MAX_BYTES + 1), said=beside)

    def _program(self, name: str) -> str | None:
        found = shutil.which(name, path=self._path)
        inside = found is not None and self._is_inside(os.path.realpath(found))
        return None if found is None or inside else found

    def _outside(self, path: str) -> str:
        """Return the folders of a PATH that are the machine's own."""
        folders = (each for each in path.split(os.pathsep) if os.path.isabs(each))
        kept = [
            each
            for each in folders
            if not self._is_inside(os.path.realpath(each)) and not self._is_inside(each)
        ]
        return os.pathsep.join(kept)

    def _is_inside(self, path: str) -> bool:
        return path == self._top or path.startswith(f"{self._top}{os.sep}")


def _is_below(path: str) -> bool:
    """Say whether a path stays below where it begins: a forged commit may hold any name."""
    parts = path.split("/")
    return "\0" not in path and not {"", ".", ".."} & set(parts) and parts[0] != ".git"


def _arguments(name: str, files: Mapping[str, str], empty: Path) -> list[str]:
    if name == "zizmor":
        return [
            *("--offline", "--no-config", "--no-ignores", "--no-progress", "--no-exit-codes"),
            *("--format", "sarif", "--collect=all", "."),
        ]
    # shellcheck and pyflakes would be whatever programs are called so.
    flows = sorted(path for path in files if path.startswith(".github/workflows/"))
    return [
        *("-no-color", "-shellcheck=", "-pyflakes=", "-config-file", str(empty)),
        *("-format", "{{json .}}", *flows),
    ]


def _write_little() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (MAX_BYTES, MAX_BYTES))
