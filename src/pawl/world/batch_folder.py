"""The files of a batch: its results, its journal and the records of attempts, for one holder.

Beside `results.ndjson` stands `results.ndjson.batch/` with `lock`, `journal.ndjson` and `runs/`.
The lock (flock) is inherited by the supervisors of the batch's runs, so it is free only when the
batch *and* all of them are gone: nobody can resume beside a run that a killed batch left.
"""

import fcntl
import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pawl.base.errors import BadFile, BadValue, PawlError, Refused, Unavailable
from pawl.world.process_table import LINUX, Process, processes, send

MAX_LINE = 4 * 1024 * 1024
"""Bytes of one line; none of ours comes near it."""
MAX_RECORD = 128 * 1024 * 1024
WAIT_S = 90.0
"""How long the runs of a killed batch may take to end; their grace is 10 s if not said."""
_LOOK_S = 0.05
_CHUNK = 1024 * 1024


class BatchFolder:
    """The files of one batch, held by this process. Make with `take`."""

    def __init__(self, results: Path, folder: Path, lock: int) -> None:
        self.results, self.folder, self.lock = results, folder, lock
        self.journal = folder / "journal.ndjson"
        self._runs = folder / "runs"
        self._files: dict[Path, int] = {}

    def result_lines(self) -> Iterator[bytes]:
        """Yield the whole result lines that are there, and cut off a torn last one.

        Raises BadFile for a torn line where there is no journal: such a file is not ours to cut.
        """
        return self._lines(self.results, ours=self.journal.exists())

    def journal_lines(self) -> Iterator[bytes]:
        """Yield the whole lines of the journal, and cut off a torn last one."""
        return self._lines(self.journal, ours=True)

    def add_result(self, line: bytes) -> None:
        """Write a result line; durable on return. Raises Unavailable."""
        self._append(self.results, line)

    def add_journal(self, line: bytes) -> None:
        """Write a line of the journal; durable on return. Raises Unavailable."""
        self._append(self.journal, line)

    def _lines(self, path: Path, *, ours: bool) -> Iterator[bytes]:
        size = 0
        rest = b""
        try:
            with open(path, "rb") as file:
                while chunk := file.read(_CHUNK):
                    *whole, rest = (rest + chunk).split(b"\n")
                    for line in whole:
                        size += len(line) + 1
                        yield line
                    if len(rest) > MAX_LINE:
                        raise BadFile("a line is too long to be one of a batch.", place=str(path))
        except FileNotFoundError:
            return
        except OSError as error:
            raise _failed(path, "read", error) from error
        if rest and not ours:
            raise BadFile(
                "not a file of results.", place=str(path), hint="Name another file with --out."
            )
        if rest:
            os.truncate(path, size)  # It never counted.

    def _append(self, path: Path, line: bytes) -> None:
        try:
            fd = self._files.get(path)
            if fd is None:
                fd = self._files[path] = _open_to_append(path)
            size = os.fstat(fd).st_size
            try:
                _write_all(fd, line)
                os.fsync(fd)
            except OSError:
                os.ftruncate(fd, size)
                raise
        except OSError as error:
            raise _failed(path, "written", error) from error

    def record_path(self, run_id: str) -> Path:
        """Return where the record of an attempt is kept while it has no result line."""
        return self._runs / f"{run_id}.json"

    def record(self, run_id: str) -> bytes | None:
        """Return what an attempt's supervisor printed; None when there is nothing whole."""
        try:
            with open(self.record_path(run_id), "rb") as file:
                text = file.read(MAX_RECORD + 1)
        except OSError:
            return None
        return text if text.endswith(b"\n") and len(text) <= MAX_RECORD else None

    def started(self, run_id: str, pid: int) -> None:
        """Note the process of an attempt, for whoever resumes where the system ends no orphans."""
        if LINUX:
            return
        found = processes().get(pid)
        if found is not None:
            note = json.dumps({"pid": pid, "start": found.start})
            (self._runs / f"{run_id}.pid").write_text(note)

    def kept_record(self, run_id: str) -> str:
        """Return the path of a kept record, from the folder of the results."""
        return str(self.record_path(run_id).relative_to(self.results.parent))

    def drop(self, run_id: str, *, keep_record: bool = False) -> None:
        """Forget the files of an attempt."""
        (self._runs / f"{run_id}.pid").unlink(missing_ok=True)
        if not keep_record:
            self.record_path(run_id).unlink(missing_ok=True)

    def close(self) -> None:
        """Let go of everything."""
        for fd in self._files.values():
            os.close(fd)
        self._files.clear()
        os.close(self.lock)


