"""Import a skill's `evals/evals.json`: its prompts, each with the one thing that can be checked.

Such a file states in prose what a good answer is. Prose gates nothing here, so each case asserts
that the skill was used, and every sentence is listed as left, for a person to turn into an
assertion. What a case says of files is listed as well: a workspace is a folder of its own.
"""

from typing import Any

import msgspec

from pawl.base.errors import BadFile, BadValue
from pawl.base.loading import MAX_TEXT
from pawl.evals.case import Case
from pawl.evals.importers.imported import MAX_CASES, Imported, Left, Origin, drafted, identifier

_PROSE = ("expected_output", "expectations", "assertions")
_KNOWN = frozenset({"id", "name", "prompt"})


def import_skill_evals(text: str, *, place: str, origin: Origin) -> Imported:
    """Return the cases of an `evals.json`; raises BadFile for what is none."""
    if len(text) > MAX_TEXT:
        raise BadFile(f"larger than {MAX_TEXT:,} characters.", place=place)
    try:
        value = msgspec.json.decode(text.encode("utf-8", "replace"))
    except (msgspec.DecodeError, RecursionError) as error:
        raise BadFile(f"not readable as JSON: {error}.", place=place) from error
    evals = value.get("evals") if isinstance(value, dict) else None
    skill = value.get("skill_name") if isinstance(value, dict) else None
    if not isinstance(evals, list) or not isinstance(skill, str) or not skill.strip():
        raise BadFile("has no `skill_name`, or no list of `evals`.", place=place)
    left = [
        Left(place=f"{place}: {key}", what=key, why="nothing here stands for it")
        for key in sorted(value.keys() - {"evals", "skill_name"})
    ]
    taken: set[str] = set()
    cases: list[Case] = []
    for at, raw in enumerate(evals):
        where = f"{place}: evals[{at}]"
        if len(cases) >= MAX_CASES:
            why = f"only {MAX_CASES:,} cases are made of one file"
            left.append(Left(place=where, what="eval", why=why))
            break
        try:
            cases.append(_case(raw, skill, where, taken, origin))
        except BadValue as error:
            left.append(Left(place=where, what="eval", why=error.message))
            continue
        left += _left(raw, where)
    return Imported(cases=tuple(cases), left=tuple(left))


def _case(raw: Any, skill: str, where: str, taken: set[str], origin: Origin) -> Case:
    prompt = raw.get("prompt") if isinstance(raw, dict) else None
    if not isinstance(prompt, str) or not prompt.strip():
        raise BadValue("It has no prompt.")
    name = raw.get("name") or raw.get("id")
    title = f"{skill}-{name}" if isinstance(name, str | int) else skill
    return drafted(
        identifier(title, taken),
        prompt,
        [{"skill_used": skill}],
        origin=origin,
        source=where,
        covers=(f"skills/{skill}"[:200],),
    )


def _left(raw: dict[str, Any], where: str) -> list[Left]:
    found: list[Left] = []
    for key in sorted(raw.keys() - _KNOWN):
        value = raw[key]
        why = "prose; write an assertion for it" if key in _PROSE else "put it into a workspace"
        if key not in (*_PROSE, "files"):
            why = "nothing here stands for it"
        if isinstance(value, list):
            found += [
                Left(place=f"{where}.{key}[{at}]", what=_shown(each), why=why)
                for at, each in enumerate(value[:100])
            ]
        else:
            found.append(Left(place=f"{where}.{key}", what=_shown(value), why=why))
    return found


def _shown(value: Any) -> str:
    return str(value)[:200]
