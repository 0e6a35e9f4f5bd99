"""A webhook: the notice as JSON, signed as the Standard Webhooks specification says.

`url` is where it goes and `secret` names the environment variable with the signing secret
(`whsec_…` or plain base64). Receivers check `webhook-signature` and may drop repetitions by
`webhook-id`, which is the notice's own id.
"""

import base64
import binascii
from datetime import datetime

import msgspec

from pawl.alerts.alert import Notice
from pawl.alerts.delivery import page
from pawl.base.errors import BadValue
from pawl.base.times import parse_time
from pawl.world.channel import Channel, Opening, Sender, address, post, secret

_KEY_BYTES = 24
"""Shorter keys are not of the Standard Webhooks specification."""


class _Webhook:
    def __init__(self, opening: Opening) -> None:
        self._url = address(opening)
        self._link = opening.link
        key = secret(opening, opening.settings.secret, "The signing secret")
        if key is None:
            raise BadValue(
                "A webhook is signed, and there is no secret.",
                place=opening.place,
                hint='Write secret = "NAME": an environment variable that holds whsec_… in base64.',
            )
        self._signer = _signer(key, opening)

    def send(self, notice: Notice, now: str) -> None:
        """Post the notice, signed."""
        told = msgspec.to_builtins(notice) | {"link": page(self._link, notice)}
        body = msgspec.json.encode(told)
        at = parse_time(now)
        headers = {
            "webhook-id": notice.id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": self._signer(notice.id, at, body.decode()),
        }
        post(self._url, body, headers)


def _signer(key: str, opening: Opening) -> "_Sign":
    # Imported only where there is a webhook.
    from standardwebhooks.webhooks import Webhook

    try:
        # The library passes over letters that are not base64, and would sign with another key.
        text = key.removeprefix("whsec_")
        raw = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) < _KEY_BYTES:
        raise BadValue(
            f"The signing secret is not base64 of {_KEY_BYTES} bytes or more.",
            place=opening.place,
            hint="Make one with: echo whsec_$(openssl rand -base64 24)",
        )
    return _Sign(Webhook(raw).sign)


class _Sign:
    def __init__(self, sign: object) -> None:
        self._sign = sign

    def __call__(self, identity: str, at: datetime, body: str) -> str:
        return str(self._sign(msg_id=identity, timestamp=at, data=body))  # type: ignore[operator]


def _open(opening: Opening) -> Sender:
    return _Webhook(opening)


CHANNEL = Channel(title="Webhook, signed", open=_open)
