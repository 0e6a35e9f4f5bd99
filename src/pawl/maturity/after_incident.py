"""After which incidents an assessment is opened, and what it looks at."""

from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec

from pawl.base.errors import BadFile
from pawl.base.loading import load_yaml
from pawl.governance.priority import Domain


class AfterIncident(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The rule: up to which severity, 1 being the worst, and which dimensions by domain."""

    schema: Literal["pawl.after-incident/1"]
    version: str
    as_of: str
    severity_max: int
    model: str
    dimensions: dict[Domain, tuple[str, ...]]
    catch_up_days: float
    sources: dict[str, str]


def load_after_incident(text: str, *, place: str) -> AfterIncident:
    """Return the rule from YAML; raises BadFile for one that leaves a domain or a source out."""
    rule = load_yaml(text, AfterIncident, place=place)
    missing = [each.value for each in Domain if not rule.dimensions.get(each)]
    missing += [
        each
        for each in ("severity_max", "model", "dimensions", "catch_up_days")
        if not rule.sources.get(each, "").strip()
    ]
    if missing:
        raise BadFile(f"{missing[0]} is not said, or has no source.", place=place)
    return rule


@cache
def shipped_rule() -> AfterIncident:
    """Return the rule that comes with Pawl."""
    text = files("pawl.maturity").joinpath("after_incident.yaml").read_text(encoding="utf-8")
    return load_after_incident(text, place="after_incident.yaml")
