"""The score's inputs from the figures of changes: what Pawl itself recorded, unmanaged ones too.

A figure of nothing tells nothing: the input is then left to the evidence records. While a rollback
still runs the mean of those that ended would flatter, so the median that counts what still runs
stands in; where even that was not reached, nothing is told.
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
"""For each input how it comes out of the figures; repeats of incidents are not among these."""
