"""Make a trial record of a run that nobody planned as a trial, from what was kept of it.

What a run of production proves of a case is only what was seen of it: what each kind of thing
that a grader may ask for is, is said in the record, and the rest stays unknown.
"""

from collections.abc import Iterable

import msgspec

from pawl.base.canonical import digest
from pawl.base.money import micros_from_reported
from pawl.evals.case import Case, case_digest, stimulus_digest
from pawl.evals.record import Ending, Manifest, Sight, Spent, Trial
from pawl.evals.recording import texts_of
from pawl.evals.trajectory import calls
from pawl.runs.record import RunRecord
from pawl.telemetry.content import Content, Role
from pawl.telemetry.event import Event, Kind

MAX_EVENTS = 20_000
"""Events of a run that are taken; of a longer one the first."""


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What was kept of a run. `tools` says that every call of it is among the events."""

    events: tuple[Event, ...]
    contents: tuple[Content, ...] = ()
    tools: bool = True


def trial_of_run(record: RunRecord, seen: Seen, *, recorded_at: str) -> Trial:
    """Return a run as a trial of no case yet; `for_case` makes it one of a case."""
    events = seen.events[:MAX_EVENTS]
    known = {event.id for event in events}
    contents = [each for each in seen.contents if each.event_id in known]
    model = record.models[0] if record.models else None
    trial = Trial(
        manifest=Manifest(
            case="",
            case_digest=digest(None),
            stimulus=digest(None),
            assets={},
            agent=record.agent,
            agent_version=record.agent_version,
            model=model,
            recorded_by=f"pawl run {record.run_id}",
            recorded_at=recorded_at,
            ending=Ending(
                outcome=record.outcome,
                exit_status=record.exit_code,
                limit=record.stop.limit if record.stop else None,
            ),
            spent=Spent(
                turns=record.turns,
                cost_micros=_micros(record),
                cost_basis=record.cost.basis,
                wall_ms=record.duration_ms,
            ),
        ),
        events=tuple(events),
        texts=texts_of(contents, record.result),
    )
    whole = seen.tools and len(events) == len(seen.events)
    manifest = msgspec.structs.replace(trial.manifest, sees=_sights(trial, whole=whole))
    return msgspec.structs.replace(trial, manifest=manifest)


def for_case(trial: Trial, case: Case) -> Trial:
    """Return a trial as one of a case, bound to its digests."""
    manifest = msgspec.structs.replace(
        trial.manifest,
        case=case.id,
        case_digest=case_digest(case),
        stimulus=stimulus_digest(case),
    )
    return msgspec.structs.replace(trial, manifest=manifest)


def prompt_of(contents: Iterable[Content]) -> str:
    """Return what the agent was asked first, or an empty text where that was not kept whole.

    What an agent asks its sub-agents comes later than what it was asked itself.
    """
    asked = [each for each in contents if each.role is Role.PROMPT]
    first = min(asked, key=lambda each: each.time, default=None)
    return first.text if first is not None and first.characters == len(first.text) else ""


def _sights(trial: Trial, *, whole: bool) -> tuple[Sight, ...]:
    """Return what was seen of a run: arguments only where those of every call were kept."""
    sights = [Sight.FINAL] if any(text.source == "final" for text in trial.texts) else []
    if not whole:
        return tuple(sights)
    sights += [Sight.TOOLS, Sight.DENIALS]
    if all(call.arguments is not None for call in calls(trial)):
        sights.append(Sight.TOOL_ARGS)
    told = {text.event_id for text in trial.texts if text.source == "tool_result"}
    if all(event.id in told for event in trial.events if event.kind is Kind.TOOL_RESULT):
        sights.append(Sight.TOOL_RESULT)
    return tuple(sights)


def _micros(record: RunRecord) -> int | None:
    return None if record.cost.usd is None else micros_from_reported(record.cost.usd)
