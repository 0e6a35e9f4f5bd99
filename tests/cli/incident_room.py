"""A team's server without a socket, and commands about incidents given to it, for tests."""

import json
import os
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from tests.server.change_team import TEAM, Wire
from tests.server.conftest import Client
from tests.server.fakes import NOW, FakeFacts
from tests.server.incident_team import IncidentTeam

from pawl.base.errors import Unavailable
from pawl.cli.main import main
from pawl.server.app import create_app
from pawl.server.site import Settings
from pawl.services.identity import Identity
from pawl.services.pages import Pages
from pawl.services.serving import Serving
from pawl.store.records.engine import open_records

MAY_BE_SET = (
    "PAWL_RECORDS_URL", "PAWL_SERVER", "PAWL_TOKEN", "GIT_AUTHOR_EMAIL", "GIT_DIR", "EMAIL",
)  # fmt: skip


class Commands:
    """Commands in a folder of their own, with what they print."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys
        self.err = ""

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


def alone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Go to a folder that is no repository, with a data folder and a home of its own."""
    (folder / "nowhere").mkdir()
    (folder / "own-home").mkdir()
    monkeypatch.chdir(folder / "nowhere")
    for name in MAY_BE_SET:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PAWL_DATA", str(folder / "data"))
    monkeypatch.setenv("HOME", str(folder / "own-home"))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(folder))


class Room(Commands):
    """A server with people; `as_` says whose token the next commands carry.

    `loses` answers get lost; while it is `down` nothing answers.
    """

    def __init__(
        self,
        folder: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        stack: ExitStack,
    ) -> None:
        super().__init__(capsys)
        alone(folder, monkeypatch)
        self.monkeypatch = monkeypatch
        self.loses = 0
        self.down = False
        engine, own = open_records(folder / "incidents"), open_records(folder / "identity")
        stack.callback(engine.dispose)
        stack.callback(own.dispose)
        identity = Identity(own, lambda: NOW, os.urandom)

        def site(*, base_url: str, settings: Settings) -> Client:
            serving = Serving(
                pages=Pages(FakeFacts(), lambda: NOW), drain=lambda: 0, identity=identity
            )
            client = Client(
                create_app(serving, settings, background=False),
                base_url=base_url,
                raise_server_exceptions=False,
            )
            client.serving = serving
            stack.enter_context(client)
            return client

        self.team = IncidentTeam(site, identity, engine)
        monkeypatch.setattr("pawl.world.server_client.ServerClient", self._client)
        monkeypatch.setenv("PAWL_SERVER", TEAM)
        self.as_("ann")

    def as_(self, person: str) -> "Room":
        """Give the next commands as somebody."""
        self.monkeypatch.setenv("PAWL_TOKEN", self.team.tokens[person].secret)
        return self

    def declared(self, title: str = "Search answers nothing", *more: str) -> str:
        """Return the id of an incident that was declared."""
        return str(self.told("incident", "declare", title, *more)["incident"]["id"])

    def _client(self, url: str, token: str | None, timeout_s: float = 0) -> Wire:
        if self.down:
            return Silence(self.team.client, "")
        wire = Wire(self.team.client, token or "", self.loses)
        self.loses = 0
        return wire


class Silence(Wire):
    """A server that does not answer."""

    def ask(self, *given: Any, **more: Any) -> tuple[int, bytes]:
        """Raise Unavailable."""
        raise Unavailable("the server does not answer: refused.", place=self.url)
