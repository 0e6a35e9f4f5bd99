"""An assessment as people hold it: evidence, findings, actions, and only then closed.

`draft` (opened by its trigger) → `evidence` (a complete result is attached, strengths and gaps
are noted) → `actions` (owned and dated work for each gap, a target for each dimension) →
`closed`, which confirms levels. It may be abandoned until then, and nothing opens it again.

One table says what each command does in each state; whatever is not in it is refused with the
reason. Commands come from people, so every text is bounded.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import msgspec

from pawl.maturity.ceremony_terms import (
    MAX_ENTRIES,
    MAX_TEXT,
    Abandon,
    AgreeFindings,
    Answer,
    AttachEvidence,
    Ceremony,
    Close,
    Command,
    Happened,
    NoteGap,
    NoteStrength,
    PlanAction,
    Refusal,
    SetTarget,
    State,
)
from pawl.maturity.confirm import Confirmed, Trigger, confirm
from pawl.maturity.model import Model
from pawl.maturity.stagnation import Summary, interventions
from pawl.maturity.verdict import ModelResult, Verdict


def open_ceremony(
    identity: str, subject: str, model: Model, trigger: Trigger, now: str, *, running: str = ""
) -> Ceremony | Refusal:
    """Open an assessment by its trigger; `running` names one that is still open, if any."""
    if running:
        return Refusal(
            code="one-at-a-time",
            message=f"{running} of the same subject and model is still open.",
            hint="Close or abandon it first.",
        )
    if not trigger.ref.strip():
        return Refusal(
            code="no-trigger",
            message="An assessment is opened by a quarter, an incident or a request to scale.",
            hint="Name the one that opens this.",
        )
    unknown = set(trigger.dimensions) - {dimension.id for dimension in model.dimensions}
    if unknown:
        return Refusal(
            code="unknown-dimension",
            message=f"{model.id} has no dimension {', '.join(sorted(unknown))}.",
        )
    return Ceremony(id=identity, subject=subject, model=model.id, trigger=trigger, opened_at=now)


def decide(ceremony: Ceremony, command: Command, now: str) -> Answer:
    """Return what a command makes happen in a ceremony's state, or why it does not."""
    handler = TABLE.get((ceremony.state, type(command)))
    if handler is None:
        return _not_now(ceremony.state, type(command))
    return handler(ceremony, command, now)


def after(ceremony: Ceremony, happened: Happened) -> Ceremony:
    """Return the ceremony after an event; replaying its events gives the same ceremony."""
    return msgspec.structs.replace(ceremony, **happened.sets)


def _attach(ceremony: Ceremony, command: AttachEvidence, now: str) -> Answer:
    result = command.result
    if result.model != ceremony.model:
        return Refusal(
            code="other-model",
            message=f"The result is of {result.model}; this assessment is of {ceremony.model}.",
        )
    if not result.complete:
        return Refusal(
            code="incomplete",
            message="A required probe failed or nothing could be looked at, so there is no level.",
            hint="Mend what failed, or provide what is missing, and assess again.",
        )
    # Findings that the new evidence contradicts are not carried over.
    met = _met(result)
    return _one(
        "evidence-attached",
        now,
        result=result,
        assessment=command.assessment,
        state=State.EVIDENCE,
        strengths=tuple(s for s in ceremony.strengths if not s.criterion or s.criterion in met),
        gaps=tuple(gap for gap in ceremony.gaps if gap.id not in met),
    )


def _note_strength(ceremony: Ceremony, command: NoteStrength, now: str) -> Answer:
    strength = command.strength
    refusal = _about_text(ceremony, strength.dimension, strength.text, ceremony.strengths)
    if refusal:
        return refusal
    if strength.criterion and strength.criterion not in _met(ceremony.result):
        return Refusal(
            code="not-met",
            message=f"{strength.criterion} is not met, so it is no strength.",
            hint="Leave the criterion out, or attach the evidence that proves it.",
        )
    return _one("strength-noted", now, strengths=(*ceremony.strengths, strength))


