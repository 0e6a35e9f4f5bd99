"""Sending what the outbox holds: each channel in a thread of its own, so none waits for another."""

import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from typing import Protocol

import msgspec

from pawl.alerts.alert import Notice
from pawl.alerts.delivery import NotDelivered, Numbers, wait_s
from pawl.alerts.instants import instant, seconds
from pawl.base.errors import PawlError
from pawl.store.records.outbox import OutboxRecords


class Sender(Protocol):
    """A channel that is ready to send."""

    def send(self, notice: Notice, now: str) -> None:
        """Send one notice; returns once it was taken. Raises NotDelivered."""


class Refusing:
    """A channel that could not be opened: what goes to it fails with the reason, and waits."""

    def __init__(self, problem: PawlError) -> None:
        self.problem = str(problem)

    def send(self, notice: Notice, now: str) -> None:
        """Raise NotDelivered."""
        raise NotDelivered(f"the channel does not work: {self.problem}")


class Sending(msgspec.Struct, frozen=True, kw_only=True):
    """How one channel of this server goes. `failure` is that of the records, not of a receiver."""

    sent: int = 0
    failed: int = 0
    failure: str = ""


class Delivery:
    """The channels of this server. `sender` tells it from other servers on the same records."""

    def __init__(
        self,
        outbox: OutboxRecords,
        channels: Mapping[str, Sender],
        *,
        now: Callable[[], str],
        chance: Callable[[], float],
        sender: str,
        numbers: Numbers,
    ) -> None:
        self.outbox = outbox
        self.channels = dict(channels)
        self.going = {name: Sending() for name in self.channels}
        self._now, self._chance, self._sender = now, chance, sender
        self._numbers = numbers
        self._ending = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Start a thread for each channel."""
        # Daemons: a receiver that never answers must not keep the process from ending. What it
        # was being sent is claimed, and the claim runs out.
        self._threads = [
            threading.Thread(
                target=self._keep_sending, args=(name,), name=f"pawl-send-{name}", daemon=True
            )
            for name in self.channels
        ]
        for thread in self._threads:
            thread.start()

    def stop(self, wait_s: float = 2.0) -> None:
        """End the threads; one that waits for a receiver is left behind."""
        self._ending.set()
        for thread in self._threads:
            thread.join(timeout=wait_s)
        self._threads = []

    @property
    def problems(self) -> dict[str, str]:
        """Why channels do not work, by name."""
        return {
            name: each.problem for name, each in self.channels.items() if isinstance(each, Refusing)
        }

    def deliver_one(self, name: str) -> bool:
        """Send the notice longest due to a channel; False when none is."""
        found = self._numbers
        claimed = self.outbox.claim(
            name, self._sender, self._now(), lease_s=found.lease_s, most=found.attempts_max
        )
        if claimed is None:
            return False
        try:
            self.channels[name].send(claimed.notice, self._now())
        except NotDelivered as error:
            why, asked, final = error.message, error.retry_after_s, error.final
        except Exception as defect:
            # Its text may hold an address or a secret, so neither log nor records get it.
            _tell_place(defect)
            why, asked, final = f"a defect of Pawl's ({type(defect).__name__}).", None, False
        else:
            self.outbox.sent(claimed, self._now())
            self._note(name, sent=self.going[name].sent + 1)
            return True
        wait = None if final else wait_s(claimed.attempts, self._chance(), found, asked)
        now = self._now()
        again = None if wait is None else instant(seconds(now) + wait)
        self.outbox.failed(claimed, self._sender, now, why, again)
        self._note(name, failed=self.going[name].failed + 1)
        return True

    def _keep_sending(self, name: str) -> None:
        while not self._ending.is_set():
            try:
                busy = self.deliver_one(name)
                self._note(name, failure="")
            except (PawlError, OSError) as error:
                busy = False
                self._note(name, failure=str(error))
            except Exception as defect:
                busy = False
                _tell_place(defect)
                self._note(name, failure=f"a defect of Pawl's ({type(defect).__name__}).")
            if not busy:
                self._ending.wait(self._numbers.poll_s)

    def _note(self, name: str, **values: object) -> None:
        self.going[name] = msgspec.structs.replace(self.going[name], **values)


def _tell_place(defect: Exception) -> None:
    """Print where a defect is, and nothing of what it was about."""
    print(f"pawl: {type(defect).__name__} while sending a notice", file=sys.stderr)
    traceback.print_list(traceback.extract_tb(defect.__traceback__), file=sys.stderr)
