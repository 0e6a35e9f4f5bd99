"""What is live without having been a change here: read back, and not what the registry says.

Only components that a change here ever set are looked at. One that is just moving, or that became
what an approved change is about to make of it, is no drift: the first is known to be in between,
and merging before the start is how many teams work.
"""

from collections.abc import Iterable, Mapping

from pawl.changes.change import Change
from pawl.changes.manifest import Manifest, part_digest
from pawl.changes.parts import Part
from pawl.changes.plan import Rollback, Rollout, Stage
from pawl.changes.registry import Registry


def drifted(
    registry: Registry, there: Mapping[str, Part | None], going: Iterable[Change]
) -> tuple[str, ...]:
    """Return the components that are something else than is known, sorted.

    `there` is what was read back, `going` are changes that are approved or on their way.
    """
    soon = {
        f"{name}@{part_digest(part)}"
        for change in going
        for state in (change.manifest.parts, change.manifest.base)
        for name, part in state.items()
    }
    found = []
    for name, part in there.items():
        live = registry.live(name)
        if live is None or name in registry.rolling:
            continue
        now = part_digest(part)
        if now != live.part and f"{name}@{now}" not in soon:
            found.append(name)
    return tuple(sorted(found))


def manifest_of_drift(
    before: Mapping[str, Part | None], there: Mapping[str, Part | None], like: Manifest
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
        why="What was read back is not what was last put there by a change.",
        parts={name: there[name] for name in names},
        base={name: before[name] for name in names},
        rollout=Rollout(
            stages=(Stage(name="found", exposure=1.0),), executor=like.rollout.executor
        ),
        rollback=like.rollback or Rollback(executor=like.rollout.executor),
    )
