"""A decision as a tree of plain lines: why a change may ship, or what is in its way."""

from collections.abc import Iterator

from pawl.changes.gate import Decision, GateResult, Requirement, blocks
from pawl.changes.gate_file import Mode

MARKS = {
    Requirement.SATISFIED: "yes",
    Requirement.UNSATISFIED: "NO",
    Requirement.OVERRIDDEN: "excepted",
    Requirement.BYPASSED: "bypassed",
    Requirement.ERROR: "ERROR",
    Requirement.NOT_APPLICABLE: "-",
}


def explained(decision: Decision) -> tuple[tuple[int, str], ...]:
    """Return the lines of a decision with their depth, what stands in the way first.

    Texts are as somebody wrote them: whoever shows them escapes them for where they are shown.
    """
    return tuple(_lines(decision))


def _lines(decision: Decision) -> Iterator[tuple[int, str]]:
    word = "may" if decision.allowed else "may not"
    step = "start" if decision.moment == "start" else "be approved"
    yield 0, f"{decision.change} {word} {step}: {decision.verdict}"
    if decision.settled:
        yield 1, decision.settled.why
    risk = decision.risk
    yield 1, f"risk {risk.risk}: declared {risk.declared}, computed {risk.computed}"
    for hit in risk.hits:
        yield 2, f"{hit.rule} ({hit.risk}): {hit.why}"
    first = {each.gate for each in decision.against}
    rest = [each for each in decision.gates if each.gate not in first]
    for gate in (*decision.against, *rest):
        yield from _gate(gate)
    for answer in decision.answers:
        if not answer.counts:
            yield 1, f"{answer.approval} of {answer.person or 'nobody known'} does not count"
            yield 2, answer.reason


def _gate(result: GateResult) -> Iterator[tuple[int, str]]:
    dry = " (dry run)" if result.mode is Mode.DRY_RUN else ""
    yield 1, f"{MARKS[result.requirement]} {result.gate}{dry}: {result.reason}"
    if result.cites:
        yield 2, f"on {', '.join(result.cites)}"
    for each in result.set_aside:
        yield 2, f"not counted: {each.evidence}: {each.reason}"
    for standing in result.exceptions:
        yield 2, f"exception {standing.exception}: {standing.status}: {standing.reason}"
    if blocks(result) and result.hint:
        yield 2, result.hint
    if blocks(result) and result.asks:
        yield 2, f"ask {' or '.join(result.asks)}"
