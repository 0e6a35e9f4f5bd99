"""The words of an assessment as people hold it: its states, findings, commands and events."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import msgspec

from pawl.maturity.confirm import Confirmed, Measured, Trigger
from pawl.maturity.engine_numbers import EngineNumbers
from pawl.maturity.model import Model
from pawl.maturity.stagnation import Intervention, Summary
from pawl.maturity.verdict import ModelResult

MAX_TEXT = 2_000
"""Characters of one text; a longer one belongs in a linked document."""
MAX_ENTRIES = 200
"""Strengths, gaps or actions of one assessment."""


class State(StrEnum):
    """How far an assessment has come."""

    DRAFT = "draft"
    EVIDENCE = "evidence"
    ACTIONS = "actions"
    CLOSED = "closed"
    ABANDONED = "abandoned"


class Strength(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that holds and should be kept; `criterion` where one says so."""

    dimension: str
    text: str
    criterion: str = ""


class Gap(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that is missing. `id` is its criterion's id, or a short name of its own."""

    id: str
    dimension: str
    text: str


class Action(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One piece of work for one gap: who owns it (a role or a team), by which day it is due, and
    which indicator will show that it worked."""

    id: str
    gap: str
    text: str
    owner: str
    due: str
    indicator: str


class Ceremony(msgspec.Struct, frozen=True, kw_only=True):
    """One assessment. `targets` are the levels aimed at, by dimension."""

    id: str
    subject: str
    model: str
    trigger: Trigger
    opened_at: str
    state: State = State.DRAFT
    result: ModelResult | None = None
    assessment: str = ""
    strengths: tuple[Strength, ...] = ()
    gaps: tuple[Gap, ...] = ()
    actions: tuple[Action, ...] = ()
    targets: Mapping[str, int] = {}
    confirmed: tuple[Confirmed, ...] = ()
    interventions: tuple[Intervention, ...] = ()
    ended_at: str | None = None
    abandoned_because: str = ""


class AttachEvidence(msgspec.Struct, frozen=True, kw_only=True, tag="attach-evidence"):
    """Attach what was measured. `assessment` is the digest of the whole assessment."""

    result: ModelResult
    assessment: str


class NoteStrength(msgspec.Struct, frozen=True, kw_only=True, tag="note-strength"):
    """Note something that holds."""

    strength: Strength


class NoteGap(msgspec.Struct, frozen=True, kw_only=True, tag="note-gap"):
    """Note something that is missing."""

    gap: Gap


class AgreeFindings(msgspec.Struct, frozen=True, kw_only=True, tag="agree-findings"):
    """Settle strengths and gaps, and go on to what is done about them."""


class PlanAction(msgspec.Struct, frozen=True, kw_only=True, tag="plan-action"):
    """Plan one piece of work for one gap."""

    action: Action


class SetTarget(msgspec.Struct, frozen=True, kw_only=True, tag="set-target"):
    """Set the level that a dimension aims at until the next assessment."""

    dimension: str
    level: int


class Close(msgspec.Struct, frozen=True, kw_only=True, tag="close"):
    """Close it: levels are confirmed, and repeated stagnation calls for intervention.

    `model` is the definition that judged, `history` what was confirmed before, `series` what was
    measured of each dimension, `past` the closed assessments of this subject and model.
    """

    model: Model
    numbers: EngineNumbers
    history: tuple[Confirmed, ...] = ()
    series: Mapping[str, tuple[Measured, ...]] = {}
    past: tuple[Summary, ...] = ()


class Abandon(msgspec.Struct, frozen=True, kw_only=True, tag="abandon"):
    """Give it up, with the reason; it confirms nothing."""

    reason: str


Command = (
    AttachEvidence
    | NoteStrength
    | NoteGap
    | AgreeFindings
    | PlanAction
    | SetTarget
    | Close
    | Abandon
)
COMMANDS: tuple[type[Command], ...] = (
    AttachEvidence, NoteStrength, NoteGap, AgreeFindings, PlanAction, SetTarget, Close, Abandon,
)  # fmt: skip
"""Every command there is."""


class Happened(msgspec.Struct, frozen=True, kw_only=True):
    """One event: what kind, when, and the fields of the ceremony that it sets."""

    type: str
    at: str
    sets: Mapping[str, Any]


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """Why a command changes nothing, and what to do instead."""

    code: str
    message: str
    hint: str = ""


Answer = tuple[Happened, ...] | Refusal
