"""Choose the sets of trials that `pawl eval compare` sets against one another.

A set is written as words joined by `+`, each the product, the version, the model or the sandbox of
its trials; as `baseline`, the blessed pool; as `now`, what is fresh and not of the pool; or as `@`
and a revision, optionally `@REV:WORDS`: what was fresh there. All are judged by today's cases.
"""

from collections.abc import Callable, Sequence

from pawl.base.errors import BadValue, PawlError
from pawl.evals.comparison import Comparison, Side, compare
from pawl.evals.grade import changed_since
from pawl.evals.lines import Seen
from pawl.evals.shelf import Placed, Shelf, chosen
from pawl.evals.steering import Steering
from pawl.services.evals import Evals, Looked

BASELINE = "baseline"
NOW = "now"


def compare_sets(
    evals: Evals, sets: Sequence[str], names: Sequence[str], at: Callable[[str], Shelf]
) -> Comparison:
    """Return the sets compared in pairs; `at` opens a revision.

    Raises BadValue for fewer than two sets and for one that no trial is of.
    """
    if len(sets) < 2:
        raise BadValue("Name two sets of trials or more.", place="SET")
    looked = evals.look(names)
    sides = [_side(name, evals, looked, names, at) for name in sets]
    return compare(sides, {e.placed.case.id: e.placed.case for e in looked}, evals.policy)


def _side(
    name: str,
    evals: Evals,
    looked: Sequence[Looked],
    names: Sequence[str],
    at: Callable[[str], Shelf],
) -> Side:
    if name.startswith("@"):
        revision, _, words = name[1:].partition(":")
        found = _of_revision(at(revision), evals, chosen(evals.cases, names))
    else:
        words = "" if name in (BASELINE, NOW) else name
        found = {each.placed.case.id: _of_tree(each, name) for each in looked}
    wanted = [word for word in words.split("+") if word]
    kept = {
        case: tuple(each for each in seen if all(word in _words(each) for word in wanted))
        for case, seen in found.items()
    }
    kept = {case: seen for case, seen in kept.items() if seen}
    if not kept:
        known = sorted({word for seen in found.values() for each in seen for word in _words(each)})
        raise BadValue(
            f"no fresh trial is of {name[:100]!r}.",
            place="SET",
            hint=f"There are: {', '.join(known[:30])}." if known else "See `pawl eval list`.",
        )
    return Side(name=name, seen=kept)


def _of_tree(looked: Looked, name: str) -> tuple[Seen, ...]:
    pool = {
        address
        for line in looked.lines
        for address in (line.baseline.records if line.baseline else ())
    }
    if name == BASELINE:
        return tuple(each for each in looked.seen if each.address in pool)
    return tuple(
        each
        for each in looked.seen
        if not changed_since(each.manifest, looked.now.stimulus, looked.now.assets)
        and (name != NOW or each.address not in pool)
    )


def _of_revision(
    shelf: Shelf, evals: Evals, cases: Sequence[Placed]
) -> dict[str, tuple[Seen, ...]]:
    """Return what was fresh in a revision: by its assets then, judged by the cases of now."""
    steering = Steering(shelf.files)
    found: dict[str, tuple[Seen, ...]] = {}
    for placed in cases:
        try:
            assets = steering.assets_of(placed.case, placed.folder)
        except PawlError:
            continue  # What it needs was not there: it has no fresh trial in that revision.
        now = evals.now(placed, assets)
        found[placed.case.id] = tuple(
            each
            for each in evals.seen(shelf, placed, now)
            if not changed_since(each.manifest, now.stimulus, now.assets)
        )
    return found


def _words(seen: Seen) -> frozenset[str]:
    told = seen.manifest
    parts = (told.agent, told.agent_version, told.model, told.sandbox.kind)
    return frozenset(part for part in parts if part)
