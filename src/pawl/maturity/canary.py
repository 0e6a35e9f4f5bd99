"""Canaries: a planted fault that a gate must refuse, to prove that it bites.

A gate proves nothing by being green. So the gate's own command runs twice in a copy: as things
are, where it must pass, and with the fault planted, where it must fail. Only both together are a
canary that was refused.
"""

from typing import Literal

import msgspec

from pawl.base.errors import BadFile
from pawl.base.loading import load_yaml

FILE = ".pawl/canaries.yaml"
"""Where a repository names its canaries."""


class Plant(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The fault: a file to write, or a text to append to one. The path stays in the copy."""

    path: str
    text: str
    append: bool = False


class Canary(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One fault and the gate that must refuse it. `timeout` is a duration a run."""

    id: str
    gate: str
    command: tuple[str, ...]
    plant: Plant
    timeout: str = "10m"


class CanaryFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`.pawl/canaries.yaml`.

    The copy takes in everything but two kinds of paths: those in `link`, large folders that the
    commands only read (an environment, installed packages), are linked; those in `leave`
    (caches, the history) are left out. No fault can be planted below a link.
    """

    schema: Literal["pawl.canaries/1"]
    canaries: tuple[Canary, ...]
    link: tuple[str, ...] = ()
    leave: tuple[str, ...] = ()


class Ran(msgspec.Struct, frozen=True, kw_only=True):
    """How one run of a gate's command ended; `status` None: it ran out of time or did not start."""

    status: int | None
    seconds: float
    told: str = ""


class CanaryResult(msgspec.Struct, frozen=True, kw_only=True):
    """What one canary proved. `bites` is None where it proved nothing, with the reason."""

    id: str
    gate: str
    at: str
    bites: bool | None
    reason: str
    clean: Ran
    planted: Ran | None = None


def load_canaries(text: str, *, place: str) -> CanaryFile:
    """Return a file of canaries; raises BadFile for one that cannot be run as written."""
    found = load_yaml(text, CanaryFile, place=place)
    if len({each.id for each in found.canaries}) != len(found.canaries):
        raise BadFile("a canary's id stands twice.", place=place, hint="Give each its own.")
    for path in (*found.link, *found.leave):
        if _leads_out(path):
            raise BadFile(
                f"{path} is outside of the repository.", place=place, hint="Name a path inside it."
            )
    for each in found.canaries:
        if _leads_out(each.plant.path) or ".git" in each.plant.path.replace("\\", "/").split("/"):
            raise BadFile(
                f"{each.id} plants outside of the repository.",
                place=place,
                hint="Name a path inside it.",
            )
        if not each.command or not each.command[0]:
            raise BadFile(f"{each.id} has no command.", place=place, hint="Name the gate's own.")
    return found


def _leads_out(path: str) -> bool:
    parts = path.replace("\\", "/").split("/")
    return path.startswith("/") or ".." in parts or not parts[-1]


def judge(canary: Canary, at: str, clean: Ran, planted: Ran | None) -> CanaryResult:
    """Return what the two runs of a gate prove. `planted` is None when the first one failed."""
    bites: bool | None = None
    if clean.status is None:
        reason = f"The gate did not end in time or did not start: {clean.told}".strip(": ") + "."
    elif clean.status != 0:
        reason = f"The gate fails without the fault (exit {clean.status}), so it proves nothing."
    elif planted is None or planted.status is None:
        reason = "The gate with the fault did not end in time."
    elif planted.status == 0:
        bites, reason = False, "The gate let the fault pass."
    else:
        bites, reason = True, f"The gate refused the fault (exit {planted.status})."
    return CanaryResult(
        id=canary.id,
        gate=canary.gate,
        at=at,
        bites=bites,
        reason=reason,
        clean=clean,
        planted=planted,
    )
