"""A service that drips, never ends or answers too much holds nobody up and fills no memory."""

import gzip
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from pawl.base.errors import CannotTell
from pawl.world.asking_http import got


class Hostile(BaseHTTPRequestHandler):
    """Answers as its path says."""

    def do_GET(self) -> None:
        """Drip bytes until whoever asked has gone, or pack a lot into little."""
        self.send_response(200)
        try:
            if self.path == "/bomb":
                body = gzip.compress(b"0" * 50_000_000)
                self.send_header("content-encoding", "gzip")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
                return
            self.end_headers()
            while not self.server.over.wait(0.02):  # type: ignore[attr-defined]
                self.wfile.write(b".")
                self.wfile.flush()
        except OSError:
            pass

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[Any]:
    """A hostile service."""
    made: Any = ThreadingHTTPServer(("127.0.0.1", 0), Hostile)
    made.over = threading.Event()
    made.daemon_threads = True
    thread = threading.Thread(target=made.serve_forever, args=(0.01,))
    thread.start()
    # Should nobody give up, the service does, and the test fails instead of hanging.
    timer = threading.Timer(15, made.over.set)
    timer.start()
    made.url = f"http://127.0.0.1:{made.server_port}"
    yield made
    timer.cancel()
    made.over.set()
    made.shutdown()
    thread.join()
    made.server_close()


def test_an_answer_that_drips_ends_with_the_time(server: Any) -> None:
    """Each byte comes well within the time, and all of them never do; we end it, not they."""
    with pytest.raises(CannotTell, match="did not end in time"):
        got(f"{server.url}/drip", {}, None, timeout_s=0.3, most=1_000_000, place="x")
    assert not server.over.is_set()


def test_a_packed_answer_is_not_unpacked(server: Any) -> None:
    """50 MB in 50 KB are refused before they are 50 MB."""
    with pytest.raises(CannotTell, match="packed"):
        got(f"{server.url}/bomb", {}, None, timeout_s=10, most=1_000_000, place="x")
