"""The figures about changes in the order in which a page shows them, each with what it means."""

from typing import Literal

import msgspec

from pawl.changes.metrics import Figures, Rate, Times

Better = Literal["high", "low", ""]


class RateLine(msgspec.Struct, frozen=True, kw_only=True):
    """A share: of what, and which way is better; `about` says what is counted."""

    id: str
    name: str
    about: str
    of: str
    rate: Rate
    better: Better


class TimesLine(msgspec.Struct, frozen=True, kw_only=True):
    """How long something takes; `about` says from when to when."""

    id: str
    name: str
    about: str
    times: Times


class FiguresView(msgspec.Struct, frozen=True, kw_only=True):
    """All figures of one window; `days` is how long it is."""

    figures: Figures
    days: int
    rates: tuple[RateLine, ...]
    times: tuple[TimesLine, ...]


def figures_view(figures: Figures, days: int) -> FiguresView:
    """Return the figures of a window in their order."""

    def line(id: str, name: str, of: str, rate: Rate, better: Better, about: str) -> RateLine:
        return RateLine(id=id, name=name, about=about, of=of, rate=rate, better=better)

    needing = "releases that need an approval"
    return FiguresView(
        figures=figures,
        days=days,
        rates=(
            line(
                "gate-coverage", "Quality gate coverage", "releases", figures.gate_coverage, "high",
                "Every enforced gate that applied had a conclusive verdict before the start.",
            ),
            line(
                "missing-approvals", "Missing approvals", needing, figures.missing_approvals, "low",
                "Went out without a valid approval: unmanaged releases and glass that nobody "
                "ratified among them.",
            ),
            line(
                "excepted-approvals", "Approvals excepted", needing, figures.excepted_approvals,
                "low", "Somebody who may set the approval aside beforehand.",
            ),
            line(
                "ratified-late", "Ratified late", needing, figures.ratified_late, "low",
                "Broken glass that was ratified after its time.",
            ),
            line(
                "policy-audit", "Policy audit passed", "controls assessed", figures.policy_audit,
                "high", "Enforced gates that were satisfied; an error or an exception is not.",
            ),
            line(
                "change-failures", "Change failure rate", "releases with a known outcome",
                figures.change_failures, "low", "Needed a rollback, a hotfix or an incident.",
            ),
            line(
                "exceptions-used", "Exceptions used", "exceptions given", figures.exceptions.used,
                "", "The rest still counts, was ended, or ran out unused.",
            ),
            line(
                "glass-ratified", "Broken glass ratified in time", "times glass was broken",
                figures.exceptions.ratified_in_time, "high",
                "Somebody accountable answered for it within its hours.",
            ),
        ),
        times=(
            TimesLine(
                id="rollback-time", name="Time to roll back", times=figures.rollback_time,
                about="From when it was first known to be needed until what stood before was read "
                "back.",
            ),
            TimesLine(
                id="lead-time", name="Lead time", times=figures.lead_time,
                about="From opening a change to the start of its rollout.",
            ),
            TimesLine(
                id="lead-time-to-live", name="Lead time to live", times=figures.lead_time_to_live,
                about="From opening a change until all of it was live.",
            ),
            TimesLine(
                id="commit-lead-time", name="Lead time from the first commit",
                times=figures.commit_lead_time,
                about="From the first commit to the start of the rollout, where git tells.",
            ),
        ),
    )  # fmt: skip
