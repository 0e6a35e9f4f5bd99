"""Wiring for alerts at work: the machine's own config, its channels, the ticker and the desk.

Where notices go is read from `pawl.toml` in the data folder and nowhere else. The file of that
name in a repository is whoever's who wrote the last change.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from pawl.alerts.alert import Notice
    from pawl.alerts.configuring import Setup
    from pawl.alerts.objectives import Objective
    from pawl.runs.alert_settings import AlertSettings
    from pawl.services.alert_desk import AlertDesk
    from pawl.services.alert_server import Alerting
    from pawl.services.outbox import Sender

SETTINGS = "pawl.toml"


def machine_settings(folder: Path) -> AlertSettings:
    """Return `[alerts]` of the data folder's `pawl.toml`; raises BadFile."""
    from pawl.app.contents import machine_settings as whole

    return whole(folder).alerts


def machine_setup(folder: Path) -> Setup:
    """Return the rules at work on this machine with their numbers and routes; raises BadFile."""
    from pawl.app.alerts import alert_rules
    from pawl.services.alert_replay import alert_setup
    from pawl.world.machine_file import machine_file

    return alert_setup(
        alert_rules(),
        machine_file(folder, SETTINGS),
        place=str(folder / SETTINGS),
        read=lambda name: machine_file(folder, name),
    )


def machine_objectives(folder: Path) -> tuple[Objective, ...]:
    """Return the service level objectives that this machine's alerts watch; raises BadFile."""
    asked = machine_settings(folder)
    if not asked.objectives:
        return ()
    from pawl.services.alert_replay import objectives_of
    from pawl.world.machine_file import machine_file

    return tuple(objectives_of(asked, lambda name: machine_file(folder, name)))


def open_channel(folder: Path, name: str, link: str = "") -> Sender:
    """Return one channel of this machine, ready to send; raises BadValue."""
    from pawl.base.errors import BadValue

    channels = machine_settings(folder).channels
    if name not in channels:
        raise BadValue(
            f"no channel is called {name[:60]!r}.",
            place=str(folder / SETTINGS),
            hint=f"There are: {', '.join(sorted(channels)) or 'none'}.",
        )
    return _opened(folder, name, channels, link)


def alerting(folder: Path, url: str) -> Alerting:
    """Return what `pawl up` needs to look at alerts and to send; raises BadFile."""
    from pawl.alerts.delivery import numbers
    from pawl.app import events_url, price_texts
    from pawl.app.events_name import events_name
    from pawl.app.public_links import invitations, public_url
    from pawl.base.errors import PawlError
    from pawl.services.alert_server import Alerting
    from pawl.services.invitations import Inviting
    from pawl.services.outbox import Refusing
    from pawl.world import clock
    from pawl.world.machine import machine_name

    outside = public_url(folder)
    own = f"{machine_name()}:{folder.resolve()}"
    process = f"{machine_name()}:{os.getpid()}:{clock.new_token()[:8]}"
    configured = machine_settings(folder).channels
    channels: dict[str, Sender] = {}
    for name in sorted(configured):
        try:
            opened = _opened(folder, name, configured, outside or url)
            channels[name] = Inviting(opened, invitations(folder)) if outside else opened
        except PawlError as problem:
            channels[name] = Refusing(problem)
    return Alerting(
        setup=machine_setup(folder),
        channels=channels,
        price=price_texts(folder).table().price,
        now=clock.now,
        chance=clock.chance,
        new_id=new_silence_id,
        store=events_name(own),
        # One process owns an embedded store, so its name is the holder's too: whoever opens the
        # store after a crash goes on at once. A cluster has as many servers as there are: one of
        # them looks, and the others stand by.
        holder=own if events_url() is None else process,
        sender=process,
        numbers=numbers(),
    )


@contextmanager
def alert_desk(folder: Path) -> Iterator[AlertDesk]:
    """Open the desk of the records of a data folder, or of those PAWL_RECORDS_URL names."""
    from pawl.alerts.delivery import numbers
    from pawl.services.alert_desk import AlertDesk
    from pawl.store.records.engine import open_records
    from pawl.world import clock

    names = sorted(machine_settings(folder).channels)
    engine = open_records(folder, os.environ.get("PAWL_RECORDS_URL"))
    try:
        yield AlertDesk(
            engine,
            now=clock.now,
            new_id=new_silence_id,
            numbers=numbers(),
            problems=lambda: dict.fromkeys(names, ""),
        )
    finally:
        engine.dispose()


def test_channel(folder: Path, name: str, person: str) -> None:
    """Send a notice that says it is a test; raises BadValue and NotDelivered."""
    from pawl.world import clock

    open_channel(folder, name).send(_test_notice(name, person, clock.now()), clock.now())


def _test_notice(name: str, person: str, now: str) -> Notice:
    from pawl.alerts.alert import Notice, NoticeKind, Told
    from pawl.alerts.reading import Level
    from pawl.alerts.state import State
    from pawl.base.canonical import digest

    summary = f"This is a test of the channel {name} by {person}. Nothing is wrong."
    identity = digest(["test", name, now])[:32]
    told = Told(
        alert_id=identity[:20],
        notice_id=identity,
        rule="test",
        level=Level.WARNING,
        scope=(),
        state=State.FIRING,
        summary=summary,
        since=now,
    )
    return Notice(
        id=identity,
        kind=NoticeKind.FIRING,
        route=name,
        level=Level.WARNING,
        at=now,
        title=f"Test of the channel {name}",
        alerts=(told,),
    )


def _opened(folder: Path, name: str, configured: Mapping[str, object], link: str) -> Sender:
    from pawl.base.catalogue import load
    from pawl.runs.alert_settings import ChannelSettings
    from pawl.world import notify
    from pawl.world.channel import Channel, Opening

    settings = configured[name]
    assert isinstance(settings, ChannelSettings)
    place = f"{folder / SETTINGS}: alerts.channels.{name}"
    kind = load(notify, settings.kind, "CHANNEL", Channel)
    return kind.open(Opening(settings=settings, place=place, link=link))


def new_silence_id() -> str:
    """Return the id of a silence that is placed now; ids are in the order of their times."""
    from pawl.world import clock

    return "sil_" + clock.new_run_id().removeprefix("run_")
