"""Survey the files that steer agents: what the lint finds in them, and what they allow and run.

The rules are all those of the lint that are no opinions. What the tree's own settings switch off
or make milder stays on here: whoever is judged does not choose the rules. Waivers and the baseline
are read, so that a finding can say that somebody allows it; it is a finding all the same.
"""

import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Literal

from pawl.assets.asset import Entry, asset_of, plugin_folders
from pawl.assets.assets import Assets
from pawl.assets.hook_programs import HookUse, hook_uses, scripts_of
from pawl.assets.known import hook_events
from pawl.assets.lint import Linted, lint
from pawl.assets.lint_settings import LintSettings
from pawl.assets.rule import Rule
from pawl.assets.rule_width import any_code
from pawl.assets.servers import Server
from pawl.assets.setting_values import value_of
from pawl.assets.settings import Settings
from pawl.assets.waivers import Waiver
from pawl.maturity.facts.steering import (
    Finding,
    Guard,
    Permission,
    Steering,
    SteeringPage,
    ToolServer,
)
from pawl.maturity.survey import Whole
from pawl.parsing.hook_command import hollow_command, hollow_script
from pawl.parsing.permission_rules import is_secret_variable, judge_tool
from pawl.parsing.pinning import pin_of

MAX_FINDINGS = 5000
"""Findings that are kept, the worst first; the others are counted."""
MAX_TEXT = 200
MAX_DESCRIPTION = 500
Allowed = Callable[[Whole], tuple[tuple[Waiver, ...], tuple[str, ...]]]
"""What a tree's own settings allow, and the fingerprints that its baseline knows."""

LOST_REFUSALS = (
    "fail-open-hook", "powerless-refusal", "missing-hook-script", "never-matching-hook",
)  # fmt: skip
LOOSE_SERVERS = (
    "unpinned-mcp-server", "plain-http-server", "broken-mcp-server", "server-given-home",
    "secret-in-mcp-server",
)  # fmt: skip
_Says = Literal["allow", "ask", "deny", "mode"]


def files(entries: Mapping[str, Entry]) -> Iterable[str]:
    """Return the paths of the files that steer agents."""
    plugins = plugin_folders(entries)
    return (path for path in entries if asset_of(path, plugins) is not None)


def look(
    whole: Whole, rules: Callable[[], Mapping[str, Rule]], day: str, allowed: Allowed
) -> Steering:
    """Return what the files of a tree come to on a UTC day; no rule is asked for without any."""
    assets = Assets(whole)
    if not assets.all:
        return Steering()
    waivers, known = allowed(whole)
    linted = lint(assets, rules(), LintSettings(allow=waivers), today=day, known=known)
    findings = _findings(linted)
    return Steering(
        findings=findings[:MAX_FINDINGS],
        looked_at=linted.looked_at,
        unread=linted.unread[:MAX_FINDINGS],
        failed=linted.failed,
        more=_more(linted, findings),
        permissions=tuple(each for file in assets.settings for each in _permissions(file)),
        guards=tuple(_guards(assets, findings)),
        servers=tuple(_servers(assets, findings)),
        pages=tuple(
            SteeringPage(
                kind=page.asset.kind.value,
                path=page.path,
                name=page.name[:100],
                description=page.description[:MAX_DESCRIPTION],
            )
            for page in (*assets.skills, *assets.agents, *assets.commands)
        ),
        settings=tuple(file.path for file in assets.settings),
        broken=tuple(file.path for file in assets.settings if file.config.problem),
    )


def _findings(linted: Linted) -> tuple[Finding, ...]:
    return tuple(
        Finding(
            rule=each.rule,
            severity=each.severity.value,
            path=each.path,
            line=each.line,
            message=each.message[:500],
            state=each.state,
            reason=each.reason[:MAX_TEXT],
        )
        for each in linted.findings
    )


def _more(linted: Linted, findings: tuple[Finding, ...]) -> dict[str, int]:
    more = dict(linted.more)
    for each in findings[MAX_FINDINGS:]:
        more[each.rule] = more.get(each.rule, 0) + 1
    return more


def _permissions(file: Settings) -> Iterator[Permission]:
    """Yield the rules of a file, and the modes that decide where no rule does."""
    for rule in file.permissions:
        judged = judge_tool(rule.tool, rule.pattern)
        code = any_code(rule)
        allows = rule.says == "allow"
        yield Permission(
            says=rule.says,
            text=rule.text[:MAX_TEXT],
            path=file.path,
            line=rule.line,
            wide=(judged.wide or code) if allows else None,
            unbound=allows and (judged.unbound or code is not None),
            secret=judged.secret,
        )
    yield from _MODES.get(file.asset.product, _no_modes)(file)


