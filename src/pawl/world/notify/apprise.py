"""Any service that Apprise knows, by its address; needs the extra `notify`.

`url` is an address as Apprise writes them, such as `discord://…`; it is a secret, so `env:NAME`
is the place for it. Apprise speaks to the service itself, with time-outs and redirects of its own.
"""

import importlib
import logging
from typing import Any

from pawl.alerts.alert import Notice
from pawl.alerts.delivery import NotDelivered, facts, headline, link
from pawl.base.errors import BadValue
from pawl.world.channel import Channel, Opening, Sender, secret


class _Apprise:
    def __init__(self, opening: Opening) -> None:
        library = _library(opening.place)
        url = opening.settings.url or ""
        if url.startswith("env:"):
            url = secret(opening, url.removeprefix("env:"), "The address") or ""
        # Its log holds addresses.
        logging.getLogger("apprise").disabled = True
        self._service = library.Apprise()
        self._format, self._link = library.NotifyFormat.TEXT, opening.link
        if not url or not self._service.add(url):
            raise BadValue(
                "Apprise does not know the url.",
                place=opening.place,
                hint="See its list of services; nothing but its schemes will do.",
            )

    def send(self, notice: Notice, now: str) -> None:
        """Hand the notice to Apprise as plain text."""
        lines = []
        for told in notice.alerts:
            lines += [told.rule, *(f"  {name}: {value}" for name, value in facts(told)),
                      f"  {link(self._link, told)}"]  # fmt: skip
        if notice.invites is not None and notice.invites.link:
            lines.append(f"Take command: {notice.invites.link}")
        if notice.text:
            lines += ["", notice.text]
        try:
            taken = self._service.notify(
                title=headline(notice), body="\n".join(lines), body_format=self._format
            )
        except Exception as error:  # Whatever a plugin of its raises; its text may hold secrets.
            raise NotDelivered(f"sending failed ({type(error).__name__}).") from None
        if not taken:
            raise NotDelivered("the service did not take it.")


def _library(place: str) -> Any:
    try:
        return importlib.import_module("apprise")
    except ImportError as error:
        raise BadValue(
            "A channel of kind apprise needs a library that is not installed.",
            place=place,
            hint="Install it with: pip install 'pawl-ops[notify]'",
        ) from error


def _open(opening: Opening) -> Sender:
    return _Apprise(opening)


CHANNEL = Channel(title="Apprise", open=_open)
