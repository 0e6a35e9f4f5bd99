"""The other end of a confined program's only way out, and of its attempts to find another.

A process of its own, outside of the confinement: it is handed the listeners that were made inside
(see `confined`), carries what comes in at the model's own address on loopback to that address
outside, answers as an HTTP proxy where the model is elsewhere, and opens connections to the
allowed hosts only. It notes every attempt: those that it is asked for, and, by their packets,
those that go past it and end nowhere.
"""

import array
import asyncio
import os
import signal
import socket
import struct
from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec

from pawl.base import typed
from pawl.evals.holding import Seen, Upstream, Ways
from pawl.evals.record import Egress
from pawl.world.process import die_with_parent

MAX_ATTEMPTS = 1000
"""Different attempts that are noted; with more, nobody may say that all were seen."""
_MAX_HEADS = 100
_HEAD_BYTES = 4096
_MAX_HEAD = 64 * 1024
_PIECE = 256 * 1024
_MESSAGE = 1024 * 1024
_CONNECT_S = 30.0
_OUTGOING = 4  # PACKET_OUTGOING, <linux/if_packet.h>: loopback shows each packet twice.
_SOL_PACKET, _PACKET_STATISTICS = 263, 6
_TCP, _UDP, _ICMP, _ICMP6 = 6, 17, 1, 58
_DNS = 53


class WayOut:
    """The process at the other end. `door` is for the confined programs, one after the other."""

    def __init__(self, ways: Ways) -> None:
        self._control, control = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        theirs, self.door = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        parent = os.getpid()
        self._child = os.fork()
        if self._child == 0:
            try:
                die_with_parent(parent)
                for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                    signal.signal(number, signal.SIG_IGN)  # It ends when it is told, or with us.
                signal.set_wakeup_fd(-1)
                self._control.close()
                self.door.close()
                asyncio.run(_Other(ways, theirs, control).serve())
            finally:
                os._exit(0)
        theirs.close()
        control.close()

    def __enter__(self) -> "WayOut":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def finish(self) -> Seen:
        """End the process and return what it saw."""
        try:
            self._control.sendall(b"e")
            told = bytearray()
            while piece := self._control.recv(_MESSAGE):
                told += piece
            return typed.decode(bytes(told), type=Seen)
        except (OSError, msgspec.DecodeError):
            return Seen(lost=True)
        finally:
            self.close()

    def close(self) -> None:
        """End the process, whatever it saw. May be called again."""
        if self._child:
            child, self._child = self._child, 0
            self._control.close()
            self.door.close()
            try:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
            except (ProcessLookupError, ChildProcessError):
                pass  # Somebody else reaped it.


class Asked(NamedTuple):
    """What a client asks a proxy for. `head` is what the server is to be sent first."""

    host: str
    port: int
    head: bytes
    tunnel: bool


