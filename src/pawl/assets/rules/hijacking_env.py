"""Settings set a variable that changes what other programs run or whom they talk to.

Bad: `"env": {"LD_PRELOAD": "./x.so"}`, `NODE_OPTIONS` with `--require`, a folder of the repository
at the head of `PATH`, `ANTHROPIC_BASE_URL` of another host. The environment of a repository's
settings counts as soon as the agent starts there, also where nobody trusted the folder: who can
change this file runs code on every machine, or reads every prompt and the key.

Instead: take it out. What a machine needs, that machine sets.
"""

from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.known import Hijack, hijacking_env
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity
from pawl.parsing.addresses import host_of, is_this_machine


def _check(assets: Assets) -> Iterator[Hit]:
    known = hijacking_env().variables
    for file in assets.settings:
        if file.asset.name.startswith("managed"):
            continue
        for name, value in file.config.table("env").items():
            hijack = known.get(str(name))
            if hijack is not None and isinstance(value, str) and _does(hijack, value[:4000]):
                yield Hit(
                    path=file.path,
                    line=file.config.line("env", name),
                    message=f"`{name}` {hijack.does}.",
                    subject=str(name),
                    severity=None if file.is_shared else Severity.LOW,
                )


def _does(hijack: Hijack, value: str) -> bool:
    if not value.strip():
        return False
    if hijack.when == "words":
        return any(word.startswith(hijack.words) for word in value.replace("'", "").split())
    if hijack.when == "relative":
        entries = value.replace(";", ":").split(":")
        return any(each and not each.startswith(("/", "~", "$", "%")) for each in entries)
    if hijack.when == "remote":
        return host_of(value) is not None and not is_this_machine(value) and "${" not in value
    return hijack.when == "always" or value.strip().lower() in hijack.values


RULE = Rule(
    title="Settings set a variable that hijacks other programs",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.SETTINGS}),
    check=_check,
    source="https://code.claude.com/docs/en/env-vars",
    as_of="2026-11-21",
    hint="Take it out; what a machine needs, that machine sets.",
    products=("claude-code",),
)
