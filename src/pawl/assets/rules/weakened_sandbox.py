"""Settings of a repository open the sandbox in which commands run.

Bad: `"enableWeakerNestedSandbox": true`, `"allowAllUnixSockets": true`, Docker's socket among
`allowUnixSockets` (it is root on the machine), `"allowWrite": ["/"]`, every domain allowed, a shell
or an interpreter among `excludedCommands`, Codex's `sandbox_mode = "danger-full-access"`. What the
sandbox is believed to keep in gets out.

Instead: name the one path, socket, domain or program that is needed.
"""

from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.rule import Hit, Rule
from pawl.assets.setting_values import profiles_of, texts_of, value_of
from pawl.assets.settings import Settings
from pawl.base.finding import Confidence, Severity
from pawl.parsing.permission_rules import judge_tool

_FLAGS = {
    "sandbox.enableWeakerNestedSandbox": "makes the sandbox a weaker one",
    "sandbox.enableWeakerNetworkIsolation": "lets commands past the filter of the network",
    "sandbox.network.allowAllUnixSockets": "opens every socket of the machine, Docker's too",
}
_SOCKETS = ("docker.sock", "containerd.sock", "podman.sock")
_WHOLE = frozenset({"/", "//", "~", "~/", "/**", "//**", "~/**", "*", "**", "$HOME"})


def _check(assets: Assets) -> Iterator[Hit]:
    for file in assets.settings:
        holes = {"claude-code": _holes, "codex": _codex_holes}.get(file.asset.product)
        for name, why in () if holes is None else holes(file):
            yield Hit(
                path=file.path,
                line=file.config.line(*name.split(".")),
                message=f"`{name}` {why}.",
                subject=f"{name} {why}",
            )


def _codex_holes(file: Settings) -> Iterator[tuple[str, str]]:
    """Yield what is open in Codex's settings; without any question it is another rule's sin."""
    above = value_of(file.config, "approval_policy")
    for before, held in profiles_of(file.config):
        asks = (value_of(held, "approval_policy") or above) != "never"
        if value_of(held, "sandbox_mode") == "danger-full-access" and asks:
            yield f"{before}sandbox_mode", "switches the sandbox off"
    for each in texts_of(file.config, "sandbox_workspace_write.writable_roots"):
        if each in _WHOLE:
            yield "sandbox_workspace_write.writable_roots", f"opens `{each}`, which is everything"


def _holes(file: Settings) -> Iterator[tuple[str, str]]:
    for name, why in _FLAGS.items():
        if value_of(file.config, name) is True:
            yield name, why
    for each in texts_of(file.config, "sandbox.network.allowUnixSockets"):
        if each.endswith(_SOCKETS):
            yield "sandbox.network.allowUnixSockets", f"opens {each[:80]}, which is root here"
    for name in ("allowWrite", "allowRead"):
        for each in texts_of(file.config, f"sandbox.filesystem.{name}"):
            if each in _WHOLE and (name == "allowWrite" or _denies_reading(file)):
                yield f"sandbox.filesystem.{name}", f"opens `{each}`, which is everything"
    if "*" in texts_of(file.config, "sandbox.network.allowedDomains"):
        yield "sandbox.network.allowedDomains", "lets commands talk to everybody"
    for each in texts_of(file.config, "sandbox.excludedCommands"):
        first = each.split(maxsplit=1)[0] if each.split() else ""
        if judge_tool("Bash", f"{first.removesuffix(':*')} *").unbound:
            yield "sandbox.excludedCommands", f"runs `{each[:60]}` outside, and with it anything"


def _denies_reading(file: Settings) -> bool:
    return bool(texts_of(file.config, "sandbox.filesystem.denyRead"))


RULE = Rule(
    title="Settings open the sandbox",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.SETTINGS}),
    check=_check,
    source="https://code.claude.com/docs/en/sandboxing",
    as_of="2026-11-21",
    hint="Name the one path, socket, domain or program that is needed.",
    products=("claude-code", "codex"),
)
