"""Check this machine: what would keep Pawl from working, and what to do about it."""

from collections.abc import Mapping

import msgspec

from pawl.base.finding import Confidence, Finding, Outcome, Place, Severity

FREE_BYTES_MIN = 200 * 1024 * 1024
"""Below it a busy day of events may not fit; a judgement, not a measurement."""

PRICES_AGE_DAYS_MAX = 60
"""Vendors changed list prices about every two months in 2026."""


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What was found on the machine. `None` is what could not be found out.

    `agents` maps each product to the path of its program, or None where it is not installed;
    `transcripts` counts files by product; `free_bytes` is what the data folder's disk has left.
    `trials_held` says why no eval trial can be held here, and is empty where one can.
    """

    folder: str
    writable: bool
    free_bytes: int | None
    agents: Mapping[str, str | None]
    transcripts: Mapping[str, int]
    prices_age_days: int
    prices_as_of: str
    subreaper: bool
    trials_held: str
    server_url: str | None


def examine(facts: Facts) -> list[Finding]:
    """Return one finding a check, in the order a newcomer wants to read them."""
    return [
        _folder(facts),
        _space(facts),
        _agents(facts),
        _transcripts(facts),
        _prices(facts),
        _processes(facts),
        _trials(facts),
        _server(facts),
    ]


def _finding(
    id: str, passed: bool | None, severity: Severity, message: str, *, hint: str = "", at: str = ""
) -> Finding:
    outcome = {True: Outcome.PASS, False: Outcome.FAIL, None: Outcome.CANNOT_TELL}[passed]
    return Finding(
        id=id,
        outcome=outcome,
        severity=severity,
        confidence=Confidence.HIGH,
        message=message,
        place=Place(at) if at else None,
        hint="" if passed else hint,
    )


def _folder(facts: Facts) -> Finding:
    message = "The data folder can be written." if facts.writable else "The data folder cannot be."
    return _finding(
        "data-folder-is-writable",
        facts.writable,
        Severity.CRITICAL,
        message,
        at=facts.folder,
        hint="Name another with --data DIR or PAWL_DATA, or change its owner.",
    )


def _space(facts: Facts) -> Finding:
    free = facts.free_bytes
    known = "unknown" if free is None else f"{free / 1024**3:,.1f} GiB"
    return _finding(
        "disk-has-room",
        None if free is None else free >= FREE_BYTES_MIN,
        Severity.HIGH,
        f"Free on the data folder's disk: {known}.",
        at=facts.folder,
        hint="Make room: a run stops, or goes on unrecorded if you say so, when the disk is full.",
    )


def _agents(facts: Facts) -> Finding:
    found = [f"{product} ({path})" for product, path in facts.agents.items() if path]
    return _finding(
        "an-agent-is-installed",
        bool(found),
        Severity.LOW,
        f"Agents found: {', '.join(found) or 'none'}.",
        hint=f"Install one of {', '.join(facts.agents)}; any other command runs as `generic`.",
    )


def _transcripts(facts: Facts) -> Finding:
    counted = [f"{count:,} of {product}" for product, count in facts.transcripts.items() if count]
    return _finding(
        "transcripts-are-found",
        bool(counted),
        Severity.LOW,
        f"Transcript files: {', '.join(counted) or 'none'}.",
        hint="Name their place: pawl import PATH.",
    )


def _prices(facts: Facts) -> Finding:
    return _finding(
        "prices-are-recent",
        facts.prices_age_days <= PRICES_AGE_DAYS_MAX,
        Severity.MEDIUM,
        f"The price table is as of {facts.prices_as_of}, {facts.prices_age_days} days ago.",
        hint="Update Pawl, or put newer rows into prices.yaml in the data folder.",
    )


def _processes(facts: Facts) -> Finding:
    return _finding(
        "detached-processes-are-ended",
        facts.subreaper,
        Severity.MEDIUM,
        "Processes that detach from their agent are found and ended."
        if facts.subreaper
        else "This system has no sub-reaper: a process that detaches may outlive its run.",
        hint="Run agents on Linux where that matters.",
    )


def _trials(facts: Facts) -> Finding:
    held = not facts.trials_held
    return _finding(
        "trials-can-be-held",
        held,
        Severity.LOW,
        "Eval trials run with the network off and their files apart."
        if held
        else f"Eval trials cannot be held here: {facts.trials_held}",
        hint="Run them on a Linux machine that allows user namespaces, or say --network-open.",
    )


def _server(facts: Facts) -> Finding:
    message = f"A server runs at {facts.server_url}." if facts.server_url else "No server runs."
    return _finding("server-state-is-known", True, Severity.INFO, message)
