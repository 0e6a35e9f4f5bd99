"""One change as a page shows it: what it alters, who said what, what holds it up, what happened."""

from collections.abc import Iterable, Sequence

import msgspec

from pawl.base.times import seconds_between
from pawl.changes.approval import ASSURANCE, Approval, Judged, Source
from pawl.changes.change import OUT, Change, Happening, State
from pawl.changes.commands import Command
from pawl.changes.concern import Concern
from pawl.changes.evidence import Evidence
from pawl.changes.explain import explained
from pawl.changes.gate import Decision, GateResult
from pawl.changes.manifest import Manifest, Risk, part_digest, works_of
from pawl.changes.plan import Stage
from pawl.changes.rollout import StageVerdict, next_step
from pawl.changes.terms import Terms
from pawl.changes.transitions import TABLE
from pawl.governance.permissions import CommandName, Permissions, Permit, may
from pawl.governance.raci import Raci
from pawl.governance.roster import Person, Roster, behind, by_identity, plain_identity
from pawl.services.change_board_view import BoardRow, board_row
from pawl.services.change_terms import Excepted, Kept, Moment
from pawl.services.glass_view import GlassOffer
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
SEEN_MOST = 40
"""Parts that a form brings back; more would fill it."""


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
    """One stage: `done`, `now` or `next`; `left_s` is what its hold still lasts while it is now."""

    stage: Stage
    state: str
    since: str | None = None
    left_s: float | None = None
    verdicts: tuple[StageVerdict, ...] = ()


class EventLine(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened, by whom: `person` is empty where nobody claims the identity."""

    moment: Moment
    person: str


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """Something that can be done in this state, and whether whoever looks may, and why."""

    command: CommandName
    permit: Permit


class Looked(msgspec.Struct, frozen=True, kw_only=True):
    """What changed since somebody looked at a change: what they saw, what it is, in sentences."""

    reasons: tuple[str, ...]
    parts: tuple[str, ...] = ()


class ChangeView(msgspec.Struct, frozen=True, kw_only=True):
    """Everything of one change. `decision` is the newest, None where nobody judged it yet.

    `weak` is why a yes from here would not count, `glass` what whoever looks may break. `bound` is
    None where it cannot be told what an answer would bind to.
    """

    change: Change
    row: BoardRow
    bound: Bound | None
    way: tuple[tuple[State, str], ...]
    differences: tuple[PartDifference, ...]
    decision: Decision | None
    decisions: tuple[Kept, ...]
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
    exceptions: tuple[Excepted, ...] = ()
    trouble: str = ""
    notes: tuple[str, ...] = ()
    weak: str = ""
    concerns: tuple[Concern, ...] = ()
    glass: GlassOffer | None = None

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
    terms: Terms
    permissions: Permissions
    visitor: Person | None = None


def change_view(
    change: Change,
    *,
    bound: Bound | None,
    decision: Decision | None,
    decisions: tuple[Kept, ...],
    events: Sequence[Moment],
    evidence: Iterable[Evidence],
    verdicts: Iterable[StageVerdict],
    people: People,
    now: str,
    exceptions: tuple[Excepted, ...] = (),
    trouble: str = "",
    notes: tuple[str, ...] = (),
) -> ChangeView:
    """Return one change as its page shows it; `decision` is the newest about it.

    `trouble` is why policy or people could not be read.
    """
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
        decisions=decisions,
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
        exceptions=exceptions,
        trouble=trouble,
        notes=notes,
        weak=_weak(decision, people.terms) if fits else "",
    )


def _weak(decision: Decision | None, terms: Terms) -> str:
    """Return why a yes that is given by a session would not count, empty where it would."""
    own, least = ASSURANCE[Source.SESSION], terms.assurance_high_risk
    if decision is None or decision.risk.risk is not Risk.HIGH or own >= least:
        return ""
    enough = [name for name, level in ASSURANCE.items() if level >= least]
    return (
        f"The risk is high, so a yes from here is put on record and does not count: it takes "
        f"{' or '.join(f'a {name}'.replace('-', ' ') for name in enough)}. A no counts."
    )


def seen_parts(manifest: Manifest) -> str:
    """Return the parts of a manifest by digest, short, for a form to bring back with an answer."""
    names = sorted(manifest.parts)[:SEEN_MOST]
    return "\t".join(f"{part_digest(manifest.parts[name])[:12]} {name}" for name in names)


def looked_at(seen: Bound, parts: str, now: Bound, manifest: Manifest) -> Looked | None:
    """Return what is no longer what somebody saw, None where all of it still is.

    `parts` is what `seen_parts` gave them; it only helps to tell, and decides nothing.
    """
    reasons = []
    moved: tuple[str, ...] = ()
    if seen.digest != now.digest:
        reasons.append(f"It was edited: you saw {seen.digest[:12]}, it is {now.digest[:12]}.")
        moved = _moved(parts, seen_parts(manifest)) if parts else ()
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
    return Looked(reasons=tuple(reasons), parts=moved) if reasons else None


def _moved(before: str, after: str) -> tuple[str, ...]:
    """Return, in words, which parts two versions do not have in common."""
    old, new = _parts(before), _parts(after)
    found = [
        f"{name} {'is new' if name not in old else 'is gone' if name not in new else 'is another'}."
        for name in sorted({*old, *new})
        if old.get(name) != new.get(name)
    ]
    return tuple(found) or ("Its parts are the same; title, plan or another word of it is not.",)


def _parts(text: str) -> dict[str, str]:
    pairs = (line.partition(" ") for line in text.split("\t"))
    return {name: digest for digest, _, name in pairs}


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
    change: Change, events: Sequence[Moment], verdicts: tuple[StageVerdict, ...], now: str
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


def _begun(events: Iterable[Moment]) -> dict[int, str]:
    """Return when each stage of the newest rollout began."""
    begun: dict[int, str] = {}
    for each in events:
        if each.type == Happening.STARTED:
            begun = {0: each.at}
        elif each.type == Happening.ADVANCED:
            begun[len(begun)] = each.at
    return begun


def _next_move(change: Change, verdicts: Iterable[StageVerdict], now: str) -> str:
    if change.state is not State.ROLLING_OUT:
        return ""
    step = next_step(change, verdicts, now)
    return f"{step.move}: {step.why}"


def _event(moment: Moment, known: dict[str, Person]) -> EventLine:
    person = known.get(plain_identity(moment.by))
    return EventLine(moment=moment, person=person.id if person else "")


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
