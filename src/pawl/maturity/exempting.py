"""Which exemptions count, and why the others do not.

One function decides validity. The register is the *base* version's: whoever calls passes that
one in, so a change cannot exempt itself. An exemption needs an approver who is neither its owner
nor of the assessed side, lasts 180 days at most, and a long row of renewals needs leadership. An
expired one counts as absent and is reported: both silent directions would be defects. Where
nobody may approve, the reason explains that instead of leading nowhere.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

import msgspec

from pawl.base.finding import Place
from pawl.base.times import format_time, parse_time
from pawl.maturity.dossier import FreshnessEvent
from pawl.maturity.engine_numbers import EngineNumbers, ExemptionLimits
from pawl.maturity.exemption import Exemption, Register
from pawl.maturity.model import Criterion
from pawl.maturity.probe import MAX_PLACES
from pawl.maturity.verdict import CriterionResult, Verdict

_SETS_ASIDE = frozenset({Verdict.UNMET, Verdict.UNKNOWN, Verdict.STALE, Verdict.CONTESTED})
"""Verdicts that an exemption stands in for. An error is ours to mend, not to set aside."""


class Status(StrEnum):
    """Whether an exemption counts."""

    LIVE = "live"
    EXPIRED = "expired"
    REOPENED = "reopened"
    """An event that it names ended it early."""
    NOT_YET = "not-yet"
    REFUSED = "refused"


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How one exemption stands. `ends` is the canonical time it ends at, where it has one."""

    exemption: Exemption
    status: Status
    reason: str
    ends: str | None = None


class Exempted(msgspec.Struct, frozen=True, kw_only=True):
    """A register judged for one subject: what counts, by criterion, and all that does not."""

    live: Mapping[str, tuple[Standing, ...]]
    standings: tuple[Standing, ...]

    @property
    def expired(self) -> tuple[str, ...]:
        """Ids of exemptions that have ended, by date or by an event."""
        ended = (Status.EXPIRED, Status.REOPENED)
        return tuple(each.exemption.id for each in self.standings if each.status in ended)

    @property
    def refused(self) -> tuple[str, ...]:
        """Exemptions that do not count, as `id: reason`."""
        no = (Status.REFUSED, Status.NOT_YET)
        return tuple(
            f"{each.exemption.id}: {each.reason}" for each in self.standings if each.status in no
        )


NO_EXEMPTIONS = Exempted(live={}, standings=())
"""What a subject without a register has."""


def standing(
    exemption: Exemption,
    register: Register,
    criterion: Criterion | None,
    now: str,
    numbers: EngineNumbers,
    events: Sequence[FreshnessEvent] = (),
) -> Standing:
    """Say whether one exemption of the base version's register counts at a time, and why.

    `criterion` is the one it names, None when no model has it.
    """
    limits = numbers.exemptions
    try:
        created = date.fromisoformat(exemption.created)
        ends_on = (
            date.fromisoformat(exemption.expires)
            if exemption.expires
            else created + timedelta(days=limits.default_days)
        )
    except (ValueError, OverflowError):
        return _refused(exemption, "Its dates are not days such as 2026-11-21.")
    ends = _start_of(ends_on)
    refusal = (
        _about_criterion(exemption, criterion)
        or _about_days(created, ends_on, limits)
        or _about_approver(exemption, register, limits)
    )
    if refusal:
        return Standing(exemption=exemption, status=Status.REFUSED, reason=refusal, ends=ends)
    status, reason = _in_time(exemption, _start_of(created), ends, now, events)
    return Standing(exemption=exemption, status=status, reason=reason, ends=ends)


def judge_register(
    register: Register,
    subject: str,
    criteria: Iterable[Criterion],
    now: str,
    numbers: EngineNumbers,
    events: Sequence[FreshnessEvent] = (),
) -> Exempted:
    """Judge every entry of the base version's register that concerns a subject."""
    known = {criterion.id: criterion for criterion in criteria}
    times = Counter(each.id for each in register.exemptions)
    standings = []
    for exemption in sorted(register.exemptions, key=lambda each: (each.id, each.criterion)):
        if exemption.subject not in ("", subject):
            continue
        if times[exemption.id] > 1:
            standings.append(_refused(exemption, "Its id stands twice in the register."))
            continue
        criterion = known.get(exemption.criterion)
        standings.append(standing(exemption, register, criterion, now, numbers, events))
    live: dict[str, list[Standing]] = {}
    for each in standings:
        if each.status is Status.LIVE:
            live.setdefault(each.exemption.criterion, []).append(each)
    # The one that lasts longest serves first.
    return Exempted(
        live={
            criterion: tuple(sorted(found, key=lambda each: each.ends or "", reverse=True))
            for criterion, found in live.items()
        },
        standings=tuple(standings),
    )


