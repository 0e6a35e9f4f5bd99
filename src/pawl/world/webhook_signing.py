"""Signing what is sent, as the Standard Webhooks specification says."""

import base64
import binascii
from collections.abc import Callable
from datetime import datetime

from pawl.base.errors import BadValue

_KEY_BYTES = 24
"""Shorter keys are not of the Standard Webhooks specification."""

Sign = Callable[[str, datetime, str], str]
"""From a message's id, its time and its body to the value of `webhook-signature`."""


def signer(key: str, place: str) -> Sign:
    """Return what signs with a secret, `whsec_…` or plain base64; raises BadValue."""
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
            place=place,
            hint="Make one with: echo whsec_$(openssl rand -base64 24)",
        )
    hook = Webhook(raw)

    def sign(identity: str, at: datetime, body: str) -> str:
        return str(hook.sign(msg_id=identity, timestamp=at, data=body))

    return sign
