"""Investigate: from what sources found to ranked explanations that cite it.

Pure, and without any model: the same facts, terms and time give the same bytes.
"""

from collections.abc import Iterable, Sequence

import msgspec

from pawl.base.times import time_from_ms
from pawl.investigation import questions
from pawl.investigation.acting import actions, remedies_of, triggers
from pawl.investigation.causes import Cause, causes, rare_words
from pawl.investigation.citing import Citing
from pawl.investigation.facts import Alarm, Change, Gathered, Look, Window
from pawl.investigation.investigation import Hypothesis, Investigation, Level
from pawl.investigation.knowledge import Knowledge, Remedy
from pawl.investigation.other_causes import Other, other_causes
from pawl.investigation.quirk import Quirk, matching
from pawl.investigation.shifts import observed_in, shifts
from pawl.investigation.signals import moved
from pawl.investigation.suspicion import suspicion
from pawl.investigation.symptoms import Symptoms, epoch, symptoms
from pawl.investigation.templates import Template, templates
from pawl.investigation.terms import Terms
from pawl.investigation.weighing import Reason, read_change, weigh, weight


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What is known besides the facts of the window.

    `alike` are ids of earlier incidents, None where they could not be looked up. `failed_actions`
    counts those that were tried in this incident and failed.
    """

    terms: Terms
    knowledge: Knowledge
    quirks: tuple[Quirk, ...] = ()
    alike: tuple[str, ...] | None = None
    failed_actions: int = 0


class _Weighed(msgspec.Struct, frozen=True, kw_only=True):
    """An explanation with its weight, before it has a rank."""

    weight: float
    kind: str
    cause: str
    change: str
    reasons: tuple[Reason, ...]
    evidence: tuple[str, ...]
    remedies: tuple[Remedy, ...]
    what: str


def investigate(
    incident: str, window: Window, gathered: Sequence[Gathered], known: Known, made_at: str
) -> Investigation:
    """Return what the facts say. Nothing found is told as that, never as no cause."""
    terms, knowledge = known.terms, known.knowledge
    looks = tuple(sorted((each.look for each in gathered), key=lambda each: each.source))
    lines = tuple(line for each in gathered for line in each.facts.lines)
    since, until = epoch(window.since), epoch(window.until)
    found = templates(lines, since, until, terms)
    series = sorted((each for part in gathered for each in part.facts.series), key=_order)
    gone = [each for each in (moved(one, terms, knowledge) for one in series) if each is not None]
    alarms = tuple(sorted((each for p in gathered for each in p.facts.alarms), key=_order))
    seen = symptoms(window, found, tuple(gone), alarms, terms, knowledge)
    told = [change for part in gathered for change in part.facts.changes]
    told += shifts(observed_in(lines), since, until, terms, "logs")
    changes = _distinct(told)
    deploys_known = any("deploys" in each.answers and each.outcome == "looked" for each in looks)
    whole = causes(changes, seen.onset, deploys_known=deploys_known)
    citing = Citing(knowledge)
    quirks = _quirks(known, seen, found, alarms, changes)
    weighed = _weighed(whole, found, seen, quirks, known, citing)
    hypotheses, rest = _ranked(weighed, looks, seen, terms)
    bad = seen.bad[: terms.shown_templates]
    parts = {
        "changed": questions.changed(whole, seen, citing),
        "fails": questions.fails(bad, seen, citing),
        "order": questions.order(seen, terms, citing),
        "reach": questions.reach(bad, found, seen, citing),
        "explains": questions.explains(hypotheses, quirks, citing),
    }
    _suspected(found, citing)
    proposed = [
        (each, remedy, one.what)
        for each, one in zip(hypotheses, weighed, strict=False)
        if each.rank == 1 or each.confidence >= terms.possible
        for remedy in one.remedies
    ]
    remedies = [remedy for _, remedy, _ in proposed]
    escalation = triggers(
        hypotheses,
        remedies,
        seen,
        alike=known.alike,
        failed_actions=known.failed_actions,
        terms=terms,
    )
    checks = [
        (each.check, tuple(citing.template(t) for t in bad[:3])) for each in seen.classes.values()
    ]
    return Investigation(
        incident=incident,
        window=window,
        made_at=made_at,
        terms_version=terms.version,
        knowledge_version=knowledge.version,
        began_at=seen.began_at,
        ended_at="" if seen.end is None else _time(seen.end),
        components=seen.components,
        looks=looks,
        evidence=citing.all(),
        answers=tuple(questions.answer(name, claims, looks) for name, claims in parts.items()),
        hypotheses=hypotheses,
        unexplained=rest,
        actions=actions(hypotheses, proposed, checks, escalation),
        escalation=escalation,
    )


def _order(told: msgspec.Struct) -> bytes:
    """Return what facts are put in order by, so that it does not matter who brings them when."""
    return msgspec.json.encode(told)


def _distinct(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Return changes once each: of one that two sources tell of, what tells more of its files."""
    found: dict[tuple[str, str, str], Change] = {}
    for each in sorted(changes, key=lambda c: (-len(c.paths), -len(c.text), _order(c))):
        found.setdefault((each.kind.value, each.id, each.at), each)
    return tuple(found[key] for key in sorted(found))


def _quirks(
    known: Known,
    seen: Symptoms,
    found: Sequence[Template],
    alarms: Sequence[Alarm],
    changes: Sequence[Change],
) -> tuple[Quirk, ...]:
    texts = [each.sample for each in found if each.level != "info"]
    texts += [each.title for each in alarms]
    texts += [each.title for each in changes]
    return matching(known.quirks, seen.components, texts)


