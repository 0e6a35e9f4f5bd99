"""The socket over which an agent's hooks ask the supervisor of their run.

One connection, one question: the client sends the run's token, a newline and the hook's own
JSON, and shuts its side down; it gets one JSON answer. Whoever does not know the token, sends
too much or dawdles is hung up on, and an unanswered hook refuses the tool call.
"""

import os
import selectors
import shutil
import socket
import tempfile
import time
from collections.abc import Callable
from hmac import compare_digest

from pawl.runs.outside import Asked, Happening

MAX_QUESTION_BYTES = 8 * 1024 * 1024
_MAX_CLIENTS = 8
_PATIENCE_S = 5.0
_LONGEST_PATH = 100  # sockaddr_un holds 108 bytes on Linux and 104 on macOS.


class HookSocket:
    """A listening unix socket in a folder of its own that only this user may enter."""

    def __init__(self, token: str, folder: str) -> None:
        self._token = token.encode()
        self._made: str | None = None
        if len(os.fsencode(os.path.join(folder, "hook"))) > _LONGEST_PATH:
            folder = self._made = tempfile.mkdtemp(prefix="pawl-")
        self.path = os.path.join(folder, "hook")
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.setblocking(False)
        self._listener.bind(self.path)
        os.chmod(self.path, 0o600)
        self._listener.listen(64)
        self._clients: dict[int, _Client] = {}
        self._tickets = 0

    def attach(self, selector: selectors.BaseSelector) -> None:
        """Wait for questions in this selector."""
        self._selector = selector
        selector.register(self._listener, selectors.EVENT_READ, self._accept)

    def answer(self, ticket: int, body: bytes) -> None:
        """Answer a question and hang up."""
        client = self._clients.pop(ticket, None)
        if client is None:
            return
        try:
            # An answer is a few hundred bytes, which a socket takes at once.
            client.socket.send(body)
        except OSError:
            pass  # It hung up, and has refused the call by itself.
        client.socket.close()

    def look(self) -> None:
        """Hang up on whoever dawdles, and take new clients only while there is room."""
        now = time.monotonic()
        for ticket, client in list(self._clients.items()):
            if not client.asked and now - client.since > _PATIENCE_S:
                self._drop(ticket)
        listening = self._listener in self._selector.get_map()
        if len(self._clients) >= _MAX_CLIENTS and listening:
            self._selector.unregister(self._listener)
        elif len(self._clients) < _MAX_CLIENTS and not listening:
            self._selector.register(self._listener, selectors.EVENT_READ, self._accept)

    def close(self) -> None:
        """Hang up on everybody and remove the socket."""
        for ticket in list(self._clients):
            self._drop(ticket)
        self._listener.close()
        try:
            os.unlink(self.path)
        except FileNotFoundError:
            pass
        if self._made is not None:
            shutil.rmtree(self._made, ignore_errors=True)

    def _accept(self) -> list[Happening]:
        try:
            connection, _ = self._listener.accept()
        except OSError:
            return []
        connection.setblocking(False)
        self._tickets += 1
        ticket = self._tickets
        self._clients[ticket] = _Client(connection, time.monotonic())
        self._selector.register(connection, selectors.EVENT_READ, self._reader(ticket))
        return []

    def _reader(self, ticket: int) -> Callable[[], list[Happening]]:
        def read() -> list[Happening]:
            client = self._clients[ticket]
            try:
                data = client.socket.recv(256 * 1024)
            except BlockingIOError:
                return []
            except OSError:
                self._drop(ticket)
                return []
            client.text += data
            if len(client.text) > MAX_QUESTION_BYTES:
                self._drop(ticket)
                return []
            if data:
                return []
            self._selector.unregister(client.socket)
            client.asked = True
            token, _, body = bytes(client.text).partition(b"\n")
            client.text.clear()
            if not compare_digest(token, self._token):
                self._drop(ticket)
                return []
            return [Asked(ticket, body)]

        return read

    def _drop(self, ticket: int) -> None:
        client = self._clients.pop(ticket)
        if not client.asked:
            self._selector.unregister(client.socket)
        client.socket.close()


class _Client:
    def __init__(self, connection: socket.socket, since: float) -> None:
        self.socket = connection
        self.since = since
        self.text = bytearray()
        self.asked = False
