"""The team's skills are invoked.

Claims: skills that stand in the repository are invoked in sessions.

Looks at: the skills of the tree, and in Pawl's records the sessions that invoked each. A plugin's
skill (`plugin:name`) is known by its own name.

Fooled by: a skill that fires in every session, whatever the task (from 20 sessions on it counts
as automatic, not as used); skills that are used but stand elsewhere (not counted).

Yes: at least one is used; `used` says how many. No: none is, or there are none. Cannot tell: the
records do not tell of skills, or there was no session.
"""

from pawl.base.finding import Place
from pawl.maturity.evidence import Depth, Kind, Share
from pawl.maturity.extracts.skill import Skill
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.looking.practised import practice_of, sessions_of
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, yes

ALWAYS_FROM = 20
"""Sessions from which on a skill in each of them is automatic; below, it may be chance."""


def _judge(facts: Facts) -> Answer:
    practice, tree = practice_of(facts), facts.tree
    if isinstance(practice, Answer):
        return practice
    if isinstance(tree, Absent):
        return cannot_tell(tree)
    if practice.skills_used is None:
        return cannot_tell("Pawl's records do not tell yet which skills sessions invoke.")
    skills = {each.name: path for path, each in tree.read("skill", Skill)}
    if not skills:
        values = {"used": Share(0, 0), "skills": 0}
        return no("There is no skill in the repository to use.", Kind.TREE, values=values)
    sessions = sessions_of(practice)
    if not sessions:
        return cannot_tell("No session was recorded that could have invoked a skill.")
    uses: dict[str, int] = {}
    for name, count in practice.skills_used.items():
        own = name.rpartition(":")[2]
        uses[own] = uses.get(own, 0) + count
    always = {name for name in skills if sessions >= ALWAYS_FROM and uses.get(name, 0) >= sessions}
    used = {name for name in skills if uses.get(name, 0) > 0} - always
    reason = f"{len(used)} of {len(skills)} skills were invoked in {sessions} sessions"
    if always:
        reason += f"; {len(always)} fire in every session and do not count"
    told = {
        "values": {
            "used": Share(len(used), len(skills), tree.is_census("skill")),
            "skills": len(skills),
        },
        "places": tuple(Place(skills[name], 1) for name in sorted(set(skills) - used)),
        "inputs": sorted((name, uses.get(name, 0)) for name in skills),
    }
    if not used:
        return no(f"{reason}.", Kind.TELEMETRY, **told)
    return yes(f"{reason}.", Depth.RUNS, Kind.TREE, Kind.TELEMETRY, **told)


PROBE = Probe(
    claim="Skills are used",
    area="adoption",
    version=1,
    kinds=(Kind.TREE, Kind.TELEMETRY),
    depth=Depth.RUNS,
    values={
        "used": "share of the repository's skills that sessions invoke",
        "skills": "skills in the repository",
    },
    remedy=Remedy(
        "Say in each description when the skill helps, and retire those never used.", 1.0
    ),
    judge=_judge,
    awaits="sessions that tell which skills they invoked",
)
