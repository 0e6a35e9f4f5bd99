"""A small team, its schedule, and incidents in every state."""

from datetime import UTC, timedelta
from typing import Any

from pawl.base.times import format_time, parse_time
from pawl.governance.priority import Domain
from pawl.governance.raci import shipped_raci
from pawl.governance.roster import Grant, Kind, Person, Roster, check_roster
from pawl.incidents import postmortem as paper
from pawl.incidents.action import Action, Work, action_id
from pawl.incidents.commands import (
    Accept,
    BeginPostmortem,
    Close,
    Command,
    Decline,
    Merge,
    Mitigate,
    PublishPostmortem,
    Resolve,
)
from pawl.incidents.declaring import Said, declare
from pawl.incidents.event import Happened, Refusal, after, made
from pawl.incidents.incident import Incident, Paging, State
from pawl.incidents.learning import IncidentLearning
from pawl.incidents.oncall import Schedule, load_schedule
from pawl.incidents.paging import plan
from pawl.incidents.people import People
from pawl.incidents.root_cause import RootCause
from pawl.incidents.terms import shipped_terms
from pawl.incidents.transitions import decide

NOW = "2026-11-21T12:00:00.000000Z"
TERMS = shipped_terms()
ROSTER = check_roster(
    Roster(
        people=(
            Person(id="ann", identities=("github:1",)),
            Person(id="leo", identities=("github:2",)),
            Person(id="sue", identities=("github:3",)),
            Person(id="pia", identities=("github:4",)),
            Person(id="gone", identities=("github:5",), active_to="2026-01-01"),
            Person(id="coder", kind=Kind.AGENT, sponsor="ann", identities=("github:90",)),
        ),
        grants=(
            Grant(person="ann", role="on-call"),
            Grant(person="leo", role="product-lead"),
            Grant(person="sue", role="security-lead"),
            Grant(person="sue", role="incident-commander"),
            Grant(person="pia", role="platform-lead"),
            Grant(person="coder", role="incident-commander"),
        ),
    ),
    place="roster.yaml",
)
PEOPLE = People(roster=ROSTER, raci=shipped_raci())
ZONES = {"UTC": UTC}
SCHEDULE: Schedule = load_schedule(
    """
schema: pawl.oncall/1
rotations:
  - {id: primary, members: [ann, pia], starts: "2026-01-05"}
  - {id: secondary, members: [leo], starts: "2026-01-05"}
""",
    place="oncall.yaml",
)


def at(seconds: float, start: str = NOW) -> str:
    """Return a time some seconds after NOW, or before it."""
    return format_time(parse_time(start) + timedelta(seconds=seconds))


def paging(now: str = NOW, spell: int = 1) -> Paging:
    """Return who is paged about an incident that is declared at a time."""
    return plan(SCHEDULE, PEOPLE, ZONES, now, domain=Domain.QUALITY, spell=spell)


def events(answer: object) -> tuple[Happened, ...]:
    """Return the events of an answer that is no refusal."""
    assert not isinstance(answer, Refusal), answer
    assert isinstance(answer, tuple)
    return answer


def declared(identity: str = "inc-1", now: str = NOW, **said: Any) -> Incident:
    """Return an incident that was just declared."""
    (event,) = events(
        declare(
            identity,
            Said(**{"title": "Search answers nothing", **said}),
            paging(now),
            TERMS,
            now,
            by="github:1",
        )
    )
    return made(event, Incident)


def told(incident: Incident, *commands: tuple[Command, float]) -> Incident:
    """Return an incident after commands, each some seconds after NOW."""
    for command, seconds in commands:
        for event in events(decide(incident, command, at(seconds))):
            incident = after(incident, event)
    return incident


def published(incident: str = "inc-1") -> paper.Postmortem:
    """Return the published postmortem of an incident."""
    draft = paper.Postmortem(
        id=f"pm-{incident}", incident=incident, owner="leo", changed_at=NOW, content=content()
    )
    for command in (
        paper.AskReview(by="github:2"),
        paper.Publish(by="github:2", actions=(), people=PEOPLE),
    ):
        for event in events(paper.decide(draft, command, NOW)):
            draft = after(draft, event)
    return draft


def content(incident: str = "", **other: Any) -> paper.Content:
    """Return all that a postmortem needs; of no incident it teaches without naming one."""
    fields: dict[str, Any] = {
        "summary": "The cache refused connections.",
        "impact": "Eight in a hundred searches failed.",
        "what_happened": "A flag turned the cache on; nothing checked its limits.",
        "failed_control": "The load test did not cover the cache.",
        "root_cause": CAUSE,
        "learning": IncidentLearning(
            incidentId=incident or "inc-1",
            rootCause="cache limit",
            newEvalCases=("case one",),
            gateUpdates=("raise evals-hold",),
            owner="leo",
        ),
    }
    return paper.Content(**{**fields, **other})


CAUSE = RootCause(
    cause_class="exhaustion", component="code/cache", trigger="flag", missing_control="load test"
)


def action(**other: Any) -> Action:
    """Return an open action of inc-1, owned by leo and due in a week."""
    fields: dict[str, Any] = {
        "id": action_id("inc-1", Work.CODE, "Bound the cache"),
        "incident": "inc-1",
        "component": "code/cache",
        "title": "Bound the cache",
        "owner": "leo",
        "due_at": at(7 * 86_400),
        "first_due_at": at(7 * 86_400),
        "work": Work.CODE,
        "severity": 2,
        "domain": Domain.QUALITY,
        "changed_at": NOW,
        "opened_at": NOW,
    }
    return Action(**{**fields, **other})


_TO_MITIGATED: tuple[tuple[Command, float], ...] = (
    (Accept(by="github:2", people=PEOPLE), 60),
    (Mitigate(by="github:1"), 600),
)
_TO_OPEN: tuple[tuple[Command, float], ...] = (
    *_TO_MITIGATED,
    (Resolve(by="github:1"), 900),
    (BeginPostmortem(by="github:2"), 1000),
    (PublishPostmortem(by="github:2", postmortem=published()), 2000),
)


def in_state(state: State) -> Incident:
    """Return inc-1 in a state."""
    start = declared()
    if state is State.DECLINED:
        return told(start, (Decline(by="github:2", reason="A test."), 30))
    if state is State.MERGED:
        return told(start, (Merge(by="github:2", target=declared("inc-2")), 30))
    if state is State.CLOSED:
        close = Close(by="github:2", actions=(), terms=TERMS, postmortem=published())
        return told(start, *_TO_OPEN, (close, 3000))
    count = (
        State.DECLARED,
        State.COMMANDED,
        State.MITIGATED,
        State.RESOLVED,
        State.POSTMORTEM,
        State.ACTIONS_OPEN,
    ).index(state)
    return told(start, *_TO_OPEN[:count])
