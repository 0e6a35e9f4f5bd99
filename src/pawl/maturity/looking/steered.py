"""What the lint says about what a probe asks, or why that cannot be told."""

from collections.abc import Iterable, Sequence

from pawl.maturity.facts import Absent, Facts
from pawl.maturity.facts.steering import Finding, Steering
from pawl.maturity.probe import Answer, cannot_tell


def steering_of(facts: Facts, rules: Iterable[str] = ()) -> Steering | Answer:
    """Return what the survey of steering files came to, or that it cannot be told.

    Where one of these rules of the lint failed, its silence means nothing.
    """
    if isinstance(facts.tree, Absent):
        return cannot_tell(facts.tree)
    found = facts.tree.surveyed("steering", Steering)
    if found is None:
        return cannot_tell("The files that steer agents were not looked at by the lint.")
    failed = sorted(set(rules) & set(found.failed))
    if failed:
        return cannot_tell(f"The lint's rule {failed[0]} failed: {found.failed[failed[0]]}.")
    return found


def allowance(findings: Sequence[Finding]) -> str:
    """Return what is to be said of findings that somebody allows; empty for none.

    A waiver or a baseline says that a finding is known. It does not make it untrue.
    """
    waived = sum(each.state == "waived" for each in findings)
    known = sum(each.state == "known" for each in findings)
    told = [f"{waived} waived"] if waived else []
    told += [f"{known} in the baseline"] if known else []
    return f" ({' and '.join(told)}, which changes nothing)" if told else ""


def rules_of(findings: Iterable[Finding]) -> list[list[str | int | None]]:
    """Return what identifies findings, for a probe's inputs."""
    return [[each.rule, each.path, each.line, each.state] for each in findings]
