"""Skills as they would be loaded: which are broken, hollow, or copies of one another."""

from collections.abc import Sequence

import msgspec

from pawl.maturity.extracts.skill import Skill
from pawl.maturity.facts.steering import Finding, Steering
from pawl.maturity.facts.tree import Tree
from pawl.maturity.looking.hollow import DEFAULT, MAX_COMPARED
from pawl.maturity.looking.mentions import Present
from pawl.parsing.likeness import is_alike

SAME_PURPOSE = 0.8
"""Share of two descriptions' words in common from which on they claim the same purpose."""
_FEW_WORDS = 4
"""Different words below which two descriptions cannot be compared."""


SKILL_RULES = (
    "broken-front-matter", "missing-front-matter", "invalid-skill-name", "skill-name-unlike-folder",
    "undescribed-skill", "overlong-description", "repeated-key", "missing-bundled-file",
    "dangling-agent-link", "script-waits-for-input", "unsafe-dynamic-command", "hidden-order",
    "invisible-characters", "credential-in-page", "download-piped-to-shell",
)  # fmt: skip
"""Findings of the lint with which a skill is not loaded, or does not work."""


class Skills(msgspec.Struct, frozen=True):
    """Different skills by path, the worst finding of each that has one, and why each is wrong."""

    skills: dict[str, Skill]
    findings: dict[str, Finding]
    wrong: dict[str, str]


def judged_skills(tree: Tree, steering: Steering) -> Skills:
    """Return the skills of a tree, and what is wrong with those that would not work."""
    skills = _different(tree)
    found = _findings(skills, steering.of(SKILL_RULES))
    wrong = {path: each.message.rstrip(".") for path, each in found.items()}
    there = Present(tree)
    for path, skill in skills.items():
        why = _hollow(path, skill, there)
        if why is not None:
            wrong.setdefault(path, why)
    for path, twin in _twins(skills, wrong).items():
        wrong.setdefault(path, f"it claims the same purpose as {twin}")
    return Skills(skills, found, wrong)


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
