"""Serve a code host that is made for a test over real HTTP."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol

from tests.world.host.fake_host import Sent


class Host(Protocol):
    """A code host: what it answers, and where it is served."""

    origin: str

    def answer(self, method: str, target: str, headers: dict[str, str], content: Any) -> Sent:
        """Return what it sends for a request."""


@contextmanager
def serving(host: Host) -> Iterator[str]:
    """Serve a host on this machine and give its origin."""

    class Handler(BaseHTTPRequestHandler):
        def _do(self) -> None:
            headers = {name.lower(): text for name, text in self.headers.items()}
            size = int(headers.get("content-length", "0"))
            content = json.loads(self.rfile.read(size)) if size else None
            sent = host.answer(self.command, self.path, headers, content)
            self.send_response(sent.status)
            for name, text in sent.headers.items():
                self.send_header(name, text)
            if sent.status != 204:
                self.send_header("Content-Length", str(len(sent.body)))
            self.end_headers()
            self.wfile.write(sent.body)

        def do_GET(self) -> None:
            self._do()

        def do_POST(self) -> None:
            self._do()

        def do_PATCH(self) -> None:
            self._do()

        def do_PUT(self) -> None:
            self._do()

        def do_DELETE(self) -> None:
            self._do()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    host.origin = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield host.origin
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
