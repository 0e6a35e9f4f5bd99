"""Say why two assessments differ: each change of a verdict or level has exactly one cause.

The assessment is made again and again on the way from the first to the second, with one cause
swapped at a time, in this order:

1. subject set: a subject that only one side assessed.
2. clock: the later (or earlier) time alone; what is stale or lapsed by it.
3. evidence: records, integrity hits and freshness events. Hits move with the model instead where
   the detectors' thresholds changed. Records of probes whose version changed wait for 4.
4. probe version: the records of probes that ask in another version.
5. exemption: the register.
6. confirmation: levels that an assessment confirmed; it moves nothing else.
7. model: definitions of models, engine numbers, thresholds.

A change belongs to the step after which it stays as it is in the second assessment. Where a value
moved more than once on the way, the steps are listed. The order is a convention, so it is
declared: with the clock first, what merely expired is never blamed on new evidence; with the model
last, a new definition is blamed only for what it changes about today's evidence. Every change is
explained, since the last step arrives at the second assessment itself.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from itertools import pairwise
from typing import Literal

import msgspec

from pawl.base.errors import BadValue
from pawl.maturity.evidence import Record
from pawl.maturity.inputs import Inputs, made_again
from pawl.maturity.verdict import Assessment, CriterionResult


class Cause(StrEnum):
    """Why something changed, in the order in which causes are swapped."""

    SUBJECT = "subject set"
    CLOCK = "clock"
    EVIDENCE = "evidence"
    PROBE = "probe version"
    EXEMPTION = "exemption"
    CONFIRMATION = "confirmation"
    MODEL = "model"


ORDER = tuple(Cause)
"""The declared order. The first is not swapped: without both sides there is nothing between."""
What = Literal["verdict", "level", "firm", "confirmed"]


class Passed(msgspec.Struct, frozen=True, kw_only=True):
    """One step on which a value moved, and what it became."""

    cause: Cause
    became: str | None


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One value that differs, and its one cause.

    `what` is a criterion's verdict, or a dimension's measured level, its level without what is
    provisional (`firm`), or its confirmed level. `criterion` is empty for levels. A value is None
    where it does not exist or, of an incomplete model, is not published. `why` is the reason of
    the second assessment, `before_why` of the first. `passed` lists every step that moved it.
    """

    subject: str
    model: str
    dimension: str
    criterion: str
    what: What
    before: str | None
    after: str | None
    cause: Cause
    before_why: str = ""
    why: str = ""
    passed: tuple[Passed, ...] = ()


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """All changes between two assessments, in a fixed order, and what else is not the same."""

    schema: Literal["pawl.difference/1"] = "pawl.difference/1"
    before: tuple[str, ...]
    """What is compared, as `subject at day`."""
    after: tuple[str, ...]
    order: tuple[Cause, ...] = ORDER
    changes: tuple[Change, ...]
    counts: dict[str, int]
    """Changes by cause; causes without any are left out."""


_Key = tuple[str, str, str, What]
_Told = tuple[str | None, str]
"""A value and the reason for it."""


def difference(before: Inputs | Iterable[Inputs], after: Inputs | Iterable[Inputs]) -> Difference:
    """Return every change between two assessments, or two sets of them, each with its cause.

    Raises BadValue where one side holds a subject twice.
    """
    olds, news = _by_subject(before), _by_subject(after)
    changes: list[Change] = []
    for subject in sorted(olds.keys() | news.keys()):
        old, new = olds.get(subject), news.get(subject)
        if old is None or new is None:
            changes += _one_sided(subject, old, new)
        else:
            changes += _between(subject, old, new)
    return Difference(
        before=tuple(_named(olds[subject]) for subject in sorted(olds)),
        after=tuple(_named(news[subject]) for subject in sorted(news)),
        changes=tuple(changes),
        counts={
            cause.value: count
            for cause in ORDER
            if (count := sum(each.cause is cause for each in changes))
        },
    )


def _between(subject: str, old: Inputs, new: Inputs) -> list[Change]:
    steps: list[tuple[Cause | None, dict[_Key, _Told]]] = [(None, _values(made_again(old)))]
    for cause, inputs in swapped(old, new):
        previous = steps[-1][1]
        # Nothing of this cause differs: the values are those of the step before.
        values = previous if inputs is None else _values(made_again(inputs))
        steps.append((cause, values))
    first, last = steps[0][1], steps[-1][1]
    changes = []
    for key in _in_order(first, last):
        row = [(cause, values.get(key, (None, ""))[0]) for cause, values in steps]
        if row[0][1] == row[-1][1]:
            continue
        moved = [
            Passed(cause=cause, became=value)
            for (_, earlier), (cause, value) in pairwise(row)
            if cause is not None and value != earlier
        ]
        model, dimension, criterion, what = key
        changes.append(
            Change(
                subject=subject,
                model=model,
                dimension=dimension,
                criterion=criterion,
                what=what,
                before=row[0][1],
                after=row[-1][1],
                cause=moved[-1].cause,
                before_why=first.get(key, (None, ""))[1],
                why=last.get(key, (None, ""))[1],
                passed=tuple(moved),
            )
        )
    return changes


