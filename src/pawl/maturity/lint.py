"""Check a maturity model against itself and against the probes that exist.

Loading makes sure that a model has the right shape; this makes sure that it can be met, that each
level asks for evidence as deep as it claims, and that nothing of its source got lost. An overlay is
checked through the model that it gives.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise

from pawl.base.durations import parse_duration
from pawl.base.errors import BadFile, BadValue
from pawl.base.finding import Confidence, Finding, Outcome, Place, Severity
from pawl.maturity.crosswalk import Crosswalk
from pawl.maturity.evidence import Depth, Kind
from pawl.maturity.model import Cell, Criterion, Descriptor, Model, Need, Threshold
from pawl.maturity.shape import Shape, ValueType
from pawl.maturity.stricter import possible

OUTCOME_PAIRS: dict[str, str] = {
    "coverage-escaped-defects": "More covered lines, and not more defects that escape.",
    "deploys-failures": "More deployments, and not a larger share that fails.",
    "mttr-reopened": "Quicker repair, and not more incidents opened again.",
    "alerts-user-reports": "Fewer alerts, and not a larger share that users report first.",
    "cost-eval-pass": "Cheaper runs, and not fewer evals passed.",
    "agent-share-reverts": "More changes by agents, and not more of them reverted.",
    "review-time-comments": "Quicker reviews, and not fewer comments for the size of a change.",
}
"""What a figure may be gamed at the cost of: criteria name the pair that guards them."""

CONTEXT_ONLY = frozenset({"postmortems-are-blameless", "signals-are-heard"})
"""Probes of culture that are shown as a note. A level that hung on them would spoil them."""

ATTESTED_UP_TO = 2
"""The highest level that a person's word alone may carry."""

_WORD = r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*"


Said = Iterator[tuple[str, str]]
"""Rows by name, and what is wrong with each."""

Rule = Callable[[Model, Mapping[str, Shape]], Said]


def lint_model(model: Model, known: Mapping[str, Shape], *, place: str = "") -> list[Finding]:
    """Return everything wrong with a model, rule by rule; an empty list is a sound one.

    The evidence of a finding is the row it is about.
    """
    return [
        _finding(rule, row, message, place or model.id)
        for rule, look in RULES.items()
        for row, message in look(model, known)
    ]


def refuse_unsound(model: Model, *, place: str) -> None:
    """Raise BadFile for what nothing could judge by, whatever probes there are."""
    for rule in STRUCTURE:
        for row, message in RULES[rule](model, {}):
            raise BadFile(f"{row}: {message}.", place=place, hint="Mend the row named.")


def lint_crosswalk(crosswalk: Crosswalk, models: Mapping[str, Model]) -> list[Finding]:
    """Return everything wrong with a crosswalk: levels that do not exist, or of one model."""
    levels = {level.id: model.id for model in models.values() for level in model.levels}
    said: list[tuple[str, str]] = []
    for touch in crosswalk.touches:
        unknown = [each for each in touch.between if each not in levels]
        said.extend((each, "no model has this level") for each in unknown)
        if not unknown and len({levels[each] for each in touch.between}) == 1:
            said.append((" and ".join(touch.between), "both levels are of one model"))
    for each in crosswalk.disagreements:
        said.extend((name, "no model has this id") for name in each.says.keys() - models.keys())
    return [_finding("bad-crosswalk", row, message, "crosswalk") for row, message in said]


def _finding(rule: str, row: str, message: str, place: str) -> Finding:
    return Finding(
        id=rule,
        outcome=Outcome.FAIL,
        severity=Severity.HIGH,
        confidence=Confidence.HIGH,
        message=f"{row}: {message}.",
        place=Place(place),
        evidence=(row,),
    )


def _needs(model: Model) -> Iterator[tuple[Criterion, str, Need, bool]]:
    """Yield each need with its row's name and whether it proves; `applies_when` does not."""
    for each in model.criteria:
        for name, need in each.needs.items():
            yield each, f"{each.id}.needs.{name}", need, True
        if each.applies_when is not None:
            yield each, f"{each.id}.applies_when", each.applies_when, False