def take(
    out: Path, *, holder: str, say: Callable[[str], None], wait_s: float = WAIT_S
) -> BatchFolder:
    """Hold the files of a batch whose results are `out`.

    Raises Refused naming the holder while another batch has them. Runs that a killed batch left
    are told to end and waited for. Raises BadValue for a place where results cannot be.
    """
    results = Path(os.path.realpath(out))
    if results.exists() and not results.is_file():
        raise BadValue("results go to a file.", place=str(out), hint="Name one with --out.")
    folder = results.with_name(f"{results.name}.batch")
    try:
        (folder / "runs").mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise _failed(folder, "made", error) from error
    try:
        _hold(lock, folder, results, say, wait_s)
        me = processes().get(os.getpid())
        note = {"holder": holder, "pid": os.getpid(), "start": me.start if me else ""}
        os.ftruncate(lock, 0)
        os.pwrite(lock, json.dumps(note).encode(), 0)
    except BaseException:
        os.close(lock)
        raise
    return BatchFolder(results, folder, lock)


def set_aside(held: BatchFolder) -> tuple[str, ...]:
    """Give the results and the journal other names and return these; what was held goes on."""
    number = 1
    while any(_numbered(path, number).exists() for path in (held.results, held.journal)):
        number += 1
    moved = []
    for path in (held.results, held.journal):
        if path.exists():
            path.rename(_numbered(path, number))
            moved.append(str(_numbered(path, number)))
    return tuple(moved)


def _numbered(path: Path, number: int) -> Path:
    return path.with_name(f"{path.name}.{number}")


def _hold(
    lock: int, folder: Path, results: Path, say: Callable[[str], None], wait_s: float
) -> None:
    until: float | None = None
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except OSError:
            pass
        note = _note(os.pread(lock, 4096, 0))
        if _lives(note):
            raise Refused(
                f"another batch writes there: {note.get('holder', 'unknown')},"
                f" process {note.get('pid')}.",
                place=str(results),
                hint="Wait for it, or name another file with --out.",
            )
        if until is None:
            until = time.monotonic() + wait_s
            say("a batch was killed here: its runs are told to end")
            _end_orphans(folder)
        elif time.monotonic() > until:
            raise Refused(
                "runs of a batch that was killed have not ended.",
                place=str(folder),
                hint="End their `pawl run` processes, and say it again.",
            )
        time.sleep(_LOOK_S)


def _end_orphans(folder: Path) -> None:
    table = processes()
    for path in (folder / "runs").glob("*.pid"):
        try:
            note = _note(path.read_bytes())
        except OSError:
            continue
        process = table.get(note.get("pid", 0))
        if process is not None and process.start == note.get("start"):
            send(Process(*process), signal.SIGTERM)


def _note(text: bytes) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _lives(note: dict[str, Any]) -> bool:
    process = processes().get(note.get("pid", 0))
    return process is not None and process.start == note.get("start") and not process.zombie


def _open_to_append(path: Path) -> int:
    fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o666)
    # The name is durable, too, before the first line counts.
    parent = os.open(path.parent, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(parent)
    finally:
        os.close(parent)
    return fd


def _write_all(fd: int, line: bytes) -> None:
    view = memoryview(line)
    while view:
        view = view[os.write(fd, view) :]


def _failed(path: Path, done: str, error: OSError) -> PawlError:
    return Unavailable(
        f"cannot be {done}: {error.strerror or error}.",
        place=str(path),
        hint="See that the folder is writable and has room, or name another file with --out.",
    )
