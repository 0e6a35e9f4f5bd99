"""Read long-running processes and who restarts them: compose, systemd, pm2, supervisord,
Procfile, Kubernetes.

A process is supervised when something starts it again after it dies. Where a file leaves that to
the machine it runs on, as a Procfile does, it stays unknown.
"""

from collections.abc import Callable, Iterator
from typing import Any, Literal

import msgspec

from pawl.base.patterns import regex
from pawl.maturity.extract import Extract
from pawl.maturity.facts.tree import TreeFile
from pawl.parsing.own_files import is_own
from pawl.parsing.yaml_documents import (
    documents,
    entries,
    get,
    items,
    lines_by_name,
    text_of,
)

MAX_SERVICES = 300

Manager = Literal["compose", "systemd", "pm2", "supervisord", "procfile", "kubernetes"]

_PROCFILES = frozenset({"procfile", "procfile.dev", "procfile.local"})
_SUFFIXES = (
    ".yml", ".yaml", ".json", ".js", ".cjs", ".service", ".conf", ".ini", *sorted(_PROCFILES),
)  # fmt: skip
_COMPOSE = regex(r"(?:^|/)(?:[\w.-]{0,60}docker-)?compose(?:[._-][\w.-]{0,60})?\.ya?ml$")
_PM2 = regex(
    r"(?:^|/)(?:ecosystem(?:\.[\w-]{1,40})?\.(?:config\.)?(?:c?js|json|ya?ml)"
    r"|(?:pm2|process)(?:[.-][\w-]{1,40})?\.(?:json|ya?ml))$"
)
_SUPERVISORD = regex(r"(?:^|/)supervisord?(?:\.d|/conf\.d)?[\w./-]{0,60}\.(?:conf|ini)$")
_KUBERNETES_FOLDERS = regex(
    r"(?:^|/)(?:k8s|kube|kubernetes|deploy|deployment|deployments|manifests?|charts?|helm"
    r"|kustomize|base|overlays?|argocd|apps|clusters?|gitops)/"
)
_KUBERNETES_KIND = regex(
    r"(?m)^[ \t]{0,8}[\"']?kind[\"']?:\s*[\"']?(Deployment|StatefulSet|DaemonSet|Pod)\b"
)
_DEVELOPMENT = regex(
    r"(?:^|[/._-])(?:dev|devel|development|local|test|tests|testing|ci|e2e|override|example"
    r"|examples|sample|samples|demo|sandbox|debug|playground|\.devcontainer|devcontainer)(?:[/._-]|$)"
)
_DEVELOPMENT_PROFILE = regex(r"^(?:dev|devel|development|local|test|testing|debug|ci|e2e)$")
_RESTARTING = frozenset({"always", "unless-stopped", "on-failure", "any"})
_SYSTEMD_RESTARTING = frozenset({"always", "on-failure", "on-abnormal", "on-abort", "on-watchdog"})
_COMPOSE_NAME = regex(r"(?m)^[ \t]{1,8}[\"']?([\w.-]{1,100})[\"']?:\s*$")
_METADATA_NAME = regex(r"(?m)\bname:[ \t]*[\"']?([\w.-]{1,100})[\"']?[ \t]*$")
_LINE_SETTING = regex(r"^\s*([A-Za-z]\w{0,40})\s*=\s*(.{0,200}?)\s*$")
_PM2_APP = regex(r"\bname\s*[\"']?\s*:\s*[\"'`]([^\"'`\n]{1,80})[\"'`]")
_PM2_NEVER = regex(r"\bautorestart\s*[\"']?\s*:\s*false\b")
_PROCESS = regex(r"^([A-Za-z][\w-]{0,60}):\s*\S")


class Service(msgspec.Struct, frozen=True, kw_only=True):
    """One long-running process. `policy` is what its file says about restarting it.

    `supervised` is None where the file leaves that to something else. `development` marks files
    and profiles that only a developer's machine or a test uses.
    """

    name: str
    policy: str
    supervised: bool | None
    development: bool = False
    line: int | None = None