def set_aside(result: CriterionResult, exempted: Exempted) -> CriterionResult:
    """Return a criterion's result with its exemption, where one covers all that is missing.

    Exempt is never met, and what is met stays met.
    """
    if result.verdict not in _SETS_ASIDE:
        return result
    for each in exempted.live.get(result.id, ()):
        if not _covers(each.exemption, result):
            continue
        return msgspec.structs.replace(
            result,
            verdict=Verdict.EXEMPT,
            reason=f"{each.exemption.reason} Otherwise {result.verdict}: {result.reason}",
            exemption=each.exemption.id,
            exemption_ends=each.ends,
        )
    return result


def eligible_approvers(register: Register, owner: str, *, leadership: bool) -> tuple[str, ...]:
    """Return who may approve an exemption of an owner, without those of the assessed side."""
    named = set(register.leadership)
    if not leadership:
        named |= set(register.approvers)
    barred = {_name(each) for each in register.assessed} | {_name(owner)}
    return tuple(sorted(each for each in named if _name(each) not in barred))


def level_allowance(criteria: int, limits: ExemptionLimits) -> int:
    """Return how many of a level's criteria may be exempt before the level is capped."""
    return max(limits.level_floor, int(criteria * limits.level_share + 1e-9))


def _about_criterion(exemption: Exemption, criterion: Criterion | None) -> str:
    if criterion is None:
        return f"No model has a criterion {exemption.criterion}."
    if not criterion.exemptible:
        return f"{criterion.id} cannot be exempted."
    for name in ("reason", "residual_control", "owner", "approver"):
        if not getattr(exemption, name).strip():
            return f"Its {name} is empty."
    return ""


def _about_days(created: date, ends_on: date, limits: ExemptionLimits) -> str:
    days = (ends_on - created).days
    if days <= 0:
        return "It ends before it begins."
    if days > limits.cap_days:
        return f"It lasts {days} days; {limits.cap_days} is the most."
    return ""


def _about_approver(exemption: Exemption, register: Register, limits: ExemptionLimits) -> str:
    leadership = exemption.renewals >= limits.leadership_from_renewal
    eligible = eligible_approvers(register, exemption.owner, leadership=leadership)
    if not eligible:
        who = "leadership" if leadership else "the approvers"
        return (
            f"Nobody in {who} of the register is outside the assessed side and not its owner. "
            "A team of one cannot exempt itself: name somebody from outside, or leave the "
            "criterion open; an open criterion holds the level and blames nobody."
        )
    if _name(exemption.approver) in {_name(each) for each in eligible}:
        return ""
    if _name(exemption.approver) == _name(exemption.owner):
        return "Its owner approved it."
    if _name(exemption.approver) in {_name(each) for each in register.assessed}:
        return "Its approver is of the assessed side."
    if leadership:
        return f"Renewal {exemption.renewals} needs an approver of leadership."
    return "Its approver is not among those of the register."


def _in_time(
    exemption: Exemption, created: str, ends: str, now: str, events: Sequence[FreshnessEvent]
) -> tuple[Status, str]:
    moment = parse_time(now)
    if moment < parse_time(created):
        return Status.NOT_YET, f"It begins on {exemption.created}."
    for event in sorted(events, key=lambda each: (each.at, each.name)):
        happened = parse_time(event.at)
        if event.name in exemption.reopen_on and parse_time(created) <= happened <= moment:
            return Status.REOPENED, f"{event.name} ended it on {event.at[:10]}: {event.reason}"
    if moment >= parse_time(ends):
        return Status.EXPIRED, f"It ended on {ends[:10]}."
    return Status.LIVE, exemption.reason


def _covers(exemption: Exemption, result: CriterionResult) -> bool:
    """Say whether an exemption reaches all places where the criterion falls short."""
    if not exemption.paths:
        return True
    short = [need for need in result.needs if need.verdict is not Verdict.MET]
    if any(not need.places or len(need.places) >= MAX_PLACES for need in short):
        # Without places, or with more than are named, nobody can tell what it covers.
        return False
    places: list[Place] = [place for need in short for place in need.places]
    # Imported here: few exemptions name paths, and every assessment pays for what it imports.
    from pathspec import GitIgnoreSpec

    spec = GitIgnoreSpec.from_lines(exemption.paths)
    return bool(places) and all(spec.match_file(place.path) for place in places)


def _refused(exemption: Exemption, reason: str) -> Standing:
    return Standing(exemption=exemption, status=Status.REFUSED, reason=reason)


def _start_of(day: date) -> str:
    return format_time(datetime(day.year, day.month, day.day, tzinfo=UTC))


def _name(name: str) -> str:
    """Return a name as it is compared: `@Lead` and `lead` are the same."""
    return name.strip().removeprefix("@").casefold()
