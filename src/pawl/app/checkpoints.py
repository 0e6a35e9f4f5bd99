"""Wiring of the ledger's checkpoints: its key, the places they are kept at, and the keeper.

Places are read from `pawl.toml` in the data folder and nowhere else.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pawl.base.errors import BadValue, CannotTell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from pawl.alerts.alert import Notice
    from pawl.changes.change import Change
    from pawl.changes.facts import Facts
    from pawl.changes.policy_files import PolicyRead
    from pawl.governance.exceptions import Emergency
    from pawl.governance.note import VerifierKey
    from pawl.governance.roster import Roster
    from pawl.runs.machine_settings import LedgerSettings, PlaceSettings
    from pawl.services.change_terms import Replayed
    from pawl.services.ledger_checkpoints import Checkpoints
    from pawl.services.ledger_checkpoints import Place as Kept
    from pawl.services.ledger_export import ExportReport
    from pawl.services.ledger_keeper import LedgerKeeper
    from pawl.store.records.connection import Engine
    from pawl.store.records.ledger_queries import Asked
    from pawl.world.data_files import DataFiles

FOLDER = "ledger"
"""In the data folder: the signing key, and how far the tree of the last checkpoint had grown."""
_SHORT = {"file": "path", "git-tag": "repository", "webhook": "channel"}
"""What `KIND:VALUE` on the command line sets of a place."""


def ledger_files(folder: Path) -> DataFiles:
    """Return the ledger's own small files in a data folder."""
    from pawl.world.data_files import DataFiles

    return DataFiles(folder / FOLDER)


def checkpoints(folder: Path, engine: Engine, asked: Iterable[str] | None = None) -> Checkpoints:
    """Return what signs the checkpoints of a ledger and keeps them.

    At all places of the config, or at those `asked` for: by name, or as `file:PATH`,
    `git-tag:REPOSITORY`, `webhook:CHANNEL`. Raises BadValue for any other, and BadFile.
    """
    from pawl.services.ledger_checkpoints import Checkpoints
    from pawl.world.clock import now

    settings = _settings(folder)
    wanted: Mapping[str, PlaceSettings] = settings.places
    if asked is not None:
        wanted = {name: _named(name, settings) for name in asked}
    places = {name: _opened(folder, name, place, engine) for name, place in wanted.items()}
    return Checkpoints(engine, ledger_files(folder), now, places)


def ledger_keeper(folder: Path) -> LedgerKeeper | None:
    """Return what signs checkpoints while the server runs; None where no place is configured.

    Raises BadFile and BadValue for settings that cannot work.
    """
    from pawl.app import records_engine
    from pawl.base.durations import parse_duration
    from pawl.services.ledger_keeper import LedgerKeeper
    from pawl.world import clock
    from pawl.world.machine import machine_name

    settings = _settings(folder)
    if not settings.places:
        return None
    every = parse_duration(settings.every, place=f"{folder / 'pawl.toml'}: ledger.every")
    engine = records_engine(folder)
    try:
        signer = checkpoints(folder, engine)
    except BaseException:
        engine.dispose()
        raise
    return LedgerKeeper(
        engine,
        signer,
        clock.now,
        every_s=every,
        every_entries=settings.every_entries,
        holder=f"{machine_name()}:{folder.resolve()}",
        tell=lambda text: print(f"pawl: {text}", file=sys.stderr),
    )


def make_signing_key(folder: Path, name: str) -> VerifierKey:
    """Make the key that signs a ledger's checkpoints; raises BadValue where there is one."""
    from pawl.services.ledger_keys import make_key

    return make_key(ledger_files(folder), name, os.urandom(32)).verifier


def verifier_key(folder: Path) -> VerifierKey:
    """Return the public half of the key of a data folder; raises CannotTell without one."""
    from pawl.services.ledger_keys import needed_key

    return needed_key(ledger_files(folder)).verifier


def has_signing_key(folder: Path) -> bool:
    """Say whether there is a key to sign with."""
    from pawl.services.ledger_keys import SIGNING_KEY

    return (folder / FOLDER / SIGNING_KEY).exists()


def trusted_keys(asked: Iterable[str]) -> tuple[VerifierKey, ...]:
    """Return verifier keys as spelt, or as the first line of a file has them; raises BadValue."""
    from pawl.governance.note import read_key
    from pawl.services.ledger import read_kept

    found = []
    for text in asked:
        spelt = text
        if text.count("+") < 2:
            lines = read_kept(Path(text), 4096).decode("utf-8", "replace").splitlines()
            spelt = lines[0] if lines else ""
        found.append(read_key(spelt, place="--pubkey"))
    return tuple(found)


def exported(
    folder: Path,
    file: Path,
    against: Iterable[str],
    keys: Sequence[VerifierKey],
    progress: Callable[[int], None] | None,
) -> ExportReport:
    """Verify an exported ledger, or proofs of one, against checkpoints that are kept elsewhere."""
    from pawl.services.ledger_export import verify_export

    return verify_export(file, kept_checkpoints(folder, None, against), keys, progress)


def decisions(folder: Path) -> Decisions:
    """Return who judges the stored decisions of a data folder again; close it after use."""
    return Decisions(folder)


