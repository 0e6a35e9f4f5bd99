"""A webhook: the notice as JSON, signed as the Standard Webhooks specification says.

`url` is where it goes and `secret` names the environment variable with the signing secret
(`whsec_…` or plain base64). Receivers check `webhook-signature` and may drop repetitions by
`webhook-id`, which is the notice's own id.
"""

import binascii
from datetime import datetime

import msgspec

from pawl.alerts.alert import Notice
from pawl.base.errors import BadValue
from pawl.base.times import parse_time
from pawl.world.channel import Channel, Opening, Sender, address, post, secret


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
        told = msgspec.to_builtins(notice) | {"link": f"{self._link.rstrip('/')}/alerts"}
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
    from standardwebhooks.webhooks import EmptyWebhookSecretError, Webhook

    try:
        signer = Webhook(key)
    except (binascii.Error, EmptyWebhookSecretError, ValueError) as error:
        raise BadValue(
            "The signing secret is not base64.",
            place=opening.place,
            hint="Make one with: echo whsec_$(openssl rand -base64 24)",
        ) from error
    return _Sign(signer.sign)


class _Sign:
    def __init__(self, sign: object) -> None:
        self._sign = sign

    def __call__(self, identity: str, at: datetime, body: str) -> str:
        return str(self._sign(msg_id=identity, timestamp=at, data=body))  # type: ignore[operator]


def _open(opening: Opening) -> Sender:
    return _Webhook(opening)


CHANNEL = Channel(title="Webhook, signed", open=_open)
