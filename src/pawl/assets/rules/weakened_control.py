"""A control that an incident left behind was taken away or made weaker.

After an incident somebody adds a denial, a hook, an eval case, a lower threshold, and registers it
in `.pawl/controls.yaml` with the incident's number. A year later nobody remembers why it is there.
Each registered control must stand; taking one out of the register needs whoever answers for the
incident, and is told of where a change is looked at.

Bad: the change that makes deployments convenient removes `Bash(git push --force*)` from `deny`, the
rule that INC-2026-014 ended with.

Instead: leave it; or close the incident's action with a better control, and register that one.
"""

from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.controls import REGISTER, Control, controls_of, stands
from pawl.assets.rule import Hit, Rule
from pawl.base.errors import BadFile
from pawl.base.finding import Confidence, Severity


def _check(assets: Assets) -> Iterator[Hit]:
    registered, problem = _registered(assets)
    if problem is not None:
        yield Hit(path=REGISTER, line=None, message=problem, subject="register")
    before = () if assets.base is None else _registered(assets.base)[0]
    for control in dict.fromkeys((*before, *registered)):
        why = stands(assets, control)
        if why is None and control not in registered and problem is None:
            why = "the register no longer has it"
        if why is not None:
            yield _hit(control, why)


def _registered(assets: Assets) -> tuple[tuple[Control, ...], str | None]:
    try:
        return controls_of(assets), None
    except BadFile as error:
        return (), f"The register of controls does not read: {error.message}"


def _hit(control: Control, why: str) -> Hit:
    return Hit(
        path=control.path or REGISTER,
        line=None,
        message=f"{control.incident[:60]} ended with {control.title}: {why}.",
        subject=f"{control.incident} {control.kind} {control.text}",
    )


RULE = Rule(
    title="A control that an incident left behind is gone or weaker",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.SETTINGS, Kind.HOOKS}),
    check=_check,
    source="https://sre.google/sre-book/postmortem-culture/",
    as_of="2026-11-21",
    hint="Put it back, or have whoever answers for the incident replace it by a better one.",
)
