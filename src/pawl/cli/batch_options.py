"""The options of `pawl batch`, and what they come to."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from pawl.runs.batch_item import Item, Template
    from pawl.services.batching import Asked

_COUNT = click.IntRange(min=1)

_OPTIONS = (
    click.option("--out", metavar="FILE", help="Where results go; FILE.results.ndjson."),
    click.option(
        "--format",
        type=click.Choice(["lines", "ndjson", "csv", "yaml"]),
        help="How FILE is written; its name tells.",
    ),
    click.option("--stdin-template", metavar="TEXT", help="What the agent reads, with {item}."),
    click.option("--allow-dashes", is_flag=True, help="Let an item's text begin with a dash."),
    click.option("--jobs", "-j", type=click.IntRange(1, 256), default=4, help="Runs at once; 4."),
    click.option(
        "--retries", type=click.IntRange(0, 20), default=0, help="New tries after transient errors."
    ),
    click.option("--max-usd", metavar="USD", help="Budget of the whole batch."),
    click.option(
        "--max-usd-per-item", metavar="USD", help="Budget of an item, which its start reserves."
    ),
    click.option("--timeout", metavar="TIME", help="Stop an item after this time, such as 10m."),
    click.option("--deadline", metavar="TIME", help="Stop this call after this time."),
    click.option(
        "--stop-after-failures", type=_COUNT, metavar="N", help="Start no more after N failures."
    ),
    click.option("--anew", is_flag=True, help="Keep what is there under another name, and begin."),
    click.option("--idle", metavar="TIME", help="Stop an item that says nothing for this time."),
    click.option("--grace", metavar="TIME", help="Time between TERM and KILL; 10s if not said."),
    click.option("--max-turns", type=_COUNT, metavar="N", help="Turns of an item."),
    click.option("--max-tokens", type=_COUNT, metavar="N", help="Tokens of an item."),
    click.option("--max-tool-calls", type=_COUNT, metavar="N", help="Tool calls of an item."),
    click.option(
        "--unpriced",
        type=click.Choice(["stop", "warn"]),
        help="What a budget does with a model that has no price; warn.",
    ),
    click.option("--allow-tool", multiple=True, metavar="GLOB", help="Only these tools."),
    click.option("--deny-tool", multiple=True, metavar="GLOB", help="Never these tools."),
    click.option("--untrusted/--trusted", default=None, help="As in `pawl run`."),
    click.option("--project", metavar="NAME", help="Whose work it is."),
    click.option("--agent", metavar="ID", help="Which agent CMD is."),
)

_SAID_TO_RUNS = (
    *("timeout", "idle", "grace", "max_turns", "max_tokens", "max_tool_calls", "unpriced"),
    *("project", "agent"),
)


def with_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a command."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def asked_of(
    said: dict[str, Any],
    items: tuple[Item, ...],
    template: Template,
    *,
    place: str,
    results: str,
) -> Asked:
    """Return what the options ask for; raises BadValue for amounts and times that mean nothing."""
    from pawl.base.durations import parse_duration
    from pawl.services.batching import Asked

    def seconds(name: str) -> float | None:
        text = said[name]
        return None if text is None else parse_duration(text, place=f"--{name}")

    for name in ("timeout", "idle"):  # Said to every run; checked once, before the first.
        seconds(name)
    grace = seconds("grace")
    return Asked(
        items=items,
        template=template,
        place=place,
        results=results,
        rules=_rules(said),
        deadline_s=seconds("deadline"),
        flags=_flags(said),
        **({} if grace is None else {"grace_s": grace}),
    )


def _rules(said: dict[str, Any]) -> Any:
    from pawl.base.errors import BadValue
    from pawl.base.money import parse_usd
    from pawl.runs.batch_events import Rules

    def micros(name: str) -> int | None:
        text = said[name]
        flag = f"--{name.replace('_', '-')}"
        return None if text is None else parse_usd(text, place=flag)

    whole, each = micros("max_usd"), micros("max_usd_per_item")
    if whole is not None and each is None:
        raise BadValue(
            "a budget for the whole batch needs one for each item, which its start reserves.",
            place="--max-usd",
            hint="Say --max-usd-per-item, too.",
        )
    if each == 0:
        raise BadValue("an item cannot run for nothing.", place="--max-usd-per-item")
    return Rules(
        jobs=said["jobs"],
        retries=said["retries"],
        max_usd=whole,
        per_item=each,
        stop_after_failures=said["stop_after_failures"],
    )


def _flags(said: dict[str, Any]) -> tuple[str, ...]:
    """Return what every `pawl run` of the batch is told."""
    flags: list[str] = []
    for name in _SAID_TO_RUNS:
        if said[name] is not None:
            flags += [f"--{name.replace('_', '-')}", str(said[name])]
    for name in ("allow_tool", "deny_tool"):
        for pattern in said[name]:
            flags += [f"--{name.replace('_', '-')}", pattern]
    if said["untrusted"] is not None:
        flags.append("--untrusted" if said["untrusted"] else "--trusted")
    return (*flags, "--retries", "0")
