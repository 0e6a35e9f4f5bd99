"""Read how security tools are set up: what they look for, what they are told to overlook.

A configuration that lets everything through is there in name only: allow-lists are counted and
those that match everything are told, as are baselines of known findings, update schedules and
what SECURITY.md promises.
"""

import json
import re
import tomllib
from collections.abc import Callable
from typing import Any, Literal

import msgspec

from pawl.base.errors import BadFile
from pawl.base.patterns import regex
from pawl.maturity.extract import Extract
from pawl.maturity.facts.tree import TreeFile

Purpose = Literal["secrets", "dependencies", "code", "policy"]

_EVERYTHING = regex(r"[\^(]*(?:\.\*|\.\+|\*\*?(?:/\*\*?)?|\.|/|\[\s\S\]\*)[$)]*")
"""An expression or glob that matches whatever there is."""
_ADDRESS = regex(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+|https?://[^\s)>]{4,300}")
_PRIVATE = regex(r"private vulnerability report|security advisor|hackerone|bugcrowd", re.I)
_DAYS = regex(
    r"\b(?:within|in|up to|after)\s+(\d{1,3}|one|two|three|five|seven|ten|thirty|ninety)\s+"
    r"(?:business |working |calendar )?(hour|day|week|month)s?\b",
    re.IGNORECASE,
)


class SecurityConfig(msgspec.Struct, frozen=True, kw_only=True):
    """How one tool is set up.

    `rules` counts what it looks for beyond its own defaults, `allowed` what it is told to
    overlook, `baseline` known findings that it keeps silent about. `overlooks_all` says that an
    allowance matches everything or that the tool is off. `schedules` counts update schedules,
    `contact` and `promises` what a security policy says. `problem` says why it is not readable.
    """

    tool: str
    purpose: Purpose
    rules: int = 0
    allowed: int = 0
    baseline: int = 0
    unaudited: int = 0
    overlooks_all: bool = False
    schedules: int = 0
    contact: bool = False
    promises: int = 0
    problem: str = ""


def _yaml(text: str) -> Any:
    # Imported here: it costs 30 ms, and most trees hold none of these files.
    from pawl.base.yaml_text import parse_yaml

    return parse_yaml(text, place="configuration")


def _table(value: Any) -> dict[Any, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _everything(values: list[Any]) -> bool:
    return any(isinstance(each, str) and _EVERYTHING.fullmatch(each.strip()) for each in values)


def _gitleaks(text: str) -> SecurityConfig:
    value = tomllib.loads(text)
    lists = [_table(each) for each in _list(value.get("allowlist"))]
    lists += [_table(each) for each in _list(value.get("allowlists"))]
    rules = [_table(each) for each in _list(value.get("rules"))]
    uses_defaults = bool(_table(value.get("extend")).get("useDefault"))
    overlooked = [
        entry
        for each in lists
        for key in ("paths", "regexes", "commits", "stopwords")
        for entry in _list(each.get(key))
    ]
    paths = [entry for each in lists for entry in _list(each.get("paths"))]
    regexes = [entry for each in lists for entry in _list(each.get("regexes"))]
    return SecurityConfig(
        tool="gitleaks",
        purpose="secrets",
        rules=len(rules),
        allowed=len(overlooked),
        # A configuration that neither extends the defaults nor has rules looks for nothing.
        overlooks_all=_everything(paths) or _everything(regexes) or not (rules or uses_defaults),
    )


def _detect_secrets(text: str) -> SecurityConfig:
    value = _table(json.loads(text))
    results = [
        _table(found) for each in _table(value.get("results")).values() for found in _list(each)
    ]
    plugins = _list(value.get("plugins_used"))
    filters = [_table(each) for each in _list(value.get("filters_used"))]
    patterns = [
        entry
        for each in filters
        for key in ("pattern", "patterns")
        for entry in _list(each.get(key))
    ]
    return SecurityConfig(
        tool="detect-secrets",
        purpose="secrets",
        rules=len(plugins),
        allowed=len(patterns),
        baseline=len(results),
        unaudited=sum(not isinstance(each.get("is_secret"), bool) for each in results),
        overlooks_all=not plugins or _everything(patterns),
    )


def _dependabot(text: str) -> SecurityConfig:
    updates = [_table(each) for each in _list(_table(_yaml(text)).get("updates"))]
    live = [
        each
        for each in updates
        if each.get("package-ecosystem") and each.get("open-pull-requests-limit") != 0
    ]
    ignored = [_table(entry) for each in updates for entry in _list(each.get("ignore"))]
    return SecurityConfig(
        tool="dependabot",
        purpose="dependencies",
        schedules=len(live),
        allowed=len(ignored),
        overlooks_all=not live or _everything([each.get("dependency-name") for each in ignored]),
    )


def _renovate(text: str) -> SecurityConfig:
    try:
        value = _table(json.loads(text))
    except ValueError:
        # `.json5` and comments: YAML's flow style reads the usual ones.
        value = _table(_yaml(re.sub(r"(?m)^\s*//.*$", "", text)))
    rules = [_table(each) for each in _list(value.get("packageRules"))]
    off = [each for each in rules if each.get("enabled") is False]
    named = [
        entry
        for each in off
        for key in ("matchPackageNames", "matchPackagePatterns", "packagePatterns", "packageNames")
        for entry in _list(each.get(key))
    ]
    extends = _list(value.get("extends"))
    return SecurityConfig(
        tool="renovate",
        purpose="dependencies",
        schedules=int(value.get("enabled") is not False and bool(extends or rules)),
        rules=len(rules),
        allowed=len(_list(value.get("ignoreDeps"))) + len(off),
        overlooks_all=value.get("enabled") is False
        or _everything(named)
        or ":disableAll" in extends,
    )


def _policy(text: str) -> SecurityConfig:
    return SecurityConfig(
        tool="security-policy",
        purpose="policy",
        contact=bool(_ADDRESS.search(text) or _PRIVATE.search(text)),
        promises=min(len(_DAYS.findall(text[:50_000])), 20),
    )


def _trufflehog(text: str) -> SecurityConfig:
    value = _table(_yaml(text))
    return SecurityConfig(
        tool="trufflehog", purpose="secrets", rules=len(_list(value.get("detectors")))
    )


def _ggshield(text: str) -> SecurityConfig:
    value = _table(_yaml(text))
    secret = _table(value.get("secret"))
    paths = _list(secret.get("ignored_paths") or value.get("paths-ignore"))
    matches = _list(secret.get("ignored_matches") or value.get("matches-ignore"))
    return SecurityConfig(
        tool="ggshield",
        purpose="secrets",
        allowed=len(paths) + len(matches),
        overlooks_all=_everything(paths),
    )


_READERS: dict[str, tuple[str, Purpose, Callable[[str], SecurityConfig]]] = {
    ".gitleaks.toml": ("gitleaks", "secrets", _gitleaks),
    "gitleaks.toml": ("gitleaks", "secrets", _gitleaks),
    ".secrets.baseline": ("detect-secrets", "secrets", _detect_secrets),
    ".trufflehog.yml": ("trufflehog", "secrets", _trufflehog),
    ".trufflehog.yaml": ("trufflehog", "secrets", _trufflehog),
    ".gitguardian.yaml": ("ggshield", "secrets", _ggshield),
    ".gitguardian.yml": ("ggshield", "secrets", _ggshield),
    "dependabot.yml": ("dependabot", "dependencies", _dependabot),
    "dependabot.yaml": ("dependabot", "dependencies", _dependabot),
    "renovate.json": ("renovate", "dependencies", _renovate),
    "renovate.json5": ("renovate", "dependencies", _renovate),
    ".renovaterc": ("renovate", "dependencies", _renovate),
    ".renovaterc.json": ("renovate", "dependencies", _renovate),
    "security.md": ("security-policy", "policy", _policy),
    "security.rst": ("security-policy", "policy", _policy),
    "security.txt": ("security-policy", "policy", _policy),
}
_FOLDERS = frozenset({"", ".github", ".gitlab", "docs", ".well-known", "config", ".config"})
"""Where these files count: a vendored project's own settings guard nothing here."""


def _wants(file: TreeFile) -> bool:
    folder, _, name = file.path.lower().rpartition("/")
    return name in _READERS and folder in _FOLDERS


def read_config(path: str, text: str) -> SecurityConfig | None:
    """Return how a tool is set up, or None for a file that configures none."""
    told = _READERS.get(path.lower().rpartition("/")[2])
    if told is None:
        return None
    tool, purpose, reader = told
    try:
        return reader(text)
    except BadFile as error:
        problem = error.message
    except (tomllib.TOMLDecodeError, ValueError, RecursionError) as error:
        problem = f"not readable: {error}."
    return SecurityConfig(tool=tool, purpose=purpose, overlooks_all=True, problem=problem[:200])


EXTRACT = Extract(
    version=1, kind=SecurityConfig, wants=_wants, read=read_config, names=frozenset(_READERS)
)
