"""One change as a page shows it: what it alters, who said what, what holds it up, what happened."""

from collections.abc import Iterable, Sequence

import msgspec

from pawl.base.times import seconds_between
from pawl.changes.approval import Approval, Judged
from pawl.changes.change import OUT, Change, Happened, Happening, State
from pawl.changes.commands import Command
from pawl.changes.evidence import Evidence
from pawl.changes.explain import explained
from pawl.changes.gate import Decision, GateResult
from pawl.changes.manifest import Manifest, manifest_digest, part_digest, works_of
from pawl.changes.plan import Stage
from pawl.changes.rollout import StageVerdict, next_step
from pawl.changes.transitions import TABLE
from pawl.governance.permissions import CommandName, Permissions, Permit, may
from pawl.governance.raci import Raci
from pawl.governance.roster import Person, Roster, behind, by_identity
from pawl.services.change_board_view import BoardRow, board_row
from pawl.services.part_difference import PartDifference, part_differences

WAY = (State.DRAFT, State.IN_REVIEW, State.APPROVED, State.ROLLING_OUT, State.LIVE)
"""The way of a change that goes well."""
OFFERED: dict[str, CommandName] = {
    "submit": "submit",
    "answer": "answer",
    "start": "start",
    "roll-back": "roll-back",
    "reject": "reject",
    "withdraw": "withdraw",
}
"""What the page offers, by the tag of the command in the table of transitions."""


class Bound(msgspec.Struct, frozen=True, kw_only=True):
    """What an answer binds to: the content, what it starts from, and the policy, by digest."""

    digest: str
    base_digest: str
    policy_digest: str


class AnswerLine(msgspec.Struct, frozen=True, kw_only=True):
    """One answer with whether it counts now, and why not; `judged` is None before any decision."""

    answer: Approval
    judged: Judged | None


class StageLine(msgspec.Struct, frozen=True, kw_only=True):
    """One stage: `done`, `now` or `next`; `left_s` is what its hold still lasts, while it is now."""

    stage: Stage
    state: str
    since: str | None = None
    left_s: float | None = None
    verdicts: tuple[StageVerdict, ...] = ()


