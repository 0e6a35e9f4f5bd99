"""A site on the in-memory store, asked through HTTP without a socket."""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.server.fakes import NOW, FakeFacts

from pawl.server.app import create_app
from pawl.server.site import Settings
from pawl.services.changes import ChangeDesk
from pawl.services.identity import Identity
from pawl.services.pages import Pages
from pawl.services.serving import Serving
from pawl.store.records.engine import open_records


class Client(TestClient):
    """A client that knows what it asks."""

    serving: Serving


Ask = Callable[..., Client]


Clock = list[str]


@pytest.fixture
def clock() -> Clock:
    """Return a list of one, the canonical time that tokens and sessions see."""
    return [NOW]


@pytest.fixture
def identity(tmp_path: Path, clock: Clock) -> Iterator[Identity]:
    """Return tokens and sessions in records of their own."""
    engine = open_records(tmp_path / "identity")
    yield Identity(engine, lambda: clock[0], os.urandom)
    engine.dispose()


def csrf_in(text: str) -> str:
    """Return the proof that a page's forms carry."""
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', text)
    assert found, "no form of the page carries a proof"
    return found[1]


@pytest.fixture
def site(identity: Identity) -> Iterator[Ask]:
    """Return a maker of clients: facts and settings in, a client out."""
    with ExitStack() as stack:

        def make(
            facts: FakeFacts | None = None,
            *,
            base_url: str = "http://127.0.0.1:8787",
            settings: Settings | None = None,
            drain: Callable[[], int] = lambda: 0,
            changes: ChangeDesk | None = None,
        ) -> Client:
            pages = Pages(facts or FakeFacts(), lambda: NOW)
            serving = Serving(pages=pages, drain=drain, identity=identity, changes=changes)
            app = create_app(serving, settings or Settings(), background=False)
            client = Client(
                app, base_url=base_url, raise_server_exceptions=False, follow_redirects=False
            )
            client.serving = serving
            stack.enter_context(client)
            return client

        yield make