class Services(msgspec.Struct, frozen=True, kw_only=True):
    """The long-running processes of one file; `problem` says what could not be read."""

    manager: Manager
    services: tuple[Service, ...] = ()
    problem: str = ""


def manager_of(path: str) -> Manager | None:
    """Return what would read a file to run processes, by its path."""
    lower = path.lower()
    if not lower.endswith(_SUFFIXES):
        return None
    name = lower.rpartition("/")[2]
    if name in _PROCFILES:
        return "procfile"
    if lower.endswith(".service"):
        return "systemd"
    if lower.endswith((".yml", ".yaml", ".json", ".js", ".cjs")):
        if _COMPOSE.search(lower):
            return "compose"
        if _PM2.search(lower):
            return "pm2"
        if lower.endswith((".yml", ".yaml", ".json")) and _KUBERNETES_FOLDERS.search(lower):
            return "kubernetes"
    return "supervisord" if _SUPERVISORD.search(lower) else None


def wants(file: TreeFile) -> bool:
    """Say whether a file may run processes, by its path."""
    # Examples stay in: they are read, and marked as not for production.
    return manager_of(file.path) is not None and is_own(file.path, examples=True)


def read(path: str, text: str) -> Services | None:
    """Return the processes of a file, or None when it runs none."""
    manager = manager_of(path)
    if manager is None:
        return None
    services, problem = _READERS[manager](path, text)
    if not services and not problem:
        return None
    development = _DEVELOPMENT.search(path.lower()) is not None
    return Services(
        manager=manager,
        services=tuple(
            msgspec.structs.replace(each, development=each.development or development)
            for each in services[:MAX_SERVICES]
        ),
        problem=problem,
    )


def _compose(path: str, text: str) -> tuple[list[Service], str]:
    found, problem = documents(text, place=path)
    lines = lines_by_name(text, _COMPOSE_NAME)
    services = []
    for document in found:
        declared = entries(get(document, "services"), MAX_SERVICES)
        ending = _meant_to_end(declared)
        for name, service in declared:
            if name in ending:
                continue
            policy = get(service, "deploy", "restart_policy", "condition")
            if policy is None:
                policy = get(service, "restart")
            # YAML reads a bare no as a word here; older files meant it so, too.
            said = text_of(policy).partition(":")[0].lower() or "not set"
            profiles = [text_of(each).lower() for each in items(get(service, "profiles"), 20)]
            services.append(
                Service(
                    name=name[:100],
                    policy=said[:40],
                    supervised=said in _RESTARTING,
                    development=bool(profiles)
                    and all(_DEVELOPMENT_PROFILE.match(each) for each in profiles),
                    line=lines.get(name),
                )
            )
    return services, problem


def _meant_to_end(services: list[tuple[str, Any]]) -> set[str]:
    """Return the services that others wait to complete, such as a migration."""
    return {
        name
        for _, service in services
        for name, how in entries(get(service, "depends_on"), MAX_SERVICES)
        if get(how, "condition") == "service_completed_successfully"
    }


def _systemd(path: str, text: str) -> tuple[list[Service], str]:
    told = _section(text, "service")
    if not told or told.get("type", ("", 0))[0].lower() == "oneshot":
        # A one-shot unit is meant to end.
        return [], ""
    policy, line = told.get("restart", ("no", None))
    name = path.rpartition("/")[2].removesuffix(".service")
    supervised = policy.lower() in _SYSTEMD_RESTARTING
    return [Service(name=name[:100], policy=policy[:40], supervised=supervised, line=line)], ""


def _section(text: str, wanted: str) -> dict[str, tuple[str, int]]:
    """Return one section of an ini text; see `_sections`."""
    return _sections(text).get(wanted, {})


def _sections(text: str) -> dict[str, dict[str, tuple[str, int]]]:
    """Return an ini text's settings with their lines by section, the last one winning.

    The empty setting of a section is the line it begins on.
    """
    found: dict[str, dict[str, tuple[str, int]]] = {}
    inside: dict[str, tuple[str, int]] = {}
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if stripped.startswith("["):
            inside = found.setdefault(stripped.strip("[]").lower(), {"": ("", number)})
        elif match := _LINE_SETTING.match(line):
            inside[match[1].lower()] = (match[2], number)
    return found


