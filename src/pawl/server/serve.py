"""Listening: take the port, run the server, end it cleanly on a signal."""

import gc
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

from pawl.base.errors import BadValue, Refused, Unavailable
from pawl.server.security import is_loopback

GRACE_S = 5
"""How long open requests may take after a signal."""


class PortTaken(Unavailable):
    """Another program listens on the port."""

    code = "port-taken"


def listen(
    host: str,
    port: int,
    token: str | None,
    *,
    has_tokens: Callable[[], bool] = lambda: False,
    public_host: str = "",
) -> socket.socket:
    """Return a socket that listens; port 0 takes a free one.

    `has_tokens` says whether somebody has a token of their own that counts. `public_host` is the
    name of a proxy that hands requests of others on to it. Raises Refused for an address beyond
    this machine, or such a proxy, without any token, PortTaken, and BadValue for an address that is
    none of this machine's.
    """
    if not is_loopback(host) and not token and not has_tokens():
        raise Refused(
            f"{host} can be reached from other machines, and no token is set.",
            place="--host",
            hint="Set PAWL_TOKEN to a long random secret, hand tokens out with pawl token create, "
            "or leave --host at 127.0.0.1.",
        )
    if public_host and not token and not has_tokens():
        raise Refused(
            f"People reach it as {public_host}, and no token is set.",
            place="server.public_url",
            hint="Hand tokens out with pawl token create, or set PAWL_TOKEN to a long random "
            "secret.",
        )
    if token is not None and len(token) < 16:
        raise BadValue(
            "The token is shorter than 16 characters.",
            place="PAWL_TOKEN",
            hint="Make one with: python3 -c 'import secrets; print(secrets.token_urlsafe())'",
        )
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((host, port))
        made.listen(128)
    except PermissionError as error:
        made.close()
        raise BadValue(
            f"Port {port} needs privileges.", place="--port", hint="Choose one above 1023."
        ) from error
    except OSError as error:
        made.close()
        if error.errno is not None and isinstance(error, socket.gaierror):
            raise BadValue(f"{host!r} is no address.", place="--host") from error
        if "in use" in (error.strerror or "").lower():
            raise PortTaken(
                f"Port {port} is taken by another program.",
                place="--port",
                hint="Choose another one, or --port 0 for any that is free.",
            ) from error
        raise BadValue(f"Cannot listen on {host}: {error.strerror}.", place="--host") from error
    return made


def url_of(listening: socket.socket, host: str) -> str:
    """Return where a browser finds the server."""
    port = listening.getsockname()[1]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{shown}:{port}"


def serve(app: ASGIApp, listening: socket.socket, started: Callable[[], None]) -> int | None:
    """Serve until a signal; return its number, or None when the server ended by itself."""
    config = uvicorn.Config(
        app,
        log_level="error",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
        lifespan="on",
    )
    server = _Server(config, started)
    server.run(sockets=[listening])
    return server.ended_by


class _Server(uvicorn.Server):
    """Remembers the signal instead of raising it again: what comes after must still run."""

    def __init__(self, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self.ended_by: int | None = None
        self._started = started

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        before = {
            number: signal.signal(number, self._end) for number in (signal.SIGINT, signal.SIGTERM)
        }
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        # What was made until now stays: no collection need look at it again. Taking telemetry in
        # makes many objects, and so many collections.
        gc.freeze()
        if not self.should_exit:
            self._started()

    def _end(self, number: int, frame: FrameType | None) -> None:
        self.ended_by = number
        self.handle_exit(number, frame)
