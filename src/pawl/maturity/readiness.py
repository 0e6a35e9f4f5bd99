"""Whether a repository is ready to run agents in production, item by item, from evidence.

Ready is only what is proved for every item. One item that is missing means not ready; one that
could not be looked at means that nobody can tell, which is no more ready than a no.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Literal

import msgspec

from pawl.base.errors import BadFile
from pawl.base.finding import Outcome, Place
from pawl.base.loading import load_yaml
from pawl.base.patterns import regex
from pawl.maturity.compiled import CompiledNeed
from pawl.maturity.evidence import Assurance, Depth, Record
from pawl.maturity.facts import Facts
from pawl.maturity.model import Threshold
from pawl.maturity.probe import Probe, ask
from pawl.maturity.readiness_looks import LOOKS
from pawl.maturity.threshold import check_of
from pawl.maturity.weighing import Stance, shortfall, stance_of

_REPO = regex(
    r"repo:([a-z0-9-]{1,60})(?:\.[a-z0-9-]{1,60}){1,6}/([\w.-]{1,100}(?:/[\w.-]{1,100}){1,8})"
)
_HOSTS = ("github", "gitlab")


class Standing(StrEnum):
    """How one item stands."""

    YES = "yes"
    NO = "no"
    CANNOT_TELL = "cannot-tell"


class Need(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A yes that an item rests on: of a probe or of a look, so deep, with these values."""

    probe: str = ""
    look: str = ""
    depth: Depth = Depth.SUBSTANTIVE
    where: dict[str, Threshold] = {}

    @property
    def id(self) -> str:
        """The probe's or the look's id."""
        return self.probe or self.look


