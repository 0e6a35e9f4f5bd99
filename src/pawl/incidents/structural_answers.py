"""The questions of the report on structural failures, each answered from what is on record."""

from collections.abc import Sequence
from datetime import timedelta

from pawl.base.times import format_time, parse_time
from pawl.changes.gate_file import Mode
from pawl.changes.manifest import Risk
from pawl.changes.metrics import APPROVALS
from pawl.incidents.action import is_overdue
from pawl.incidents.postmortem import Postmortem
from pawl.incidents.postmortem import State as Paper
from pawl.incidents.structural_seen import (
    Answer,
    Assessed,
    Cause,
    Evidence,
    Number,
    Said,
    Terms,
    Trend,
    counted,
)

_INCIDENTS = "incidents declared in the window"
_CHANGES = "figures of changes of the window"
_PAPERS = "postmortems published in the window"
_ROUTINES = "occurrences of the cadence due in the window"
_ASSESSMENTS = "assessments on record"
_POLICY = "policy and roster of the protected branch"


def symptoms(
    seen: Evidence, causes: tuple[Cause, ...], trends: Sequence[Trend]
) -> tuple[Answer, ...]:
    """Return whether the window shows what a team with tools but no structure shows."""
    return (_same_cause(seen, causes), _unapproved(seen), _rising(trends))


def anti_patterns(seen: Evidence) -> tuple[Answer, ...]:
    """Return which of the source's four anti-patterns are there; a yes is bad."""
    return (_by_tools(seen), _written_only(seen), _no_way_back(seen), _no_priority(seen))


def checklist(seen: Evidence, terms: Terms) -> tuple[Answer, ...]:
    """Return the source's seven questions; a yes is good."""
    return (
        _level_defined(seen, terms),
        _approvals(seen),
        _roles_work(seen, terms),
        _rhythm(seen, terms),
        _fed_back(seen),
        _key_indicators(seen),
        _rules_of_conflict(seen),
    )


def _same_cause(seen: Evidence, causes: tuple[Cause, ...]) -> Answer:
    own = counted(seen)
    named = sum(bool(each.root_cause_key) for each in own)
    numbers = (
        _number("incidents", len(own), _INCIDENTS),
        _number("with a published root cause", named, _INCIDENTS),
        _number("causes seen more than once", len(causes), "root-cause keys and confirmed repeats"),
    )
    question = "Is the same root cause pattern repeated?"
    if causes:
        worst = causes[0]
        why = f"{len(worst.incidents)} incidents have one cause: {', '.join(worst.incidents[:5])}."
        return _answer("same-root-cause", question, Said.YES, why, numbers)
    if own and not named:
        why = "No incident of the window has a published root cause, so nothing can be compared."
        return _answer("same-root-cause", question, Said.CANNOT_TELL, why, numbers)
    return _answer("same-root-cause", question, Said.NO, "No cause came twice.", numbers)


def _unapproved(seen: Evidence) -> Answer:
    question = "Are changes distributed without the approval they need?"
    found = seen.changes
    if found is None:
        return _blind("missing-approval", question, "The figures of changes could not be read.")
    share = found.missing_approvals
    numbers = (
        _number("releases without a valid approval", share.numerator, _CHANGES),
        _number("releases that needed one", share.denominator, _CHANGES),
        _number("of them around everything", found.unmanaged, _CHANGES),
    )
    if share.denominator == 0:
        return _answer(
            "missing-approval", question, Said.NO, "Nothing was released that needs one.", numbers
        )
    said = Said.YES if share.numerator else Said.NO
    why = f"{share.numerator} of {share.denominator} releases lacked it."
    return _answer("missing-approval", question, said, why, numbers)