def _min_depth(model: Model, ordinal: int) -> Depth:
    """Return a level's depth; a level that does not exist is another rule's finding."""
    found = [level.min_depth for level in model.levels if level.ordinal == ordinal]
    return found[0] if found else Depth.EXISTS


def _unknown_probe(model: Model, known: Mapping[str, Shape]) -> Said:
    for _, row, need, _ in _needs(model):
        if need.probe not in known:
            yield row, f"no probe is called {need.probe!r}"


def _context_only(model: Model, known: Mapping[str, Shape]) -> Said:
    for _, row, need, _ in _needs(model):
        if need.probe in CONTEXT_ONLY:
            yield row, f"{need.probe} is a note on culture and never a criterion"


def _undeclared_value(model: Model, known: Mapping[str, Shape]) -> Said:
    for _, row, need, _ in _needs(model):
        if need.probe in known:
            for name in need.where.keys() - known[need.probe].values.keys():
                yield f"{row}.where.{name}", f"{need.probe} has no value of this name"


def _unfit_threshold(model: Model, known: Mapping[str, Shape]) -> Said:
    for _, row, need, _ in _needs(model):
        values = known[need.probe].values if need.probe in known else {}
        for name, threshold in need.where.items():
            why = _unfit(threshold, values.get(name))
            if why:
                yield f"{row}.where.{name}", why


def _unfit(threshold: Threshold, kind: ValueType | None) -> str:
    bounds = [each for each in (threshold.at_least, threshold.at_most) if each is not None]
    equals = threshold.equals
    if not bounds and equals is None:
        return "it bounds nothing"
    if not possible(threshold):
        return "nothing can hold it"
    if kind == "share" and (equals is not None or not all(0 <= each <= 1 for each in bounds)):
        return "a share is bounded by at_least and at_most from 0 to 1"
    if kind == "number" and isinstance(equals, bool | str):
        return "a number equals a number"
    if kind in ("flag", "text") and bounds:
        return f"a {kind} has no order: write equals"
    if (kind == "flag" and not isinstance(equals, bool)) or (
        kind == "text" and not isinstance(equals, str)
    ):
        return f"a {kind} does not equal {equals!r}"
    return ""


def _duplicate_id(model: Model, known: Mapping[str, Shape]) -> Said:
    kinds: tuple[tuple[str, list[str]], ...] = (
        ("dimension", [each.id for each in model.dimensions]),
        ("level", [each.id for each in model.levels]),
        ("descriptor", [each.id for each in model.descriptors]),
        ("criterion", [each.id for each in model.criteria]),
        ("criterion", [old for each in model.criteria for old in {*each.replaces, each.id}]),
    )
    found = {
        (row, f"the {what}'s id is taken")
        for what, ids in kinds
        for row, times in Counter(ids).items()
        if times > 1
    }
    yield from sorted(found)


def _ill_named_id(model: Model, known: Mapping[str, Shape]) -> Said:
    own = re.escape(model.id)
    for level in model.levels:
        if not re.fullmatch(rf"{own}\.[LS]{level.ordinal}", level.id):
            yield level.id, f"a level is called {model.id}.L{level.ordinal}"
    for each in model.criteria:
        start = f"{model.id}.{each.dimension}.L{each.level}."
        if not re.fullmatch(re.escape(start) + _WORD, each.id):
            yield each.id, f"a criterion is called {start}<word>"
    for descriptor in model.descriptors:
        if not re.fullmatch(rf"{own}\.[A-Z]\d+\.{_WORD}", descriptor.id):
            yield descriptor.id, f"a descriptor is called {model.id}.L{descriptor.level}.<word>"