def _note_gap(ceremony: Ceremony, command: NoteGap, now: str) -> Answer:
    gap = command.gap
    refusal = _about_text(ceremony, gap.dimension, gap.text, ceremony.gaps)
    if refusal:
        return refusal
    if not gap.id.strip() or gap.id in {each.id for each in ceremony.gaps}:
        return Refusal(code="taken", message=f"A gap {gap.id!r} is there, or has no name.")
    if gap.id in _met(ceremony.result):
        return Refusal(code="met", message=f"{gap.id} is met, so it is no gap.")
    return _one("gap-noted", now, gaps=(*ceremony.gaps, gap))


def _agree(ceremony: Ceremony, command: AgreeFindings, now: str) -> Answer:
    missing = [
        name
        for name, found in (("strengths", ceremony.strengths), ("gaps", ceremony.gaps))
        if not found
    ]
    if missing:
        return Refusal(
            code="no-findings",
            message=f"There are no {' and no '.join(missing)} yet.",
            hint="An assessment names what to keep and what is missing.",
        )
    return _one("findings-agreed", now, state=State.ACTIONS)


def _plan(ceremony: Ceremony, command: PlanAction, now: str) -> Answer:
    action = command.action
    gap = next((each for each in ceremony.gaps if each.id == action.gap), None)
    if gap is None:
        return Refusal(code="unknown-gap", message=f"This assessment has no gap {action.gap!r}.")
    refusal = _about_text(ceremony, gap.dimension, action.text, ceremony.actions)
    if refusal:
        return refusal
    if not action.id.strip() or action.id in {each.id for each in ceremony.actions}:
        return Refusal(code="taken", message=f"An action {action.id!r} is there, or has no name.")
    if not action.owner.strip() or not action.indicator.strip():
        return Refusal(
            code="not-owned",
            message="An action names who owns it and which indicator will show that it worked.",
        )
    if not _is_day(action.due) or action.due <= now[:10]:
        return Refusal(
            code="not-dated",
            message=f"{action.due!r} is not a day after {now[:10]}.",
            hint="Write a day such as 2026-12-31.",
        )
    return _one("action-planned", now, actions=(*ceremony.actions, action))


def _target(ceremony: Ceremony, command: SetTarget, now: str) -> Answer:
    if command.dimension not in _dimensions(ceremony):
        return Refusal(
            code="unknown-dimension",
            message=f"{ceremony.model} has no dimension {command.dimension!r}.",
        )
    return _one("target-set", now, targets={**ceremony.targets, command.dimension: command.level})


def _close(ceremony: Ceremony, command: Close, now: str) -> Answer:
    refusal = _unfinished(ceremony)
    result = ceremony.result
    if refusal or result is None:
        return refusal or Refusal(code="no-evidence", message="No evidence is attached.")
    if (command.model.id, command.model.digest) != (result.model, result.digest):
        return Refusal(
            code="other-model",
            message="The model is not the one that judged this evidence.",
            hint="Close with the version that the evidence was judged by, or judge it again.",
        )
    confirmed = tuple(
        confirm(
            dimension,
            command.model,
            ceremony.trigger,
            subject=ceremony.subject,
            assessment=ceremony.id,
            now=now,
            numbers=command.numbers,
            history=command.history,
            series=command.series.get(dimension.id, ()),
        )
        for dimension in result.dimensions
    )
    refusal = _too_far(ceremony, confirmed, command.model)
    if refusal:
        return refusal
    closed = msgspec.structs.replace(ceremony, confirmed=confirmed, ended_at=now)
    raised = interventions(
        (*command.past, summary(closed)), command.model, command.numbers.stagnation
    )
    events = [
        *_one("closed", now, state=State.CLOSED, confirmed=confirmed, ended_at=now),
        *(_one("intervention-raised", now, interventions=raised) if raised else ()),
    ]
    return tuple(events)


def _abandon(ceremony: Ceremony, command: Abandon, now: str) -> Answer:
    if not command.reason.strip() or len(command.reason) > MAX_TEXT:
        return Refusal(code="no-reason", message="Giving up an assessment needs a short reason.")
    return _one(
        "abandoned",
        now,
        state=State.ABANDONED,
        ended_at=now,
        abandoned_because=command.reason,
    )


