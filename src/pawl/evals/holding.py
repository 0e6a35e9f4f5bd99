"""How a trial's programs are held, and what was seen of them, as plain values."""

from typing import Any

import msgspec

from pawl.evals.record import Egress


class Upstream(msgspec.Struct, frozen=True, kw_only=True):
    """A proxy that this machine itself needs to get out, and the hosts that it is not asked for."""

    host: str
    port: int
    authorization: str = ""
    """The value of `Proxy-Authorization`, if it wants one."""
    direct: tuple[str, ...] = ()


class Ways(msgspec.Struct, frozen=True, kw_only=True):
    """Where a held program may go: to hosts through the proxy, or to one address as it is.

    `*.example.org` allows every host below. `forward` is the model's own address on loopback.
    """

    hosts: tuple[str, ...] = ()
    forward: tuple[str, int] | None = None
    proxy_port: int = 3128
    upstream: Upstream | None = None


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """How programs are held. `part` is false where the machine has no namespaces.

    `network` is `none` or `open`. `writable` are the folders that may be written to; `tmp` stands
    in the place of /tmp, of which the folders that are `needed` stay. Those that are
    `hidden` are empty inside. `memory` is in bytes, of
    each process.
    """

    part: bool
    network: str
    writable: tuple[str, ...]
    tmp: str
    needed: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    memory: int | None = None


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What was seen: the reports of the programs, in order, the attempts, and requests' heads."""

    reports: tuple[dict[str, Any], ...] = ()
    egress: tuple[Egress, ...] = ()
    heads: tuple[str, ...] = ()
    """The first lines of requests that were denied, which may carry something out."""
    lost: bool = False
    """Whether there was more than could be noted."""

    @property
    def failure(self) -> str:
        """Why a program could not be held, or nothing. It was not started then."""
        return next((str(told["failed"]) for told in self.reports if told.get("failed")), "")

    @property
    def network_denied(self) -> bool:
        """Whether the first program had no network but loopback, and that was proved inside.

        Every probe must have failed, at an address that was reached from outside.
        """
        if not self.reports or self.failure or not self.reports[0].get("network"):
            return False
        probes = self.reports[0].get("probes", [])
        return bool(probes) and all(probe[-1] != "yes" for probe in probes)

    def did(self, what: str) -> bool:
        """Say whether the first program was held in one way: `files` or `memory`."""
        return bool(self.reports) and bool(self.reports[0].get(what))


class CommandEnd(msgspec.Struct, frozen=True, kw_only=True):
    """How a command ended; `status` is None where it was ended by us, or could not start."""

    status: int | None
    timed_out: bool
    output: bytes
