"""How notices are sent again, and what may stand in one; the numbers are in `delivery.yaml`.

Everything that a notice says about telemetry was written by strangers: a project's name or a
tool's may hold markup, line breaks, or marks that turn the reading direction round. `one_line`
makes harmless text of it; what a channel's own markup means is escaped by the channel.
"""

import unicodedata
from functools import cache
from importlib.resources import files

import msgspec

from pawl.alerts.alert import Notice, Told
from pawl.alerts.budget_letter import RULE, account_id
from pawl.alerts.reading import scope_text
from pawl.base.errors import Unavailable
from pawl.base.loading import load_yaml

INCIDENT = "incident"
DRILL = "drill"
"""What routes match for all that is told of incidents."""


class Numbers(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The numbers of looking and delivering, each with its source in `delivery.yaml`.

    Names end in their unit. `jitter` is the part of a wait that is left to chance; an attempt has
    `lease_s` before another sender may try. `silent_s` without a look and nobody lives. A
    link to take command holds for `invitation_s`.
    """

    schema: str
    as_of: str
    look_every_s: float
    stale_s: float
    silent_s: float
    warm_events_max: int
    keep_log_s: float
    keep_sent_s: float
    attempts_max: int
    backoff_first_s: float
    backoff_factor: float
    backoff_max_s: float
    jitter: float
    lease_s: float
    poll_s: float
    timeout_s: float
    answer_bytes_max: int
    text_max: int
    invitation_s: float
    sources: dict[str, str]


class NotDelivered(Unavailable):
    """A channel did not take a notice.

    `retry_after_s` is how long the receiver asks to wait; `final` says that it never will take
    it. The message names no secret and no address.
    """

    code = "not-delivered"

    def __init__(
        self, message: str, *, retry_after_s: float | None = None, final: bool = False
    ) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s
        self.final = final


@cache
def numbers() -> Numbers:
    """Return the numbers that looking and delivering go by."""
    name = "delivery.yaml"
    text = (files("pawl.alerts") / name).read_text()
    return load_yaml(text, Numbers, place=name)


def wait_s(
    attempts: int, chance: float, found: Numbers, retry_after_s: float | None = None
) -> float | None:
    """Return the seconds to wait after `attempts` in vain; None when there is no further one.

    `chance` is a number in [0, 1). What the receiver asks for is kept to, up to the longest wait.
    """
    if attempts >= found.attempts_max:
        return None
    # The exponent is bounded first: a float has an end.
    grown = found.backoff_first_s * found.backoff_factor ** min(attempts - 1, 60)
    longest = min(found.backoff_max_s, grown)
    wait = longest * (1 - found.jitter) + longest * found.jitter * chance
    return max(wait, min(retry_after_s or 0.0, found.backoff_max_s))


def one_line(text: str, most: int | None = None) -> str:
    """Return text without line breaks, control marks and hidden ones, cut at `most` characters."""
    limit = numbers().text_max if most is None else most
    plain = "".join(
        " " if letter.isspace() else letter
        for letter in text
        if letter.isspace() or unicodedata.category(letter)[0] != "C"
    )
    words = " ".join(plain.split())
    return words if len(words) <= limit else words[: limit - 1] + "…"


def headline(notice: Notice) -> str:
    """Return a notice in one line of ours: what happened, how bad it is, to how many."""
    title = one_line(notice.title, 200)
    if _of(notice, INCIDENT):
        return f"[INCIDENT · {notice.level.value}] {title.removeprefix('critical: ')}"
    return f"[{notice.kind.value.upper().replace('_', ' ')} · {notice.level.value}] {title}"


def facts(told: Told) -> tuple[tuple[str, str], ...]:
    """Return what a notice says of one alert, by name, each in one line."""
    named = (
        ("what", told.summary),
        ("where", scope_text(told.scope)),
        ("likely cause", told.cause),
        ("do first", told.response),
        ("since", told.since),
        ("seen in", ", ".join(f"{row.kind} {row.id}" for row in told.rows[:5])),
    )
    return tuple((name, one_line(value)) for name, value in named if value)


def link(base: str, told: Told) -> str:
    """Return the address of the page that shows an alert, or the budget it is about."""
    if told.rule == RULE:
        return f"{base.rstrip('/')}/budgets#{account_id(told.scope)}"
    if told.rule == INCIDENT:
        return f"{base.rstrip('/')}/incidents/{dict(told.scope).get('incident', '')}"
    if told.rule == DRILL:
        return f"{base.rstrip('/')}/drills/{dict(told.scope).get('run', '')}"
    return f"{base.rstrip('/')}/alerts/{told.alert_id}"


def page(base: str, notice: Notice) -> str:
    """Return the address of the page that shows all of a notice."""
    if len(notice.alerts) == 1 and _of(notice, INCIDENT):
        return link(base, notice.alerts[0])
    name = "incidents" if _of(notice, INCIDENT) else "budgets" if _of(notice, RULE) else "alerts"
    return f"{base.rstrip('/')}/{name}"


def _of(notice: Notice, rule: str) -> bool:
    return bool(notice.alerts) and all(told.rule == rule for told in notice.alerts)