class _Other:
    def __init__(self, ways: Ways, door: socket.socket, control: socket.socket) -> None:
        self._ways, self._door, self._control = ways, door, control
        self._reports: list[dict[str, Any]] = []
        self._egress: dict[Egress, None] = {}
        self._heads: list[str] = []
        self._lost = False
        self._packets: socket.socket | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def serve(self) -> None:
        loop = asyncio.get_running_loop()
        ended = asyncio.Event()
        self._door.setblocking(False)
        loop.add_reader(self._door, self._hear_program)
        loop.add_reader(self._control, ended.set)
        await ended.wait()
        self._hear_packets()
        seen = Seen(
            reports=tuple(self._reports),
            egress=tuple(self._egress),
            heads=tuple(self._heads),
            lost=self._lost_any(),
        )
        loop.remove_reader(self._control)
        self._control.setblocking(True)
        self._control.recv(1)  # Closed unread, it would take what was sent with it.
        self._control.sendall(msgspec.json.encode(seen))
        self._control.close()

    def _note(self, host: str, port: int | None, *, allowed: bool) -> None:
        attempt = Egress(host=host[:300], port=port, allowed=allowed)
        if len(self._egress) < MAX_ATTEMPTS:
            self._egress.setdefault(attempt)
        elif attempt not in self._egress:
            self._lost = True

    def _lost_any(self) -> bool:
        if self._packets is None:
            return self._lost
        told = self._packets.getsockopt(_SOL_PACKET, _PACKET_STATISTICS, 8)
        return self._lost or struct.unpack("II", told)[1] > 0

    # -- a program arrives ------------------------------------------------------------------

    def _hear_program(self) -> None:
        try:
            data, rights, _, _ = self._door.recvmsg(_MESSAGE, socket.CMSG_SPACE(64 * 4))
        except (BlockingIOError, InterruptedError):
            return
        if not data:
            asyncio.get_running_loop().remove_reader(self._door)
            return
        handed = array.array("i")
        for level, kind, content in rights:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                handed.frombytes(content[: len(content) - len(content) % handed.itemsize])
        self._reports.append(typed.decode(data, type=dict[str, Any]))
        for fd in handed:
            self._take(socket.socket(fileno=fd))
        self._door.send(b"g")

    def _take(self, one: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        one.setblocking(False)
        if one.family == socket.AF_PACKET:
            self._packets = one
            loop.add_reader(one, self._hear_packets)
            return
        task = loop.create_task(self._listen(one))
        self._tasks.add(task)

    async def _listen(self, listener: socket.socket) -> None:
        port = listener.getsockname()[1]
        forward = self._ways.forward
        taken = self._carry if forward and forward[1] == port else self._proxy
        server = await asyncio.start_server(taken, sock=listener, limit=_MAX_HEAD)
        await server.serve_forever()

    # -- ways ---------------------------------------------------------------------------------

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert self._ways.forward is not None
        host, port = self._ways.forward
        self._note(host, port, allowed=True)
        await self._join(reader, writer, Asked(host, port, b"", tunnel=False))

    async def _proxy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError):
            writer.close()
            return
        asked = asked_of(head)
        if asked is None:
            await _refuse(writer, b"400 Bad Request")
            return
        allowed = is_allowed(asked.host, self._ways.hosts)
        self._note(asked.host, asked.port, allowed=allowed)
        if not allowed:
            if len(self._heads) < _MAX_HEADS:
                self._heads.append(head[:_HEAD_BYTES].decode("utf-8", "replace"))
            else:
                self._lost = True
            await _refuse(writer, b"403 Forbidden")
            return
        await self._join(reader, writer, asked)

    async def _join(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, asked: Asked
    ) -> None:
        try:
            from_far, to_far = await asyncio.wait_for(_far(asked, self._ways.upstream), _CONNECT_S)
        except (OSError, TimeoutError, UnicodeError, asyncio.IncompleteReadError):
            await _refuse(writer, b"502 Bad Gateway")
            return
        if asked.tunnel:
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        elif asked.head:
            to_far.write(asked.head)
        await asyncio.gather(_pump(reader, to_far), _pump(from_far, writer))

    # -- past all ways ------------------------------------------------------------------------

    def _hear_packets(self) -> None:
        if self._packets is None:
            return
        for _ in range(10_000):
            try:
                data, address = self._packets.recvfrom(512)
            except (BlockingIOError, InterruptedError):
                return
            if address[2] == _OUTGOING:
                found = attempt_in(data)
                if found is not None:
                    self._note(found.host, found.port, allowed=False)


