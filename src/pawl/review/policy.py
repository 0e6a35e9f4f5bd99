"""The numbers of judgement of a review, as a frozen value read from `thresholds.yaml`."""

from functools import cache
from importlib.resources import files
from typing import Annotated, Literal

import msgspec

from pawl.base.durations import parse_duration
from pawl.base.errors import BadFile, Refused
from pawl.base.loading import load_yaml
from pawl.base.money import parse_usd
from pawl.review.finding import Category, Share

_Count = Annotated[int, msgspec.Meta(ge=1)]


class Bounds(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A category's threshold, and how far what people decide may move it."""

    threshold: Share
    floor: Share
    ceiling: Share


class FeedbackNumbers(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How decisions move a threshold; see `pawl.review.feedback`."""

    least: _Count
    dismissed: Share
    slope: Share


class BudgetNumbers(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a review may cost and take where nobody says otherwise."""

    max_usd: str
    max_turns: _Count
    timeout: str
    least_usd: str
    least_time: str
    retries: Annotated[int, msgspec.Meta(ge=0, le=20)]

    @property
    def usd_micros(self) -> int:
        """The dollars of a whole review."""
        return parse_usd(self.max_usd, place="budget.max_usd")

    @property
    def seconds(self) -> float:
        """The time of a whole review."""
        return parse_duration(self.timeout, place="budget.timeout")

    @property
    def least_micros(self) -> int:
        """The dollars below which no part is begun."""
        return parse_usd(self.least_usd, place="budget.least_usd")

    @property
    def least_seconds(self) -> float:
        """The time below which no part is begun."""
        return parse_duration(self.least_time, place="budget.least_time")


class SizeNumbers(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a change is cut into parts."""

    part_characters: Annotated[int, msgspec.Meta(ge=1_000, le=1_000_000)]
    max_parts: Annotated[int, msgspec.Meta(ge=1, le=1_000)]
    max_findings: Annotated[int, msgspec.Meta(ge=1, le=500)]


class Reading(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How an agent is held to reading."""

    tools: tuple[str, ...]
    arguments: tuple[str, ...]
    refused: tuple[str, ...]


class ReviewPolicy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All numbers of a review, each with its source."""

    schema: Literal["pawl.review-policy/1"]
    version: str
    as_of: str
    categories: dict[Category, Bounds]
    feedback: FeedbackNumbers
    budget: BudgetNumbers
    size: SizeNumbers
    skip: tuple[str, ...]
    vague: tuple[str, ...]
    agents: dict[str, Reading]
    sources: dict[str, str]


def load_policy(text: str, *, place: str) -> ReviewPolicy:
    """Return a policy from YAML; raises BadFile for a category or source that is missing."""
    policy = load_yaml(text, ReviewPolicy, place=place)
    missing = [each.value for each in Category if each not in policy.categories]
    if missing:
        raise BadFile(f"no threshold for {', '.join(missing)}.", place=f"{place}: categories")
    for name, bounds in policy.categories.items():
        if not bounds.floor <= bounds.threshold <= bounds.ceiling:
            raise BadFile(
                f"{name.value} is not between its floor and its ceiling.",
                place=f"{place}: categories",
            )
    judged = set(ReviewPolicy.__struct_fields__) - {"schema", "version", "as_of", "sources"}
    if set(policy.sources) != judged:
        raise BadFile(
            f"sources and numbers do not match: {', '.join(sorted(judged ^ set(policy.sources)))}.",
            place=f"{place}: sources",
        )
    return policy


@cache
def shipped_policy() -> ReviewPolicy:
    """Return the policy that comes with Pawl."""
    text = files("pawl.review").joinpath("thresholds.yaml").read_text(encoding="utf-8")
    return load_policy(text, place="thresholds.yaml")


def held_to_reading(
    policy: ReviewPolicy, product: str, command: tuple[str, ...], *, named: bool
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return a command that only reads, and the tools it may use.

    Raises Refused for an agent that cannot be held to reading, unless somebody `named` it: then
    the command is as it was given, and answers for itself.
    """
    reading = policy.agents.get(product)
    if reading is None:
        if named:
            return command, ()
        raise Refused(
            f"Pawl cannot hold {command[0]!r} to reading.",
            place="CMD",
            hint="Use Claude Code or Codex, or answer for it yourself: name it with --agent.",
        )
    for word in command[1:]:
        if word.partition("=")[0] in reading.refused:
            raise Refused(
                f"{word} lets the reviewer do more than read.",
                place=word,
                hint="Leave it out: Pawl says itself what a reviewer may do.",
            )
    # Behind `--` they would be words of the question.
    at = command.index("--") if "--" in command else len(command)
    return (*command[:at], *reading.arguments, *command[at:]), reading.tools
