"""What a page shows of what was said: the texts of a session, where they are kept and may be seen.

Texts are shown where nobody but this machine reaches the server, as is what one person did; and
beyond it where the machine's owner said so.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta
from typing import Literal, Protocol

import msgspec

from pawl.base.times import seconds_between
from pawl.runs.machine_settings import ContentSettings
from pawl.store.contents import Stored
from pawl.telemetry.content import Role

ROOM = 2 * 1024 * 1024
"""Characters of one session that a page shows; it says so when there are more."""
_LOOKED_AT = 20
"""Of many tellings of the same words, how many of the last are looked at."""
_AT_ONCE_S = 5.0
"""Within it the same words from two sources are taken for one telling."""


class Text(msgspec.Struct, frozen=True, kw_only=True):
    """One text. `characters` is the length of the whole; `until` the last day it is kept."""

    event_id: str
    time: str
    role: Role
    text: str
    characters: int
    until: str


class TextsView(msgspec.Struct, frozen=True, kw_only=True):
    """The texts of one session, by time.

    `state` is `off` where none are kept, `shared` where they are not shown because others reach
    the server, and `shown`. `left_out` says that there are more than a page shows.
    """

    state: Literal["off", "shared", "shown"] = "off"
    texts: tuple[Text, ...] = ()
    left_out: bool = False
    full: bool = False
    days: int = 0


class StoredTexts(Protocol):
    """Where texts are kept; `pawl.store.contents.Contents` is one."""

    def of_session(
        self, session_id: str, room: int, runs: Sequence[str]
    ) -> tuple[list[Stored], bool]:
        """Return the texts of a session and its runs by time, and whether some are left out."""

    def full(self) -> bool:
        """Say whether no more are taken."""


class ContentPages:
    """The texts of sessions, as far as the settings let them be seen."""

    def __init__(self, stored: StoredTexts, settings: ContentSettings) -> None:
        self._stored = stored
        self._settings = settings

    def of(self, session_id: str, runs: Sequence[str], *, alone: bool) -> TextsView:
        """Return what was said in a session and to the runs that carried it.

        `alone` says that only this machine asks.

        What was kept before the switch was turned off is shown until it goes.
        """
        asked = self._settings
        if not (alone or asked.share):
            return TextsView(state="shared" if asked.keep else "off", days=asked.days)
        stored, left_out = self._stored.of_session(session_id, ROOM, runs)
        return TextsView(
            state="shown" if asked.keep or stored else "off",
            texts=tuple(_text(each, asked.days) for each in stored),
            left_out=left_out,
            full=asked.keep and self._stored.full(),
            days=asked.days,
        )


def spread(
    texts: Iterable[Text], owners: Sequence[Collection[str]]
) -> tuple[list[tuple[Text, ...]], list[Text]]:
    """Return the texts of each of several collections of events, and those of no event in them.

    The same words in one place, or at one time, are shown once, whoever else told of them.
    """
    place = {event: number for number, events in enumerate(owners) for event in events}
    found: list[dict[tuple[Role, str], Text]] = [{} for _ in owners]
    times: dict[tuple[Role, str], list[Text]] = {}
    rest: list[Text] = []
    for text in texts:
        words = (text.role, text.text)
        number = place.get(text.event_id)
        if number is None:
            rest.append(text)
        elif words not in found[number]:
            found[number][words] = text
            times.setdefault(words, []).append(text)
    alone = []
    for text in rest:
        told = times.setdefault((text.role, text.text), [])
        if not any(_at_once(text, each) for each in told[-_LOOKED_AT:]):
            alone.append(text)
            told.append(text)
    return [tuple(each.values()) for each in found], alone


def _at_once(one: Text, other: Text) -> bool:
    near = abs(seconds_between(other.time, one.time)) <= _AT_ONCE_S
    return near and one.event_id != other.event_id


def _text(each: Stored, days: int) -> Text:
    until = date.fromisoformat(each.day) + timedelta(days=days)
    return Text(
        event_id=each.event_id,
        time=each.time,
        role=each.role,
        text=each.text,
        characters=each.characters,
        until=until.isoformat(),
    )