class Item(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One step of the checklist or one of the questions.

    `command` is what to do when it is missing, `to_look` what to do when it could not be told.
    """

    id: str
    part: Literal["step", "question"]
    question: str
    needs: tuple[Need, ...]
    remedy: str
    command: str
    to_look: str = ""


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the items come from."""

    title: str
    section: str


class Items(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The items, in the order in which they are done."""

    schema: Literal["pawl.readiness-items/1"]
    version: str
    source: Source
    as_of: str
    items: tuple[Item, ...]


class Rest(msgspec.Struct, frozen=True, kw_only=True):
    """What one answer says about an item. `reason` is a sentence with the figures."""

    id: str
    standing: Standing
    reason: str
    evidence: str
    places: tuple[Place, ...] = ()


class ItemResult(msgspec.Struct, frozen=True, kw_only=True):
    """How one item stands, and why. `number` counts within its part, from 1."""

    id: str
    part: str
    number: int
    question: str
    standing: Standing
    reason: str
    rests: tuple[Rest, ...]
    remedy: str
    command: str


class NextStep(msgspec.Struct, frozen=True, kw_only=True):
    """What to do now."""

    item: str
    what: str
    command: str


class Readiness(msgspec.Struct, frozen=True, kw_only=True):
    """`pawl.readiness/1`: how each item stands, and what to do next; None where all is well."""

    schema: Literal["pawl.readiness/1"] = "pawl.readiness/1"
    subject: str
    as_of: str
    commit: str | None
    version: str
    standing: Standing
    items: tuple[ItemResult, ...]
    next_step: NextStep | None
    not_looked_at: tuple[str, ...] = ()


def load_items(text: str, probes: Iterable[str], *, place: str) -> Items:
    """Return the items; raises BadFile for one that rests on nothing, or on what nobody asks."""
    items = load_yaml(text, Items, place=place)
    known = frozenset(probes)
    for item in items.items:
        for need in item.needs:
            there = need.probe in known if need.probe else need.look in LOOKS
            if not there or bool(need.probe) == bool(need.look):
                raise BadFile(
                    f"the item {item.id} rests on {need.id or 'nothing'!r}, which nobody asks.",
                    place=place,
                    hint="Name one probe, or one look, for each need.",
                )
        if not item.needs:
            raise BadFile(f"the item {item.id} rests on nothing.", place=place)
    return items


def readiness(
    items: Items,
    facts: Facts,
    probes: Mapping[str, Probe],
    z: float,
    *,
    commit: str | None = None,
    notes: tuple[str, ...] = (),
) -> Readiness:
    """Return how a subject stands by its facts; `z` is for the interval of samples."""
    asked: dict[str, Record] = {}
    found: list[ItemResult] = []
    numbers: dict[str, int] = {}
    for item in items.items:
        numbers[item.part] = numbers.get(item.part, 0) + 1
        found.append(_item(item, numbers[item.part], facts, probes, asked, z))
    standings = {each.standing for each in found}
    return Readiness(
        subject=facts.subject,
        as_of=facts.as_of,
        commit=commit,
        version=items.version,
        standing=_worst(standings),
        items=tuple(found),
        next_step=_next(found),
        not_looked_at=notes,
    )


def _item(
    item: Item,
    number: int,
    facts: Facts,
    probes: Mapping[str, Probe],
    asked: dict[str, Record],
    z: float,
) -> ItemResult:
    rests = []
    for need in item.needs:
        if need.id not in asked:
            probe = probes[need.probe] if need.probe else LOOKS[need.look]
            asked[need.id] = ask(need.id, probe, facts)
        rests.append(_rest(need, asked[need.id], z))
    standing = _worst({each.standing for each in rests})
    deciding = next(each for each in rests if each.standing is standing)
    unseen = standing is Standing.CANNOT_TELL
    return ItemResult(
        id=item.id,
        part=item.part,
        number=number,
        question=item.question,
        standing=standing,
        reason=deciding.reason,
        rests=tuple(rests),
        remedy=item.remedy,
        command=_filled((item.to_look or item.command) if unseen else item.command, facts.subject),
    )


def _filled(command: str, subject: str) -> str:
    """Return a command with the code host and the repository that the subject names.

    A name that a shell could take for more than a name is not filled in.
    """
    told = _REPO.fullmatch(subject)
    host = told[1] if told is not None and told[1] in _HOSTS else "github"
    repository = "OWNER/REPO" if told is None else told[2]
    collect = f"pawl collect {host} {repository} --into evidence"
    collect += " && pawl readiness --evidence evidence"
    return command.replace("{host}", host).replace("{collect}", collect)


def _rest(need: Need, record: Record, z: float) -> Rest:
    """Return what an answer is worth to an item: only a yes that proves all it asks is a yes."""
    standing, reason = _judged(need, record, z)
    return Rest(
        id=need.id, standing=standing, reason=reason, evidence=record.id, places=record.places
    )


def _judged(need: Need, record: Record, z: float) -> tuple[Standing, str]:
    if record.outcome in (Outcome.CANNOT_TELL, Outcome.ERROR):
        return Standing.CANNOT_TELL, record.reason
    if record.outcome is Outcome.NOT_APPLICABLE:
        return Standing.NO, record.reason  # Nothing that could be ready is there.
    compiled = CompiledNeed(
        name=need.id,
        probe=need.id,
        checks=tuple(check_of(name, bound) for name, bound in sorted(need.where.items())),
        depth=need.depth,
        fresh_us=0,
        min_assurance=Assurance.OBSERVED,
        attestation_counts=False,
    )
    stance = stance_of(compiled, record, z)
    if stance is Stance.YES:
        return Standing.YES, record.reason
    if record.outcome is Outcome.FAIL:
        return Standing.NO, record.reason
    missed, why = shortfall(compiled, record, z)
    return Standing.NO if missed else Standing.CANNOT_TELL, f"{record.reason} {why}".strip()


def _worst(standings: set[Standing]) -> Standing:
    """Return no before cannot tell before yes; nothing at all cannot be told."""
    for each in (Standing.NO, Standing.CANNOT_TELL):
        if each in standings:
            return each
    return Standing.YES if standings else Standing.CANNOT_TELL


def _next(items: list[ItemResult]) -> NextStep | None:
    """Return what to do about the first item that is missing, else about the first untold one."""
    open_items = [each for each in items if each.standing is not Standing.YES]
    if not open_items:
        return None
    first = next((each for each in open_items if each.standing is Standing.NO), open_items[0])
    unseen = first.standing is Standing.CANNOT_TELL
    return NextStep(
        item=first.id,
        what=f"Let Pawl look: {first.reason}" if unseen else first.remedy,
        command=first.command,
    )