def _dangling_reference(model: Model, known: Mapping[str, Shape]) -> Said:
    ordinals = {each.ordinal for each in model.levels}
    dimensions = {each.id for each in model.dimensions}
    rows = [(each.id, each.level, each.dimension) for each in model.criteria]
    rows += [(each.id, each.level, each.dimension) for each in model.descriptors]
    rows += [(_cell(*_key(each)), each.level, each.dimension) for each in model.empty_cells]
    for row, level, dimension in rows:
        if level not in ordinals:
            yield row, f"the model has no level {level}"
        if dimension not in dimensions:
            yield row, f"the model has no dimension {dimension!r}"
    if model.baseline is not None and model.baseline not in ordinals:
        yield "baseline", f"the model has no level {model.baseline}"


def _level_order(model: Model, known: Mapping[str, Shape]) -> Said:
    for number, level in enumerate(model.levels, start=1):
        if level.ordinal != number:
            yield level.id, "levels are written in order, from 1, without a gap"
        if level.entry and number > 1:
            yield level.id, "only the first level can be the entry"
    for lower, upper in pairwise(model.levels):
        if upper.min_depth < lower.min_depth:
            yield upper.id, f"it asks for shallower evidence than {lower.id}"


def _empty_cell(model: Model, known: Mapping[str, Shape]) -> Said:
    declared = {_key(each): each.treatment for each in model.empty_cells}
    stated = {_key(each) for each in model.descriptors if each.origin == "seed"}
    for level in model.levels:
        for dimension in model.dimensions:
            key = (dimension.id, level.ordinal)
            row, criteria = _cell(*key), model.cell(*key)
            if level.entry and criteria:
                yield row, "the entry level asks for nothing, and has criteria"
            if not level.entry and not criteria and declared.get(key) != "unrated":
                yield row, "no criterion, and not declared unrated in empty_cells"
            if criteria and declared.get(key) == "unrated":
                yield row, "declared unrated, and has criteria"
            if key in declared and key in stated:
                yield row, "declared empty, and the source has words for it"
            if model.descriptors and level.origin == "seed" and key not in {*declared, *stated}:
                yield row, "the source has no words for it: declare it in empty_cells"
            for each in criteria:
                if key in declared and each.origin == "seed":
                    yield each.id, "the source says nothing of this cell: its origin is authored"


def _attested_only(model: Model, known: Mapping[str, Shape]) -> Said:
    for each in model.criteria:
        kinds = {kind for need in each.needs.values() for kind in _kinds(need, known)}
        if each.level > ATTESTED_UP_TO and kinds == {Kind.ATTESTATION}:
            yield each.id, f"a person's word alone carries no level above {ATTESTED_UP_TO}"


def _unreachable(model: Model, known: Mapping[str, Shape]) -> Said:
    for each in model.criteria:
        if not each.needs:
            yield each.id, "it needs nothing: everybody meets it"
            continue
        kinds = {kind for need in each.needs.values() for kind in _kinds(need, known)}
        if all(need.probe in known for need in each.needs.values()) and each.min_kinds > len(kinds):
            yield each.id, f"its probes have {len(kinds)} kinds of source, not {each.min_kinds}"
    for each, row, need, proves in _needs(model):
        wanted = need.depth or (_min_depth(model, each.level) if proves else Depth.EXISTS)
        if need.probe in known and wanted > known[need.probe].depth:
            reach = known[need.probe].depth.value
            yield row, f"{need.probe} reaches {reach}, and {wanted.value} is asked for"


def _self_excusing(model: Model, known: Mapping[str, Shape]) -> Said:
    for each in model.criteria:
        probes = {need.probe for need in each.needs.values()}
        if each.applies_when is not None and each.applies_when.probe in probes:
            yield each.id, f"a no of {each.applies_when.probe} would excuse from it: ask another"


def _shallow_need(model: Model, known: Mapping[str, Shape]) -> Said:
    for each, row, need, proves in _needs(model):
        floor = _min_depth(model, each.level)
        if proves and need.depth is not None and need.depth < floor and not need.because.strip():
            yield row, f"{need.depth.value} is below the level's {floor.value}: say `because`"


