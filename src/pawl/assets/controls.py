"""Controls that incidents left behind: what must stand so that a failure does not come again.

`.pawl/controls.yaml` registers them, each with its incident:

    schema: pawl.controls/1
    controls:
      - {incident: INC-2026-014, kind: deny, text: "Bash(git push --force*)"}
      - {incident: INC-2026-014, kind: hook, text: guard-release.sh}
      - {incident: INC-2026-021, kind: case, path: .pawl/evals/release.yaml, text: no-force-push}
      - {incident: INC-2026-030, kind: at-most, path: pawl.toml, text: limits.usd, value: 2}

A `deny` or `ask` stands while any shared settings file has the rule (a denial stands for a
question, too), a `hook` while a hook on an event before a call names the text, a `case` while the
file names that case, `at-most` and `at-least` while the number below the dotted name is within.
"""

from collections.abc import Iterator
from typing import Any, Literal

import msgspec

from pawl.assets.assets import Assets
from pawl.assets.json_text import read_json, read_toml
from pawl.base.errors import BadFile, BadValue
from pawl.base.loading import load_yaml
from pawl.base.money import parse_usd
from pawl.base.yaml_text import parse_yaml

REGISTER = ".pawl/controls.yaml"
MAX_CONTROLS = 2000
_BEFORE = frozenset({"PreToolUse", "PermissionRequest", "UserPromptSubmit", "BeforeTool"})

Kind = Literal["deny", "ask", "hook", "case", "at-most", "at-least"]


class Control(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One control and the incident that it came of. `path` narrows it down to one file."""

    incident: str
    kind: Kind
    text: str
    path: str = ""
    value: float | None = None

    @property
    def title(self) -> str:
        """What it is, in a few words."""
        if self.kind in ("at-most", "at-least"):
            return f"`{self.text}` {self.kind.replace('-', ' ')} {self.value:g} in {self.path}"
        where = f" in {self.path}" if self.path else ""
        return f"the {self.kind} `{self.text[:120]}`{where}"


class Register(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All registered controls."""

    schema: Literal["pawl.controls/1"]
    controls: tuple[Control, ...] = ()


def controls_of(assets: Assets) -> tuple[Control, ...]:
    """Return the registered controls of a tree; raises BadFile for a register that is none."""
    text = assets.text(REGISTER)
    if text is None:
        return ()
    register = load_yaml(text, Register, place=REGISTER)
    if len(register.controls) > MAX_CONTROLS:
        raise BadFile(f"holds more than {MAX_CONTROLS} controls.", place=REGISTER)
    for control in register.controls:
        if control.kind in ("at-most", "at-least") and (control.value is None or not control.path):
            raise BadFile(
                f"{control.incident}: {control.kind} needs a path and a value.", place=REGISTER
            )
    return register.controls


def stands(assets: Assets, control: Control) -> str | None:
    """Return why a control no longer stands in a tree, or None while it does."""
    if control.kind in ("deny", "ask"):
        return _rule(assets, control)
    if control.kind == "hook":
        return _hook(assets, control)
    if control.kind == "case":
        return _case(assets, control)
    return _number(assets, control)


def _rule(assets: Assets, control: Control) -> str | None:
    enough = ("deny",) if control.kind == "deny" else ("deny", "ask")
    weaker = False
    for settings in assets.whole.settings:
        if not settings.is_shared or control.path not in ("", settings.path):
            continue
        for rule in settings.permissions:
            if rule.text.strip() == control.text.strip():
                if rule.says in enough:
                    return None
                weaker = True
    return "it says less than that now" if weaker else "no settings have it any more"


def _hook(assets: Assets, control: Control) -> str | None:
    for hook in assets.whole.hooks:
        if control.path in ("", hook.path) and control.text in hook.command:
            if hook.event in _BEFORE:
                return None
            return f"it runs on {hook.event[:40]} now, which stops nothing"
    return "no hook runs it any more"


def _case(assets: Assets, control: Control) -> str | None:
    text = assets.text(control.path)
    if text is None:
        return "its file is gone"
    try:
        held = parse_yaml(text, place=control.path)
    except BadFile:
        return "its file does not read"
    return None if control.text in set(_ids(held)) else "its file has no such case any more"


def _ids(value: Any) -> Iterator[str]:
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, dict):
            if isinstance(each.get("id"), str):
                yield each["id"]
            yield from _ids(each.get("cases"))


def _number(assets: Assets, control: Control) -> str | None:
    text = assets.text(control.path)
    if text is None:
        return "its file is gone"
    value = _values(text, control.path)
    for name in control.text.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    number = _plain(value)
    if number is None or control.value is None:
        return "the file sets no such number any more"
    within = number <= control.value if control.kind == "at-most" else number >= control.value
    return None if within else f"it is {number:g} now"


def _values(text: str, path: str) -> Any:
    if path.endswith(".toml"):
        return read_toml(text, path).value
    if path.endswith((".json", ".jsonc")):
        return read_json(text, path, comments=True).value
    try:
        return parse_yaml(text, place=path)
    except BadFile:
        return None


def _plain(value: Any) -> float | None:
    """Return a number, also where dollars are written as text."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value)
    if isinstance(value, str):
        try:
            return parse_usd(value) / 1_000_000
        except BadValue:
            return None
    return None
