"""A drill: a failure caused on purpose in a sandbox, to see whether what we promise holds.

A spec such as `.pawl/drills/notifier-down.yaml` says what should hold, which failure is caused,
when to stop, and what is measured. The id is the file's name:

    schema: pawl.drill/1
    title: Nothing is lost while the receiver is away
    kind: chaos
    hypothesis: Every notice arrives once, within an hour of the receiver's return.
    run_by: platform-eng
    fault: {plugin: notifier-down, parameters: {notices: 5}}
    abort: {after_s: 60}
    expectations:
      - {id: none-lost, claim: Every notice arrives, measure: lost, unit: notices, at_most: 0}

A measure that nobody could take is neither met nor unmet.
"""

import re
from enum import StrEnum
from math import isfinite
from typing import Any, Literal

import msgspec

from pawl.base.canonical import digest
from pawl.base.errors import BadFile
from pawl.base.loading import load_yaml

MAX_EXPECTATIONS = 50
MAX_SECONDS = 600.0
"""The longest that a drill may be allowed to last."""
_MOST = {"after_s": MAX_SECONDS, "written_mb_max": 4_096.0, "processes_max": 500.0}
"""What a spec may allow itself of the machine: whoever wrote it may not be who runs it."""
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")
_MAX_TEXT = 1_000


class Kind(StrEnum):
    """What a drill exercises: the three of each quarter, and any other failure."""

    CHAOS = "chaos"
    POLICY_INCIDENT = "policy-incident"
    COST_SPIKE = "cost-spike"
    QUALITY_REGRESSION = "quality-regression"


