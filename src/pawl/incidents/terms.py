"""Numbers of judgement about incidents, and the ladder of severities, each with its source."""

from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec

from pawl.base.errors import BadFile
from pawl.base.loading import load_yaml
from pawl.governance.priority import Domain

_NOT_NUMBERS = {"schema", "version", "as_of", "sources"}
_YEARS = 100
_MOST = {"_s": _YEARS * 366 * 86_400, "_minutes": _YEARS * 366 * 1_440, "_hours": _YEARS * 366 * 24,
         "_days": _YEARS * 366}  # fmt: skip
"""How long anything may be, by the end of its name: what is longer leads beyond the calendar."""
Severity = Literal[1, 2, 3, 4]
"""1 is the worst."""


class Rung(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One severity: what it means, how often people are told, and days until work is due.

    `postmortem_days` are until its postmortem is published, `action_days` until what it left behind
    is done, unless somebody says another date.
    """

    severity: Severity
    title: str
    means: str
    update_minutes: float
    postmortem_days: float
    action_days: float


class Terms(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is taken where nothing is said, and how long things are looked back for.

    `reopen_hours` is how long after its end the same thing is the same incident, `repeat_days` how
    long a second one is a repeat. `timer_grace_s` is how late a timer may be, in seconds.
    """

    schema: Literal["pawl.incident-terms/1"]
    version: str
    as_of: str
    severity_unsaid: Severity
    domain_unsaid: Domain
    reopen_hours: float
    repeat_days: float
    debt_quiet_days: float
    postmortem_severity: int
    postmortem_domains: tuple[Domain, ...]
    postmortem_budget_share: float
    timer_grace_s: float
    lexical_at_least: float
    severities: tuple[Rung, ...]
    sources: dict[str, str]

    def rung(self, severity: int) -> Rung:
        """Return what a severity means; raises KeyError for one that is none."""
        for each in self.severities:
            if each.severity == severity:
                return each
        raise KeyError(severity)


def load_terms(text: str, *, place: str) -> Terms:
    """Return terms from YAML; raises BadFile for a number without a source or below zero."""
    terms = load_yaml(text, Terms, place=place)
    for name in sorted(set(Terms.__struct_fields__) - _NOT_NUMBERS):
        if not terms.sources.get(name, "").strip():
            raise BadFile(f"{name} has no source.", place=f"{place}: sources", hint="Say why.")
        value = getattr(terms, name)
        if isinstance(value, int | float) and not 0 <= value < float("inf"):
            raise BadFile(f"{name} is {value}.", place=f"{place}: {name}")
        _check_length(name, value, f"{place}: {name}")
    if [each.severity for each in terms.severities] != [1, 2, 3, 4]:
        raise BadFile(
            "severities are not 1, 2, 3, 4, each once.",
            place=f"{place}: severities",
            hint="Write the four of them, the worst first.",
        )
    _check_order(terms, place)
    return terms


@cache
def shipped_terms() -> Terms:
    """Return the terms that come with Pawl."""
    text = files("pawl.incidents").joinpath("terms.yaml").read_text(encoding="utf-8")
    return load_terms(text, place="terms.yaml")


def _check_length(name: str, value: object, place: str) -> None:
    most = next((most for end, most in _MOST.items() if name.endswith(end)), None)
    if most is not None and isinstance(value, int | float) and not value <= most:
        raise BadFile(f"{name} is {value:g}.", place=place, hint=f"Take {most:,} or less.")


def _check_order(terms: Terms, place: str) -> None:
    for name in ("update_minutes", "postmortem_days", "action_days"):
        values = [getattr(each, name) for each in terms.severities]
        _check_length(name, values[-1], f"{place}: severities")
        if values != sorted(values) or values[0] <= 0:
            raise BadFile(
                f"{name} of a worse severity is longer, or none.",
                place=f"{place}: severities",
                hint="Whatever is worse comes sooner.",
            )
