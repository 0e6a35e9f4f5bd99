"""What the report on structural failures looks at, and the form of its answers."""

from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec

from pawl.base.errors import BadFile
from pawl.base.loading import load_yaml
from pawl.changes.gate_file import GateFile
from pawl.changes.metrics import Figures
from pawl.incidents.action import Action
from pawl.incidents.debt import OperationalDebt
from pawl.incidents.incident import Incident, State
from pawl.incidents.metrics import ActionFigures, IncidentFigures
from pawl.incidents.postmortem import Postmortem


class Terms(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From what on something is a repetition, a trend, or kept."""

    schema: Literal["pawl.structural/1"]
    version: str
    as_of: str
    repeats_least: int
    trend_least: int
    trend_share: float
    assessment_days: int
    kept_share: float
    in_time_share: float
    sources: dict[str, str]


class Assessed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One maturity assessment on record: how many criteria it judged, and exempted of them."""

    id: str
    at: str
    levels: dict[str, str]
    judged: int
    declared: int


class RoutineKept(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How often a routine came up in a window and how often it was done, without the excused."""

    routine: str
    every: str
    due: int
    done: int


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """What the report is made of, as of `until`. `before` figures are of the window before it.

    `incidents` are those declared in the window; `papers` are all postmortems, `learned` the
    incidents whose learning was applied to the last step. `domains_owned` says of each domain of
    the priorities whether somebody is its owner, `answering` whether somebody answers for
    incidents. `rehearsed` are rollbacks that were exercised in the window.
    """

    since: str
    until: str
    incidents: tuple[Incident, ...]
    actions: tuple[Action, ...]
    debts: tuple[OperationalDebt, ...]
    papers: tuple[Postmortem, ...]
    learned: frozenset[str]
    figures: IncidentFigures
    before: IncidentFigures
    quarters: tuple[ActionFigures, ...]
    changes: Figures | None = None
    changes_before: Figures | None = None
    gates: GateFile | None = None
    domains_owned: dict[str, bool] | None = None
    answering: bool | None = None
    assessments: tuple[Assessed, ...] | None = None
    routines: tuple[RoutineKept, ...] | None = None
    rehearsed: int | None = None


class Said(StrEnum):
    """An answer from data."""

    YES = "yes"
    NO = "no"
    CANNOT_TELL = "cannot-tell"


class Number(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One number that an answer rests on, and where it comes from; None is unknown."""

    name: str
    value: float | None
    source: str


class Answer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One question, answered."""

    id: str
    question: str
    said: Said
    why: str
    numbers: tuple[Number, ...] = ()


class Cause(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A root cause that the window saw more than once, and the debt that stands for it, if any."""

    root_cause_key: str
    incidents: tuple[str, ...]
    components: tuple[str, ...]
    debt: str = ""


class Trend(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A figure in the window beside the one before it. `of_*` is of how many it is."""

    id: str
    before: float | None
    now: float | None
    of_before: int
    of_now: int
    direction: Literal["up", "down", "same", "cannot-tell"]


def counted(seen: Evidence) -> tuple[Incident, ...]:
    """Return the incidents of the window that count: what was merged or declined does not."""
    return tuple(
        each for each in seen.incidents if each.state not in (State.MERGED, State.DECLINED)
    )


@cache
def shipped_structural() -> Terms:
    """Return the numbers that come with Pawl; raises BadFile for one without a source."""
    text = files("pawl.incidents").joinpath("structural.yaml").read_text(encoding="utf-8")
    found = load_yaml(text, Terms, place="structural.yaml")
    for name in set(Terms.__struct_fields__) - {"schema", "version", "as_of", "sources"}:
        if not found.sources.get(name, "").strip():
            raise BadFile(f"{name} has no source.", place="structural.yaml", hint="Say why.")
    return found
