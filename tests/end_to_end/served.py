"""`pawl up` as a child process on a free port, with data and a home of its own."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from pawl.store.events.duckdb import DuckEvents

PROTOBUF = {"content-type": "application/x-protobuf"}
GZIPPED = {**PROTOBUF, "content-encoding": "gzip"}


class Answered(NamedTuple):
    """What was answered to a batch; names of headers are in lower case."""

    status: int
    headers: dict[str, str]


class Served:
    """One server. `start` again after `kill` takes the same port and data."""

    def __init__(self, root: Path, *flags: str) -> None:
        self.data = root / "data"
        self.home = root / "home"
        self.home.mkdir(parents=True, exist_ok=True)
        self.port = 0
        self._flags = flags
        self._said = root / "server.log"

    def start(self) -> None:
        """Start it and wait until it listens."""
        command = [sys.executable, "-m", "pawl", "--data", str(self.data), "up", "--json"]
        environment = {**os.environ, "HOME": str(self.home), "PAWL_DATA": str(self.data)}
        for name in ("CLAUDE_CONFIG_DIR", "CODEX_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"):
            environment.pop(name, None)
        with self._said.open("ab") as said:
            self.process = subprocess.Popen(
                [*command, "--port", str(self.port), *self._flags],
                stdout=subprocess.PIPE,
                stderr=said,
                env=environment,
                text=True,
            )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self._said.read_text()
        self.port = int(json.loads(line)["url"].rpartition(":")[2])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def said(self) -> str:
        """What it has written on stderr, over all its lives."""
        return self._said.read_text()

    def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Send a signal and wait until it has ended."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        self.process.communicate(timeout=60)

    def kill(self) -> None:
        """Kill it as the kernel would."""
        self.end(signal.SIGKILL)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end()

    def connect(self) -> http.client.HTTPConnection:
        """Return a connection; the caller closes it."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)

    def ask(self, path: str) -> tuple[int, str]:
        """Return the status and the text at a path."""
        connection = self.connect()
        try:
            connection.request("GET", path)
            answered = connection.getresponse()
            return answered.status, answered.read().decode()
        finally:
            connection.close()

    def get(self, path: str) -> str:
        """Return the text at a path."""
        return self.ask(path)[1]

    def json(self, path: str) -> Any:
        """Return the JSON at a path."""
        return json.loads(self.get(path))

    def send(self, path: str, body: bytes, headers: dict[str, str] = GZIPPED) -> Answered:
        """Send a body; return the status and the headers; raises OSError for half an answer."""
        connection = self.connect()
        try:
            connection.request("POST", path, body, headers)
            answered = connection.getresponse()
            answered.read()
            return Answered(answered.status, {k.lower(): v for k, v in answered.getheaders()})
        except http.client.HTTPException as cut:
            # Killed as it answered: who was not answered whole does not know, and sends again.
            raise ConnectionResetError("the answer was cut off") from cut
        finally:
            connection.close()

    def post(self, path: str, body: bytes, headers: dict[str, str] = GZIPPED) -> int:
        """Send a body; return the status."""
        return self.send(path, body, headers).status

    def peak_mib(self) -> float:
        """Return the most memory it has had resident."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) / 1024
        raise AssertionError("no VmHWM")

    def until(self, path: str, holds: Any, *, patience_s: float = 30.0) -> Any:
        """Ask again and again until what is told holds; return it."""
        give_up = time.monotonic() + patience_s
        while not holds(told := self.json(path)):
            assert time.monotonic() < give_up, told
            time.sleep(0.05)
        return told

    def stored_ids(self) -> list[str]:
        """Return the ids in the store of a server that has ended, its spool loaded."""
        with DuckEvents(self.data) as store:
            store.drain(self.data / "spool")
            return [row[0] for row in store._rows("SELECT id FROM events", {})]
