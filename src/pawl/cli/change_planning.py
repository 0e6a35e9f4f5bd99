"""The options of a change's plan, as flags: they outrank the file that --plan names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from pawl.changes.drafting import Plan
    from pawl.changes.plan import AbortRule, Experiment, Stage

F = TypeVar("F", bound=Callable[..., object])

_OPTIONS = (
    click.option("--plan", metavar="FILE", type=click.Path(path_type=Path), help="A pawl.plan/1."),
    click.option("--title", help="In a line; by default the newest commit's."),
    click.option("--why", help="What it is for."),
    click.option("--scope", metavar="SCOPE", help="Such as shop/support; the project by default."),
    click.option(
        "--risk", type=click.Choice(["low", "medium", "high"]), help="As you see it; never lowered."
    ),
    click.option(
        "--stage",
        "stages",
        metavar="NAME=SHARE[:HOLD[:EVENTS]]",
        multiple=True,
        help="A stage of the rollout, such as canary=0.05:1h:200.",
    ),
    click.option(
        "--executor",
        type=click.Choice(["command", "git-revert", "webhook"]),
        help="What rolls it out.",
    ),
    click.option(
        "--back-by",
        type=click.Choice(["command", "git-revert", "webhook"]),
        help="What puts back what stood before.",
    ),
    click.option("--closes", multiple=True, metavar="ACTION", help="An action that it finishes."),
    click.option("--eval-set", "eval_sets", multiple=True, metavar="NAME", help="What judges it."),
    click.option("--hypothesis", help="Makes it an experiment: what is expected."),
    click.option("--metric", help="Which metric would show it."),
    click.option("--exposure-max", type=float, metavar="SHARE", help="The most it may reach."),
    click.option(
        "--abort-when",
        multiple=True,
        metavar="METRIC>LIMIT",
        help="What ends it at once, such as errors>0.1 or csat<3.",
    ),
    click.option("--ends", metavar="TIME", help="When the experiment ends, such as 2026-12-01."),
)


def plan_options(function: F) -> F:
    """Add the options of a plan to a command; it takes them as keywords and calls `plan_of`."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def plan_of(told: dict[str, Any], before: Plan | None = None) -> Plan:
    """Return the plan that file and flags make, on top of `before`; raises BadFile and BadValue."""
    from msgspec.structs import replace

    from pawl.app.change_commands import read_text
    from pawl.changes.drafting import Plan, load_plan
    from pawl.changes.manifest import Risk

    path: Path | None = told["plan"]
    plan = before or Plan()
    if path is not None:
        plan = load_plan(read_text(path), place=str(path))
    said: dict[str, Any] = {
        name: told[name] for name in ("title", "why", "scope") if told[name] is not None
    }
    if told["risk"]:
        said["declared_risk"] = Risk(told["risk"])
    for name in ("closes", "eval_sets"):
        if told[name]:
            said[name] = told[name]
    plan = replace(plan, **said)
    rollout, rollback = plan.rollout, plan.rollback
    if told["stages"]:
        rollout = replace(rollout, stages=tuple(_stage(each) for each in told["stages"]))
    if told["executor"]:
        rollout = replace(rollout, executor=told["executor"])
    if told["back_by"]:
        from pawl.changes.plan import Rollback

        rollback = replace(rollback or Rollback(), executor=told["back_by"])
    return replace(
        plan, rollout=rollout, rollback=rollback, experiment=_experiment(told, plan.experiment)
    )


def _stage(text: str) -> Stage:
    from pawl.base.durations import parse_duration
    from pawl.base.errors import BadValue
    from pawl.changes.plan import Stage

    name, equals, rest = text.partition("=")
    share, *more = rest.split(":")
    try:
        if not equals or not name or len(more) > 2:
            raise ValueError
        return Stage(
            name=name,
            exposure=float(share),
            hold_s=parse_duration(more[0], place="--stage") if more else 0.0,
            min_events=int(more[1]) if len(more) > 1 else 0,
        )
    except ValueError:
        raise BadValue(
            f"{text!r} is no stage.",
            place="--stage",
            hint="Write NAME=SHARE[:HOLD[:EVENTS]], such as canary=0.05:1h:200.",
        ) from None


def _experiment(told: dict[str, Any], before: Experiment | None) -> Experiment | None:
    from msgspec.structs import replace

    from pawl.base.errors import BadValue
    from pawl.changes.plan import Experiment

    said: dict[str, Any] = {
        name: told[name]
        for name in ("hypothesis", "metric", "exposure_max")
        if told[name] is not None
    }
    if told["abort_when"]:
        said["abort_when"] = tuple(_abort(each) for each in told["abort_when"])
    if told["ends"] is not None:
        said["ends_at"] = _time(told["ends"])
    if not said:
        return before
    if before is not None:
        return replace(before, **said)
    missing = [name for name in Experiment.__struct_fields__ if name not in said]
    if missing:
        flags = {"ends_at": "--ends"}
        names = ", ".join(flags.get(each, f"--{each.replace('_', '-')}") for each in missing)
        raise BadValue(
            f"the experiment lacks {names}.", place="--hypothesis", hint="Give them, or a --plan."
        )
    return Experiment(**said)


def _abort(text: str) -> AbortRule:
    from pawl.base.errors import BadValue
    from pawl.changes.plan import AbortRule

    sign = ">" if ">" in text else "<"
    metric, _, said = text.partition(sign)
    try:
        limit = float(said)
    except ValueError:
        limit = float("nan")
    if metric.strip() and limit == limit:  # A limit that is no number is none.
        if sign == ">":
            return AbortRule(metric=metric.strip(), above=limit)
        return AbortRule(metric=metric.strip(), below=limit)
    raise BadValue(
        f"{text!r} is no rule.",
        place="--abort-when",
        hint="Write METRIC>LIMIT or METRIC<LIMIT, such as errors>0.1.",
    )


def _time(text: str) -> str:
    from pawl.base.errors import BadValue
    from pawl.base.times import canonical_time

    try:
        return canonical_time(text)
    except ValueError:
        raise BadValue(
            f"{text!r} is no time.", place="--ends", hint="Write one such as 2026-12-01."
        ) from None
