"""Numbers of judgement about investigations, each with its source."""

from functools import cache
from importlib.resources import files
from typing import Annotated, Literal

import msgspec

from pawl.base.errors import BadFile
from pawl.base.loading import load_yaml

_NOT_NUMBERS = {"schema", "version", "as_of", "sources"}
Share = Annotated[float, msgspec.Meta(gt=0, lt=1)]
Factor = Annotated[float, msgspec.Meta(gt=0, le=1000)]
Count = Annotated[int, msgspec.Meta(ge=1)]


class Nearness(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What it is worth that something happened so many minutes at most before the beginning."""

    minutes: float
    factor: Factor


class Factors(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """By how much each finding makes a hypothesis likelier (above 1) or less so (below 1)."""

    nearness: tuple[Nearness, ...]
    longer_ago: Factor
    after_it_began: Factor
    never_live: Factor
    same_component: Factor
    other_component: Factor
    names_the_file: Factor
    shares_words: Factor
    shares_no_word: Factor
    ended_when_undone: Factor
    went_on_when_undone: Factor
    said_before: Factor
    new_with_it: Factor
    inert: Factor
    switched_by_flag: Factor
    says_itself: Factor
    outside: Factor
    load_times: Factor
    load_class: Factor
    load_start: Factor
    load_of_its_own: Factor
    known_quirk: Factor


class Terms(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What counts as usual, as a swelling, as near, as likely, and how much is shown.

    Minutes, seconds and shares as the names say. `not_looked` is what the unexplained gains for
    each source that could not be looked at, `seen_nothing` the share of all
    explanations together where no symptom was seen.
    """

    schema: Literal["pawl.investigation-terms/1"]
    version: str
    as_of: str
    lookback_minutes: Count
    after_minutes: Count
    lead_share: Share
    lead_points: Count
    spreads: float
    relative: float
    run_points: Count
    burst_times: float
    burst_lines: Count
    lasting_s: float
    slack_s: float
    start_minutes: float
    unexplained: Factor
    not_looked: Factor
    seen_nothing: Share
    likely: Share
    possible: Share
    radius_share: Share
    cost_usd: float
    agent_usd: float
    agent_minutes: float
    agent_turns: Count
    shared_words_full: Count
    shown_hypotheses: Count
    shown_templates: Count
    shown_measures: Count
    factors: Factors
    sources: dict[str, str]


def load_terms(text: str, *, place: str) -> Terms:
    """Return terms from YAML; raises BadFile for a number without a source, or out of order."""
    terms = load_yaml(text, Terms, place=place)
    wanted = set(Terms.__struct_fields__) - _NOT_NUMBERS
    if wanted != set(terms.sources):
        raise BadFile(
            f"sources and numbers do not match: {', '.join(sorted(wanted ^ set(terms.sources)))}.",
            place=f"{place}: sources",
            hint="Say of each number where it is from.",
        )
    near = terms.factors.nearness
    if [each.minutes for each in near] != sorted({each.minutes for each in near}):
        raise BadFile("nearness is not in order of minutes.", place=f"{place}: factors")
    if not terms.possible < terms.likely:
        raise BadFile("possible is not below likely.", place=f"{place}: possible")
    return terms


@cache
def shipped_terms() -> Terms:
    """Return the terms that come with Pawl."""
    text = files("pawl.investigation").joinpath("terms.yaml").read_text(encoding="utf-8")
    return load_terms(text, place="terms.yaml")
