"""A site with a cadence of its own, on real records, and people who sign in."""

import os
from pathlib import Path

from tests.server.conftest import Client
from tests.server.fakes import FakeFacts
from tests.services.made_cadence import MONDAY, Made

from pawl.server.app import create_app
from pawl.server.site import Settings
from pawl.services.cadence_server import CadenceServer
from pawl.services.identity import Identity
from pawl.services.pages import Pages
from pawl.services.serving import Serving
from pawl.store.records.engine import open_records
from pawl.store.records.timers import TimerRecords


class CadenceSite:
    """A site, its desk and its tokens; close it after use."""

    def __init__(self, folder: Path, settings: Settings | None = None, port: int = 8787) -> None:
        self.engine = open_records(folder)
        self.made = Made(self.engine)
        self.identity = Identity(self.engine, lambda: MONDAY, os.urandom)
        server = CadenceServer(
            self.made.desk, TimerRecords(self.engine), now=self.made.clock, holder="test"
        )
        self.serving = Serving(
            pages=Pages(FakeFacts(), lambda: MONDAY),
            drain=lambda: 0,
            identity=self.identity,
            cadence=server,
        )
        self.app = create_app(self.serving, settings or Settings(), background=False)
        self.client = Client(
            self.app,
            base_url=f"http://127.0.0.1:{port}",
            raise_server_exceptions=False,
            follow_redirects=False,
        )

    def close(self) -> None:
        """Close the records."""
        self.engine.dispose()