async def _far(
    asked: Asked, upstream: Upstream | None
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Return a connection to what is asked for, through the machine's own proxy if it has one.

    Only tunnels go through that one; a model is spoken to by TLS. Raises OSError.
    """
    if upstream is None or not asked.tunnel or _is_direct(asked.host, upstream.direct):
        return await asyncio.open_connection(asked.host, asked.port)
    reader, writer = await asyncio.open_connection(upstream.host, upstream.port)
    place = f"[{asked.host}]:{asked.port}" if ":" in asked.host else f"{asked.host}:{asked.port}"
    lines = [f"CONNECT {place} HTTP/1.1", f"Host: {place}"]
    if upstream.authorization:
        lines.append(f"Proxy-Authorization: {upstream.authorization}")
    writer.write("\r\n".join([*lines, "", ""]).encode())
    told = await reader.readuntil(b"\r\n\r\n")
    if told.split(b" ", 2)[1:2] != [b"200"]:
        writer.close()
        raise ConnectionRefusedError
    return reader, writer


def _is_direct(host: str, direct: Iterable[str]) -> bool:
    bare = host.lower().rstrip(".")
    return any(each == "*" or bare == each or bare.endswith(f".{each}") for each in direct)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while piece := await reader.read(_PIECE):
            writer.write(piece)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
    except OSError:
        writer.close()


async def _refuse(writer: asyncio.StreamWriter, status: bytes) -> None:
    try:
        writer.write(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()
    except OSError:
        pass  # The client has gone.


def is_allowed(host: str, hosts: Iterable[str]) -> bool:
    """Say whether a host is among the allowed ones; `*.example.org` is every host below."""
    bare = host.lower().rstrip(".")
    return any(
        bare.endswith(each[1:].lower()) if each.startswith("*.") else bare == each.lower()
        for each in hosts
    )


def asked_of(head: bytes) -> Asked | None:
    """Return what the head of a request asks a proxy for; None where that is no sense.

    One request a connection: the next could name another host.
    """
    first, _, rest = head.partition(b"\r\n")
    parts = first.split(b" ")
    if len(parts) != 3 or not parts[2].startswith(b"HTTP/1."):
        return None
    method, target, version = parts
    if method == b"CONNECT":
        place = _host_port(target.decode("latin-1"), 443)
        return None if place is None else Asked(*place, b"", tunnel=True)
    scheme, _, after = target.decode("latin-1").partition("://")
    authority, slash, path = after.partition("/")
    place = _host_port(authority, 80)
    if scheme.lower() != "http" or place is None:
        return None
    lines = [
        line
        for line in rest.split(b"\r\n")
        if line and not line.lower().startswith((b"proxy-", b"connection:"))
    ]
    start = b" ".join((method, (slash or "/").encode() + path.encode("latin-1"), version))
    return Asked(
        *place, b"\r\n".join([start, *lines, b"Connection: close", b"", b""]), tunnel=False
    )


def _host_port(authority: str, port: int) -> tuple[str, int] | None:
    host, colon, number = authority.rpartition(":")
    if not colon or "]" in number:
        host, number = authority, str(port)
    host = host.strip("[]")
    if not host or len(host) > 253 or "@" in host or not number.isascii() or not number.isdigit():
        return None
    return (host, int(number)) if 0 < int(number) < 65536 else None


class Attempt(NamedTuple):
    """One attempt to reach a host past all ways: by address, or the name that was asked for."""

    host: str
    port: int | None


def attempt_in(packet: bytes) -> Attempt | None:
    """Return the attempt that a packet on loopback is; None where it stays there, or is noise.

    A question to a name server is an attempt wherever that server is, since it is about a host.
    """
    if len(packet) < 20:
        return None
    if packet[0] >> 4 == 4:
        protocol, body = packet[9], packet[4 * (packet[0] & 15) :]
        address = socket.inet_ntop(socket.AF_INET, packet[16:20])
        local = address.startswith("127.") or packet[16:20] == bytes(4)
        noise = packet[16] >= 224
    elif packet[0] >> 4 == 6 and len(packet) >= 40:
        protocol, body = packet[6], packet[40:]
        address = socket.inet_ntop(socket.AF_INET6, packet[24:40])
        local = address in ("::1", "::") or address.startswith("::ffff:127.")
        noise = packet[24] == 0xFF
    else:
        return None
    port = int.from_bytes(body[2:4], "big") if protocol in (_TCP, _UDP) and len(body) > 3 else None
    if protocol == _UDP and port == _DNS:
        name = asked_name(body[8:])
        if name:
            return Attempt(name, _DNS)
    if local or noise or (protocol in (_ICMP, _ICMP6) and body[:1] not in (b"\x08", b"\x80")):
        return None
    return Attempt(address, port)


def asked_name(question: bytes) -> str:
    """Return the name that a DNS query asks for, or nothing (RFC 1035, section 4.1)."""
    at = 12
    labels: list[str] = []
    while at < len(question) and 0 < question[at] < 64 and len(labels) < 127:
        labels.append(question[at + 1 : at + 1 + question[at]].decode("ascii", "replace"))
        at += 1 + question[at]
    return ".".join(labels).lower() if at < len(question) and question[at] == 0 else ""
