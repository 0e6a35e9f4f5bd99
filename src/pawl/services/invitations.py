"""Links with which one person takes command of one spell of an incident, and nothing else.

A link holds who, of what, for which purpose and until when, under an HMAC-SHA256 (RFC 2104) by a
key that never leaves the data folder of the server that both makes and checks it. It is made when
a notice goes out, so no record holds one. The same notice has the same link however often it is
sent.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from typing import Protocol

import msgspec

from pawl.alerts.alert import Invitation, Notice
from pawl.base import typed
from pawl.base.errors import BadFile, BadValue, Unavailable

KEY = "invitation-key"
"""The key's file in the server's folder of a data folder."""
PATH = "/accept/"
KEY_BYTES = 32
LONGEST = 2_000
"""Characters of a token; the longest names there are fit."""
_PURPOSE = b"pawl incident accept 1\x00"


class _Held(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What a token holds, without names, so that it stays short."""

    incident: str
    spell: int
    person: str
    until: str


class Files(Protocol):
    """The small files of the server in a data folder, for this user only."""

    def read(self, name: str) -> bytes | None:
        """Return a file's bytes, None where there is none."""

    def create(self, name: str, content: bytes) -> bool:
        """Write a file where there is none; False where there is one."""


class Sender(Protocol):
    """A channel that is ready to send."""

    def send(self, notice: Notice, now: str) -> None:
        """Send one notice; returns once it was taken. Raises NotDelivered."""


class NoInvitation(BadValue):
    """A token that we did not make, or that somebody has changed."""

    code = "no-invitation"


def kept_key(files: Files, fresh: bytes) -> bytes:
    """Return the key of a data folder; `fresh` random bytes become it where there was none."""
    files.create(KEY, fresh)
    key = files.read(KEY)
    if key is None:
        raise Unavailable("the key of invitations cannot be kept.", place=KEY)
    if len(key) != KEY_BYTES:
        raise BadFile("no key of invitations.", place=KEY, hint="Move it away; a new one is made.")
    return key


class Invitations:
    """Makes and checks links. `base` is where the server is reached from outside; may be empty."""

    def __init__(self, key: bytes, base: str = "") -> None:
        self._key, self._base = key, base.rstrip("/")

    def link(self, invitation: Invitation) -> str:
        """Return the address that takes command; empty where nobody reaches this server."""
        return f"{self._base}{PATH}{self.token(invitation)}" if self._base else ""

    def token(self, invitation: Invitation) -> str:
        """Return the token of an invitation; the same one gives the same token."""
        held = _Held(invitation.incident, invitation.spell, invitation.person, invitation.until)
        payload = msgspec.json.encode(held)
        return f"{_text(payload)}.{_text(self._mac(payload))}"

    def read(self, token: str) -> Invitation:
        """Return the invitation of a token that we made; raises NoInvitation for any other."""
        if len(token) > LONGEST or not token.isascii():
            raise _none()
        said, _, proof = token.partition(".")
        try:
            payload, mac = _bytes(said), _bytes(proof)
            if not hmac.compare_digest(mac, self._mac(payload)):
                raise _none()
            held = typed.decode(payload, type=_Held)
        except (ValueError, msgspec.MsgspecError) as error:
            raise _none() from error
        # Base64 has several spellings of one value; only ours is a token.
        found = Invitation(
            incident=held.incident, spell=held.spell, person=held.person, until=held.until
        )
        if self.token(found) != token:
            raise _none()
        return found

    def _mac(self, payload: bytes) -> bytes:
        return hmac.new(self._key, _PURPOSE + payload, sha256).digest()


class Inviting:
    """A channel that puts the link into what it sends."""

    def __init__(self, sender: Sender, invitations: Invitations) -> None:
        self._sender, self._invitations = sender, invitations

    def send(self, notice: Notice, now: str) -> None:
        """Send one notice, with the link of its invitation."""
        if notice.invites is not None:
            link = self._invitations.link(notice.invites)
            invites = msgspec.structs.replace(notice.invites, link=link)
            notice = msgspec.structs.replace(notice, invites=invites)
        self._sender.send(notice, now)


def _none() -> NoInvitation:
    return NoInvitation("this link is not one that this server made, or it was changed.")


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
