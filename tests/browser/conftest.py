"""A real Chromium against a real server that shows the sample."""

import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
import uvicorn

from pawl.app.serving import server_services
from pawl.server.app import create_app
from pawl.server.site import Settings
from pawl.services.serving import Serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class Served(NamedTuple):
    """A running server: its address, its services, and where it keeps its data."""

    url: str
    serving: Serving
    folder: Path


class Server(uvicorn.Server):
    """A server in a thread: signals are the test runner's."""

    def install_signal_handlers(self) -> None:
        """Leave signals alone."""


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve the sample from real stores, as `pawl up --sample` does."""
    folder = tmp_path_factory.mktemp("sample")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        serving = server_services(folder, url=url, sample=True)
        serving.import_once()
        serving.drain_once()
        app = create_app(serving, Settings(sample=True))
        server = Server(uvicorn.Config(app, log_level="error", lifespan="on"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield Served(url, serving, folder)
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture(scope="session")
def chromium() -> Iterator["Browser"]:
    """Start Debian's Chromium once."""
    binary = shutil.which("chromium") or shutil.which("chromium-browser")
    if binary is None:
        pytest.skip("no chromium on this machine: the pages are not tried in a browser")
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=binary, args=list(FLAGS))
        yield browser
        browser.close()


Open = Callable[..., "Page"]


@pytest.fixture
def open_page(served: Served, chromium: "Browser") -> Iterator[Open]:
    """Return an opener of pages that fails the test on any console error or failed request."""
    troubles: list[str] = []
    contexts: list[BrowserContext] = []

    def opener(
        path: str, *, theme: str = "light", width: int = 1280, scripts: bool = True
    ) -> "Page":
        context = chromium.new_context(
            viewport={"width": width, "height": 1000},
            color_scheme="dark" if theme == "dark" else "light",
            java_script_enabled=scripts,
            reduced_motion="reduce",
        )
        contexts.append(context)
        page = context.new_page()
        page.on(
            "console",
            lambda message: (
                troubles.append(f"console: {message.text}")
                if message.type in ("error", "warning")
                else None
            ),
        )
        page.on("pageerror", lambda error: troubles.append(f"script: {error}"))
        page.on(
            "requestfailed",
            lambda request: (
                # A page that is left takes its own unanswered questions back.
                troubles.append(f"failed: {request.url}: {request.failure}")
                if request.failure != "net::ERR_ABORTED"
                else None
            ),
        )
        page.on(
            "response",
            lambda answer: (
                troubles.append(f"{answer.status}: {answer.url}") if answer.status >= 400 else None
            ),
        )
        page.goto(served.url + path)
        return page

    yield opener
    seen = list(troubles)  # What a closing page leaves unanswered is no trouble.
    for context in contexts:
        context.close()
    assert seen == []