def _shallow_cell(model: Model, known: Mapping[str, Shape]) -> Said:
    for level in model.levels:
        for dimension in model.dimensions:
            needs = [
                need
                for each in model.cell(dimension.id, level.ordinal)
                if not each.added
                for need in each.needs.values()
            ]
            if needs and all(
                need.depth is not None and need.depth < level.min_depth for need in needs
            ):
                row = _cell(dimension.id, level.ordinal)
                yield row, f"no need reaches the level's {level.min_depth.value}"


def _unproved_descriptor(model: Model, known: Mapping[str, Shape]) -> Said:
    levels = {each.id: each.level for each in model.descriptors}
    proved: set[str] = set()
    for each in model.criteria:
        proved.update(each.descriptors)
        for name in each.descriptors:
            if name not in levels:
                yield each.id, f"the model has no descriptor {name!r}"
            elif levels[name] != each.level:
                yield each.id, f"{name} is of level {levels[name]}"
    for descriptor in model.descriptors:
        if descriptor.id not in proved and not descriptor.carried_by.strip():
            yield descriptor.id, "no criterion proves it, and carried_by does not say why"
        if descriptor.id in proved and descriptor.carried_by.strip():
            yield descriptor.id, "a criterion proves it, and carried_by says that none does"


def _bad_duration(model: Model, known: Mapping[str, Shape]) -> Said:
    rows: list[tuple[str, str | None]] = [("validity", model.validity)]
    for level in model.levels:
        rows += [(f"{level.id}.fresh_for", level.fresh_for), (f"{level.id}.recheck", level.recheck)]
    for each in model.criteria:
        rows += [(f"{each.id}.hold_for", each.hold_for), (f"{each.id}.max_gap", each.max_gap)]
    rows += [(f"{row}.fresh_for", need.fresh_for) for _, row, need, _ in _needs(model)]
    for row, text in rows:
        try:
            if text is not None:
                parse_duration(text)
        except BadValue:
            yield row, f"{text!r} is not a duration"


def _unknown_pair(model: Model, known: Mapping[str, Shape]) -> Said:
    for each in model.criteria:
        for pair in each.pairs:
            if pair not in OUTCOME_PAIRS:
                yield each.id, f"no outcome pair is called {pair!r}"


def _unusable_row(model: Model, known: Mapping[str, Shape]) -> Said:
    for each in model.criteria:
        if not each.indicator.strip():
            yield each.id, "it names no indicator"
        if not 1 <= each.risk <= 5:
            yield each.id, f"risk goes from 1 to 5, not {each.risk}"
        if each.min_kinds < 1:
            yield each.id, "min_kinds is at least 1"
    if not 0 < model.met_share <= 1:
        yield "met_share", "it is above 0 and at most 1"
    if model.max_step is not None and model.max_step < 1:
        yield "max_step", "it is at least 1, or null"


def _kinds(need: Need, known: Mapping[str, Shape]) -> tuple[Kind, ...]:
    return known[need.probe].kinds if need.probe in known else ()


def _key(row: Cell | Descriptor) -> tuple[str, int]:
    return row.dimension, row.level


def _cell(dimension: str, ordinal: int) -> str:
    return f"level {ordinal} of {dimension}"


RULES: dict[str, Rule] = {
    "unknown-probe": _unknown_probe,
    "context-only": _context_only,
    "undeclared-value": _undeclared_value,
    "unfit-threshold": _unfit_threshold,
    "duplicate-id": _duplicate_id,
    "ill-named-id": _ill_named_id,
    "dangling-reference": _dangling_reference,
    "level-order": _level_order,
    "empty-cell": _empty_cell,
    "attested-only": _attested_only,
    "unreachable": _unreachable,
    "self-excusing": _self_excusing,
    "shallow-need": _shallow_need,
    "shallow-cell": _shallow_cell,
    "unproved-descriptor": _unproved_descriptor,
    "bad-duration": _bad_duration,
    "unknown-pair": _unknown_pair,
    "unusable-row": _unusable_row,
}
"""Every rule by its id."""

STRUCTURE = ("duplicate-id", "dangling-reference", "level-order", "bad-duration", "unusable-row")
"""Rules that every model keeps already when it is loaded."""
