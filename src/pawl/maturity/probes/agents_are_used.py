"""Agents are at work here.

Claims: coding agents were used on this subject within 90 days.

Looks at: sessions in Pawl's own records, and commits of 90 days that name an agent as author or
co-author.

Fooled by: a tool that is installed but not used (settings and instructions are not looked at), a
trailer that anybody can type (it proves that agents exist here, not that they ran).

Yes: there were sessions, or commits name an agent; only sessions prove that agents ran. No:
neither, over all of the window. Cannot tell: nothing is recorded and recording began lately, or
neither source was given.
"""

from pawl.maturity.evidence import Assurance, Depth, Kind
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.facts.history import Commit
from pawl.maturity.looking.identities import is_agent
from pawl.maturity.looking.practised import began_lately, of_agents, sessions_of
from pawl.maturity.looking.recent import WINDOW_DAYS, days_before, newest, within
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, yes


def _judge(facts: Facts) -> Answer:
    practice = of_agents(facts)
    if not isinstance(practice, Absent) and sessions_of(practice):
        used = [each for each in practice.agents if each.sessions]
        sessions, days = sessions_of(practice), max(each.days for each in used)
        return yes(
            f"{sessions} sessions of {len(used)} agents were recorded, on {days} days or more.",
            Depth.RUNS,
            Kind.TELEMETRY,
            values={"sessions": sessions, "days": days, "agents": len(used)},
            inputs=sorted((each.agent, each.sessions, each.days) for each in used),
        )
    history = facts.history
    if isinstance(history, Absent):
        if isinstance(practice, Absent):
            return cannot_tell(practice)
        return began_lately(practice, facts) or no(
            f"No session of an agent was recorded in {WINDOW_DAYS} days.",
            Kind.TELEMETRY,
            values={"sessions": 0, "days": 0, "agents": 0},
        )
    commits = [
        each
        for each in history.commits
        if within(each.committed_at, facts.as_of) and _names_agent(each)
    ]
    if commits:
        days = len({each.committed_at[:10] for each in commits})
        return yes(
            f"{len(commits)} commits of {WINDOW_DAYS} days name an agent; no session is recorded.",
            Depth.EXISTS,
            Kind.HISTORY,
            assurance=Assurance.DECLARED,
            values={"days": days},
            claimed_at=newest(each.committed_at for each in commits),
            inputs=sorted(each.id for each in commits),
        )
    if isinstance(practice, Absent):
        return cannot_tell(
            "No commit names an agent, which proves nothing: no record of sessions was given."
        )
    if history.complete_since > days_before(facts.as_of, WINDOW_DAYS):
        return cannot_tell("No session is recorded, and the history does not reach 90 days back.")
    return began_lately(practice, facts) or no(
        f"No session was recorded and no commit of {WINDOW_DAYS} days names an agent.",
        Kind.TELEMETRY,
        Kind.HISTORY,
        values={"sessions": 0, "days": 0, "agents": 0},
    )


def _names_agent(commit: Commit) -> bool:
    names = [commit.author]
    names += [value for key, value in commit.trailers if key.lower().startswith("co-")]
    return any(is_agent(name) for name in names)


PROBE = Probe(
    claim="Agents are used",
    area="adoption",
    version=1,
    kinds=(Kind.TELEMETRY, Kind.HISTORY),
    depth=Depth.RUNS,
    values={
        "sessions": "sessions of agents within the window",
        "days": "days on which the busiest agent, or any commit of one, was seen",
        "agents": "products with sessions",
    },
    remedy=Remedy("Record sessions: `pawl import`, `pawl run`, or telemetry to `pawl up`.", 0.5),
    judge=_judge,
)
