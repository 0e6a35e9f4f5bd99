"""Real ClickHouse servers for tests, alone or as a cluster, on loopback ports of their own.

The engine comes as a shared library from npm (`npm ci` in tests/scale/clickhouse); a child
process serves it over HTTP and its native protocol. Where the library is missing its tests are
skipped, and CI, which installs it, refuses a report in which any test was skipped.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent / "clickhouse"
LIBRARY = HERE / "node_modules/@chdb/lib-linux-x64-gnu/libchdb.so"
USER, PASSWORD = "app", "pw:/@"
_START_S = 60.0

_USERS = """<clickhouse><profiles><default/></profiles><quotas><default/></quotas><users>
<default><password></password><networks><ip>127.0.0.1</ip></networks>
<profile>default</profile><quota>default</quota></default>
<app><password>{password}</password><networks><ip>127.0.0.1</ip></networks>
<profile>default</profile><quota>default</quota></app></users></clickhouse>"""
_SERVER = """<clickhouse><listen_host>127.0.0.1</listen_host>
<tcp_port>{tcp}</tcp_port><http_port>{http}</http_port><users_config>{users}</users_config>
<remote_servers>{clusters}</remote_servers>
<logger><level>error</level><log>{log}</log></logger></clickhouse>"""


def clickhouse_missing() -> str | None:
    """Why no ClickHouse can be started here, in one line; None when it can."""
    return None if LIBRARY.exists() else "no ClickHouse: run `npm ci` in tests/scale/clickhouse"


@dataclass
class Node:
    """One server: where it keeps its data, and its two ports."""

    folder: Path
    tcp: int
    http: int
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self) -> None:
        """Start it and wait until it answers."""
        with (self.folder / "said").open("ab") as said:
            self.process = subprocess.Popen(
                [
                    sys.executable,
                    str(Path(__file__).with_name("serve_clickhouse.py")),
                    str(LIBRARY),
                    str(self.folder / "server.xml"),
                    str(self.folder / "data"),
                ],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=said,
                env={name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
            )
        give_up = time.monotonic() + _START_S
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > give_up:
                said_text = (self.folder / "said").read_text()
                raise AssertionError(f"ClickHouse did not start: {said_text}")
            time.sleep(0.02)

    def answers(self) -> bool:
        """Say whether it answers a ping."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.http}/ping", timeout=1) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def kill(self) -> None:
        """Kill it with SIGKILL."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            assert self.process.stdin is not None
            self.process.stdin.close()
            self.process = None


@dataclass(frozen=True)
class Servers:
    """Servers that run; `shards` tells which of them hold the same rows."""

    nodes: tuple[Node, ...]
    cluster: str | None = None

    def tend(self) -> int:
        """Start again every server that ended by itself, as a service manager does; count them.

        The library ends a server whose peer is killed in the middle of a connection.
        """
        ended = [n for n in self.nodes if n.process is not None and n.process.poll() is not None]
        for node in ended:
            node.kill()
            node.start()
        return len(ended)

    def url(self, database: str, first: int = 0) -> str:
        """Return the URL of a database here; `first` says which server is asked first."""
        order = [*self.nodes[first:], *self.nodes[:first]]
        hosts = ",".join(f"127.0.0.1:{node.http}" for node in order)
        end = f"?cluster={self.cluster}" if self.cluster else ""
        return f"clickhouse://{USER}:pw%3A%2F%40@{hosts}/{database}{end}"


@contextlib.contextmanager
def one_server(folder: Path) -> Iterator[Servers]:
    """Run one server."""
    with _running(folder, ()) as nodes:
        yield Servers(nodes)


@contextlib.contextmanager
def a_cluster(folder: Path) -> Iterator[Servers]:
    """Run two shards of two replicas each, which mirror what is written through them."""
    with _running(folder, ((0, 1), (2, 3))) as nodes:
        yield Servers(nodes, "pawl_test")


@contextlib.contextmanager
def _running(folder: Path, shards: Sequence[Sequence[int]]) -> Iterator[tuple[Node, ...]]:
    count = max(1, sum(map(len, shards)))
    ports = _free_ports(2 * count)
    nodes = tuple(
        Node(folder / f"node{number}", ports[2 * number], ports[2 * number + 1])
        for number in range(count)
    )
    for node in nodes:
        node.folder.mkdir(parents=True)
        users = node.folder / "users.xml"
        users.write_text(_USERS.format(password=PASSWORD))
        (node.folder / "server.xml").write_text(
            _SERVER.format(
                tcp=node.tcp,
                http=node.http,
                users=users,
                clusters=_clusters(nodes, shards),
                log=node.folder / "log",
            )
        )
    try:
        for node in nodes:
            node.start()
        yield nodes
    finally:
        for node in nodes:
            node.kill()
            shutil.rmtree(node.folder / "data", ignore_errors=True)


def _clusters(nodes: tuple[Node, ...], shards: Sequence[Sequence[int]]) -> str:
    def replica(number: int) -> str:
        return (
            f"<replica><host>127.0.0.1</host><port>{nodes[number].tcp}</port>"
            f"<user>{USER}</user><password>{PASSWORD}</password></replica>"
        )

    if not shards:
        return ""
    written = "".join(
        "<shard><internal_replication>false</internal_replication>"
        + "".join(map(replica, shard))
        + "</shard>"
        for shard in shards
    )
    return f"<pawl_test>{written}</pawl_test>"


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        found = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in found:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in found]