class EventLine(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened, by whom: `person` is empty where nobody claims the identity."""

    type: Happening
    at: str
    by: str
    person: str
    text: str = ""


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """Something that can be done in this state, and whether who looks may do it, with the reason."""

    command: CommandName
    permit: Permit


class Looked(msgspec.Struct, frozen=True, kw_only=True):
    """What changed since somebody looked at a change: what they saw, what it is, in sentences."""

    reasons: tuple[str, ...]
    parts: tuple[str, ...] = ()


class ChangeView(msgspec.Struct, frozen=True, kw_only=True):
    """Everything of one change. `decision` is the newest, None where nobody judged it yet."""

    change: Change
    row: BoardRow
    bound: Bound
    way: tuple[tuple[State, str], ...]
    differences: tuple[PartDifference, ...]
    decision: Decision | None
    judged_now: bool
    authors: tuple[str, ...]
    unknown_authors: tuple[str, ...]
    answers: tuple[AnswerLine, ...]
    evidence: tuple[Evidence, ...]
    stages: tuple[StageLine, ...]
    next_move: str
    events: tuple[EventLine, ...]
    offers: tuple[Offer, ...]
    tree: tuple[tuple[int, str], ...]
    can_roll_back: bool
    back_to: tuple[tuple[str, str], ...]

    @property
    def held(self) -> tuple[GateResult, ...]:
        """The gates that hold it up, the weightiest domain first."""
        return self.decision.against if self.decision else ()

    @property
    def gates(self) -> tuple[GateResult, ...]:
        """All gates that were asked: what holds it up first, then what did not apply last."""
        if self.decision is None:
            return ()
        held = {each.gate for each in self.held}
        rest = [each for each in self.decision.gates if each.gate not in held]
        rest.sort(key=lambda each: each.requirement == "NOT_APPLICABLE")
        return (*self.held, *rest)

    def offer(self, command: str) -> Offer | None:
        """Return what is offered under a name, None where it can not be done in this state."""
        return next((each for each in self.offers if each.command == command), None)


class People(msgspec.Struct, frozen=True, kw_only=True):
    """Who is who, who may what, and who is looking (None: nobody that the roster knows)."""

    roster: Roster
    raci: Raci
    permissions: Permissions
    visitor: Person | None = None


def change_view(
    change: Change,
    *,
    bound: Bound,
    decision: Decision | None,
    events: Sequence[Happened],
    evidence: Iterable[Evidence],
    verdicts: Iterable[StageVerdict],
    people: People,
    now: str,
) -> ChangeView:
    """Return one change as its page shows it; `decision` is the newest about it."""
    known = by_identity(people.roster)
    authors = behind(change.authors, known)
    fits = decision is not None and decision.digest == change.digest
    return ChangeView(
        change=change,
        row=board_row(change, decision, now),
        bound=bound,
        way=tuple(_way(change)),
        differences=part_differences(change.manifest),
        decision=decision,
        judged_now=fits,
        authors=tuple(sorted(authors.people)),
        unknown_authors=authors.unknown,
        answers=_answers(change, decision),
        evidence=tuple(sorted(evidence, key=lambda each: each.recorded_at, reverse=True)),
        stages=_stages(change, events, tuple(verdicts), now),
        next_move=_next_move(change, verdicts, now),
        events=tuple(_event(each, known) for each in reversed(events)),
        offers=tuple(_offers(change, authors.people, people, now)),
        tree=explained(decision) if decision else (),
        can_roll_back=change.state in OUT,
        back_to=tuple(
            (name, part_digest(part)[:12] if part is not None else "nothing")
            for name, part in sorted(change.manifest.base.items())
        ),
    )


def looked_at(
    seen: Bound, now: Bound, events: Iterable[Happened], manifest: Manifest
) -> Looked | None:
    """Return what is no longer what somebody saw, None where all of it still is.

    `events` are those of the change: what was seen is found among what it was.
    """
    reasons = []
    parts: tuple[str, ...] = ()
    if seen.digest != now.digest:
        reasons.append(f"It was edited: you saw {seen.digest[:12]}, it is {now.digest[:12]}.")
        before = _manifest_of(events, seen.digest)
        if before is not None:
            parts = tuple(_moved(before, manifest))
    if seen.base_digest != now.base_digest:
        reasons.append(
            f"What it starts from moved: you saw {seen.base_digest[:12]}, it is "
            f"{now.base_digest[:12]}."
        )
    if seen.policy_digest != now.policy_digest:
        reasons.append(
            f"The policy changed: you saw {seen.policy_digest[:12]}, it is "
            f"{now.policy_digest[:12]}."
        )
    return Looked(reasons=tuple(reasons), parts=parts) if reasons else None


def _manifest_of(events: Iterable[Happened], digest: str) -> Manifest | None:
    for each in events:
        if each.sets.get("digest") == digest and "manifest" in each.sets:
            found = msgspec.convert(each.sets["manifest"], Manifest)
            if manifest_digest(found) == digest:
                return found
    return None


def _moved(before: Manifest, after: Manifest) -> Iterable[str]:
    """Yield, in words, what two versions of a manifest do not have in common."""
    for name in sorted({*before.parts, *after.parts}):
        if part_digest(before.parts.get(name)) != part_digest(after.parts.get(name)):
            yield f"{name} is another."
    for field in ("title", "why", "scope", "declared_risk", "rollout", "rollback", "experiment"):
        if getattr(before, field) != getattr(after, field):
            yield f"Its {field.replace('_', ' ')} is another."


def _way(change: Change) -> Iterable[tuple[State, str]]:
    """Yield the steps of the way with `done`, `now` or nothing; a way that ended elsewhere too."""
    times = {
        State.DRAFT: change.opened_at,
        State.IN_REVIEW: change.submitted_at,
        State.APPROVED: change.approved_at,
        State.ROLLING_OUT: change.started_at,
        State.LIVE: change.live_at,
    }
    for state in WAY:
        if state is change.state:
            yield state, "now"
        else:
            yield state, "done" if times[state] and _is_past(state, change) else ""
    if change.state not in WAY:
        yield change.state, "now"


def _is_past(state: State, change: Change) -> bool:
    return change.state not in WAY or WAY.index(state) < WAY.index(change.state)


def _answers(change: Change, decision: Decision | None) -> tuple[AnswerLine, ...]:
    judged = {each.approval: each for each in decision.answers} if decision else {}
    return tuple(
        AnswerLine(answer=each, judged=judged.get(each.id))
        for each in sorted(change.answers, key=lambda one: one.seq, reverse=True)
    )


def _stages(
    change: Change, events: Sequence[Happened], verdicts: tuple[StageVerdict, ...], now: str
) -> tuple[StageLine, ...]:
    begun = _begun(events)
    lines = []
    for number, stage in enumerate(change.manifest.rollout.stages):
        running = change.state is State.ROLLING_OUT and number == change.stage
        since = begun.get(number)
        state = "now" if running else "done" if number <= change.stage else "next"
        left = None
        if running:
            since = change.stage_at or since
            left = max(0.0, stage.hold_s - seconds_between(since or change.changed_at, now))
        own = tuple(
            sorted(
                (each for each in verdicts if each.stage == number),
                key=lambda each: each.at,
                reverse=True,
            )
        )
        lines.append(StageLine(stage=stage, state=state, since=since, left_s=left, verdicts=own))
    return tuple(lines)


def _begun(events: Iterable[Happened]) -> dict[int, str]:
    """Return when each stage of the newest rollout began."""
    begun: dict[int, str] = {}
    for each in events:
        stage = each.sets.get("stage")
        if each.type is Happening.STARTED:
            begun = {0: each.at}
        elif each.type is Happening.ADVANCED and isinstance(stage, int):
            begun[stage] = each.at
    return begun


def _next_move(change: Change, verdicts: Iterable[StageVerdict], now: str) -> str:
    if change.state is not State.ROLLING_OUT:
        return ""
    step = next_step(change, verdicts, now)
    return f"{step.move}: {step.why}"


_TELLS = ("why", "stage", "decision")


def _event(happened: Happened, known: dict[str, Person]) -> EventLine:
    person = known.get(happened.by)
    return EventLine(
        type=happened.type,
        at=happened.at,
        by=happened.by,
        person=person.id if person else "",
        text=_said(happened),
    )


def _said(happened: Happened) -> str:
    sets = happened.sets
    if happened.type is Happening.ANSWERED and sets.get("answers"):
        last = sets["answers"][-1]
        note = f": {last['note']}" if last.get("note") else ""
        return f"{last['said']} of {last['digest'][:12]}{note}"
    if happened.type is Happening.ADVANCED:
        return f"stage {int(sets['stage']) + 1}"
    if happened.type in (Happening.OPENED, Happening.EDITED) and sets.get("digest"):
        return f"content {sets['digest'][:12]}"
    if sets.get("approved_by"):
        return f"approved by {', '.join(sets['approved_by'])}"
    return str(sets.get("why") or "")


def _offers(change: Change, authors: frozenset[str], people: People, now: str) -> Iterable[Offer]:
    tags: dict[str, type[Command]] = {
        str(command.__struct_config__.tag): command
        for state, command in TABLE
        if state is change.state
    }
    works = works_of(change.manifest)
    for tag, name in OFFERED.items():
        if tag in tags:
            permit = may(
                name,
                people.visitor,
                works=works,
                scope=change.manifest.scope,
                authors=authors,
                roster=people.roster,
                raci=people.raci,
                now=now,
                table=people.permissions,
            )
            yield Offer(command=name, permit=permit)
