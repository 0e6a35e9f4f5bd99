"""A Slack-compatible incoming webhook, which Mattermost, Rocket.Chat and others take as well.

`url` is the webhook's address; whoever has it can post, so `env:NAME` is the place for it. All
that comes from telemetry stands in code spans, where neither markup nor mentions nor links mean
anything, with `&`, `<` and `>` escaped as Slack asks.
"""

import msgspec

from pawl.alerts.alert import Notice
from pawl.alerts.delivery import facts, headline, link
from pawl.world.channel import Channel, Opening, Sender, address, post

_TEXT = 3000
"""Characters of an update that one message shows; the page has all of it."""
_ALERTS = 10
"""Alerts that one message tells of; it says how many more there are."""


class _Slack:
    def __init__(self, opening: Opening) -> None:
        self._url = address(opening)
        self._link = opening.link

    def send(self, notice: Notice, now: str) -> None:
        """Post the notice as text."""
        body = msgspec.json.encode({"text": text_of(notice, self._link), "link_names": 0,
                                    "unfurl_links": False, "unfurl_media": False})  # fmt: skip
        post(self._url, body, {"webhook-id": notice.id})


def text_of(notice: Notice, base: str) -> str:
    """Return a notice in Slack's mrkdwn."""
    lines = [code(headline(notice))]
    for told in notice.alerts[:_ALERTS]:
        lines.append(f"• *{told.rule}* <{link(base, told)}|open>")
        lines += [f"   {name}: {code(value)}" for name, value in facts(told)]
    if notice.invites is not None and notice.invites.link:
        lines.append(f"<{notice.invites.link}|Take command>, as {code(notice.invites.person)}")
    if notice.text:
        lines.append(block(notice.text))
    if len(notice.alerts) > _ALERTS:
        lines.append(f"and {len(notice.alerts) - _ALERTS} more")
    return "\n".join(lines)


def code(text: str) -> str:
    """Return text as a code span that it cannot end."""
    return f"`{_escaped(text)}`"


def block(text: str) -> str:
    """Return a text of several lines as a block that it cannot end, cut at some thousands."""
    return f"```\n{_escaped(text[:_TEXT])}\n```"


def _escaped(text: str) -> str:
    plain = text.replace("`", "'")
    return plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _open(opening: Opening) -> Sender:
    return _Slack(opening)


CHANNEL = Channel(title="Slack or compatible", open=_open)
