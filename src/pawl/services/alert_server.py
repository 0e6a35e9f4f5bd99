"""What a server has of alerts: the ticker, the channels and the desk, on its two stores."""

from collections.abc import Callable, Mapping

import msgspec

from pawl.alerts.configuring import Setup
from pawl.alerts.delivery import Numbers
from pawl.alerts.instants import instant, seconds
from pawl.alerts.requests import Price
from pawl.services.alert_desk import AlertDesk
from pawl.services.alerting import News, Ticker
from pawl.services.outbox import Delivery, Sender
from pawl.store.records.connection import Engine


class Alerting(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that alerts need but the stores.

    `store` names the events, `holder` who may look at them, `sender` this very process.
    """

    setup: Setup
    channels: Mapping[str, Sender]
    price: Price
    now: Callable[[], str]
    chance: Callable[[], float]
    new_id: Callable[[], str]
    store: str
    holder: str
    sender: str
    numbers: Numbers


class AlertServer:
    """Alerts of one server, from its start to its stop."""

    def __init__(self, parts: Alerting, engine: Engine, news: News) -> None:
        self._now, self._numbers = parts.now, parts.numbers
        self.run_of = news.run_of
        self.responses = {name: rule.response for name, rule in parts.setup.rules.items()}
        self.delivery: Delivery
        self.desk = AlertDesk(
            engine,
            now=parts.now,
            new_id=parts.new_id,
            numbers=parts.numbers,
            problems=lambda: {
                name: self.delivery.problems.get(name, "") for name in self.delivery.channels
            },
        )
        self.delivery = Delivery(
            self.desk.outbox,
            parts.channels,
            now=parts.now,
            chance=parts.chance,
            sender=parts.sender,
            numbers=parts.numbers,
        )
        self.ticker = Ticker(
            setup=parts.setup,
            news=news,
            records=self.desk.alerts,
            timers=self.desk.timers,
            now=parts.now,
            numbers=parts.numbers,
            store=parts.store,
            holder=parts.holder,
            channels=tuple(parts.channels),
            price=parts.price,
            prune=self._prune,
        )

    def start(self) -> None:
        """Begin to look and to send, in threads."""
        self.ticker.start()
        self.delivery.start()

    def stop(self) -> None:
        """End both."""
        self.ticker.stop()
        self.delivery.stop()

    @property
    def trouble(self) -> str:
        """Why alerts are not being looked at by this server or another; empty when they are."""
        ticking = self.ticker.ticking
        if ticking.state == "failed":
            return ticking.failure
        if ticking.state in ("idle", "warming"):
            return ""
        watched = self.desk.watched(self._now())
        if watched.alive:
            return ""
        return watched.failure or f"nobody has looked since {watched.looked_at or 'ever'}"

    def _prune(self, now: str) -> None:
        self.desk.alerts.prune(now, self._numbers.keep_log_s)
        self.desk.outbox.prune(instant(seconds(now) - self._numbers.keep_sent_s))
