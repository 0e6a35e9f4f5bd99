"""A webhook: the notice as JSON, signed as the Standard Webhooks specification says.

`url` is where it goes and `secret` names the environment variable with the signing secret
(`whsec_…` or plain base64). Receivers check `webhook-signature` and may drop repetitions by
`webhook-id`, which is the notice's own id.
"""

import msgspec

from pawl.alerts.alert import Notice
from pawl.alerts.delivery import page
from pawl.base.errors import BadValue
from pawl.base.times import parse_time
from pawl.world.channel import Channel, Opening, Sender, address, post, secret
from pawl.world.webhook_signing import signer


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
        self._sign = signer(key, opening.place)

    def send(self, notice: Notice, now: str) -> None:
        """Post the notice, signed."""
        told = msgspec.to_builtins(notice) | {"link": page(self._link, notice)}
        body = msgspec.json.encode(told)
        at = parse_time(now)
        headers = {
            "webhook-id": notice.id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": self._sign(notice.id, at, body.decode()),
        }
        post(self._url, body, headers)


def _open(opening: Opening) -> Sender:
    return _Webhook(opening)


CHANNEL = Channel(title="Webhook, signed", open=_open)
