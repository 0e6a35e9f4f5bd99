"""Figures about changes for people: a table for a terminal, a table for a host's summary.

Every share stands with what it is a share of and with its 95 % interval, every time with how many
have not ended; what nothing tells is a dash and never a zero.
"""

from collections.abc import Iterator

from pawl.base.durations import format_duration
from pawl.changes.metrics import Figures, Rate, Times, report_bytes
from pawl.render.table import aligned

_SHARES = (
    ("gate_coverage", "Quality gate coverage"),
    ("missing_approvals", "Missing approvals"),
    ("excepted_approvals", "Approvals set aside"),
    ("ratified_late", "Ratified late"),
    ("policy_audit", "Policy audit pass rate"),
    ("change_failures", "Change failure rate"),
)
_TIMES = (
    ("lead_time", "Opened to first stage"),
    ("lead_time_to_live", "Opened to live"),
    ("commit_lead_time", "First commit to live"),
    ("rollback_time", "Rolled back"),
)
_EXCEPTIONS = (
    ("used", "used"),
    ("expired", "ended unused"),
    ("ratified_in_time", "glass ratified in time"),
    ("ratified_late", "glass ratified late"),
    ("unratified", "glass nobody ratified"),
)


def figures_json(found: Figures) -> str:
    """Return a report as canonical JSON: the bytes that the same records give again."""
    return report_bytes(found).decode() + "\n"


def figures_text(found: Figures) -> str:
    """Return figures for a terminal."""
    shares = aligned(("share", "value", "of", "95 % interval"), list(_shares(found)), left=1)
    head = ("time", "median", "9 of 10 within", "mean of ended", "ended", "running")
    times = aligned(head, list(_times(found)), left=1)
    lines = [_head(found), "", shares, times, *_notes(found), _by(found)]
    return "\n".join(lines) + "\n"


def figures_markdown(found: Figures) -> str:
    """Return figures as Markdown."""
    lines = [
        "### Figures of changes",
        "",
        _head(found),
        "",
        "| share | value | of | 95 % interval |",
        "|---|--:|--:|--:|",
        *(f"| {' | '.join(row)} |" for row in _shares(found)),
        "",
        "| time | median | 9 of 10 within | mean of ended | ended | running |",
        "|---|--:|--:|--:|--:|--:|",
        *(f"| {' | '.join(row)} |" for row in _times(found)),
        "",
        *(f"- {note}" for note in _notes(found)),
        "",
        _by(found),
    ]
    return "\n".join(lines) + "\n"


def _head(found: Figures) -> str:
    around = f", {found.unmanaged} of them around everything" if found.unmanaged else ""
    return (
        f"{found.since[:16]}Z up to {found.until[:16]}Z: "
        f"{_counted(found.releases, 'release')}{around}."
    )


def _shares(found: Figures) -> Iterator[tuple[str, str, str, str]]:
    for name, title in _SHARES:
        yield title, *_share(getattr(found, name))


def _share(rate: Rate) -> tuple[str, str, str]:
    if rate.value is None or rate.low is None or rate.high is None:
        return "-", "0", "-"
    counts = f"{rate.numerator} of {rate.denominator}"
    return _percent(rate.value), counts, f"{_percent(rate.low)} to {_percent(rate.high)}"


def _times(found: Figures) -> Iterator[tuple[str, ...]]:
    for name, title in _TIMES:
        told: Times = getattr(found, name)
        spans = (told.median_s, told.p90_s, told.mean_s)
        lasted = ("-" if each is None else format_duration(each) for each in spans)
        yield title, *lasted, str(told.ended), str(told.running)


def _notes(found: Figures) -> Iterator[str]:
    if found.earlier_failures:
        count = _counted(found.earlier_failures, "release")
        yield f"{count} from before the window began to go back in it, in no share."
    if found.unknown_outcomes:
        yield f"Of {_counted(found.unknown_outcomes, 'release')} nobody knows the outcome yet."
    if found.unknown_first_commits:
        yield f"Of {_counted(found.unknown_first_commits, 'release')} no first commit is known."
    told = found.exceptions
    parts = [
        f"{rate.numerator} {words}"
        for name, words in _EXCEPTIONS
        if (rate := getattr(told, name)).numerator
    ]
    said = f": {', '.join(parts)}" if parts else ""
    yield f"{_counted(told.given, 'exception')} given{said}."


def _by(found: Figures) -> str:
    return f"Definitions {found.definitions.version} ({found.definitions.digest[:12]})."


def _counted(count: int, what: str) -> str:
    return f"1 {what}" if count == 1 else f"{count} {what}s"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
