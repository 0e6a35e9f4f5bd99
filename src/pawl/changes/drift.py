"""What is live without having been a change here: read back, and not what the registry says.

Only components that a change here ever set are looked at. One that is just moving, or that became
what an approved change is about to make of it, is no drift: the first is known to be in between,
and merging before the start is how many teams work.
"""

from collections.abc import Callable, Iterable, Mapping

from pawl.changes.change import Change
from pawl.changes.manifest import Manifest, part_digest
from pawl.changes.parts import (
    Budget,
    Code,
    Data,
    EvalSet,
    Model,
    Part,
    PolicyFile,
    Prompt,
    Routing,
    Tool,
)
from pawl.changes.plan import Rollback, Rollout, Stage
from pawl.changes.registry import Registry

FOUND = "found"
BRANCH = "found-on-branch"
"""The stage of what was found, by where."""


def drifted(
    registry: Registry, there: Mapping[str, str], going: Iterable[Change]
) -> tuple[str, ...]:
    """Return the components that are something else than is known, sorted.

    `there` is the digest of each part that was read back, `going` are changes that are approved or
    on their way.
    """
    soon = {
        f"{name}@{part_digest(part)}"
        for change in going
        for state in (change.manifest.parts, change.manifest.base)
        for name, part in state.items()
    }
    found = []
    for name, now in there.items():
        live = registry.live(name)
        if live is None or name in registry.rolling or f"{name}@{now}" in soon:
            continue
        # What was found by its digest only is on record as a part that stands for it.
        if live.part not in (now, part_digest(stand_in(name, now))):
            found.append(name)
    return tuple(sorted(found))


def explained(registry: Registry, name: str, part: str) -> bool:
    """Say whether a change here knows what a file of the protected branch is, by its digest.

    A branch may be behind what is live, or still hold what was rolled back. Neither is anybody's
    going around anything.
    """
    known = registry.history.get(name, ())
    return f"{name}@{part}" in registry.quarantine or any(
        part in (each.part, each.goes_back_to) for each in known
    )


def parts_there(digests: Mapping[str, str], known: Manifest) -> dict[str, Part | None]:
    """Return the parts that digests were read back of: whole where a manifest has them.

    What nobody here ever saw is a part that names the digest and claims nothing else.
    """
    found: dict[str, Part | None] = {}
    for name, said in digests.items():
        seen = [None, *(state[name] for state in (known.parts, known.base) if name in state)]
        same = [part for part in seen if part_digest(part) == said]
        found[name] = same[0] if same else stand_in(name, said)
    return found


def stand_in(name: str, digest: str) -> Part:
    """Return the part that stands for one of which only the digest is known."""
    return _STAND_INS[name.partition("/")[0]](digest)


_STAND_INS: Mapping[str, Callable[[str], Part]] = {
    "prompt": lambda digest: Prompt(text=f"sha256:{digest}"),
    "model": lambda digest: Model(family="unknown", model=f"sha256:{digest}"),
    # What is not known to be narrow counts as wide.
    "tool": lambda digest: Tool(permission="allow", powers=(f"sha256:{digest}",)),
    "policy": lambda digest: PolicyFile(digest=digest),
    "routing": lambda digest: Routing(permille={f"sha256:{digest}": 1000}),
    "budget": lambda digest: Budget(micros=0, period=f"sha256:{digest}"),
    "data": lambda digest: Data(classes=(f"sha256:{digest}",)),
    "eval-set": lambda digest: EvalSet(digest=digest),
    "code": lambda digest: Code(digest=digest),
}


def found_on_branch(manifest: Manifest) -> bool:
    """Say whether something was found on the protected branch, and read back by no executor."""
    return manifest.rollout.stages[0].name == BRANCH


def manifest_of_drift(
    before: Mapping[str, Part | None],
    there: Mapping[str, Part | None],
    like: Manifest,
    *,
    where: str = FOUND,
) -> Manifest:
    """Return what was found as a manifest, so that it can be taken back as any change can.

    `before` is what the components were known to be, and `there` what they are. It goes back as
    `like`, the manifest of what was live before.
    """
    names = sorted(there)
    listed = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    return Manifest(
        title=f"Found changed: {listed}"[:300],
        scope=like.scope,
        why=_WHY[where],
        parts={name: there[name] for name in names},
        base={name: before[name] for name in names},
        rollout=Rollout(stages=(Stage(name=where, exposure=1.0),), executor=like.rollout.executor),
        rollback=like.rollback or Rollback(executor=like.rollout.executor),
    )


_WHY = {
    FOUND: "What was read back is not what was last put there by a change.",
    BRANCH: "What is on the protected branch is not what was last put there by a change.",
}