def _weighed(
    whole: Sequence[Cause],
    found: tuple[Template, ...],
    seen: Symptoms,
    quirks: Sequence[Quirk],
    known: Known,
    citing: Citing,
) -> list[_Weighed]:
    terms, knowledge = known.terms, known.knowledge
    shown = [citing.template(each) for each in seen.bad[:3]]
    shown += [citing.moved(each) for each in seen.moved[:3]]
    read = [read_change(each.root, each.effects, knowledge) for each in whole]
    rare = rare_words(each.words for each in read)
    all_: list[tuple[float, Cause | Other, tuple[Reason, ...]]] = []
    for cause, of in zip(whole, read, strict=True):
        reasons = weigh(cause, of, seen, rare, terms, knowledge)
        all_.append((weight(reasons), cause, reasons))
    for other in other_causes(seen, found, terms, knowledge):
        all_.append((weight(other.reasons), other, other.reasons))
    all_.sort(key=lambda each: (-each[0], _name(each[1])))
    total = [
        _of_cause(w, cause, reasons, shown, citing, knowledge)
        if isinstance(cause, Cause)
        else _of_other(w, cause, reasons, citing, knowledge)
        for w, cause, reasons in all_[: terms.shown_hypotheses]
    ]
    left = sum(w for w, _, _ in all_[terms.shown_hypotheses :])
    if left:
        total.append(_rest(left))
    return total


def _rest(left: float) -> _Weighed:
    """Return what weighs in the sum and is not shown."""
    return _Weighed(
        weight=left,
        kind="rest",
        cause="",
        change="",
        reasons=(),
        evidence=(),
        remedies=(),
        what="",
    )


def _of_cause(
    found: float,
    cause: Cause,
    reasons: tuple[Reason, ...],
    shown: list[str],
    citing: Citing,
    knowledge: Knowledge,
) -> _Weighed:
    parts = (cause.root, *cause.effects, *((cause.undone_by,) if cause.undone_by else ()))
    touched = [knowledge.touched(path) for path in cause.root.paths]
    kinds = [each.id for each in touched if each is not None and each.id in ("policy", "prompt")]
    last = cause.effects[-1:] or (cause.root,)
    kinds += [last[0].kind.value, cause.root.kind.value]
    remedies = remedies_of(kinds, knowledge)
    of_root = remedies and remedies[0].id in ("old-policy", "old-prompt", "revert")
    named = cause.root if of_root else last[0]
    return _Weighed(
        weight=found,
        kind=cause.root.kind.value,
        cause=questions.told(cause),
        change=cause.root.id,
        reasons=reasons,
        evidence=(*(citing.change(each) for each in parts), *shown),
        remedies=remedies,
        what=f"{named.kind.value} {questions.short(named)}",
    )


def _of_other(
    found: float, other: Other, reasons: tuple[Reason, ...], citing: Citing, knowledge: Knowledge
) -> _Weighed:
    ids = [citing.template(each) for each in other.templates[:5]]
    ids += [citing.moved(each) for each in other.moved[:3]]
    return _Weighed(
        weight=found,
        kind=other.kind,
        cause=other.text,
        change="",
        reasons=reasons,
        evidence=tuple(ids),
        remedies=remedies_of((other.kind,), knowledge),
        what=other.what,
    )


def _ranked(
    weighed: Sequence[_Weighed], looks: Sequence[Look], seen: Symptoms, terms: Terms
) -> tuple[tuple[Hypothesis, ...], float]:
    """Return the explanations with their shares, and the share of what nobody thought of."""
    unexplained = terms.unexplained * terms.not_looked ** _unseen(looks)
    told = sum(each.weight for each in weighed)
    if not (seen.bad or seen.moved or seen.alarms):
        # Somebody said that it hurts, and nothing that was looked at did.
        unexplained = max(unexplained, told * (1 / terms.seen_nothing - 1))
    whole = told + unexplained
    checks = [each.check for each in seen.classes.values()]
    shown = [each for each in weighed if each.kind != "rest"]
    hypotheses = []
    for rank, each in enumerate(shown, 1):
        share = each.weight / whole
        level: Level = "unlikely"
        if share >= terms.possible:
            level = "likely" if share >= terms.likely else "possible"
        hypotheses.append(
            Hypothesis(
                rank=rank,
                kind=each.kind,
                cause=each.cause,
                change=each.change,
                confidence=round(share, 4),
                level=level,
                reasons=each.reasons,
                evidence=tuple(dict.fromkeys(each.evidence)),
                tell_apart=checks[0] if checks else "",
            )
        )
    left = whole - sum(each.weight for each in shown)
    return tuple(hypotheses), round(left / whole, 4)


def _unseen(looks: Sequence[Look]) -> int:
    """Return how many topics no source could be looked at for."""
    topics = {topic for listed in questions.TOPICS.values() for topic in listed}
    seen = {
        topic for look in looks if look.outcome in ("looked", "partial") for topic in look.answers
    }
    return len(topics - seen)


def _suspected(found: Sequence[Template], citing: Citing) -> None:
    """Cite whatever tries to give orders, so that it is shown as what it is."""
    for each in found[:500]:
        if suspicion(each.sample, citing.knowledge):
            citing.template(each)


def _name(cause: Cause | Other) -> str:
    return cause.root.id if isinstance(cause, Cause) else cause.text


def _time(seconds: float) -> str:
    return time_from_ms(seconds * 1000)
