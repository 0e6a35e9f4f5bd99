"""A site on the in-memory store, asked through HTTP without a socket."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from starlette.testclient import TestClient
from tests.server.fakes import NOW, FakeFacts

from pawl.server.app import create_app
from pawl.server.site import Settings
from pawl.services.pages import Pages
from pawl.services.serving import Serving


class Client(TestClient):
    """A client that knows what it asks."""

    serving: Serving


Ask = Callable[..., Client]


@pytest.fixture
def site() -> Iterator[Ask]:
    """Return a maker of clients: facts and settings in, a client out."""
    with ExitStack() as stack:

        def make(
            facts: FakeFacts | None = None,
            *,
            base_url: str = "http://127.0.0.1:8787",
            settings: Settings | None = None,
            drain: Callable[[], int] = lambda: 0,
        ) -> Client:
            serving = Serving(pages=Pages(facts or FakeFacts(), lambda: NOW), drain=drain)
            app = create_app(serving, settings or Settings(), background=False)
            client = Client(
                app, base_url=base_url, raise_server_exceptions=False, follow_redirects=False
            )
            client.serving = serving
            stack.enter_context(client)
            return client

        yield make
