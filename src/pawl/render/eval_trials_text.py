"""Live trials, for a terminal: a line as each ends, and what was kept."""

from collections.abc import Sequence
from typing import Protocol

from pawl.render.table import aligned, printable


class Ended(Protocol):
    """One trial that was ordered; `pawl.services.eval_live.Done` is one."""

    @property
    def case(self) -> str:
        """The case's id."""

    @property
    def address(self) -> str:
        """The record's address; empty where there is no record."""

    @property
    def path(self) -> str:
        """Where the record is kept."""

    @property
    def outcome(self) -> object:
        """How the run ended; None where there was none."""

    @property
    def infra(self) -> str:
        """What broke that was not the agent's doing."""

    @property
    def network_denied(self) -> bool | None:
        """Whether the network was proved to be off; None is unknown."""

    @property
    def problem(self) -> str:
        """Why nothing could be tried."""


def trial_line(ended: int, of: int, done: Ended) -> str:
    """Return one line for a trial that has just ended."""
    if not done.address:
        return f"[{ended}/{of}] {printable(done.case)}: no record: {_plain(done.problem)}"
    told = f"infra: {_plain(done.infra)}" if done.infra else str(done.outcome)
    network = "" if done.network_denied is not False else " (network on)"
    return f"[{ended}/{of}] {printable(done.case)}: {told}{network}, {done.address[:12]}"


def trials_text(done: Sequence[Ended]) -> str:
    """Return what was kept, one row a trial, in the order of asking."""
    if not done:
        return "Nothing was to be recorded: the pool is full.\n"
    rows = [
        (
            printable(each.case),
            str(each.outcome) if each.address else "no record",
            _network(each.network_denied),
            _plain(each.problem or each.infra)[:60] or "-",
            each.path or "-",
        )
        for each in done
    ]
    return aligned(("case", "run", "network", "trouble", "record"), rows, left=5)


def _network(denied: bool | None) -> str:
    return "unknown" if denied is None else "off" if denied else "on"


def _plain(text: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in text)
