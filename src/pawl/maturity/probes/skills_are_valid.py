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

from collections.abc import Sequence

from pawl.base.finding import Place
from pawl.maturity.evidence import Depth, Kind, Share
from pawl.maturity.extracts.skill import Skill
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.facts.steering import Finding
from pawl.maturity.facts.tree import Tree
from pawl.maturity.looking.hollow import DEFAULT, MAX_COMPARED
from pawl.maturity.looking.mentions import Present
from pawl.maturity.looking.steered import allowance, rules_of, steering_of
from pawl.maturity.probe import Answer, Probe, Remedy, no, yes
from pawl.parsing.likeness import is_alike

SAME_PURPOSE = 0.8
"""Share of two descriptions' words in common from which on they claim the same purpose."""
_FEW_WORDS = 4
"""Different words below which two descriptions cannot be compared."""


_RULES = (
    "broken-front-matter", "missing-front-matter", "invalid-skill-name", "skill-name-unlike-folder",
    "undescribed-skill", "overlong-description", "repeated-key", "missing-bundled-file",
    "dangling-agent-link", "script-waits-for-input", "unsafe-dynamic-command", "hidden-order",
    "invisible-characters", "credential-in-page", "download-piped-to-shell",
)  # fmt: skip


def _judge(facts: Facts) -> Answer:
    steering, tree = steering_of(facts, _RULES), facts.tree
    if isinstance(steering, Answer):
        return steering
    assert not isinstance(tree, Absent)
    skills = _different(tree)
    if not skills:
        values = {"skills": 0, "valid": Share(0, 0)}
        return no("There is no skill in the repository.", Kind.TREE, values=values)
    found = _findings(skills, steering.of(_RULES))
    wrong = {path: each.message.rstrip(".") for path, each in found.items()}
    there = Present(tree)
    for path, skill in skills.items():
        why = _hollow(path, skill, there)
        if why is not None:
            wrong.setdefault(path, why)
    for path, twin in _twins(skills, wrong).items():
        wrong.setdefault(path, f"it claims the same purpose as {twin}")
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


def _different(tree: Tree) -> dict[str, Skill]:
    """Return the skills by path, the same content under the same name once."""
    found: dict[tuple[str, str], tuple[str, Skill]] = {}
    for path, skill in tree.read("skill", Skill):
        found.setdefault((skill.name, tree.blob_of(path) or path), (path, skill))
    return dict(sorted(found.values(), key=lambda each: each[0]))


def _findings(skills: dict[str, Skill], findings: Sequence[Finding]) -> dict[str, Finding]:
    """Return the worst finding in each skill's folder, by the skill's path."""
    folders = {path.rpartition("/")[0]: path for path in skills}
    found: dict[str, Finding] = {}
    for each in findings:
        folder = each.path
        while folder and folder not in folders:
            folder = folder.rpartition("/")[0]
        if folder in folders:
            found.setdefault(folders[folder], each)
    return found


def _hollow(path: str, skill: Skill, there: Present) -> str | None:
    """Return why a skill says nothing, or nothing that can be done, or None when it does."""
    if skill.words < DEFAULT.words and not skill.names:
        return f"{skill.words} words of content"
    if skill.placeholders > DEFAULT.placeholders * (skill.words + skill.placeholders):
        return f"{skill.placeholders} placeholders"
    if skill.hollow:
        return "its description is a placeholder"
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