def _mode(file: Settings, name: str, wide: str | None, says: _Says = "mode") -> Permission:
    return Permission(
        says=says,
        text=f"{name} {value_of(file.config, name)}"[:MAX_TEXT],
        path=file.path,
        line=file.config.line(*name.split(".")),
        wide=wide,
        unbound=says == "mode" and wide is not None,
    )


def _no_modes(file: Settings) -> Iterator[Permission]:
    yield from ()


def _claude_modes(file: Settings) -> Iterator[Permission]:
    # Where there are permissions and no mode is named, the mode that asks holds.
    if file.config.table("permissions"):
        mode = value_of(file.config, "permissions.defaultMode")
        wide = "it asks nothing" if mode == "bypassPermissions" else None
        yield _mode(file, "permissions.defaultMode", wide)


def _codex_modes(file: Settings) -> Iterator[Permission]:
    def said(name: str) -> Any:
        return value_of(file.config, name)

    free = said("sandbox_mode") == "danger-full-access"
    if isinstance(said("sandbox_mode"), str):
        yield _mode(file, "sandbox_mode", "it has no sandbox" if free else None)
    network = said("sandbox_workspace_write.network_access")
    if network is not None:
        name = "sandbox_workspace_write.network_access"
        if network is True:
            yield _mode(file, name, "it allows any address", "allow")
        else:
            yield _mode(file, name, None, "deny")
    if isinstance(said("approval_policy"), str):
        unasked = free and said("approval_policy") == "never"
        yield _mode(file, "approval_policy", "it asks nothing" if unasked else None)
    excluded = said("shell_environment_policy.exclude")
    for text in excluded if isinstance(excluded, list) else ():
        if isinstance(text, str):
            yield Permission(
                says="deny",
                text=text[:MAX_TEXT],
                path=file.path,
                line=file.config.line("shell_environment_policy", "exclude"),
                secret=is_secret_variable(text),
            )


def _gemini_modes(file: Settings) -> Iterator[Permission]:
    mode = value_of(file.config, "general.defaultApprovalMode")
    if isinstance(mode, str):
        yield _mode(
            file, "general.defaultApprovalMode", "it asks nothing" if mode == "yolo" else None
        )


def _opencode_modes(file: Settings) -> Iterator[Permission]:
    if value_of(file.config, "permission") == "allow":
        yield _mode(file, "permission", "it asks nothing")


_MODES: dict[str, Callable[[Settings], Iterator[Permission]]] = {
    "claude-code": _claude_modes,
    "codex": _codex_modes,
    "gemini-cli": _gemini_modes,
    "opencode": _opencode_modes,
}


def _guards(assets: Assets, findings: tuple[Finding, ...]) -> Iterator[Guard]:
    """Yield the hooks whose event comes before what they could refuse."""
    lost = {(each.path, each.line): each.message for each in findings if each.rule in LOST_REFUSALS}
    for use in hook_uses(assets):
        known = hook_events().products.get(use.asset.product)
        event = None if known is None else known.events.get(use.hook.event)
        if event is not None and event.refuses:
            yield Guard(
                event=use.hook.event,
                path=use.asset.path,
                line=use.hook.line,
                hollow=lost.get((use.asset.path, use.hook.line)) or _hollow(assets, use),
            )


def _hollow(assets: Assets, use: HookUse) -> str | None:
    """Return why what a hook runs decides nothing, or None when it might."""
    if use.hook.kind != "command":
        return None
    why = hollow_command(use.hook.command)
    if why is not None:
        return why
    texts = ((each.path, assets.text(each.path)) for each in scripts_of(use))
    whys = [hollow_script(path, text) for path, text in texts if text is not None]
    return whys[0] if whys and all(whys) else None


def _servers(assets: Assets, findings: tuple[Finding, ...]) -> Iterator[ToolServer]:
    """Yield the servers that are switched on."""
    loose = [each for each in findings if each.rule in LOOSE_SERVERS]
    for server in assets.all_servers:
        if server.values.get("disabled") is True or server.values.get("enabled") is False:
            continue
        told = (
            each.message
            for each in loose
            if each.path == server.path and server.name[:60] in each.message
        )
        yield ToolServer(
            name=server.name[:100],
            path=server.path,
            line=server.line,
            unpinned=next(told, None) or _unpinned(assets, server),
        )


def _unpinned(assets: Assets, server: Server) -> str | None:
    """Return why nothing pins a server, or None; a fixed https address stands for a version."""
    if server.url:
        host = server.url.partition("://")[2].partition("/")[0]
        if not server.url.startswith("https://"):
            return "its address is not https"
        return "its address is not fixed" if "$" in host or "{" in host or not host else None
    pin = pin_of(server.words)
    if pin.script is None:
        return pin.unpinned
    beside = posixpath.normpath(posixpath.join(posixpath.dirname(server.path), pin.script))
    there = assets.exists(posixpath.normpath(pin.script)) or assets.exists(beside)
    return None if there else f"{pin.script} is not there"
