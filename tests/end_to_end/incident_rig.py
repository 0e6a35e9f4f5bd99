"""A firm with incidents: a real repository, a real server, real commands, and a clock to wind."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

from tests.end_to_end.change_rig import Firm, until

WOUND = Path(__file__).parent / "wound.py"
ONCALL = """\
schema: pawl.oncall/1
rotations:
  - {id: primary, members: [pia], starts: 2026-01-05}
  - {id: secondary, members: [sue], starts: 2026-01-05}
"""
PEOPLE: dict[str, tuple[str, ...]] = {
    name: (f"git:{name}@example.com",)
    for name in ("ada", "eve", "grace", "pia", "sue", "sec", "prod", "plat", "chief")
}
"""Ada writes, Pia and Sue are on call, Sec, Prod and Plat lead, Chief answers for incidents."""
GRANTS = {
    "ada": ("product-eng",),
    "eve": ("product-lead",),
    "sec": ("security-lead",),
    "prod": ("product-lead",),
    "plat": ("platform-lead",),
    "chief": ("incident-commander",),
}
GATES = """\
schema: pawl.gates/1
version: "1"
as_of: 2026-11-21
gates:
  - {id: incident-actions, condition: incident-actions-are-done, domain: quality, source: Ours.}
  - {id: debt, condition: debt-has-a-plan, domain: quality, source: Ours.}
"""


class Letters:
    """Where letters come in: what channels were sent, in the order it came."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        outer = self

        class Box(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.got.append(json.loads(body))
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"ok")

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Box)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def texts(self, words: str = "") -> list[str]:
        """Return the letters in which words stand, whole."""
        return [text for text in map(json.dumps, self.got) if words in text]

    def close(self) -> None:
        """Take no more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class Site(Firm):
    """A firm whose commands and server have one clock; `wind` moves it.

    `as_` gives the next commands with somebody's token to the server; `here` gives them beside the
    records again.
    """

    def __init__(self, folder: Path, *, oncall: str = ONCALL, **other: Any) -> None:
        self._offset = folder / "ahead"
        self._offset.write_text("0")
        self.port = 0
        self.server: subprocess.Popen[str] | None = None
        self.tokens: dict[str, str] = {}
        fields: dict[str, Any] = {"people": PEOPLE, "grants": GRANTS, "gates": GATES}
        super().__init__(folder, **{**fields, **other})
        self.commit({".pawl/oncall.yaml": oncall})
        self.settings()

    # -- time ------------------------------------------------------------------------------------

    @property
    def ahead(self) -> float:
        """How many seconds the firm's clock is ahead of ours."""
        return float(self._offset.read_text())

    def wind(self, *, days: float = 0, minutes: float = 0, seconds: float = 0) -> None:
        """Move the clock of the firm on."""
        self.set(self.ahead + days * 86_400 + minutes * 60 + seconds)

    def wind_to(self, moment: str, *, after_s: float = 0) -> None:
        """Let the clock of the firm be at a canonical time, or some seconds after it."""
        there = datetime.fromisoformat(moment).timestamp()
        self.set(there + after_s - time.time())

    def set(self, ahead: float) -> None:
        """Let the clock be ahead by some seconds; whoever reads never sees half a number."""
        fresh = self._offset.with_suffix(".new")
        fresh.write_text(f"{ahead:.6f}")
        os.replace(fresh, self._offset)

    @property
    def now(self) -> datetime:
        """What the clock of the firm says."""
        return datetime.fromtimestamp(time.time() + self.ahead, UTC)

    # -- commands --------------------------------------------------------------------------------

    def begin(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command with the clock of the firm and leave it running."""
        return subprocess.Popen(
            (sys.executable, str(WOUND), str(self._offset), *arguments),
            cwd=self.place,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def as_(self, name: str) -> Self:
        """Give the next commands to the server as somebody."""
        self.more = {"PAWL_SERVER": self.url, "PAWL_TOKEN": self.tokens[name]}
        return self

    def here(self, name: str = "ada") -> Self:
        """Give the next commands beside the records, under a name that git has been told."""
        self.more = {}
        self.git("config", "user.email", f"{name}@example.com")
        return self

    def declare(self, title: str = "Search answers nothing", *more: str) -> dict[str, Any]:
        """Declare an incident and return it."""
        found: dict[str, Any] = self.told("incident", "declare", title, *more)["incident"]
        return found

    def shown(self, incident: str) -> dict[str, Any]:
        """Return an incident as it is shown."""
        found: dict[str, Any] = self.told("incident", "show", incident)
        return found

    def types(self, incident: str) -> list[str]:
        """Return what happened to an incident, by its types, oldest first."""
        told = self.told("incident", "timeline", incident)
        return [each["type"] for each in told["entries"]]

    # -- the server ------------------------------------------------------------------------------

    def settings(self, more: str = "") -> None:
        """Write what the server's machine knows."""
        self.data.mkdir(exist_ok=True)
        (self.data / "pawl.toml").write_text(
            f"[changes]\nrepository = {json.dumps(str(self.place))}\n{more}"
        )

    def enrol(self, *names: str, scopes: str = "incident,change,approve") -> None:
        """Give people tokens, and write into the roster whose they are."""
        for name in names:
            made = self.told("token", "create", "--person", name, "--scopes", scopes)
            self.tokens[name] = made["secret"]
            self.people = {**self.people, name: (*self.people[name], f"token:{made['id']}")}
        self.commit({".pawl/roster.yaml": self.roster()})

    @property
    def url(self) -> str:
        """Where the server is."""
        return f"http://127.0.0.1:{self.port}"

    def up(self) -> None:
        """Start the server, on the port that it had, and wait until it listens."""
        with (self.data.parent / "server.log").open("ab") as said:
            self.server = subprocess.Popen(
                (
                    *(sys.executable, str(WOUND), str(self._offset), "--data", str(self.data)),
                    *("up", "--json", "--port", str(self.port)),
                ),
                cwd=self.home,
                env={**self.environment, "PAWL_SERVER": "", "PAWL_TOKEN": ""},
                stdout=subprocess.PIPE,
                stderr=said,
                text=True,
            )
        assert self.server.stdout is not None
        line = self.server.stdout.readline()
        assert line, (self.data.parent / "server.log").read_text()
        self.port = int(json.loads(line)["url"].rpartition(":")[2])

    def down(self, how: signal.Signals = signal.SIGKILL) -> None:
        """End the server, as the kernel would unless told otherwise."""
        if self.server is not None:
            self.server.send_signal(how)
            self.server.communicate(timeout=60)
            self.server = None

    def ask(
        self, method: str, path: str, body: str = "", headers: Mapping[str, str] | None = None
    ) -> tuple[int, str]:
        """Ask the server as a browser would; return the status and the text."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body or None, dict(headers or {}))
            answered = connection.getresponse()
            return answered.status, answered.read().decode()
        finally:
            connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.down()


__all__ = ["GATES", "GRANTS", "ONCALL", "PEOPLE", "Letters", "Site", "until"]