def _supervisord(path: str, text: str) -> tuple[list[Service], str]:
    services = []
    for section, told in list(_sections(text).items())[:MAX_SERVICES]:
        kind, _, name = section.partition(":")
        if kind != "program" or not name:
            continue
        # Left out, supervisord restarts what ended unexpectedly.
        policy = told.get("autorestart", ("unexpected", 0))[0].lower()
        restarting = policy in ("true", "unexpected", "1", "yes", "on")
        line = told[""][1]
        services.append(
            Service(name=name[:100], policy=policy[:40], supervised=restarting, line=line)
        )
    return services, ""


def _pm2(path: str, text: str) -> tuple[list[Service], str]:
    """Read apps by their names; the file is a program, which is not run."""
    names = list(_PM2_APP.finditer(text[: 256 * 1024]))[:MAX_SERVICES]
    if "apps" not in text and "script" not in text:
        return [], ""
    services = []
    for at, match in enumerate(names):
        end = names[at + 1].start() if at + 1 < len(names) else len(text)
        never = _PM2_NEVER.search(text, match.start(), end) is not None
        services.append(
            Service(
                name=match[1],
                policy="autorestart: false" if never else "autorestart",
                supervised=not never,
                line=text.count("\n", 0, match.start()) + 1,
            )
        )
    return services, ""


def _procfile(path: str, text: str) -> tuple[list[Service], str]:
    development = not path.lower().endswith("procfile")
    named = ((at, _PROCESS.match(line)) for at, line in enumerate(text.splitlines(), 1))
    return [
        Service(
            name=match[1],
            policy="left to the platform",
            supervised=None,
            development=development,
            line=at,
        )
        for at, match in named
        # A release command ends by itself.
        if match and match[1] != "release"
    ], ""


def _kubernetes(path: str, text: str) -> tuple[list[Service], str]:
    if not _KUBERNETES_KIND.search(text):
        return [], ""
    if "{{" in text:
        return list(_templated(path, text)), ""
    found, problem = documents(text, place=path)
    lines = lines_by_name(text, _METADATA_NAME)
    services: list[Service] = []
    for document in found:
        listed = items(get(document, "items"), MAX_SERVICES) or [document]
        services.extend(each for one in listed for each in _workload(one, lines))
    return services, problem


def _workload(document: Any, lines: dict[str, int]) -> Iterator[Service]:
    kind = text_of(get(document, "kind"))
    name = text_of(get(document, "metadata", "name"))
    if kind not in ("Deployment", "StatefulSet", "DaemonSet", "Pod") or not name:
        return
    policy = text_of(get(document, "spec", "restartPolicy")) or "Always"
    # A bare pod is restarted in place, but nobody brings it back when its node is gone.
    yield Service(
        name=name[:100],
        policy=f"{kind}, {policy}" if kind == "Pod" else kind,
        supervised=kind != "Pod",
        line=lines.get(name),
    )


def _templated(path: str, text: str) -> Iterator[Service]:
    """Read the kinds of a template: a Deployment restarts whatever else it says."""
    for match in list(_KUBERNETES_KIND.finditer(text))[:MAX_SERVICES]:
        yield Service(
            name=path.rpartition("/")[2].partition(".")[0],
            policy=match[1],
            supervised=match[1] != "Pod",
            line=text.count("\n", 0, match.start()) + 1,
        )


_READERS: dict[Manager, Callable[[str, str], tuple[list[Service], str]]] = {
    "compose": _compose,
    "systemd": _systemd,
    "pm2": _pm2,
    "supervisord": _supervisord,
    "procfile": _procfile,
    "kubernetes": _kubernetes,
}

EXTRACT = Extract(
    version=1,
    kind=Services,
    wants=wants,
    read=read,
    names=_PROCFILES,
    suffixes=frozenset(_SUFFIXES) - _PROCFILES,
)