def _rising(trends: Sequence[Trend]) -> Answer:
    asked = [each for each in trends if each.id in ("time-to-resolve", "repeats")]
    numbers = tuple(
        _number(f"{each.id} {name}", value, f"incident figures, of {count}")
        for each in asked
        for name, value, count in (
            ("before", each.before, each.of_before),
            ("now", each.now, each.of_now),
        )
    )
    question = "Do time to resolve or the repeat rate rise?"
    rising = [each.id for each in asked if each.direction == "up"]
    if rising:
        return _answer("rising", question, Said.YES, f"{' and '.join(rising)} rose.", numbers)
    unknown = [each.id for each in asked if each.direction == "cannot-tell"]
    if unknown:
        why = f"Too few incidents on one side to tell of {' and '.join(unknown)}."
        return _answer("rising", question, Said.CANNOT_TELL, why, numbers)
    return _answer("rising", question, Said.NO, "Neither rose beyond chance.", numbers)


def _by_tools(seen: Evidence) -> Answer:
    question = "Is maturity judged by the number of tools introduced?"
    last = _last(seen)
    if last is None:
        why = "No assessment is on record, so how maturity is judged is not known."
        return _blind("tool-count", question, why)
    numbers = (
        _number("criteria judged", last.judged, _ASSESSMENTS),
        _number("of them on an exemption, not on evidence", last.declared, _ASSESSMENTS),
    )
    if last.judged == 0:
        return _answer("tool-count", question, Said.CANNOT_TELL, "It judged nothing.", numbers)
    said = Said.YES if 2 * last.declared > last.judged else Said.NO
    why = f"{last.judged - last.declared} of {last.judged} criteria rest on evidence."
    return _answer("tool-count", question, said, why, numbers)


def _written_only(seen: Evidence) -> Answer:
    question = "Does the incident report end in writing, without a trace of its execution?"
    papers = _published(seen)
    own = {each.incident for each in papers}
    late = [each for each in seen.actions if each.incident in own and is_overdue(each, seen.until)]
    bare = [each for each in papers if not _applied(seen, each)]
    numbers = (
        _number("postmortems published", len(papers), _PAPERS),
        _number("whose learning was not applied", len(bare), "steps of learning on record"),
        _number("their actions that are overdue", len(late), "actions on record"),
    )
    if not papers:
        why = "No postmortem was published in the window."
        return _answer("report-only", question, Said.CANNOT_TELL, why, numbers)
    if late or bare:
        why = f"{len(bare)} were not applied, and {len(late)} of their actions are overdue."
        return _answer("report-only", question, Said.YES, why, numbers)
    why = "All were applied, and none of their actions is overdue."
    return _answer("report-only", question, Said.NO, why, numbers)


def _no_way_back(seen: Evidence) -> Answer:
    question = "Are experiments quick while investment in rollback is delayed?"
    found = seen.changes
    if found is None:
        return _blind("no-rollback", question, "The figures of changes could not be read.")
    done = found.rollback_time.ended
    numbers = (
        _number("releases", found.releases, _CHANGES),
        _number("rollbacks that were read back", done, _CHANGES),
        _number("rollbacks that were exercised", seen.rehearsed, "drills on record"),
    )
    if found.releases == 0:
        return _answer("no-rollback", question, Said.NO, "Nothing was released.", numbers)
    if done or seen.rehearsed:
        why = "The way back was gone, or exercised, in the window."
        return _answer("no-rollback", question, Said.NO, why, numbers)
    if seen.rehearsed is None:
        why = "Nothing went back, and whether the way back was exercised could not be read."
        return _answer("no-rollback", question, Said.CANNOT_TELL, why, numbers)
    why = f"{found.releases} releases, and the way back was neither gone nor exercised."
    return _answer("no-rollback", question, Said.YES, why, numbers)


def _no_priority(seen: Evidence) -> Answer:
    question = "Do indicators conflict without one order of priorities?"
    good = _rules_of_conflict(seen)
    turned = {Said.YES: Said.NO, Said.NO: Said.YES, Said.CANNOT_TELL: Said.CANNOT_TELL}
    return _answer("no-priority", question, turned[good.said], good.why, good.numbers)


