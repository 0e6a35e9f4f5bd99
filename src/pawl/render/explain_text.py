"""An explanation for a terminal: a tree from the dimension down to the places to look at."""

from collections.abc import Iterator

import msgspec

from pawl.base.finding import Outcome
from pawl.maturity.evidence import Share, Value
from pawl.maturity.explain import (
    CriterionNode,
    DimensionNode,
    EvidenceNode,
    Explanation,
    LevelNode,
    NeedNode,
)
from pawl.maturity.verdict import ThresholdResult
from pawl.render.escaping import plain, wrapped

MAX_PLACES = 5
"""Places shown for one record; a count tells of the rest."""


def explain_json(explanation: Explanation) -> bytes:
    """Return the tree as JSON: `pawl.explain/1`."""
    return msgspec.json.encode(explanation)


def explain_text(explanation: Explanation) -> str:
    """Return the tree as plain text of about 100 columns; control characters become `?`."""
    lines = [f"{explanation.subject}, {explanation.as_of[:10]}: {explanation.asked}"]
    for dimension in explanation.dimensions:
        lines += ["", *_dimension(dimension)]
    return "".join(f"{plain(line)}\n" for line in lines)


def _dimension(node: DimensionNode) -> Iterator[str]:
    level = f"L{node.measured}" if node.complete else "no level: the assessment is incomplete"
    firm = f", firm L{node.firm}" if node.firm not in (None, node.measured) else ""
    yield f"{node.model} {node.version}, {node.name}: {level}{firm}{_confirmed(node)}"
    if node.capped:
        yield from wrapped(f"capped: {node.capped}", 2)
    for each in node.levels:
        yield from _level(each)


def _confirmed(node: DimensionNode) -> str:
    if node.confirmed is None:
        return ", never confirmed"
    word = "ended" if node.confirmed_lapsed else "until"
    return f", confirmed L{node.confirmed} {word} {(node.confirmed_until or '')[:10]}"


def _level(node: LevelNode) -> Iterator[str]:
    if node.stands is None:
        yield f"  {node.id} {node.name}: nothing is asked here, so it is passed through"
        return
    counts = ", ".join(f"{count} {verdict}" for verdict, count in node.counts.items())
    yield f"  {node.id} {node.name}: {'holds' if node.stands else 'does not hold'} ({counts})"
    for each in node.criteria:
        yield from _criterion(each)


def _criterion(node: CriterionNode) -> Iterator[str]:
    result = node.result
    mark = ", provisional" if result.provisional else ""
    yield from wrapped(f"{result.verdict.value}{mark}  {result.id}  {result.statement}", 4, 6)
    yield from wrapped(result.reason, 6)
    asks = [f"assurance {node.min_assurance}"]
    if node.min_kinds > 1:
        asks.append(f"{node.min_kinds} independent kinds of source")
    if node.hold_for:
        since = f", seen to hold since {result.held_since[:10]}" if result.held_since else ""
        asks.append(f"to hold for {node.hold_for}{since}")
    yield from wrapped(f"asks for: {'; '.join(asks)}; risk {node.risk} of 5; {result.origin}", 6)
    for descriptor in node.descriptors:
        yield from wrapped(f'source: "{descriptor.text}"', 6, 8)
    if result.exemption:
        yield f"      exempt by {result.exemption} until {(result.exemption_ends or '')[:10]}"
    for hit in node.hits:
        yield from wrapped(f"{hit.detector} ({hit.action}): {hit.indicator}", 6, 8)
        yield from wrapped(f"It may be honest: {hit.innocent} {hit.remedy}", 8)
    for need in node.needs:
        yield from _need(need)


def _need(node: NeedNode) -> Iterator[str]:
    result = node.result
    depth = f"{result.depth.value} of {result.wanted_depth.value}" if result.depth else "none"
    sure = f", assurance {result.assurance.value}" if result.assurance else ""
    needless = ", redundant" if result.redundant else ""
    yield f"      - {result.name}: {result.verdict.value}, probe {result.probe}, depth {depth}" + (
        f"{sure}{needless}"
    )
    for threshold in result.thresholds:
        yield from wrapped(_threshold(threshold), 10)
    if result.valid_to:
        yield f"          fresh until {result.valid_to[:10]}"
    decided = next((each.record.outcome for each in node.evidence if each.cited), None)
    alike = 0
    for each in node.evidence:
        if each.cited or each.record.outcome is not decided:
            yield from _evidence(each)
        else:
            alike += 1
    if alike:
        yield f"          {alike} more of these records say the same"
    if node.more_records:
        yield f"          and {node.more_records} older records; see --json"


def _threshold(threshold: ThresholdResult) -> str:
    words = {True: "holds", False: "does not hold", None: "cannot be told"}
    sample = "" if threshold.low is None else f" ({threshold.low:.2f} to {threshold.high:.2f})"
    found = "not known" if threshold.found is None else shown_value(threshold.found)
    return f"{threshold.name} is {found}{sample}, {threshold.wanted}: {words[threshold.holds]}"


def _evidence(node: EvidenceNode) -> Iterator[str]:
    record = node.record
    kinds = "+".join(record.kinds)
    first = "decides" if node.cited else "also seen"
    # How deep and how vouched only means something of an answer.
    blank = record.outcome in (Outcome.CANNOT_TELL, Outcome.ERROR)
    proof = "" if blank else f"{record.depth.value}, {record.assurance.value}, "
    yield (
        f"          {first}: {record.id[:12]} {record.outcome.value}, {record.collector}, {kinds}, "
        f"{proof}{node.age_days:.0f} days old"
    )
    if not node.cited:
        return
    yield from wrapped(record.reason, 12)
    if node.ledger_entry is not None:
        yield f"            bound by ledger entry {node.ledger_entry}"
    if record.claimed_at:
        yield f"            the source says {record.claimed_at[:10]}"
    if record.inputs:
        yield f"            looked at {record.inputs[:12]}"
    for place in record.places[:MAX_PLACES]:
        yield f"            {place}"
    if len(record.places) > MAX_PLACES:
        yield f"            and {len(record.places) - MAX_PLACES} more places"


def shown_value(value: Value) -> str:
    """Return one value for people: a share with its parts."""
    if isinstance(value, Share):
        kind = "" if value.census else " looked at"
        return f"{value.hits} of {value.of}{kind}"
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
