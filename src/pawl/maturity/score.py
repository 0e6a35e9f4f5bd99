"""The score of operational maturity: four figures in, 0 to 100 with its breakdown out.

The source names the inputs and no formula; ours is data with a version (`score.yaml`). A better
figure never lowers the score. A figure typed by hand is *declared*; one computed from evidence
names the records; one that nothing tells is missing, and then there is no total but a range. The
score orders investments: it never grades a team, and no gate or level reads it.
"""

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Literal

import msgspec

from pawl.base.errors import BadFile, BadValue
from pawl.base.loading import load_yaml

Standing = Literal["declared", "evidence", "missing"]


class Input(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One input of the formula. Values lie from `low` to `high`, in `unit`.

    `curve` are points of a line from value to the share of `points` that it brings.
    """

    id: str
    name: str
    unit: str
    low: float
    high: float
    better: Literal["higher", "lower"]
    points: int
    curve: tuple[tuple[float, float], ...]
    why: str

    @property
    def flag(self) -> str:
        """The command line's flag for this input."""
        return f"--{self.id}"


class Formula(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`score.yaml`. `feeds_gates` can only be false."""

    schema: Literal["pawl.score-formula/1"]
    version: str
    as_of: str
    origin: Literal["authored"]
    feeds_gates: bool
    use: str
    inputs: tuple[Input, ...]


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one input. `evidence` are ids of the records that it was computed from."""

    input: str
    standing: Standing
    reason: str
    value: float | None = None
    evidence: tuple[str, ...] = ()


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One input's part of the score. Points are tenths of a point, so that they add up exactly.

    `tenths` is None when the value is missing.
    """

    input: str
    name: str
    unit: str
    value: float | None
    standing: Standing
    tenths: int | None
    tenths_max: int
    reason: str
    why: str
    evidence: tuple[str, ...] = ()


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """The score, from 0 to 100. Without a total it lies from `low` to `high`.

    `declared` says that at least one figure was typed by hand.
    """

    schema: Literal["pawl.score/1"] = "pawl.score/1"
    formula: str
    total: float | None
    low: float
    high: float
    declared: bool
    feeds_gates: bool = False
    use: str
    parts: tuple[Part, ...]
    missing: tuple[str, ...]


def load_formula(text: str, *, place: str) -> Formula:
    """Return the formula; raises BadFile when it is not monotone or not of 100 points."""
    formula = load_yaml(text, Formula, place=place)
    wrong = list(_wrong(formula))
    if wrong:
        raise BadFile(f"{wrong[0]}.", place=place, hint="Mend the formula, and give it a version.")
    return formula


def _wrong(formula: Formula) -> Iterable[str]:
    """Yield what keeps the formula from being a monotone score from 0 to 100."""
    if formula.feeds_gates:
        yield "feeds_gates: the score never reaches a gate"
    if sum(each.points for each in formula.inputs) != 100:
        yield "the inputs' points do not add up to 100"
    if len({each.id for each in formula.inputs}) != len(formula.inputs):
        yield "an input stands twice"
    for each in formula.inputs:
        if each.points < 1 or not each.low < each.high:
            yield f"{each.id}: it has at least one point, and low is below high"
        if len(each.curve) < 2 or any(not a[0] < b[0] for a, b in pairwise(each.curve)):
            yield f"{each.id}: the curve has two points or more, with rising values"
        if any(not 0 <= share <= 1 for _, share in each.curve):
            yield f"{each.id}: the curve's shares lie from 0 to 1"
        rising = [b[1] - a[1] for a, b in pairwise(each.curve)]
        if any(step < 0 if each.better == "higher" else step > 0 for step in rising):
            yield f"{each.id}: a better value would bring fewer points"


def declared(formula: Formula, typed: Mapping[str, float]) -> dict[str, Told]:
    """Return figures typed by hand, by input id.

    Raises BadValue naming the flag of a value that is out of range, or of no input.
    """
    known = {each.id: each for each in formula.inputs}
    told = {}
    for name, value in typed.items():
        if name not in known:
            flags = ", ".join(each.flag for each in formula.inputs)
            raise BadValue(f"the score has no input {name!r}.", place=f"--{name}", hint=flags)
        wanted = known[name]
        # Written so that NaN, which compares as false, is refused as well.
        if not wanted.low <= value <= wanted.high:
            raise BadValue(
                f"{value:g} is out of range.",
                place=wanted.flag,
                hint=f"Write {wanted.unit}, between {wanted.low:g} and {wanted.high:g}.",
            )
        told[name] = Told(
            input=name, standing="declared", value=float(value), reason="Typed by hand."
        )
    return told


def score(formula: Formula, told: Mapping[str, Told]) -> Score:
    """Return the score of what is known. An input that nothing tells is missing, never zero."""
    parts = tuple(_part(each, told.get(each.id)) for each in formula.inputs)
    known = sum(each.tenths for each in parts if each.tenths is not None)
    missing = tuple(each.input for each in parts if each.tenths is None)
    open_tenths = sum(each.tenths_max for each in parts if each.tenths is None)
    return Score(
        formula=formula.version,
        total=None if missing else known / 10,
        low=known / 10,
        high=(known + open_tenths) / 10,
        declared=any(each.standing == "declared" for each in parts),
        use=formula.use,
        parts=parts,
        missing=missing,
    )


def _part(wanted: Input, told: Told | None) -> Part:
    value = None if told is None else told.value
    # A computed figure can leave the range, such as a rollback of two months: it counts as the end.
    share = None if value is None else _share(wanted.curve, value)
    return Part(
        input=wanted.id,
        name=wanted.name,
        unit=wanted.unit,
        value=value,
        standing="missing" if told is None else told.standing,
        tenths=None if share is None else round(share * wanted.points * 10),
        tenths_max=wanted.points * 10,
        reason="Nothing tells it." if told is None else told.reason,
        why=wanted.why.strip(),
        evidence=() if told is None else told.evidence,
    )


def _share(curve: tuple[tuple[float, float], ...], value: float) -> float:
    """Return the share on the line through a curve's points; outside it stays level."""
    if value <= curve[0][0]:
        return curve[0][1]
    for (x0, y0), (x1, y1) in pairwise(curve):
        if value <= x1:
            between = y0 + (y1 - y0) * (value - x0) / (x1 - x0)
            # Rounding must not carry a point beyond the ends of its piece: it stays monotone.
            return min(max(between, min(y0, y1)), max(y0, y1))
    return curve[-1][1]