def _level_defined(seen: Evidence, terms: Terms) -> Answer:
    question = "Has the current team's maturity level been explicitly defined?"
    if seen.assessments is None:
        return _blind("level-defined", question, "Assessments could not be read.")
    last = _last(seen)
    numbers = (_number("assessments", len(seen.assessments), _ASSESSMENTS),)
    if last is None:
        return _answer("level-defined", question, Said.NO, "None is on record.", numbers)
    oldest = format_time(parse_time(seen.until) - timedelta(days=terms.assessment_days))
    levels = ", ".join(f"{name} {level}" for name, level in sorted(last.levels.items()))
    said = Said.YES if last.at >= oldest and last.levels else Said.NO
    why = f"The last one, {last.id} of {last.at[:10]}, says {levels or 'no level'}."
    return _answer("level-defined", question, said, why, numbers)


def _approvals(seen: Evidence) -> Answer:
    question = "Are there approval systems and exception procedures for high-risk changes?"
    if seen.gates is None or seen.changes is None:
        what = "The policy" if seen.gates is None else "The figures of changes"
        return _blind("approvals", question, f"{what} could not be read.")
    enforced = [
        gate
        for gate in seen.gates.gates
        if gate.condition == APPROVALS
        and gate.mode is Mode.ENFORCE
        and (not gate.applies.risk or Risk.HIGH in gate.applies.risk)
    ]
    lacking, excepted = seen.changes.missing_approvals, seen.changes.exceptions
    numbers = (
        _number("enforced gates on approvals of high risk", len(enforced), _POLICY),
        _number("releases without a valid approval", lacking.numerator, _CHANGES),
        _number("exceptions given", excepted.given, _CHANGES),
        _number("broken glass that nobody ratified", excepted.unratified.numerator, _CHANGES),
    )
    works = not lacking.numerator and not excepted.unratified.numerator
    said = Said.YES if enforced and works else Said.NO
    why = (
        "The gate stands, and nothing went around it."
        if said is Said.YES
        else "No gate asks for approvals."
        if not enforced
        else f"The gate stands, and {lacking.numerator} releases had no valid approval."
    )
    return _answer("approvals", question, said, why, numbers)


def _roles_work(seen: Evidence, terms: Terms) -> Answer:
    question = "Is RACI documented and working in actual incidents?"
    if seen.answering is None:
        return _blind("raci-works", question, "Roles and people could not be read.")
    share = seen.figures.commander_in_time
    numbers = (
        _number("incidents with a commander in time", share.numerator, _INCIDENTS),
        _number("incidents that are old enough to tell", share.denominator, _INCIDENTS),
        _number("somebody holds the accountable role", int(seen.answering), _POLICY),
    )
    if not seen.answering:
        why = "Nobody holds the role that is accountable for incidents."
        return _answer("raci-works", question, Said.NO, why, numbers)
    if share.value is None:
        why = "It is documented, and no incident has tried it in the window."
        return _answer("raci-works", question, Said.CANNOT_TELL, why, numbers)
    said = Said.YES if share.value >= terms.in_time_share else Said.NO
    why = f"{share.numerator} of {share.denominator} incidents had a commander in time."
    return _answer("raci-works", question, said, why, numbers)


def _rhythm(seen: Evidence, terms: Terms) -> Answer:
    question = "Is the operating rhythm (day, week, month, quarter) fixed and executed?"
    if seen.routines is None:
        return _blind("rhythm", question, "The cadence could not be read.")
    numbers, missing, slipped = [], [], []
    for period in ("daily", "weekly", "monthly", "quarterly"):
        due = sum(each.due for each in seen.routines if each.every == period)
        done = sum(each.done for each in seen.routines if each.every == period)
        numbers += [
            _number(f"{period} due", due, _ROUTINES),
            _number(f"{period} done", done, _ROUTINES),
        ]
        if not any(each.every == period for each in seen.routines):
            missing.append(period)
        elif due and done < terms.kept_share * due:
            slipped.append(period)
    if missing:
        why = f"There is no {' and no '.join(missing)} routine."
        return _answer("rhythm", question, Said.NO, why, tuple(numbers))
    if slipped:
        why = f"Too many were missed: {', '.join(slipped)}."
        return _answer("rhythm", question, Said.NO, why, tuple(numbers))
    if not any(each.due for each in seen.routines):
        why = "Nothing was due in the window."
        return _answer("rhythm", question, Said.CANNOT_TELL, why, tuple(numbers))
    return _answer("rhythm", question, Said.YES, "All four are kept.", tuple(numbers))


