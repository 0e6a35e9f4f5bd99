"""Places for checkpoints: a file that only grows, tags that never move, the outbox."""

import os
import subprocess
from pathlib import Path

import pytest

from pawl.alerts.alert import Notice, NoticeKind
from pawl.app import all_plugins
from pawl.base.errors import BadValue, CannotTell, Unavailable
from pawl.governance.note import TreeHead
from pawl.runs.alert_settings import ChannelSettings
from pawl.runs.machine_settings import PlaceSettings
from pawl.services.ledger_evidence import evidence
from pawl.services.ledger_keys import SigningKey
from pawl.world import ledger_places
from pawl.world.ledger_place import Kept, Opening, Place
from pawl.world.ledger_places.git_tag import GitTags

AT = "2026-11-21T12:00:00.000000Z"
KEY = SigningKey("example.org/ledger", bytes(range(32)))
PUT: list[tuple[Notice, str]] = []


def note(size: int) -> tuple[str, TreeHead]:
    head = TreeHead(origin=KEY.verifier.name, size=size, root=bytes([size] * 32))
    return str(KEY.sign(str(head))), head


def opened(data: Path, settings: PlaceSettings) -> Kept:
    kinds = all_plugins(ledger_places, "PLACE", Place)
    PUT.clear()
    return kinds[settings.kind].open(
        Opening(
            settings=settings,
            named="the-place",
            data=data,
            now=lambda: AT,
            channels={
                "audit": ChannelSettings(kind="webhook", url="https://a.example"),
                "chat": ChannelSettings(kind="slack"),
            },
            put=lambda notice, channel: PUT.append((notice, channel)),
        )
    )


def git(folder: Path, *arguments: str) -> str:
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    named = ("-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "init.defaultBranch=main")
    done = subprocess.run(
        ("git", *named, "-C", str(folder), *arguments),
        check=True, capture_output=True, text=True, env=environment,
    )  # fmt: skip
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "audit"
    folder.mkdir()
    git(folder, "init", "-q")
    git(folder, "commit", "-q", "--allow-empty", "-m", "begin")
    return folder


def test_a_file_only_grows_and_is_read_back(tmp_path: Path) -> None:
    """Each checkpoint once, in order; a torn one takes no other with it."""
    path = tmp_path / "kept"
    place = opened(tmp_path / "data", PlaceSettings(kind="file", path=str(path)))
    for size in (1, 2, 2):
        place.keep(*note(size))
    assert [text for _, text in place.kept()] == [note(1)[0], note(2)[0]]
    with path.open("a") as file:
        file.write(note(3)[0][:40])
    before = path.read_bytes()
    place.keep(*note(4))
    assert path.read_bytes().startswith(before)
    told = evidence(place.kept()[:2])
    assert [claim.size for claim in told.claims] == [1, 2]
    told = evidence([("all", path.read_text())])
    assert [claim.size for claim in told.claims] == [1, 2, 4]
    assert len(told.skipped) == 1


def test_a_file_in_the_wrong_place_is_refused(tmp_path: Path) -> None:
    """Beside the ledger, relative, a link, a folder, or in a folder that is not there."""
    data = tmp_path / "data"
    data.mkdir()
    (tmp_path / "inside").symlink_to(data)
    for path in ("kept", "", str(data / "kept"), str(tmp_path / "inside" / "kept")):
        with pytest.raises(BadValue, match="the-place"):
            opened(data, PlaceSettings(kind="file", path=path))
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for wrong in (tmp_path / "link", tmp_path / "none" / "kept", tmp_path):
        with pytest.raises(Unavailable):
            opened(data, PlaceSettings(kind="file", path=str(wrong))).keep(*note(1))
    with pytest.raises(CannotTell):
        opened(data, PlaceSettings(kind="file", path=str(tmp_path / "absent"))).kept()


def test_tags_are_made_once_and_never_moved(tmp_path: Path, repository: Path) -> None:
    """The message is the note, byte for byte; hooks and configuration do not run or sign."""
    hook = repository / ".git" / "hooks" / "reference-transaction"
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    hook.chmod(0o755)
    git(repository, "config", "tag.gpgSign", "true")
    settings = PlaceSettings(kind="git-tag", repository=str(repository))
    place = opened(tmp_path / "data", settings)
    assert "pawl-ledger-000000000003" in place.keep(*note(3))
    place.keep(*note(3))
    place.keep(*note(12))
    assert not (tmp_path / "ran").exists()
    assert [text for _, text in place.kept()] == [note(3)[0], note(12)[0]]
    assert GitTags(repository, "").named("pawl-ledger-000000000012")[0][1] == note(12)[0]
    before = git(repository, "rev-parse", "refs/tags/pawl-ledger-000000000003")
    other = TreeHead(origin=KEY.verifier.name, size=3, root=bytes(32))
    with pytest.raises(Unavailable, match="something else"):
        place.keep(str(KEY.sign(str(other))), other)
    assert git(repository, "rev-parse", "refs/tags/pawl-ledger-000000000003") == before


def test_a_tag_is_pushed_and_a_remote_that_is_away_is_told(
    tmp_path: Path, repository: Path
) -> None:
    """The other repository has it; without one the tag stays here and the failure is told."""
    remote = tmp_path / "remote.git"
    git(tmp_path, "init", "-q", "--bare", str(remote))
    git(repository, "remote", "add", "origin", str(remote))
    settings = PlaceSettings(kind="git-tag", repository=str(repository), push="origin")
    place = opened(tmp_path / "data", settings)
    assert "pushed to origin" in place.keep(*note(5))
    assert GitTags(remote, "").named("pawl-ledger-*")[0][1] == note(5)[0]
    git(repository, "remote", "set-url", "origin", str(tmp_path / "gone"))
    with pytest.raises(Unavailable, match="git push"):
        place.keep(*note(6))
    assert len(place.kept()) == 2


def test_tags_that_cannot_be_are_told(tmp_path: Path, repository: Path) -> None:
    """No repository, no such tag, names that git would take for something else."""
    for settings in (
        PlaceSettings(kind="git-tag", repository=str(repository), prefix="-x"),
        PlaceSettings(kind="git-tag", repository=str(repository), push="--exec=x"),
        PlaceSettings(kind="git-tag"),
    ):
        with pytest.raises(BadValue):
            opened(tmp_path / "data", settings)
    for pattern in ("none-*", "--format=x", ""):
        with pytest.raises(CannotTell):
            GitTags(repository, "").named(pattern)
    with pytest.raises(CannotTell):
        GitTags(tmp_path / "nothing", "").named("x")
    git(repository, "tag", "light")
    with pytest.raises(CannotTell, match="no annotated tag"):
        GitTags(repository, "").named("light")


def test_a_webhook_goes_through_the_outbox(tmp_path: Path) -> None:
    """One notice with the note in it, under an id that is the same for the same checkpoint."""
    place = opened(tmp_path, PlaceSettings(kind="webhook", channel="audit"))
    place.keep(*note(3))
    place.keep(*note(3))
    (first, channel), (again, _) = PUT
    assert (channel, first.kind, first.text) == ("audit", NoticeKind.CHECKPOINT, note(3)[0])
    assert first.id == again.id
    with pytest.raises(CannotTell):
        place.kept()
    for name in ("chat", "none", None):
        with pytest.raises(BadValue, match="the-place"):
            opened(tmp_path, PlaceSettings(kind="webhook", channel=name))
