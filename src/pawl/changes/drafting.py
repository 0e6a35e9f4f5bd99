"""Make the manifest of a change out of what differs and how it is planned.

A plan is what nobody can read off files: why, how risky, how it rolls out and back, whether it is
an experiment. A file such as

    schema: pawl.plan/1
    title: Answer in the reader's language
    why: Half of the readers write French.
    declared_risk: medium
    rollout:
      stages:
        - {name: canary, exposure: 0.05, hold_s: 3600, min_events: 200}
        - {name: all, exposure: 1}
    parts:
      model/support:
        before: {type: model, family: claude, model: claude-sonnet-4-5}
        after: {type: model, family: claude, model: claude-opus-4-5}

`parts` are components that no file of the repository is.
"""

from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from pawl.base.canonical import canonical_json, sha256_hex
from pawl.base.errors import BadValue
from pawl.base.loading import load_yaml
from pawl.changes.components import KindRules, parts_of
from pawl.changes.manifest import Manifest, Risk, problems
from pawl.changes.parts import Part
from pawl.changes.plan import Experiment, Rollback, Rollout, Stage

EVALS = ".pawl/evals/"
"""Below it stand the sets of evals, each a folder; files beside the folders are the set `cases`."""
_RESULTS = frozenset({"records", "baselines.json"})
"""What below it holds results and no cases."""
_CASES = (".yaml", ".yml")
TOP_SET = "cases"
"""The set of the cases that are in no folder of their own."""


class Both(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A component before and after; None is absence."""

    before: Part | None = None
    after: Part | None = None


class Plan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a change is for and how it goes out and back. `assisted` None is as the commits say.

    `eval_sets` names the sets that judge it; None is every set there is. A scope of None is left
    to whoever drafts.
    """

    schema: Literal["pawl.plan/1"] = "pawl.plan/1"
    title: str = ""
    why: str = ""
    scope: str | None = None
    declared_risk: Risk = Risk.LOW
    rollout: Rollout = Rollout(stages=(Stage(name="all", exposure=1.0),))
    rollback: Rollback | None = Rollback()
    experiment: Experiment | None = None
    closes: tuple[str, ...] = ()
    assisted: bool | None = None
    eval_sets: tuple[str, ...] | None = None
    parts: dict[str, Both] = {}


def load_plan(text: str, *, place: str) -> Plan:
    """Return a plan from YAML; raises BadFile."""
    return load_yaml(text, Plan, place=place)


def drafted(
    plan: Plan,
    parts: Mapping[str, Part | None],
    base: Mapping[str, Part | None],
    eval_sets: Mapping[str, str],
    *,
    assisted: bool,
) -> Manifest:
    """Return the manifest of a plan and what differs; raises BadValue for one that is unsound.

    `eval_sets` are all sets there are, by digest.
    """
    both = sorted(plan.parts.keys() & (parts.keys() | base.keys()))
    if both:
        raise BadValue(
            f"{both[0]} is a file of the change and stands in the plan too.",
            place="parts",
            hint="Leave in the plan only what no file of the repository is.",
        )
    names = tuple(eval_sets) if plan.eval_sets is None else plan.eval_sets
    missing = sorted({*names} - eval_sets.keys())
    if missing:
        raise BadValue(
            f"there is no eval set {missing[0]!r}.",
            place="eval_sets",
            hint=f"Below {EVALS} there are: {', '.join(sorted(eval_sets)) or 'none'}.",
        )
    manifest = Manifest(
        title=plan.title,
        scope=plan.scope or "",
        why=plan.why,
        declared_risk=plan.declared_risk,
        parts={**parts, **{name: each.after for name, each in plan.parts.items()}},
        base={**base, **{name: each.before for name, each in plan.parts.items()}},
        eval_sets={name: eval_sets[name] for name in sorted(names)},
        rollout=plan.rollout,
        rollback=plan.rollback,
        experiment=plan.experiment,
        closes=plan.closes,
        assisted=assisted if plan.assisted is None else plan.assisted or assisted,
    )
    wrong = problems(manifest)
    if wrong:
        raise BadValue(" ".join(wrong), hint="Mend the plan, or name another range of commits.")
    return manifest


def parts_by_name(
    contents: Iterable[tuple[str, bytes | None]], rules: KindRules | None
) -> dict[str, Part | None]:
    """Return the components of files; raises BadValue where two files would be one component."""
    found: dict[str, Part | None] = {}
    for path, content in contents:
        for component, part in parts_of({path: content}, rules).items():
            if component in found:
                raise BadValue(
                    "two files of the change cannot be told apart.",
                    place=component,
                    hint="Rename one of them.",
                )
            found[component] = part
    return found


def sets_of(blobs: Mapping[str, str]) -> dict[str, str]:
    """Return the eval sets among files by path and a digest of each: one digest for each set.

    A set is a folder with cases. One without is the workspace of a case beside it, and no verdict
    could ever be on it; its files belong to the set of that case.
    """
    grouped: dict[str, dict[str, str]] = {}
    for path, blob in blobs.items():
        if not path.startswith(EVALS):
            continue
        folder, slash, _ = path.removeprefix(EVALS).partition("/")
        if folder not in _RESULTS:
            grouped.setdefault(folder if slash else TOP_SET, {})[path] = blob
    for name in [each for each in grouped if each != TOP_SET]:
        if not any(path.endswith(_CASES) for path in grouped[name]):
            grouped.setdefault(TOP_SET, {}).update(grouped.pop(name))
    if not any(path.endswith(_CASES) for path in grouped.get(TOP_SET, ())):
        grouped.pop(TOP_SET, None)
    return {name: sha256_hex(canonical_json(files)) for name, files in sorted(grouped.items())}
