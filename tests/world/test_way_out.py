"""What a way out is asked for, and what goes past it."""

import asyncio
import socket
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.looping import finished

from pawl.evals.holding import Upstream
from pawl.world import way_out
from pawl.world.way_out import Asked, Attempt, asked_name, asked_of, attempt_in, is_allowed


@pytest.mark.parametrize(
    ("host", "hosts", "allowed"),
    [
        ("api.example.com", ("api.example.com",), True),
        ("API.example.com.", ("api.example.com",), True),
        ("evil-api.example.com", ("api.example.com",), False),
        ("api.example.com.evil.test", ("api.example.com",), False),
        ("a.b.example.com", ("*.example.com",), True),
        ("example.com", ("*.example.com",), False),
        ("evilexample.com", ("*.example.com",), False),
        ("x", (), False),
    ],
)
def test_only_named_hosts_are_allowed(host: str, hosts: tuple[str, ...], allowed: bool) -> None:
    """A host is itself, whatever its case; a star is every host below a domain."""
    assert is_allowed(host, hosts) is allowed


def test_a_tunnel_and_a_plain_request_are_told_apart() -> None:
    """CONNECT asks for a tunnel; a request is rewritten for its server, one a connection."""
    assert asked_of(b"CONNECT a.test:8443 HTTP/1.1\r\n\r\n") == Asked("a.test", 8443, b"", True)
    asked = asked_of(
        b"GET http://a.test/x?y HTTP/1.1\r\nHost: a.test\r\nProxy-Connection: keep-alive\r\n"
        b"Connection: keep-alive\r\n\r\n"
    )
    assert asked is not None
    assert (asked.host, asked.port, asked.tunnel) == ("a.test", 80, False)
    assert asked.head == b"GET /x?y HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n"
    assert asked_of(b"CONNECT [::1]:99 HTTP/1.1\r\n\r\n") == Asked("::1", 99, b"", True)


@pytest.mark.parametrize(
    "head",
    [
        b"", b"\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", b"CONNECT HTTP/1.1\r\n\r\n",
        b"CONNECT a:0 HTTP/1.1\r\n\r\n", b"CONNECT a:99999 HTTP/1.1\r\n\r\n",
        b"GET ftp://a/ HTTP/1.1\r\n\r\n", b"GET http://u@a/ HTTP/1.1\r\n\r\n",
        b"CONNECT a:1 HTTP/2\r\n\r\n",
    ],
)  # fmt: skip
def test_nonsense_asks_for_nothing(head: bytes) -> None:
    """A head that names no host, no port that can be, or another protocol is refused."""
    assert asked_of(head) is None


@given(head=st.binary(max_size=200))
def test_no_head_breaks_the_proxy(head: bytes) -> None:
    """Whatever stands in a request, the answer is a host and a port, or nothing."""
    found = asked_of(head)
    assert found is None or (found.host and 0 < found.port < 65536)


def _ipv4(address: str, protocol: int, body: bytes) -> bytes:
    source = socket.inet_aton("192.0.2.1")
    head = struct.pack("!BBHHHBBH", 0x45, 0, 0, 0, 0, 64, protocol, 0)
    return head + source + socket.inet_aton(address) + body


def _ipv6(address: str, protocol: int, body: bytes) -> bytes:
    return (
        struct.pack("!IHBB", 6 << 28, len(body), protocol, 64)
        + bytes(16)
        + socket.inet_pton(socket.AF_INET6, address)
        + body
    )


def _query(name: str) -> bytes:
    labels = b"".join(bytes([len(each)]) + each.encode() for each in name.split("."))
    return bytes(12) + labels + b"\0" + struct.pack("!HH", 1, 1)


def test_an_attempt_is_read_from_its_first_packet() -> None:
    """Of TCP and UDP the address and port are told, of a ping the address."""
    syn = struct.pack("!HH", 40000, 443) + bytes(16)
    assert attempt_in(_ipv4("198.51.100.7", 6, syn)) == Attempt("198.51.100.7", 443)
    assert attempt_in(_ipv6("2001:db8::7", 17, syn)) == Attempt("2001:db8::7", 443)
    assert attempt_in(_ipv4("198.51.100.7", 1, b"\x08\0")) == Attempt("198.51.100.7", None)


def test_a_question_for_a_name_is_about_that_host() -> None:
    """A DNS query is an attempt by name, also where the name server is on loopback."""
    body = struct.pack("!HHHH", 40000, 53, 0, 0) + _query("Exfil.attacker.test")
    for address in ("198.51.100.7", "127.0.0.53"):
        assert attempt_in(_ipv4(address, 17, body)) == Attempt("exfil.attacker.test", 53)
    assert asked_name(_query("a.b")) == "a.b"


def test_what_stays_on_loopback_is_no_attempt() -> None:
    """Loopback, multicast and errors of the kernel's own are left out."""
    syn = struct.pack("!HH", 40000, 443) + bytes(16)
    for packet in (
        _ipv4("127.0.0.1", 6, syn),
        _ipv4("224.0.0.251", 17, syn),
        _ipv4("198.51.100.7", 1, b"\x03\x03"),
        _ipv6("::1", 6, syn),
        _ipv6("ff02::1", 58, b"\x8f"),
    ):
        assert attempt_in(packet) is None


@given(packet=st.binary(max_size=120))
def test_no_packet_breaks_the_recorder(packet: bytes) -> None:
    """Whatever is heard, the answer is an attempt or nothing."""
    found = attempt_in(packet)
    assert found is None or found.host


@pytest.mark.parametrize(
    ("answer", "told"),
    [(b"HTTP/1.1 200 OK\r\n\r\nhello", b"hello"), (b"HTTP/1.1 407 No\r\n\r\n", b"")],
)
def test_a_tunnel_goes_through_the_machines_own_proxy(answer: bytes, told: bytes) -> None:
    """The proxy outside is asked with its credentials; where it refuses, there is no way."""
    heads: list[bytes] = []

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(answer)
        await writer.drain()
        writer.close()

    async def through() -> bytes:
        server = await asyncio.start_server(proxy, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            upstream = Upstream(
                host="127.0.0.1", port=port, authorization="Basic eA==", direct=("near.test",)
            )
            asked = Asked("far.test", 443, b"", tunnel=True)
            try:
                reader, writer = await way_out._far(asked, upstream)
            except ConnectionRefusedError:
                return b""
            found = await reader.read()
            writer.close()
            return found

    assert finished(through()) == told
    assert heads == [
        b"CONNECT far.test:443 HTTP/1.1\r\nHost: far.test:443\r\n"
        b"Proxy-Authorization: Basic eA==\r\n\r\n"
    ]
