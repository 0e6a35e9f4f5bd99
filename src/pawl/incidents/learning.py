"""What an incident teaches, and the steps that put it where it cannot be forgotten.

The form is the source's own and loads unchanged ("Operational maturity model and roadmap", pattern
3): cases are appended, gates updated, and an owned piece of work is opened. Each step has a key
made of the incident, its kind and its content, so that doing it twice is doing it once and a run
that broke off is taken up where it stopped.
"""

from collections.abc import Collection
from enum import StrEnum

import msgspec

from pawl.base import typed
from pawl.base.canonical import digest
from pawl.base.errors import BadFile
from pawl.incidents.event import Refusal, refused
from pawl.incidents.people import People, human, persons_behind

MAX_ITEMS = 1_000
MAX_ITEM = 200_000


class IncidentLearning(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the source's type of this name has. Its names are kept as they are."""

    incidentId: str  # noqa: N815
    rootCause: str  # noqa: N815
    newEvalCases: tuple[str, ...]  # noqa: N815
    gateUpdates: tuple[str, ...]  # noqa: N815
    owner: str


class NoChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why an incident changes nothing, and who signed that and when. `signed_by` is an identity."""

    reason: str
    signed_by: str
    signed_at: str


class StepKind(StrEnum):
    """What a step does, in the order in which steps are done."""

    EVAL_CASE = "eval-case"
    GATE_UPDATE = "gate-update"
    ACTION = "action"


class Step(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One step. Of the same incident, kind and content the key is the same for ever."""

    key: str
    kind: StepKind
    incident: str
    content: str
    owner: str


def load_learning(text: str | bytes, *, place: str) -> IncidentLearning:
    """Return a learning from JSON; raises BadFile for one that is not of the form."""
    try:
        return typed.decode(text, type=IncidentLearning)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadFile(f"{error}.", place=place, hint="See the reference for this file.") from error


def steps(
    learning: IncidentLearning,
    *,
    people: People,
    now: str,
    no_change: NoChange | None = None,
) -> tuple[Step, ...] | Refusal:
    """Return all steps of applying a learning, or everything that is wrong with it."""
    wrong = _problems(learning)
    if not learning.newEvalCases and not learning.gateUpdates:
        if no_change is None:
            wrong += ("It changes nothing, and nobody has signed why.",)
        else:
            why = why_not_signed(no_change, people, now, owner=learning.owner)
            wrong += (why,) if why else ()
    if wrong:
        return refused("not-whole", *wrong, hint="Mend these and apply it again.")
    contents = (
        *((StepKind.EVAL_CASE, each) for each in learning.newEvalCases),
        *((StepKind.GATE_UPDATE, each) for each in learning.gateUpdates),
        (StepKind.ACTION, f"Postmortem actions for {learning.incidentId}"),
    )
    found = {(step := _step(learning, kind, content)).key: step for kind, content in contents}
    return tuple(found.values())


def remaining(planned: tuple[Step, ...], done: Collection[str]) -> tuple[Step, ...]:
    """Return the steps that are still to do, given the keys of those that were done."""
    return tuple(each for each in planned if each.key not in done)


def step_key(incident: str, kind: StepKind, content: str) -> str:
    """Return the key of a step; spaces around its content do not make it another."""
    return f"ls:1:{digest([incident, kind.value, _plain(content)])}"


def why_not_signed(no_change: NoChange, people: People, now: str, *, owner: str) -> str:
    """Return why a reason for changing nothing does not count; empty where it does.

    It is signed by a human, and by another than who would have had the work.
    """
    if not no_change.reason.strip():
        return "The reason for changing nothing is empty."
    if no_change.signed_at > now:
        return "The reason for changing nothing is signed in the future."
    person = human(people, no_change.signed_by, no_change.signed_at)
    if isinstance(person, Refusal):
        return f"The reason for changing nothing does not count: {person.reasons[0]}"
    if person.id in {owner} | persons_behind(people, (owner,)):
        return f"{person.id} owns it, and cannot be the one who says that nothing must change."
    return ""


def _problems(learning: IncidentLearning) -> tuple[str, ...]:
    wrong = tuple(
        f"Its {name} is empty."
        for name in ("incidentId", "rootCause", "owner")
        if not getattr(learning, name).strip()
    )
    items = (*learning.newEvalCases, *learning.gateUpdates)
    if not all(each.strip() for each in items):
        wrong += ("A case or gate update is empty.",)
    if len(items) > MAX_ITEMS or any(len(each) > MAX_ITEM for each in items):
        wrong += (f"It has more than {MAX_ITEMS:,} items, or one of more than {MAX_ITEM:,}.",)
    return wrong


def _step(learning: IncidentLearning, kind: StepKind, content: str) -> Step:
    return Step(
        key=step_key(learning.incidentId, kind, content),
        kind=kind,
        incident=learning.incidentId,
        content=_plain(content),
        owner=learning.owner,
    )


def _plain(content: str) -> str:
    return content.replace("\r\n", "\n").strip()
