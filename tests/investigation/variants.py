"""Variants of exercises: another day, other names of components, decoys at other moments."""

import random
import re
from datetime import timedelta
from typing import Any

import msgspec

from pawl.base.times import format_time, parse_time
from pawl.investigation.exercise import Exercise
from pawl.investigation.words import name_words

NAMES = (
    *("harbor", "lumen", "quartz", "meadow", "pylon", "saffron", "cobalt", "willow", "tundra"),
    *("juniper", "basalt", "orchid", "falcon", "marble", "cedar", "comet"),
)


def variant(exercise: Exercise, seed: int) -> Exercise:
    """Return an exercise of the same cause that no name and no time tells from another."""
    dice = random.Random(f"{exercise.id} {seed}")
    renamed = _renamed(exercise, dice)
    moved = _shuffled(renamed, dice)
    at = parse_time(exercise.at) + timedelta(minutes=dice.randrange(-40_000, 40_000))
    return msgspec.structs.replace(moved, id=f"{exercise.id}-{seed}", at=format_time(at))


def _renamed(exercise: Exercise, dice: random.Random) -> Exercise:
    components = {*exercise.components, *(each.component for each in exercise.logs)}
    components |= {each.component for each in exercise.deploys}
    words = sorted({w for name in components for w in name_words(name)} - {"agent", "shared"})
    names = dict(zip(words, dice.sample(NAMES, len(words)), strict=True))
    pattern = re.compile("|".join(map(re.escape, sorted(words, key=len, reverse=True))), re.I)

    def new(match: re.Match[str]) -> str:
        found = names[match[0].lower()]
        return found.capitalize() if match[0][0].isupper() else found

    def of(value: object) -> object:
        if isinstance(value, str):
            return pattern.sub(new, value)
        if isinstance(value, list):
            return [of(each) for each in value]
        if isinstance(value, dict):
            return {pattern.sub(new, key): of(each) for key, each in value.items()}
        return value

    plain: dict[str, Any] = msgspec.to_builtins(exercise)
    kept = {"schema", "id", "title", "story", "source", "at", "since", "until", "expected"}
    changed: dict[str, Any] = {}
    for name, value in plain.items():
        changed[name] = value if name in kept else of(value)
    for name in ("commits", "deploys"):
        for old, made in zip(plain[name], changed[name], strict=True):
            for key in list(made):
                if key not in old:
                    made[{v: k for k, v in names.items()}.get(key, key)] = made.pop(key)
            if name == "commits":
                made["id"] = old["id"]
            else:
                made["commits"] = old["commits"]
    return msgspec.convert(changed, Exercise)


def _shuffled(exercise: Exercise, dice: random.Random) -> Exercise:
    """Put decoys that were shipped on their own, or not at all, at other moments."""
    tied = {each for deploy in exercise.deploys if not deploy.decoy for each in deploy.commits}
    moved = {
        each.id: float(dice.randrange(-115, -3))
        for each in exercise.commits
        if each.decoy and each.minute > exercise.since and each.id not in tied
    }
    first = {each.id: each.minute for each in exercise.commits}
    commits = tuple(
        msgspec.structs.replace(each, minute=moved.get(each.id, each.minute))
        for each in exercise.commits
    )
    deploys = tuple(
        msgspec.structs.replace(
            each, minute=max(moved[name] + each.minute - first[name] for name in each.commits)
        )
        if each.commits and all(name in moved for name in each.commits)
        else each
        for each in exercise.deploys
    )
    return msgspec.structs.replace(exercise, commits=commits, deploys=deploys)
