"""Times as senders tell them, judged by our own clock."""

from datetime import UTC, datetime

from pawl.base.times import format_time, parse_time
from pawl.telemetry.otlp.bounds import Bounds

_BILLION = 1_000_000_000
_YEAR_9999 = 253_402_300_800


def nanoseconds(time: str) -> int:
    """Return a canonical instant as nanoseconds since the Unix epoch."""
    return round(parse_time(time).timestamp() * 1_000_000) * 1000


class Clock:
    """Turns nanoseconds into canonical times; `received` is our own clock in canonical form.

    One body has few seconds in it, so the text of each is made once.
    """

    def __init__(self, received: str, bounds: Bounds) -> None:
        self.received = received
        self._latest = nanoseconds(received) + bounds.future_s * _BILLION
        self._earliest = nanoseconds(bounds.earliest)
        self._seconds: dict[int, str] = {}

    def judge(self, time: int) -> tuple[str, str | None]:
        """Return when it was, and the time claimed where that cannot be believed."""
        if self._earliest <= time <= self._latest:
            return self.text(time), None
        return self.received, (self.text(time) if time else None)

    def text(self, time: int) -> str:
        """Return an instant in canonical form; beyond the year 9999 it is cut to the last one."""
        second, rest = divmod(time, _BILLION)
        known = self._seconds.get(second)
        if known is None:
            moment = datetime.fromtimestamp(min(second, _YEAR_9999 - 1), UTC)
            known = self._seconds[second] = format_time(moment)[:20]
        return f"{known}{rest // 1000:06d}Z"
