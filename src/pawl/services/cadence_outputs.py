"""Whether the outputs of a routine are there: each is looked up, or at least says something.

`figures` and lists such as `actions` are named by the digest of what was shown; what moved since is
shown again first. `assessment`, `drill` and `changes` are ids of what must be on record, and not of
before the last time. Of everything else words are kept.
"""

from collections.abc import Callable, Mapping

from pawl.base.canonical import digest, sha256_hex
from pawl.base.errors import CannotTell
from pawl.changes.change import Refusal
from pawl.governance.cadence import Routine
from pawl.governance.cadence_keeping import Output
from pawl.services.routine_looks import Looks
from pawl.services.routine_table import Numbers, Part

MOST_WORDS = 4_000
SHORTEST_ID = 8
"""Characters of an id by which something is named."""
SEEN = "seen"
"""Stands for what is shown at this moment."""
Again = Callable[[str], Numbers]
"""A time → the numbers as they are shown for it."""
Found = Output | str
"""An output, or why it does not count."""


def checked(
    routine: Routine, given: Mapping[str, str], look: Looks, again: Again, now: str
) -> tuple[tuple[Output, ...], str] | Refusal:
    """Return the outputs of a routine with what names the figures that were seen, or a refusal.

    Every output that is asked for must be there; others than those mean nothing here.
    """
    reasons = [
        f"{routine.title} has no output {name[:60]!r}."
        for name in given
        if name not in routine.outputs
    ]
    found: list[Output] = []
    seen = ""
    moved = False
    for name in routine.outputs:
        value = given.get(name)
        if value is None:
            reasons.append(f"The output {name} is missing.")
            continue
        value = value.strip()
        shown = _shown(name, value, again, now)
        if shown is not None:
            numbers, same = shown
            moved = moved or not same
            seen = numbers.seen
            told: Found = _listed(name, numbers, same)
        else:
            told = _looked_up(name, value, look, again(now).since)
        if isinstance(told, str):
            reasons.append(told)
        else:
            found.append(told)
    if reasons:
        code = "figures-moved" if moved else "output-missing"
        return Refusal(code=code, reasons=tuple(reasons), hint=_hint(routine))
    return tuple(found), seen


def _shown(name: str, value: str, again: Again, now: str) -> tuple[Numbers, bool] | None:
    """Return the numbers that a value names and whether they still are so; None for no such."""
    numbers = again(now)
    if name != "figures" and _list_of(name, numbers) is None:
        return None
    if value in ("", SEEN):
        return numbers, True
    named, _, at = value.partition("@")
    if not at or at > now or at < numbers.since:
        return numbers, False
    numbers = again(at)
    return numbers, numbers.digest == named


def _listed(name: str, numbers: Numbers, same: bool) -> Found:
    if not same:
        return f"The {name} are not what was shown: look at them again."
    each = _list_of(name, numbers)
    if each is None:
        return Output(name=name, value=numbers.seen, digest=numbers.digest)
    rows = digest([list(row.items()) for row in each.rows])
    ids = tuple(row["id"] for row in each.rows if "id" in row)
    return Output(name=name, value=f"{len(each.rows) + each.more}", digest=rows, evidence=ids)


def _list_of(name: str, numbers: Numbers) -> Part | None:
    """Return the list that an output is; None where it cannot be told here."""
    return next((each for each in numbers.parts if each.output == name and not each.unknown), None)


def _looked_up(name: str, value: str, look: Looks, since: str) -> Found:
    if not value:
        return f"The output {name} says nothing."
    if len(value) > MOST_WORDS:
        return f"The output {name} has more than {MOST_WORDS:,} characters."
    if name == "assessment":
        return _assessment(value, look, since)
    if name == "drill":
        return _drill(value, look, since)
    if name == "changes":
        return _changes(value, look)
    return Output(name=name, value=value, digest=sha256_hex(value.encode()))


def _assessment(value: str, look: Looks, since: str) -> Found:
    if len(value) < SHORTEST_ID:
        return f"An assessment is named by {SHORTEST_ID} letters of its digest or more."
    for subject in look.evidence.subjects():
        for point in look.evidence.trend(subject):
            if point.digest.startswith(value):
                if point.as_of < since:
                    return f"The assessment {value[:12]} is of before the last review."
                return Output(
                    name="assessment", value=point.digest, digest=point.digest,
                    evidence=(point.digest,),
                )  # fmt: skip
    return f"There is no assessment {value[:80]!r}."


def _drill(value: str, look: Looks, since: str) -> Found:
    found = look.drill(value)
    if found is None:
        return f"There is no drill {value[:80]!r} on record."
    at, proof = found
    if at < since:
        return f"The drill {value[:80]!r} is of before the last one."
    return Output(name="drill", value=value, digest=proof, evidence=(value,))


def _changes(value: str, look: Looks) -> Found:
    """Return the changes that were opened; `none:` and why is an answer as well."""
    if value.lower().startswith("none") and len(value) > len("none: "):
        return Output(name="changes", value=value, digest=sha256_hex(value.encode()))
    known = look.changed()
    if known is None:
        raise CannotTell(
            "this place keeps no changes, so none can be looked up.",
            place="changes",
            hint="Write `none: ` and why.",
        )
    by_id = {each.id: each.digest for each in known}
    names = [name.strip() for name in value.split(",") if name.strip()]
    missing = [name for name in names if name not in by_id]
    if missing:
        return f"There is no change {missing[0][:80]!r}; of none write `none: ` and why."
    proof = digest([[name, by_id[name]] for name in names])
    return Output(name="changes", value=", ".join(names), digest=proof, evidence=tuple(names))


def _hint(routine: Routine) -> str:
    return f"See what it needs with `pawl cadence show {routine.id}`."
