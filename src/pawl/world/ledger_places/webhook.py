"""A webhook: the checkpoint goes through the outbox, signed as every notice to that channel.

`channel` is the name of one of `[alerts.channels]`, of kind `webhook`. The notice is of kind
`checkpoint`, and its `text` is the signed note, word for word.

It is sent by `pawl up`, at least once, and waits while the receiver is away. What the receiver
keeps cannot be read back from here.
"""

from collections.abc import Callable

from pawl.alerts.alert import Notice, NoticeKind
from pawl.alerts.reading import Level
from pawl.base.canonical import digest
from pawl.base.errors import BadValue, CannotTell
from pawl.governance.note import TreeHead
from pawl.world.ledger_place import Kept, Opening, Place


class _Webhook:
    def __init__(
        self, channel: str, put: Callable[[Notice, str], None], now: Callable[[], str]
    ) -> None:
        self._channel, self._put, self._now = channel, put, now

    def keep(self, note: str, head: TreeHead) -> str:
        """Give the note to the outbox, under an id that is the same for the same checkpoint."""
        told = Notice(
            id=digest(["checkpoint", note])[:32],
            kind=NoticeKind.CHECKPOINT,
            route=self._channel,
            level=Level.WARNING,
            at=self._now(),
            title=f"Checkpoint of the ledger {head.origin}: {head.size} entries",
            text=note,
        )
        self._put(told, self._channel)
        return f"the outbox, for {self._channel}"

    def kept(self) -> tuple[tuple[str, str], ...]:
        """Raise CannotTell: only the receiver has them."""
        raise CannotTell(
            "what a webhook's receiver keeps cannot be read from here.",
            place=self._channel,
            hint="Hand a checkpoint of the receiver's to --against as a file.",
        )


def _open(opening: Opening) -> Kept:
    name = opening.settings.channel
    channel = opening.channels.get(name or "")
    if name is None or channel is None or channel.kind != "webhook":
        raise BadValue(
            "The place needs the name of a channel of kind webhook.",
            place=opening.named,
            hint='Write channel = "NAME", and [alerts.channels.NAME] with kind = "webhook".',
        )
    if opening.put is None:
        raise BadValue("There is no outbox to send from.", place=opening.named)
    return _Webhook(name, opening.put, opening.now)


PLACE = Place(title="Webhook, signed", open=_open)
