"""The score's inputs from the figures of changes and of incidents: what Pawl itself recorded.

A figure of nothing tells nothing: the input is then left to the evidence records. While a rollback
still runs the mean of those that ended would flatter, so the median that counts what still runs
stands in; where even that was not reached, nothing is told. Nor is a rate of repeats told while
too many incidents look like an earlier one and nobody has said whether they are: it would be low
because nobody looked.
"""

from collections.abc import Callable

from pawl.base.canonical import sha256_hex
from pawl.changes.metrics import Figures, Rate, report_bytes
from pawl.maturity.score import Told


def from_figures(found: Figures) -> dict[str, Told]:
    """Return the inputs that figures tell; each names the report that it is from by its digest."""
    report = f"figures:{sha256_hex(report_bytes(found))}"
    inputs = {}
    for name, compute in _INPUTS.items():
        told = compute(found)
        if told is not None:
            value, reason = told
            inputs[name] = Told(
                input=name, standing="evidence", value=value, reason=reason, evidence=(report,)
            )
    return inputs


UNANSWERED_SHARE = 0.1
"""Share of incidents that may look like an earlier one without anybody having said whether they
are; the same as may lack a root cause where the rate comes from an export."""


def from_incidents(repeats: Rate, unanswered: int, report: str) -> dict[str, Told]:
    """Return the repeat rate of incidents, if it can be told; `report` is the figures' digest.

    `unanswered` counts incidents that look like an earlier one and of which nobody has said so.
    """
    told = _share(repeats, "incidents were confirmed to repeat an earlier one")
    if told is None or unanswered > UNANSWERED_SHARE * repeats.denominator:
        return {}
    name = "incident-repeat-rate"
    evidence = (f"incident-figures:{report}",)
    return {
        name: Told(
            input=name, standing="evidence", value=told[0], reason=told[1], evidence=evidence
        )
    }


def _coverage(found: Figures) -> tuple[float, str] | None:
    around = f", {found.unmanaged} around everything" if found.unmanaged else ""
    return _share(found.gate_coverage, f"releases passed every gate that applied{around}")


def _policy(found: Figures) -> tuple[float, str] | None:
    return _share(found.policy_audit, "gates that applied to releases were satisfied")


def _share(rate: Rate, words: str) -> tuple[float, str] | None:
    if rate.value is None:
        return None
    return rate.value, f"{rate.numerator} of {rate.denominator} {words}."


def _rollback(found: Figures) -> tuple[float, str] | None:
    told = found.rollback_time
    seconds = told.median_s if told.running else told.mean_s
    if seconds is None:
        return None
    what = "median, what still runs included" if told.running else "mean"
    minutes = seconds / 60
    count = told.ended + told.running
    return minutes, f"{count} rollbacks took {minutes:.3g} minutes ({what})."


_INPUTS: dict[str, Callable[[Figures], tuple[float, str] | None]] = {
    "quality-gate-coverage": _coverage,
    "rollback-mttr-min": _rollback,
    "policy-audit-pass-rate": _policy,
}
"""For each input how it comes out of the figures of changes."""