def summary(ceremony: Ceremony) -> Summary:
    """Return what later assessments look back at."""
    return Summary(
        assessment=ceremony.id,
        subject=ceremony.subject,
        model=ceremony.model,
        kind=ceremony.trigger.kind,
        closed_at=ceremony.ended_at or "",
        levels={each.dimension: each.level for each in ceremony.confirmed},
        gaps={gap.id: gap.dimension for gap in ceremony.gaps},
    )


def _unfinished(ceremony: Ceremony) -> Refusal | None:
    """Return what is still missing before an assessment can be closed."""
    planned = {action.gap for action in ceremony.actions}
    open_gaps = [gap.id for gap in ceremony.gaps if gap.id not in planned]
    if open_gaps:
        return Refusal(
            code="gap-without-action",
            message=f"Nothing is planned for {', '.join(open_gaps)}.",
            hint="Plan an owned and dated action for each gap.",
        )
    aimless = [name for name in _dimensions(ceremony) if name not in ceremony.targets]
    if aimless:
        return Refusal(
            code="no-target",
            message=f"No target level is set for {', '.join(aimless)}.",
            hint="Keeping the level is a target as well.",
        )
    return None


def _too_far(ceremony: Ceremony, confirmed: tuple[Confirmed, ...], model: Model) -> Refusal | None:
    """Refuse a target that is no level, or more than one step above what is confirmed."""
    ordinals = sorted(level.ordinal for level in model.levels)
    for each in confirmed:
        target = ceremony.targets[each.dimension]
        above = [ordinal for ordinal in ordinals if ordinal > each.level]
        furthest = above[0] if above else each.level
        if target not in (0, *ordinals) or target > furthest:
            return Refusal(
                code="target-too-far",
                message=f"The target of {each.dimension} is {target}; {furthest} is one step up.",
                hint="No level is skipped: set the next one, or keep this one.",
            )
    return None


def _about_text(
    ceremony: Ceremony, dimension: str, text: str, entries: tuple[object, ...]
) -> Refusal | None:
    if dimension not in _dimensions(ceremony):
        return Refusal(
            code="unknown-dimension", message=f"{ceremony.model} has no dimension {dimension!r}."
        )
    if not text.strip() or len(text) > MAX_TEXT:
        return Refusal(code="bad-text", message=f"Write between 1 and {MAX_TEXT} characters.")
    if len(entries) >= MAX_ENTRIES:
        return Refusal(code="too-many", message=f"{MAX_ENTRIES} entries are the most.")
    return None


def _dimensions(ceremony: Ceremony) -> tuple[str, ...]:
    return tuple(each.id for each in ceremony.result.dimensions) if ceremony.result else ()


def _met(result: ModelResult | None) -> set[str]:
    return {
        each.id
        for dimension in (result.dimensions if result else ())
        for each in dimension.criteria
        if each.verdict is Verdict.MET
    }


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _one(type: str, at: str, **sets: Any) -> tuple[Happened, ...]:
    return (Happened(type=type, at=at, sets=sets),)


def _not_now(state: State, command: type[Command]) -> Refusal:
    where = [held for held, allowed in TABLE if allowed is command]
    return Refusal(
        code="not-now",
        message=f"{command.__struct_config__.tag} does nothing while it is {state}.",
        hint=f"It can be done while it is {' or '.join(where)}.",
    )


Handler = Callable[[Ceremony, Any, str], Answer]
TABLE: Mapping[tuple[State, type[Command]], Handler] = {
    (State.DRAFT, AttachEvidence): _attach,
    (State.DRAFT, Abandon): _abandon,
    (State.EVIDENCE, AttachEvidence): _attach,
    (State.EVIDENCE, NoteStrength): _note_strength,
    (State.EVIDENCE, NoteGap): _note_gap,
    (State.EVIDENCE, AgreeFindings): _agree,
    (State.EVIDENCE, Abandon): _abandon,
    (State.ACTIONS, PlanAction): _plan,
    (State.ACTIONS, SetTarget): _target,
    (State.ACTIONS, Close): _close,
    (State.ACTIONS, Abandon): _abandon,
}
"""What each command does in each state. A pair that is not here is refused."""
