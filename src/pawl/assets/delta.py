"""What a change newly allows agents: the difference between what stood and what stands.

Reviewers read lines; what matters in a change of settings, tools or pipelines is what becomes
possible. A grant that is new widens, and so does a control that is gone. Moving a grant from one
file of the same scope to another is no change.
"""

from collections.abc import Iterator
from functools import cache
from typing import Literal

import msgspec

from pawl.assets.agent_use import uses_of
from pawl.assets.assets import Assets
from pawl.assets.pages import listed
from pawl.assets.reach import reach_of
from pawl.assets.setting_values import profiles_of, texts_of, value_of
from pawl.assets.settings import Settings
from pawl.assets.shipped import shipped

_CODEX: dict[str, tuple[str, ...]] = {
    "sandbox_mode": ("read-only", "workspace-write", "danger-full-access"),
    "approval_policy": ("untrusted", "on-request", "on-failure", "never"),
}
"""Codex's switches, each from the strictest on."""
_MODES = {"plan": 0, "manual": 1, "default": 1, "dontAsk": 1, "acceptEdits": 2, "auto": 3}
_MOST = 4
"""How little a mode asks, the strictest first; one that is not known here asks nothing."""
_EVERYTHING = "every tool"


class Approver(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a kind of change is called, and whose yes it needs."""

    title: str
    approver: str


class Approvers(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The approver of each kind of change, as of a day."""

    schema: Literal["pawl.approvers/1"]
    as_of: str
    source: str
    changes: dict[str, Approver]


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that agents may do, or (a `control`) one that keeps them from something.

    `kind` is one of those of the approvers' table. `text` says it in a few words and is what is
    compared, together with `scope`; `path` and `line` are where it stands.
    """

    kind: str
    scope: str
    text: str
    path: str
    line: int | None = None
    control: bool = False


class Widening(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that a change newly allows, and the role whose yes it needs."""

    grant: Grant
    approver: str
    message: str


@cache
def approvers() -> Approvers:
    """Return who answers for which change."""
    return shipped("approvers", Approvers)


def widenings(before: Assets, after: Assets) -> tuple[Widening, ...]:
    """Return what a change newly allows, in the order of paths and lines."""
    old, new = list(grants(before)), list(grants(after))
    held = {_key(grant) for grant in old}
    stands = {_key(grant) for grant in new}
    found = [
        _widening(grant, f"newly allows {grant.text}")
        for grant in new
        if not grant.control and _key(grant) not in held
    ]
    found += [
        _widening(grant, f"takes away {grant.text}")
        for grant in old
        if grant.control and _key(grant) not in stands
    ]
    return tuple(sorted(found, key=lambda w: (w.grant.path, w.grant.line or 0, w.message)))


def grants(assets: Assets) -> Iterator[Grant]:
    """Yield what agents may do by the assets of a tree, and what keeps them from the rest."""
    for settings in assets.settings:
        yield from _of_settings(settings)
    for server in assets.all_servers:
        start = " ".join(server.words) or server.url
        yield Grant(
            kind="server",
            scope="servers",
            text=f"the server {server.name} (`{start[:120]}`)",
            path=server.path,
            line=server.line,
        )
    for hook in assets.hooks:
        text = f"the hook on {hook.event} {hook.matcher} `{hook.command[:120]}`".replace("  ", " ")
        for control in (False, True):
            yield Grant(
                kind="control" if control else "hook",
                scope="hooks",
                text=text,
                path=hook.path,
                line=hook.line,
                control=control,
            )
    yield from _of_pages(assets)
    yield from _of_flows(assets)


def _of_settings(settings: Settings) -> Iterator[Grant]:
    scope = f"{settings.asset.product} {'shared' if settings.is_shared else 'own'}"
    for rule in settings.permissions:
        control = rule.says != "allow"
        yield Grant(
            kind="control" if control else "permission",
            scope=scope,
            text=f"`{rule.text[:160]}`" + (f" ({rule.says})" if control else ""),
            path=settings.path,
            line=rule.line,
            control=control,
        )
    config = settings.config
    if settings.asset.product == "codex":
        yield from _of_codex(settings, scope)
        return
    permissions = config.table("permissions")
    mode = permissions.get("defaultMode")
    if isinstance(mode, str):
        for name, rank in _MODES.items():
            # Each step of leniency that the mode reaches is a grant: a stricter mode loses some.
            if 1 < rank <= _MODES.get(mode, _MOST):
                text = f"what the mode `{name}` does without asking"
                yield Grant(
                    kind="mode",
                    scope=scope,
                    text=text,
                    path=settings.path,
                    line=config.line("permissions", "defaultMode"),
                )
        if mode not in _MODES:
            yield Grant(
                kind="mode",
                scope=scope,
                text=f"everything, by the mode `{mode[:60]}`",
                path=settings.path,
                line=config.line("permissions", "defaultMode"),
            )
    folders = permissions.get("additionalDirectories")
    for at, folder in enumerate(folders if isinstance(folders, list) else ()):
        yield Grant(
            kind="permission",
            scope=scope,
            text=f"the folder `{str(folder)[:120]}`",
            path=settings.path,
            line=config.line("permissions", "additionalDirectories", at),
        )
    if isinstance(config.value, dict) and config.value.get("enableAllProjectMcpServers") is True:
        yield Grant(
            kind="server",
            scope=scope,
            text="every server that a folder names",
            path=settings.path,
            line=config.line("enableAllProjectMcpServers"),
        )


def _of_codex(settings: Settings, scope: str) -> Iterator[Grant]:
    """Yield what Codex's settings and their profiles allow, each step of leniency by itself."""
    for before, held in profiles_of(settings.config):
        texts: list[tuple[str, str]] = []
        for key, ranks in _CODEX.items():
            said = value_of(held, key)
            steps = ranks[1 : ranks.index(said) + 1] if said in ranks else ()
            texts += [(key, f"what `{key} = {step}` does") for step in steps]
        if value_of(held, "sandbox_workspace_write.network_access") is True:
            texts.append(("sandbox_workspace_write.network_access", "the network to commands"))
        for root in texts_of(held, "sandbox_workspace_write.writable_roots"):
            texts.append(("sandbox_workspace_write.writable_roots", f"to write `{root[:120]}`"))
        for key, text in texts:
            profile = f" in the profile {before.split('.', 1)[1][:-1][:60]}" if before else ""
            yield Grant(
                kind="mode",
                scope=scope,
                text=f"{text}{profile}",
                path=settings.path,
                line=settings.config.line(*f"{before}{key}".split(".")),
            )


def _of_pages(assets: Assets) -> Iterator[Grant]:
    for kind, field, pages in (
        ("skill", "allowed-tools", assets.skills),
        ("command", "allowed-tools", assets.commands),
        ("agent", "tools", assets.agents),
    ):
        for page in pages:
            tools = page.front.values.get(field)
            named = listed(tools) if tools is not None else ()
            if kind == "agent" and tools is None:
                named = (_EVERYTHING,)
            for tool in named:
                yield Grant(
                    kind="tools",
                    scope=f"{kind} {page.path}",
                    text=f"{'' if tool == _EVERYTHING else '`'}{tool[:120]}"
                    f"{'' if tool == _EVERYTHING else '`'} for the {kind} {page.name[:80]}",
                    path=page.path,
                    line=page.front.line(field),
                )


def _of_flows(assets: Assets) -> Iterator[Grant]:
    for flow in assets.flows:
        for use in uses_of(flow):
            scope = f"job {flow.path} {use.job.id}"
            for name, level in (use.job.permissions or {"*": "the repository's default"}).items():
                if level not in ("read", "none"):
                    yield Grant(
                        kind="token",
                        scope=scope,
                        text=f"`{name}: {level}` for the job {use.job.id}",
                        path=flow.path,
                        line=flow.line(
                            *(use.job.where if use.job.own_permissions else ()), "permissions"
                        ),
                    )
            for tool in (_EVERYTHING,) if use.tools is None else use.tools:
                yield Grant(
                    kind="tools",
                    scope=scope,
                    text=f"{tool[:120]} for {use.product} in the job {use.job.id}",
                    path=flow.path,
                    line=use.line,
                )
            reach = reach_of(flow, use.job, use)
            for event in reach.events if reach.is_open else ():
                yield Grant(
                    kind="trigger",
                    scope=scope,
                    text=f"anybody to start {use.product} by `{event}`",
                    path=flow.path,
                    line=flow.line("on"),
                )


def _key(grant: Grant) -> tuple[str, str, str, bool]:
    return (grant.kind, grant.scope, grant.text, grant.control)


def _widening(grant: Grant, said: str) -> Widening:
    role = approvers().changes[grant.kind].approver
    return Widening(
        grant=grant, approver=role, message=f"This change {said}; it needs the {role}'s approval."
    )