class Fault(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which failure is caused, and how: a plugin by its id, with its parameters."""

    plugin: str
    parameters: dict[str, bool | int | float | str] = {}


class AbortRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a drill is stopped: what it may use of the machine that it runs on.

    Seconds of real time, US dollars that its made-up agents may report, megabytes that it may
    write and processes that it may have at once, all in its sandbox.
    """

    after_s: float = 60
    spend_usd_max: float = 100
    written_mb_max: float = 256
    processes_max: int = 32


class Expectation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One measure of the fault, and the bound that it must keep: at least, at most, or both.

    `gap` is the title of the work to do where it does not.
    """

    id: str
    claim: str
    measure: str
    unit: str
    at_most: float | None = None
    at_least: float | None = None
    gap: str = ""

    @property
    def bound(self) -> str:
        """The bound as people write it, with its unit."""
        if self.at_least is not None and self.at_least == self.at_most:
            return f"exactly {self.at_least:g} {self.unit}"
        parts = []
        if self.at_least is not None:
            parts.append(f"at least {self.at_least:g}")
        if self.at_most is not None:
            parts.append(f"at most {self.at_most:g}")
        return f"{' and '.join(parts)} {self.unit}"


class Drill(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One drill as it is planned. `run_by` is the role that runs it and owns what it finds.

    `component` is what its gaps are in, `due_days` how long there is to close one.
    """

    schema: Literal["pawl.drill/1"] = "pawl.drill/1"
    id: str = ""
    title: str
    kind: Kind
    hypothesis: str
    run_by: str
    fault: Fault
    expectations: tuple[Expectation, ...]
    abort: AbortRules = AbortRules()
    component: str = "operations"
    due_days: float = 14
    source: str = ""
    as_of: str = ""

    @property
    def digest(self) -> str:
        """The digest of everything it says, so that runs of the same drill can be told apart."""
        return digest(msgspec.to_builtins(self))


class Measured(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a fault gave for one measure; without a value, why nobody could tell."""

    value: float | None
    why: str = ""


class Outcome(StrEnum):
    """What came of an expectation, or of all of them."""

    MET = "met"
    NOT_MET = "not-met"
    CANNOT_TELL = "cannot-tell"


class Result(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One expectation with what was measured of it."""

    expectation: Expectation
    outcome: Outcome
    value: float | None
    why: str = ""


class Score(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many expectations came to what. `share` is that of the met; of none it is None."""

    met: int
    not_met: int
    cannot_tell: int

    @property
    def share(self) -> float | None:
        """The share of all expectations that were met; what nobody could tell is not met."""
        every = self.met + self.not_met + self.cannot_tell
        return self.met / every if every else None


class Gap(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that a drill has shown to be missing: work for somebody. `action` once opened."""

    expectation: str
    title: str
    owner: str
    component: str
    due_at: str
    action: str = ""


def load_drill(text: str, *, id: str, place: str) -> Drill:
    """Return a drill from YAML; raises BadFile for one that could not fail, or never ends."""
    drill = load_yaml(text, Drill, place=place)
    if drill.id not in ("", id):
        raise BadFile(f"id is {drill.id!r}.", place=f"{place}: id", hint=f"Its file says {id}.")
    _check_texts(drill, id, place)
    _check_abort(drill.abort, f"{place}: abort")
    if not 1 <= len(drill.expectations) <= MAX_EXPECTATIONS:
        raise BadFile(
            f"it has {len(drill.expectations)} expectations.",
            place=f"{place}: expectations",
            hint=f"Say what is measured: 1 to {MAX_EXPECTATIONS}.",
        )
    ids = [each.id for each in drill.expectations]
    for each in drill.expectations:
        _check_expectation(each, ids.count(each.id), f"{place}: expectations.{each.id}")
    return msgspec.structs.replace(drill, id=id)


def judged(expectation: Expectation, measured: Measured | None) -> Result:
    """Return what came of an expectation; without a measure nobody can tell."""
    if measured is None or measured.value is None:
        why = measured.why if measured else ""
        return Result(
            expectation=expectation,
            outcome=Outcome.CANNOT_TELL,
            value=None,
            why=why or "It was not measured.",
        )
    if not isfinite(measured.value):
        # No bound is broken by what is no number, so it would be met.
        return Result(
            expectation=expectation,
            outcome=Outcome.CANNOT_TELL,
            value=None,
            why=f"What was measured is no number: {measured.value}.",
        )
    low = expectation.at_least is not None and measured.value < expectation.at_least
    high = expectation.at_most is not None and measured.value > expectation.at_most
    return Result(
        expectation=expectation,
        outcome=Outcome.NOT_MET if low or high else Outcome.MET,
        value=measured.value,
        why=measured.why,
    )


def score_of(results: tuple[Result, ...]) -> Score:
    """Return how many expectations came to what."""
    outcomes = [each.outcome for each in results]
    return Score(
        met=outcomes.count(Outcome.MET),
        not_met=outcomes.count(Outcome.NOT_MET),
        cannot_tell=outcomes.count(Outcome.CANNOT_TELL),
    )


def verdict_of(results: tuple[Result, ...]) -> Outcome:
    """Return whether the hypothesis held: one that is unmet refutes it, all must be met to hold."""
    outcomes = {each.outcome for each in results}
    if Outcome.NOT_MET in outcomes:
        return Outcome.NOT_MET
    return Outcome.MET if outcomes == {Outcome.MET} else Outcome.CANNOT_TELL


def gaps_of(drill: Drill, results: tuple[Result, ...], due_at: str) -> tuple[Gap, ...]:
    """Return the work that unmet expectations ask for; where nobody could tell, to make it so."""
    found = []
    for each in results:
        told = each.expectation
        if each.outcome is Outcome.MET:
            continue
        title = told.gap or f"See to it that this holds: {told.claim}"
        if each.outcome is Outcome.CANNOT_TELL:
            title = f"See to it that this can be measured: {told.claim}"
        found.append(
            Gap(
                expectation=told.id,
                title=f"{title} (drill {drill.id})",
                owner=drill.run_by,
                component=drill.component,
                due_at=due_at,
            )
        )
    return tuple(found)


def _check_texts(drill: Drill, id: str, place: str) -> None:
    if not _ID.fullmatch(id):
        raise BadFile(
            f"{id!r} names no drill.", place=place, hint="Use letters, digits and dashes."
        )
    for name in ("title", "hypothesis", "run_by", "component"):
        text = getattr(drill, name)
        if not text.strip() or len(text) > _MAX_TEXT:
            raise BadFile(
                f"{name} is empty, or longer than {_MAX_TEXT:,} characters.",
                place=f"{place}: {name}",
            )
    if not 0 < drill.due_days <= 366:
        raise BadFile(f"due_days is {drill.due_days:g}.", place=f"{place}: due_days")


def _check_abort(rules: AbortRules, place: str) -> None:
    for name in AbortRules.__struct_fields__:
        value = getattr(rules, name)
        if not 0 < value < float("inf"):
            raise BadFile(f"{name} is {value:g}.", place=f"{place}.{name}", hint="Set a limit.")
    for name, most in _MOST.items():
        value = getattr(rules, name)
        if value > most:
            raise BadFile(
                f"{name} is {value:g}.", place=f"{place}.{name}", hint=f"Take {most:g} or less."
            )


def _check_expectation(expectation: Expectation, times: int, place: str) -> None:
    if times > 1 or not _ID.fullmatch(expectation.id):
        raise BadFile("the id is taken, or is none.", place=place, hint="As in none-lost.")
    for name in ("claim", "measure", "unit"):
        text: Any = getattr(expectation, name)
        if not text.strip() or len(text) > _MAX_TEXT:
            raise BadFile(f"{name} is empty, or far too long.", place=f"{place}.{name}")
    bounds = [each for each in (expectation.at_least, expectation.at_most) if each is not None]
    if not bounds or not all(abs(each) < float("inf") for each in bounds):
        raise BadFile(
            "it has no bound, so it could not fail.", place=place, hint="Set at_least or at_most."
        )
    if bounds != sorted(bounds):
        raise BadFile("at_least is more than at_most.", place=place)