def swapped(old: Inputs, new: Inputs) -> list[tuple[Cause, Inputs | None]]:
    """Return the inputs on the way from one to the other, a step a cause; None changes nothing.

    The last of them makes the second assessment.
    """
    rules_changed = old.about.thresholds_digest != new.about.thresholds_digest
    rerun = _other_versions(old.records, new.records)
    kept = tuple(each for each in old.records if each.probe in rerun)
    fresh = tuple(each for each in new.records if each.probe not in rerun)
    changed = msgspec.structs.replace
    steps: list[tuple[Cause, Inputs | None]] = []
    at = old

    def step(cause: Cause, following: Inputs) -> None:
        nonlocal at
        steps.append((cause, None if following == at else following))
        at = following

    step(Cause.CLOCK, changed(at, about=changed(at.about, as_of=new.about.as_of)))
    hits = old.hits if rules_changed else new.hits
    step(Cause.EVIDENCE, changed(at, records=kept + fresh, hits=hits, events=new.events))
    step(Cause.PROBE, changed(at, records=new.records))
    step(Cause.EXEMPTION, changed(at, register=new.register))
    step(Cause.CONFIRMATION, changed(at, confirmed=new.confirmed))
    step(Cause.MODEL, new)
    return steps


def _other_versions(old: Iterable[Record], new: Iterable[Record]) -> frozenset[str]:
    """Return the probes whose newest version differs between two sets of records."""
    before, after = _versions(old), _versions(new)
    return frozenset(
        probe for probe in before.keys() & after.keys() if before[probe] != after[probe]
    )


def _versions(records: Iterable[Record]) -> dict[str, int]:
    newest: dict[str, tuple[str, int]] = {}
    for record in records:
        seen = (record.observed_at, record.probe_version)
        newest[record.probe] = max(newest.get(record.probe, seen), seen)
    return {probe: version for probe, (_, version) in newest.items()}


def _one_sided(subject: str, old: Inputs | None, new: Inputs | None) -> list[Change]:
    before = {} if old is None else _values(made_again(old))
    after = {} if new is None else _values(made_again(new))
    return [
        Change(
            subject=subject,
            model=key[0],
            dimension=key[1],
            criterion=key[2],
            what=key[3],
            before=before.get(key, (None, ""))[0],
            after=after.get(key, (None, ""))[0],
            cause=Cause.SUBJECT,
            before_why=before.get(key, (None, ""))[1],
            why=after.get(key, (None, ""))[1],
        )
        for key in _in_order(before, after)
        if before.get(key, (None, ""))[0] != after.get(key, (None, ""))[0]
    ]


def values_of(assessment: Assessment) -> dict[_Key, str | None]:
    """Return every verdict and level of an assessment by model, dimension, criterion and what."""
    return {key: value for key, (value, _) in _values(assessment).items()}


def _values(assessment: Assessment) -> dict[_Key, _Told]:
    found: dict[_Key, _Told] = {}
    for model in assessment.models:
        for each in model.dimensions:
            # An incomplete model publishes no level.
            level = str(each.measured) if model.complete else None
            firm = str(each.firm) if model.complete and each.firm is not None else None
            found[model.model, each.id, "", "level"] = level, each.capped or ""
            found[model.model, each.id, "", "firm"] = firm, ""
            found[model.model, each.id, "", "confirmed"] = _confirmed(each.confirmed), ""
            for criterion in each.criteria:
                found[model.model, each.id, criterion.id, "verdict"] = _verdict(criterion)
    return found


def _verdict(criterion: CriterionResult) -> _Told:
    return criterion.verdict.value, criterion.reason


def _confirmed(level: int | None) -> str | None:
    return None if level is None else str(level)


def _in_order(first: Mapping[_Key, _Told], last: Mapping[_Key, _Told]) -> list[_Key]:
    """Return all keys in the second's order, then those that only the first has."""
    return [*last, *(key for key in first if key not in last)]


def _by_subject(given: Inputs | Iterable[Inputs]) -> dict[str, Inputs]:
    found: dict[str, Inputs] = {}
    for each in [given] if isinstance(given, Inputs) else given:
        if each.about.subject in found:
            raise BadValue(
                f"{each.about.subject!r} is assessed twice on one side.",
                place="diff",
                hint="Compare one assessment of each subject.",
            )
        found[each.about.subject] = each
    return found


def _named(inputs: Inputs) -> str:
    return f"{inputs.about.subject} at {inputs.about.as_of[:10]}"
