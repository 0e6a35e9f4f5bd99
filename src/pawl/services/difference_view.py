"""What the page of differences shows: two recorded assessments, and why they are not the same."""

from collections.abc import Callable, Sequence

import msgspec

from pawl.base.errors import BadValue
from pawl.maturity.difference import Change, Difference, difference
from pawl.maturity.inputs import Inputs
from pawl.services.assessment_desk import PointLike
from pawl.services.maturity_views import Shown

MAX_CHOICES = 400
"""Newest assessments that can be chosen from; older ones are named by their digest."""


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """One assessment to choose. `as_of` is a canonical time."""

    digest: str
    as_of: str


class DifferenceView(msgspec.Struct, frozen=True, kw_only=True):
    """What may be chosen, newest first, what was, and what changed in between.

    `before` and `after` are None, and so is `found`, where there are no two to compare.
    """

    shown: Shown
    choices: tuple[Choice, ...]
    before: Choice | None = None
    after: Choice | None = None
    found: Difference | None = None

    @property
    def levels(self) -> tuple[Change, ...]:
        """Changes of levels."""
        return tuple(each for each in self._changes if each.what != "verdict")

    @property
    def verdicts(self) -> tuple[Change, ...]:
        """Changes of criteria's verdicts."""
        return tuple(each for each in self._changes if each.what == "verdict")

    @property
    def _changes(self) -> tuple[Change, ...]:
        return () if self.found is None else self.found.changes


def difference_view(
    shown: Shown,
    points: Sequence[PointLike],
    inputs: Callable[[str], Inputs],
    before: str | None,
    after: str | None,
) -> DifferenceView:
    """Return what changed between two of a subject's assessments, by their whole digests.

    `points` are all of them, oldest first. Without `after` it is the newest, without `before`
    the one that stands before `after`. Raises BadValue for a digest that none has.
    """
    known = {each.digest: Choice(digest=each.digest, as_of=each.as_of) for each in points}
    order = list(known)
    view = DifferenceView(shown=shown, choices=tuple(known[each] for each in order[::-1]))
    last = _chosen(known, after, "after") or (known[order[-1]] if order else None)
    first = _chosen(known, before, "before")
    if first is None and last is not None:
        earlier = order[: order.index(last.digest)]
        first = known[earlier[-1]] if earlier else None
    listed = _listed(view.choices, first, last)
    view = msgspec.structs.replace(view, choices=listed, before=first, after=last)
    if first is None or last is None:
        return view
    found = difference(inputs(first.digest), inputs(last.digest))
    return msgspec.structs.replace(view, found=found)


def _chosen(known: dict[str, Choice], digest: str | None, place: str) -> Choice | None:
    if digest is None or digest in known:
        return None if digest is None else known[digest]
    raise BadValue(
        f"No assessment of this subject has the digest {digest[:80]!r}.",
        place=place,
        hint="Choose one of the list.",
    )


def _listed(choices: tuple[Choice, ...], *chosen: Choice | None) -> tuple[Choice, ...]:
    """Return the newest choices, and what was chosen even where it is older."""
    newest = choices[:MAX_CHOICES]
    older = [each for each in choices[MAX_CHOICES:] if each in chosen]
    return (*newest, *older)
