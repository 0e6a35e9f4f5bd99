"""Whose machine an address names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.parsing.addresses import host_of, is_near, is_this_machine


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("http://a.example/x", "a.example"),
        ("HTTPS://user:pw@A.Example.:8080/x?y", "a.example"),
        ("http://[::1]:3000/", "[::1]"),
        ("postgres://u@db:5432/x", "db"),
        ("http://", ""),
        ("no address", None),
        ("/etc/passwd", None),
    ],
)
def test_the_host_of_an_address(address: str, host: str | None) -> None:
    """The host stands after the sign and the user, and before port and path."""
    assert host_of(address) == host


@pytest.mark.parametrize(
    "address",
    ["http://localhost:3", "ws://127.0.0.1", "http://[::1]/", "http://x.localhost", "x://0.0.0.0"],
)
def test_this_machine(address: str) -> None:
    """Loopback in all its spellings is this machine."""
    assert is_this_machine(address)


@pytest.mark.parametrize(
    "address",
    [
        "http://localhost.a.example",
        "http://a.example/?x=localhost",
        "http://127.0.0.1@b.c",
        "http://127.a.example",
    ],
)
def test_other_machines(address: str) -> None:
    """A name that only holds the word is another machine."""
    assert not is_this_machine(address)


@pytest.mark.parametrize(
    ("address", "near"),
    [
        ("http://10.1.2.3", True),
        ("http://172.16.0.1:8", True),
        ("http://172.32.0.1", False),
        ("http://mcp:8080", True),
        ("http://nas.local", True),
        ("http://a.example", False),
        ("http://[fd00::1]", True),
    ],
)
def test_private_networks(address: str, near: bool) -> None:
    """Private ranges, single words and names of a local network are near."""
    assert is_near(address) is near


@given(st.text(max_size=80))
def test_any_text_is_judged(text: str) -> None:
    """Nothing that somebody writes for an address fails."""
    host_of(text)
    is_this_machine(text)
    is_near(text)
