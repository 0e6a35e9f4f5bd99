"""Collect from a fake host into a folder and read the dump, as an assessment would."""

from pathlib import Path
from typing import Any

import msgspec
from tests.world.host.fake_host import NOW, SINCE, FakeHost

from pawl.maturity.collected import Collected
from pawl.maturity.facts import Absent
from pawl.maturity.facts.host import Host
from pawl.services.collecting import collect
from pawl.services.exports import read_exports
from pawl.world.evidence_files import handed_over
from pawl.world.host.asking import Asking, Reply
from pawl.world.host.folder import CollectionFolder
from pawl.world.host.github import GitHub
from pawl.world.host.gitlab import GitLab

TOKEN = "tok-5ecret"


class Quiet:
    """Remembers what it is told."""

    def __init__(self) -> None:
        self.waits: list[tuple[float, str]] = []
        self.steps: list[tuple[int, int]] = []

    def step(self, done: int, total: int, what: str) -> None:
        self.steps.append((done, total))

    def wait(self, seconds: float, reason: str) -> None:
        self.waits.append((seconds, reason))


class Straight(Asking):
    """Asks a fake host without a network in between."""

    def __init__(self, host: FakeHost) -> None:
        super().__init__(f"{host.origin}{host.base}", {}, secret=True)
        self._host = host

    def get(self, address: str, etag: str = "") -> Reply:
        target = f"{self.url}{address}" if address.startswith("/") else address
        if not self.is_below(target):
            return Reply(broken="elsewhere")
        sent = self._host.get(
            target.removeprefix(self._host.origin), {"if-none-match": etag} if etag else {}
        )
        headers = {name.lower(): text for name, text in sent.headers.items()}
        return Reply(status=sent.status, headers=headers, body=sent.body)


def product(host: FakeHost, url: str = "") -> GitHub | GitLab:
    """Return the product that asks a fake host, over HTTP when it has an address."""
    kind = GitHub if host.paged_by == "link" else GitLab
    made = kind(TOKEN, url or f"{host.origin}{host.base}", clock=lambda: 1000.0)
    if not url:
        made.asking = Straight(host)
    return made


def run(host: FakeHost, folder: Path, url: str = "", **options: Any) -> Collected:
    """Collect from a fake host into `folder`/dump."""
    asker = product(host, url)
    given: dict[str, Any] = {
        "repository": "acme/shop",
        "window": "90d",
        "since": SINCE,
        "now": NOW,
        "sleep": lambda seconds: None,
        "max_wait_s": 0.0,
        "progress": Quiet(),
    }
    try:
        with CollectionFolder(folder / "work", folder / "dump") as shelf:
            return collect(asker, shelf, **{**given, **options})
    finally:
        asker.asking.close()


def host_of(folder: Path) -> Host | Absent:
    """Return what the dump in a folder tells."""
    return read_exports([], handed_over([folder / "dump"])).host


def whole(folder: Path) -> Host:
    """Return what the dump in a folder tells, which is a host; its place is left out."""
    found = host_of(folder)
    assert isinstance(found, Host), found
    return msgspec.structs.replace(found, source="")