class Decisions:
    """The stored decisions of gates. Judging one again asks nothing but what was stored."""

    def __init__(self, folder: Path) -> None:
        from pawl.app import records_engine
        from pawl.app.changing import change_desk

        self._engine = records_engine(folder)
        self._desk = change_desk(folder, _Nothing())

    def __enter__(self) -> Decisions:
        return self

    def __exit__(self, *_: object) -> None:
        self._desk.close()
        self._engine.dispose()

    def decision_ids(self) -> Iterable[str]:
        """Return every stored decision, oldest first."""
        from pawl.store.records.ledger_queries import decision_ids

        return decision_ids(self._engine)

    def replay(self, decision_id: str) -> Replayed:
        """Judge one of them again."""
        return self._desk.replay(decision_id)


class _Nothing:
    """No world at all: a decision that is judged again may not look at one."""

    def policy(self, scope: str) -> PolicyRead:
        """Raise CannotTell."""
        raise self._none()

    def roster(self) -> Roster:
        """Raise CannotTell."""
        raise self._none()

    def facts(self, change: Change, now: str) -> Facts:
        """Raise CannotTell."""
        raise self._none()

    def emergencies(self, scope: str) -> tuple[Emergency, ...]:
        """Raise CannotTell."""
        raise self._none()

    def _none(self) -> CannotTell:
        return CannotTell("a stored decision asks nothing but what was stored with it.")


def kept_checkpoints(
    folder: Path, engine: Engine | None, asked: Iterable[str]
) -> list[tuple[str, str]]:
    """Return the texts of checkpoints that are kept elsewhere, with their places.

    Each is a file, `tag:NAME@REPOSITORY` (`*` stands for anything in the name), a place of the
    config as `place:NAME`, or `places` for all of these that can be read. Raises CannotTell.
    """
    found: list[tuple[str, str]] = []
    for text in asked:
        if text.startswith("tag:"):
            found += _tagged(text)
        elif text == "places":
            found += _at_places(folder, engine)
        elif text.startswith("place:"):
            name = text.removeprefix("place:")
            found += _opened(folder, name, _named(name, _settings(folder)), engine).kept()
        else:
            found.append(_file(Path(text)))
    return found


def _file(path: Path) -> tuple[str, str]:
    from pawl.services.ledger import read_kept

    return str(path), read_kept(path).decode("utf-8", "replace")


def _tagged(text: str) -> tuple[tuple[str, str], ...]:
    from pawl.world.ledger_places.git_tag import GitTags

    name, at, repository = text.removeprefix("tag:").partition("@")
    if not at or not repository:
        raise BadValue(
            f"{text[:80]!r} names no tag.",
            place="--against",
            hint="Write tag:NAME@REPOSITORY, such as 'tag:pawl-ledger-*@/srv/audit'.",
        )
    return GitTags(Path(repository), "").named(name)


def _at_places(folder: Path, engine: Engine | None) -> list[tuple[str, str]]:

    settings = _settings(folder)
    readable = [name for name, place in settings.places.items() if place.kind != "webhook"]
    if not readable:
        raise CannotTell(
            "no place is configured whose checkpoints can be read.",
            place=str(folder / "pawl.toml"),
            hint="Write one below [ledger.places], or name a checkpoint.",
        )
    places = [_opened(folder, name, settings.places[name], engine) for name in readable]
    return [kept for place in places for kept in place.kept()]


def _settings(folder: Path) -> LedgerSettings:
    from pawl.app.contents import machine_settings

    return machine_settings(folder).ledger


def _named(name: str, settings: LedgerSettings) -> PlaceSettings:
    from pawl.runs.machine_settings import PlaceSettings

    if name in settings.places:
        return settings.places[name]
    kind, colon, value = name.partition(":")
    if not colon or kind not in _SHORT or not value:
        raise BadValue(
            f"{name[:80]!r} is no place for checkpoints.",
            place="--to",
            hint="Name one of [ledger.places], or write file:PATH, git-tag:REPOSITORY or "
            "webhook:CHANNEL.",
        )
    if kind != "webhook":
        value = str(Path(value).expanduser().absolute())
    return PlaceSettings(kind=kind, **{_SHORT[kind]: value})


def _opened(folder: Path, name: str, settings: PlaceSettings, engine: Engine | None) -> Kept:
    from pawl.app import all_plugins
    from pawl.app.contents import machine_settings
    from pawl.world import ledger_places
    from pawl.world.clock import now
    from pawl.world.ledger_place import Opening, Place

    kinds = all_plugins(ledger_places, "PLACE", Place)
    named = f"{folder / 'pawl.toml'}: ledger.places.{name}"
    if settings.kind not in kinds:
        raise BadValue(
            f"there is no kind of place {settings.kind[:40]!r}.",
            place=named,
            hint=f"There are: {', '.join(sorted(kinds))}.",
        )
    channels = machine_settings(folder).alerts.channels if settings.channel else {}
    opening = Opening(
        settings=settings,
        named=named,
        data=folder,
        now=now,
        channels=channels,
        put=None if engine is None else _outbox(engine),
    )
    return kinds[settings.kind].open(opening)


def _outbox(engine: Engine) -> Callable[[Notice, str], None]:
    from pawl.world.clock import now

    def put(notice: Notice, channel: str) -> None:
        from pawl.store.records.outbox import OutboxRecords

        OutboxRecords(engine).put(notice, (channel,), now())

    return put


def asked(
    kind: str | None,
    subject: str | None,
    since: str | None,
    until: str | None,
    before: int | None,
    limit: int,
) -> Asked:
    """Return the question for a page of entries; raises BadValue for a time that is none."""
    from pawl.services.ledger import moment
    from pawl.store.records.ledger_queries import Asked
    from pawl.world.clock import now

    told = now()
    begin, end = moment(since, told, "--since"), moment(until, told, "--until")
    return Asked(type=kind, subject=subject, since=begin, until=end, before=before, limit=limit)
