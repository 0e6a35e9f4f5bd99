"""Whose machine an address names: this one, one of the same network, or any other."""

from pawl.base.patterns import regex

_HOST = regex(
    r"(?i)[a-z][a-z0-9+.-]{0,20}://(?:[^/?#\s@]{0,300}@)?(\[[^\]]{0,60}\]|[^/?#:\s]{0,260})"
)
_PRIVATE = regex(
    r"(?:10|192\.168|172\.(?:1[6-9]|2\d|3[01])|169\.254)(?:\.\d{1,3}){1,3}|\[f[cd][0-9a-f:]{0,40}\]"
)
_LOOPED = regex(r"127(?:\.\d{1,3}){1,3}")
_THIS = frozenset({"localhost", "0.0.0.0", "[::1]", "[::]", "host.docker.internal", ""})  # noqa: S104
_NEAR = (".local", ".internal", ".lan", ".svc", ".test", ".localdomain", ".home.arpa")


def host_of(address: str) -> str | None:
    """Return the host of an address in small letters; None for a text that is no address."""
    match = _HOST.match(address.strip()[:2000])
    return None if match is None else match[1].lower().rstrip(".")


def is_this_machine(address: str) -> bool:
    """Say whether an address stays on this machine, or is none."""
    host = host_of(address)
    if host is None:
        return False
    looped = _LOOPED.fullmatch(host) is not None
    return looped or host in _THIS or host.endswith(".localhost")


def is_near(address: str) -> bool:
    """Say whether an address stays in a private network, as far as its form tells."""
    host = host_of(address) or ""
    bare = "." not in host and ":" not in host
    return bare or host.endswith(_NEAR) or _PRIVATE.fullmatch(host) is not None
