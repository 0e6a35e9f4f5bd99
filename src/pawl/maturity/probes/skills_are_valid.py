"""Skills are well formed, say something, and refer to things that exist.

Claims: the skills in the repository would be loaded by the products that read them, and work.

Looks at: what the lint finds in each skill's folder (front matter, name and description by the open
specification, files of its own that are not there, names of agents, skills and hooks that nothing
has, scripts that wait for somebody to type, commands that should not run by themselves, hidden
orders and credentials), whether the page says something (a body of 40 words or with files of its
own, and no more than 5 % placeholders: the limits of hollow documents), and whether the scripts
that its commands run are there. Files of the project that a skill is used on are not looked for.

Fooled by: a skill that says "to be written" (placeholders do not count as words), scripts that do
not exist, a copy under another name, two skills whose descriptions claim the same purpose (an
agent cannot tell which to take: the second does not count), a waiver (the skill is as broken as
before). The same file kept for two products counts once.

Yes: at least one skill is valid; `valid` says how many. No: none is, or there is none. Cannot tell:
the files were not looked at.
"""

from pawl.base.finding import Place
from pawl.maturity.evidence import Depth, Kind, Share
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.looking.skills import SKILL_RULES, judged_skills
from pawl.maturity.looking.steered import allowance, rules_of, steering_of
from pawl.maturity.probe import Answer, Probe, Remedy, no, yes


def _judge(facts: Facts) -> Answer:
    steering, tree = steering_of(facts, SKILL_RULES), facts.tree
    if isinstance(steering, Answer):
        return steering
    assert not isinstance(tree, Absent)
    judged = judged_skills(tree, steering)
    skills, found, wrong = judged.skills, judged.findings, judged.wrong
    if not skills:
        values = {"skills": 0, "valid": Share(0, 0)}
        return no("There is no skill in the repository.", Kind.TREE, values=values)
    good = len(skills) - len(wrong)
    reason = f"{good} of {len(skills)} skills are valid"
    if wrong:
        first = min(wrong)
        reason += f"{allowance(list(found.values()))}; {first}: {wrong[first]}"
    told = {
        "values": {
            "skills": len(skills),
            "valid": Share(good, len(skills), tree.is_census("skill")),
        },
        "places": tuple(
            Place(found[path].path, found[path].line or 1) if path in found else Place(path, 1)
            for path in sorted(wrong)
        ),
        "inputs": [tree.blobs_of(skills), rules_of(found.values())],
    }
    if not good:
        return no(f"{reason}.", Kind.TREE, **told)
    return yes(f"{reason}.", Depth.SUBSTANTIVE, Kind.TREE, **told)


PROBE = Probe(
    claim="Skills are valid",
    area="adoption",
    version=2,
    kinds=(Kind.TREE,),
    depth=Depth.SUBSTANTIVE,
    values={
        "skills": "different skills in the tree",
        "valid": "share of them that are well formed, say something and refer to what exists",
    },
    remedy=Remedy("Mend the front matter, write what to do, and add the scripts it names.", 0.5),
    judge=_judge,
)
