"""A service that rolls out and back when it is told so over HTTP, and that can be asked.

`url` gets the order as JSON by POST, signed as the Standard Webhooks specification says with the
secret in the environment variable that `secret` names, and with the header `idempotency-key`: the
same for each repetition of one order. `read_back_url` gets the same JSON, signed alike under an id
of its own, and answers `{"parts": {component: part}}` or `{"digests": {component: digest}}`.
No redirect is followed, and what is answered is read up to a bound.
"""

from pawl.base.durations import parse_duration
from pawl.base.errors import BadValue
from pawl.base.times import parse_time
from pawl.changes.executing import Order, Seen, Unreadable, seen_of, told
from pawl.world.commanded import OUTPUT_MAX
from pawl.world.executor import Executor, ExecutorKind, NotExecuted, Opening
from pawl.world.posting import Asked, address_of, asked, named_secret
from pawl.world.webhook_signing import Sign, signer

_TIMEOUT_S = 30.0


class _Webhook:
    def __init__(self, opening: Opening) -> None:
        settings, place = opening.settings, opening.place
        known = opening.environment
        self._url = address_of(settings.url, known, f"{place}.url")
        self._reading = address_of(settings.read_back_url, known, f"{place}.read_back_url")
        if settings.secret is None:
            raise BadValue(
                "A webhook is signed, and there is no secret.",
                place=place,
                hint='Write secret = "NAME": an environment variable that holds whsec_… in base64.',
            )
        self._sign: Sign = signer(named_secret(settings.secret, known, place), place)
        self._now = opening.now
        self.timeout_s = (
            _TIMEOUT_S
            if settings.timeout is None
            else parse_duration(settings.timeout, place=f"{place}.timeout")
        )

    def call(self, order: Order) -> None:
        """Post the order; anything but a 2xx is a failure, and 410 one for good."""
        self._post(self._url, order, order.id)

    def read_back(self, order: Order) -> Seen:
        """Ask what there is."""
        # Another id for each question: what was answered before is not what there is now.
        now = self._now()
        answered = self._post(self._reading, order, f"{order.id}.read.{now}")
        try:
            return seen_of(answered.body, order.components)
        except Unreadable as error:
            raise NotExecuted(f"The webhook: {error}.") from error

    def _post(self, url: str, order: Order, identity: str) -> Asked:
        body = told(order)
        at = parse_time(self._now())
        headers = {
            "idempotency-key": identity,
            "webhook-id": identity,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": self._sign(identity, at, body.decode()),
        }
        answer = asked(url, body, headers, timeout_s=self.timeout_s, most=OUTPUT_MAX)
        if answer.problem:
            raise NotExecuted(f"The webhook: {answer.problem}", final=answer.status == 410)
        return answer


def _open(opening: Opening) -> Executor:
    return _Webhook(opening)


EXECUTOR = ExecutorKind(title="Webhook, signed", open=_open)
