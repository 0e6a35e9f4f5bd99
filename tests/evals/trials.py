"""Trial records for tests, from the few things that a test is about."""

from typing import Any

import msgspec

from pawl.evals.record import (
    CommandExit,
    Egress,
    Ending,
    FileChange,
    Judgement,
    KeptFile,
    Manifest,
    Sight,
    Spent,
    Text,
    Trial,
    Workspace,
)
from pawl.runs.record import Outcome as RunOutcome
from pawl.telemetry.event import Event, Kind, Source

TIME = "2026-11-21T00:00:00.000000Z"


class Given(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A trial in short. `calls` become events, and texts where they have arguments."""

    sees: tuple[Sight, ...] = tuple(Sight)
    final: str | None = None
    texts: tuple[Text, ...] = ()
    calls: tuple[dict[str, Any], ...] = ()
    changes: tuple[FileChange, ...] = ()
    kept: tuple[KeptFile, ...] = ()
    commands: tuple[CommandExit, ...] = ()
    network: tuple[Egress, ...] = ()
    judgements: tuple[Judgement, ...] = ()
    canaries: tuple[str, ...] = ()
    spent: Spent = Spent()
    exit_status: int | None = 0
    outcome: RunOutcome = RunOutcome.SUCCEEDED
    infra: str = ""


def event(number: int, kind: Kind, **fields: Any) -> Event:
    """Return an event of a trial."""
    return Event(
        id=f"e{number}", time=TIME, kind=kind, source=Source.RUN, agent="claude-code", **fields
    )


def trial(given: Given, **manifest: Any) -> Trial:
    """Return the record of a trial in short; `manifest` replaces fields of its manifest."""
    events: list[Event] = []
    texts = list(given.texts)
    if given.final is not None:
        texts.append(Text(source="final", text=given.final))
    for number, call in enumerate(given.calls):
        name = call.get("id", f"call-{number}")
        at = len(events)
        made = event(at, Kind.TOOL_CALL, tool=call.get("tool"), tool_call_id=name)
        events.append(made)
        if "args" in call:
            marks = {key: call[key] for key in ("cut", "redacted") if key in call}
            text = msgspec.json.encode(call["args"]).decode()
            texts.append(Text(source="tool_args", text=text, event_id=made.id, **marks))
        if call.get("denied"):
            denial = event(at + 1, Kind.TOOL_DENIED, tool=call.get("tool"), tool_call_id=name)
            events.append(denial)
    fields: dict[str, Any] = {
        "case": "a-case",
        "case_digest": "0" * 64,
        "stimulus": "0" * 64,
        "assets": {},
        "agent": "claude-code",
        "recorded_at": TIME,
        "sees": given.sees,
        "canaries": given.canaries,
        "ending": Ending(outcome=given.outcome, exit_status=given.exit_status, infra=given.infra),
        "spent": given.spent,
    }
    return Trial(
        manifest=Manifest(**{**fields, **manifest}),
        events=tuple(events),
        texts=tuple(texts),
        workspace=Workspace(changes=given.changes, kept=given.kept),
        commands=given.commands,
        network=given.network,
        judgements=given.judgements,
    )
