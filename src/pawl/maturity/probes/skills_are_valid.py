"""Skills are well formed, say something, and refer to things that exist.

Claims: the skills in the repository would be loaded by the products that read them, and work.

Looks at: each `SKILL.md`: front matter with name and description by the open specification, a body
of 40 words or with files of its own, no more than 5 % placeholders (the limits of hollow
documents), and every file of its own that it links, names or runs. Files of the project that a
skill is used on are not looked for.

Fooled by: a skill that says "to be written" (placeholders do not count as words), scripts that do
not exist, a copy under another name, two skills whose descriptions claim the same purpose (an
agent cannot tell which to take: the second does not count). The same file kept for two products
counts once.

Yes: at least one skill is valid; `valid` says how many. No: none is, or there is none. Cannot tell:
the files were not looked at.
"""

from pawl.base.finding import Place
from pawl.maturity.evidence import Depth, Kind, Share
from pawl.maturity.extracts.skill import Skill
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.facts.tree import Tree
from pawl.maturity.looking.hollow import DEFAULT, MAX_COMPARED
from pawl.maturity.looking.mentions import Present
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, yes
from pawl.parsing.likeness import is_alike

SAME_PURPOSE = 0.8
"""Share of two descriptions' words in common from which on they claim the same purpose."""
_FEW_WORDS = 4
"""Different words below which two descriptions cannot be compared."""


def _judge(facts: Facts) -> Answer:
    tree = facts.tree
    if isinstance(tree, Absent):
        return cannot_tell(tree)
    skills = _different(tree)
    if not skills:
        values = {"skills": 0, "valid": Share(0, 0)}
        return no("There is no skill in the repository.", Kind.TREE, values=values)
    there = Present(tree)
    wrong = {
        path: reason for path, skill in skills.items() if (reason := _wrong(path, skill, there))
    }
    for path, twin in _twins(skills, wrong).items():
        wrong.setdefault(path, f"it claims the same purpose as {twin}")
    good = len(skills) - len(wrong)
    reason = f"{good} of {len(skills)} skills are valid"
    if wrong:
        first = min(wrong)
        reason += f"; {first}: {wrong[first]}"
    told = {
        "values": {
            "skills": len(skills),
            "valid": Share(good, len(skills), tree.is_census("skill")),
        },
        "places": tuple(Place(path, 1) for path in sorted(wrong)),
        "inputs": tree.blobs_of(skills),
    }
    if not good:
        return no(f"{reason}.", Kind.TREE, **told)
    return yes(f"{reason}.", Depth.SUBSTANTIVE, Kind.TREE, **told)


def _different(tree: Tree) -> dict[str, Skill]:
    """Return the skills by path, the same content under the same name once."""
    found: dict[tuple[str, str], tuple[str, Skill]] = {}
    for path, skill in tree.read("skill", Skill):
        found.setdefault((skill.name, tree.blob_of(path) or path), (path, skill))
    return dict(sorted(found.values(), key=lambda each: each[0]))


def _wrong(path: str, skill: Skill, there: Present) -> str | None:
    """Return what is wrong with a skill, or None."""
    if skill.problems:
        return skill.problems[0]
    if skill.words < DEFAULT.words and not skill.names:
        return f"{skill.words} words of content"
    if skill.placeholders > DEFAULT.placeholders * (skill.words + skill.placeholders):
        return f"{skill.placeholders} placeholders"
    missing = next((each for each in skill.names if not there.has_path(path, each.text)), None)
    return None if missing is None else f"it refers to {missing.text}, which is not there"


def _twins(skills: dict[str, Skill], wrong: dict[str, str]) -> dict[str, str]:
    """Return the skills that claim the purpose of an earlier one, or copy it, with that one."""
    purposes = {path: frozenset(skill.purpose) for path, skill in skills.items()}
    kept: list[str] = []
    found: dict[str, str] = {}
    for path, skill in skills.items():
        ours = purposes[path]
        for other in kept[:MAX_COMPARED]:
            if _is_same(ours, purposes[other]) or is_alike(
                skill.sketch, skills[other].sketch, DEFAULT.alike
            ):
                found[path] = other
                break
        else:
            if path not in wrong:
                kept.append(path)
    return found


def _is_same(ours: frozenset[str], theirs: frozenset[str]) -> bool:
    """Say whether two descriptions claim the same purpose, by the words they share."""
    few, many = sorted((len(ours), len(theirs)))
    if few < max(_FEW_WORDS, SAME_PURPOSE * many):
        return False
    return len(ours & theirs) >= SAME_PURPOSE * len(ours | theirs)


PROBE = Probe(
    claim="Skills are valid",
    area="adoption",
    version=1,
    kinds=(Kind.TREE,),
    depth=Depth.SUBSTANTIVE,
    values={
        "skills": "different skills in the tree",
        "valid": "share of them that are well formed, say something and refer to what exists",
    },
    remedy=Remedy("Mend the front matter, write what to do, and add the scripts it names.", 0.5),
    judge=_judge,
)
