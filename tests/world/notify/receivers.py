"""Receivers on this machine: one of HTTP that answers as told, one of SMTP with TLS."""

import datetime
import http.server
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class Received:
    """What came in, and what to answer: a status, headers and a body."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.status, self.headers, self.body = 200, dict[str, str](), b"ok"
        self.hold = threading.Event()
        self.hold.set()
        self.url = ""


@contextmanager
def http_receiver() -> Iterator[Received]:
    """Serve a receiver that records requests; it waits while `hold` is cleared."""
    received = Received()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            received.requests.append((self.path, headers, body))
            received.hold.wait(30)
            try:
                self.send_response(received.status)
                for name, value in received.headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(received.body)))
                self.end_headers()
                self.wfile.write(received.body)
            except OSError:
                pass  # The sender did not wait.

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    received.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield received
    finally:
        received.hold.set()
        server.shutdown()
        thread.join()
        server.server_close()


class Mail:
    """What an SMTP server was told: envelopes with messages, and who signed in."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, list[str], bytes]] = []
        self.logins: list[str] = []
        self.refuse = ""
        self.starttls = True
        self.port = 0


class _Session(StreamRequestHandler):
    """One conversation: each command has a method, anything else is fine."""

    mail: Mail
    context: ssl.SSLContext

    def setup(self) -> None:
        super().setup()
        self.sender, self.to = "", list[str]()

    def handle(self) -> None:
        self.say("220 test")
        while line := self.rfile.readline(4096).decode():
            word = line.split(None, 1)[0].upper() if line.strip() else ""
            if word == "QUIT":
                self.say("221 bye")
                return
            getattr(self, f"on_{word.lower()}", self.on_other)(line)

    def say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")
        self.wfile.flush()

    def on_other(self, line: str) -> None:
        self.say("250 ok")

    def on_ehlo(self, line: str) -> None:
        secure = isinstance(self.request, ssl.SSLSocket)
        self.say("250-test")
        self.say("250 AUTH PLAIN" if secure or not self.mail.starttls else "250 STARTTLS")

    def on_starttls(self, line: str) -> None:
        self.say("220 go")
        self.request = self.context.wrap_socket(self.request, server_side=True)
        self.setup()

    def on_auth(self, line: str) -> None:
        self.mail.logins.append(line.split()[2])
        self.say("535 no" if self.mail.refuse == "AUTH" else "235 yes")

    def on_mail(self, line: str) -> None:
        self.sender = line[10:].strip()
        self.say("451 later" if self.mail.refuse == "MAIL" else "250 ok")

    def on_rcpt(self, line: str) -> None:
        self.to.append(line[8:].strip())
        self.say("250 ok")

    def on_data(self, line: str) -> None:
        self.say("354 go")
        text = b""
        while (part := self.rfile.readline()) != b".\r\n":
            text += part
        self.mail.messages.append((self.sender, self.to, text))
        self.say("250 kept")

    def finish(self) -> None:
        try:
            super().finish()
        finally:
            self.request.close()


@contextmanager
def smtp_receiver(folder: Path) -> Iterator[Mail]:
    """Serve a small SMTP server with STARTTLS; its certificate is `folder/ca.pem`."""
    context = _certificate(folder)
    mail = Mail()

    class Session(_Session):
        pass

    Session.mail, Session.context = mail, context

    class Server(ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """Say nothing: a client that hangs up is part of the tests."""

    server = Server(("127.0.0.1", 0), Session)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    mail.port = server.server_address[1]
    try:
        yield mail
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _certificate(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (folder / "ca.pem").write_bytes(pem)
    (folder / "both.pem").write_bytes(pem + private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "both.pem")
    return context