def _fed_back(seen: Evidence) -> Answer:
    question = "Is incident learning automatically fed back to evaluation set, gate and backlog?"
    papers = _published(seen)
    applied = sum(_applied(seen, each) for each in papers)
    numbers = (
        _number("postmortems published", len(papers), _PAPERS),
        _number("applied, or signed that nothing changes", applied, "steps of learning on record"),
    )
    if not papers:
        why = "No postmortem was published in the window."
        return _answer("learning-fed-back", question, Said.CANNOT_TELL, why, numbers)
    said = Said.YES if applied == len(papers) else Said.NO
    why = f"{applied} of {len(papers)} were applied to the last step."
    return _answer("learning-fed-back", question, said, why, numbers)


def _key_indicators(seen: Evidence) -> Answer:
    question = "Are repeat incident rate and rollback MTTR considered as key indicators?"
    if seen.routines is None:
        return _blind("key-indicators", question, "Whether anybody looks at them is not on record.")
    looked = sum(each.done for each in seen.routines if each.routine == "incident-action-tracking")
    back = seen.changes.rollback_time if seen.changes else None
    numbers = (
        _number("reviews that had both figures", looked, _ROUTINES),
        _number("repeat rate", seen.figures.repeats.value, _INCIDENTS),
        _number("median time to roll back, seconds", back.median_s if back else None, _CHANGES),
    )
    said = Said.YES if looked else Said.NO
    why = f"The weekly review that shows both was done {looked} times."
    return _answer("key-indicators", question, said, why, numbers)


def _rules_of_conflict(seen: Evidence) -> Answer:
    question = "Are there decision-making rules when security, quality and cost conflict?"
    owned = seen.domains_owned
    if owned is None:
        return _blind("priority-rules", question, "Roles and people could not be read.")
    held = sum(owned.values())
    numbers = (
        _number("domains in one fixed order", len(owned), "the order of priorities"),
        _number("domains whose owner somebody is", held, _POLICY),
    )
    without = sorted(name for name, has in owned.items() if not has)
    if without or not owned:
        why = f"Nobody answers for {', '.join(without) or 'any domain'}."
        return _answer("priority-rules", question, Said.NO, why, numbers)
    why = "The order is fixed, and each domain has somebody who answers for it."
    return _answer("priority-rules", question, Said.YES, why, numbers)


def _last(seen: Evidence) -> Assessed | None:
    known = [each for each in seen.assessments or () if each.at <= seen.until]
    return max(known, key=lambda each: (each.at, each.id), default=None)


def _published(seen: Evidence) -> tuple[Postmortem, ...]:
    return tuple(
        each
        for each in seen.papers
        if each.state is Paper.PUBLISHED and seen.since <= (each.published_at or "") < seen.until
    )


def _applied(seen: Evidence, paper: Postmortem) -> bool:
    return paper.incident in seen.learned or paper.content.no_change is not None


def _number(name: str, value: float | None, source: str) -> Number:
    return Number(name=name, value=value, source=source)


def _answer(id: str, question: str, said: Said, why: str, numbers: tuple[Number, ...]) -> Answer:
    return Answer(id=id, question=question, said=said, why=why, numbers=numbers)


def _blind(id: str, question: str, why: str) -> Answer:
    return Answer(id=id, question=question, said=Said.CANNOT_TELL, why=why)
