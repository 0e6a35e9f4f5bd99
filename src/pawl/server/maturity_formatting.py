"""Ages, efforts, measured values and places as the maturity pages show them."""

import re
from collections.abc import Callable
from urllib.parse import quote

from pawl.base.finding import Place
from pawl.maturity.evidence import Share, Value
from pawl.maturity.verdict import Assessment
from pawl.server.formatting import UNKNOWN

HOSTS = {"github.com": "blob", "gitlab.com": "-/blob"}
"""Code hosts whose addresses of a file are known, with the word in them."""
_SUBJECT = re.compile(r"repo:([a-z0-9.-]+)/([\w.-]+(?:/[\w.-]+)+)")


def days(value: float | None) -> str:
    """Return an age in days; below half a day it is today."""
    if value is None:
        return UNKNOWN
    return "today" if abs(value) < 0.5 else f"{value:,.0f} d"


def effort(value: float | None) -> str:
    """Return person-days, with a half where there is one."""
    if value is None:
        return UNKNOWN
    number = f"{value:.1f}".removesuffix(".0")
    return f"{number} person-day" if number == "1" else f"{number} person-days"


def told(value: Value | None) -> str:
    """Return one value of a probe: a share as `hits of all`, truth as yes or no."""
    if value is None:
        return UNKNOWN
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Share):
        return f"{value.hits:,} of {value.of:,}{'' if value.census else ' sampled'}"
    return (
        f"{value:,.6g}"
        if isinstance(value, float)
        else f"{value:,}"
        if isinstance(value, int)
        else value
    )


def subject_name(subject: str) -> str:
    """Return a subject for people: without the word for its kind."""
    return subject.removeprefix("repo:")


def place_url(place: Place, assessment: Assessment) -> str | None:
    """Return where a code host shows a place as it was assessed, or None where none is known."""
    found = _SUBJECT.fullmatch(assessment.subject)
    if found is None or assessment.commit is None or found[1] not in HOSTS:
        return None
    line = "" if place.line is None else f"#L{place.line}"
    commit = quote(assessment.commit, safe="")
    return f"https://{found[1]}/{found[2]}/{HOSTS[found[1]]}/{commit}/{quote(place.path)}{line}"


def signed(value: int) -> str:
    """Return a change of level with its direction as a shape."""
    return f"▲ {value}" if value > 0 else f"▼ {-value}" if value < 0 else "="


FILTERS: dict[str, Callable[..., object]] = {
    "days": days,
    "effort": effort,
    "told": told,
    "subject_name": subject_name,
    "place_url": place_url,
    "signed": signed,
}
