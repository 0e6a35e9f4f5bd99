"""What the rules of alerts say of a sandbox's events, through its real spool and events store."""

from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from pawl.alerts import rules as folder
from pawl.alerts.configuring import set_up
from pawl.alerts.replay import Episode, replay
from pawl.alerts.rule import Rule
from pawl.base import catalogue
from pawl.runs.alert_settings import AlertSettings
from pawl.services.drill_sandbox import Sandbox
from pawl.services.price_table import PriceTexts
from pawl.store.spool import SpoolWriter
from pawl.telemetry.event import Event
from pawl.telemetry.pricing import PriceTable

TICK_S = 10.0
"""Seconds between two looks, as a server looks."""
_BEGINNING = "1970-01-01T00:00:00.000000Z"
_END = "2999-12-31T00:00:00.000000Z"


def keep(sandbox: Sandbox, events: Iterable[Event], label: str = "drill") -> None:
    """Make events durable in the sandbox's spool."""
    with SpoolWriter(sandbox.data / "spool", label) as writer:
        writer.append(events)
        writer.commit()


def stored(sandbox: Sandbox) -> list[Event]:
    """Load what the sandbox's spool holds and return every event of its store, in order of time."""
    # Imported here: the engine takes a while, and not every fault needs it.
    from pawl.services.stored_events import open_events

    with open_events(sandbox.data) as events:
        events.drain(sandbox.data / "spool")
        return list(events.history(_BEGINNING, _END))


def episodes(events: list[Event], *names: str, until: str) -> tuple[Episode, ...]:
    """Return when the rules with these names fire on events, looking as a server does.

    What a request costs is told by the prices that come with Pawl.
    """
    rules = {name: catalogue.load(folder, name, "RULE", Rule) for name in names}
    price = _prices().price
    setup = set_up(rules, AlertSettings())
    replayed = replay(events, setup, price=price, until=until, tick_s=TICK_S)
    return replayed.episodes


@cache
def _prices() -> PriceTable:
    shipped = files("pawl.telemetry").joinpath("prices").iterdir()
    texts = [(each.name, each.read_bytes()) for each in shipped if each.name.endswith(".yaml")]
    return PriceTexts(sorted(texts), None).table()
