"""What a server may answer, and what is made of it."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from pawl.base.errors import BadValue, Unavailable
from pawl.world.server_client import ServerClient

Serve = Callable[[int, str, bytes], str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Return what starts a server that gives one answer, and its address."""
    started: list[ThreadingHTTPServer] = []

    def start(status: int, kind: str, body: bytes) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("X-Asked", self.path)
                self.end_headers()
                asked = self.path.encode() + b" " + self.headers.get("Authorization", "").encode()
                self.wfile.write(body or asked)

            def do_POST(self) -> None:
                sent = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                names = ("Idempotency-Key", "Content-Type", "Authorization")
                told = [self.headers.get(name, "").encode() for name in names]
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.end_headers()
                self.wfile.write(b" ".join((b"POST", sent, *told)))

            def log_message(self, format: str, *args: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        started.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in started:
        server.shutdown()
        server.server_close()


def test_a_question_carries_its_parameters_and_the_token(serve: Serve) -> None:
    """Parameters are quoted, a path before ours is kept, and the token goes as Bearer."""
    client = ServerClient(serve(200, "application/json", b"") + "/pawl/", "secret")
    asked = client.get("/api/cost", {"by": "day,model", "project": "a b&c"})
    assert asked == b"/pawl/api/cost?by=day%2Cmodel&project=a+b%26c Bearer secret"


@pytest.mark.parametrize(
    ("status", "kind", "body", "told"),
    [
        (200, "text/html; charset=utf-8", b"<html>", "not a Pawl server"),
        (401, "application/json", b'{"error": {"code": "unauthorized"}}', "token"),
        (303, "text/html", b"", "not a Pawl server"),
        (404, "application/json", b'{"error": {"message": "Nothing here."}}', "Nothing here."),
        (503, "application/json", b'{"error": {"message": "Full.", "hint": "Wait."}}', "Full."),
        (500, "application/json", b"[1", "status 500"),
        (200, "application/json", b" " * 2000, "larger than"),
    ],
)
def test_every_other_answer_is_explained(
    serve: Serve, status: int, kind: str, body: bytes, told: str
) -> None:
    """Whatever is no answer to the question names the server, what is wrong and a remedy."""
    url = serve(status, kind, body)
    with pytest.raises(Unavailable) as caught:
        ServerClient(url, None, max_bytes=1000).get("/api/cost", {})
    assert caught.value.place == url
    assert told in caught.value.message
    assert caught.value.hint


def test_nobody_there() -> None:
    """A port where nothing listens is told as such."""
    with pytest.raises(Unavailable, match="does not answer"):
        ServerClient("http://127.0.0.1:1", None).get("/api/cost", {})


@pytest.mark.parametrize(
    "url", ["pawl.example.org", "ftp://x", "http://", "http://u:p@x", "http://x:port", "http://x?y"]
)
def test_an_address_that_is_none(url: str) -> None:
    """An address that is no http or https address is the asker's to mend."""
    with pytest.raises(BadValue) as caught:
        ServerClient(url, None)
    assert caught.value.place == "PAWL_SERVER"


def test_a_token_that_cannot_be_sent() -> None:
    """A token with a line break in it never reaches a header."""
    with pytest.raises(BadValue) as caught:
        ServerClient("http://x", "a\nb")
    assert caught.value.place == "PAWL_TOKEN"


def test_a_command_carries_its_body_and_its_key(serve: Serve) -> None:
    """What is sent is JSON under its key, and whatever the server says of it is told on."""
    url = serve(409, "application/json", b'{"error": {}}')
    client = ServerClient(url, "secret")
    assert client.ask("GET", "/api/changes", {}) == (409, b'{"error": {}}')
    status, told = client.ask("POST", "/api/changes", {}, b'{"a": 1}', "k-1")
    assert status == 409
    assert told == b'POST {"a": 1} k-1 application/json Bearer secret'
    with pytest.raises(Unavailable, match="not a Pawl server"):
        ServerClient(serve(200, "text/html", b"x"), None).ask("GET", "/", {})
    assert ServerClient(serve(401, "text/html", b"x"), None).ask("GET", "/", {})[0] == 401
