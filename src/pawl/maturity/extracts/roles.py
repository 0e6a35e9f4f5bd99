"""Read who has which role: RACI files, OWNERS and MAINTAINERS.

`.pawl/raci.yaml` says for each kind of work who is responsible, accountable, consulted and
informed; OWNERS files name approvers and reviewers; MAINTAINERS files name maintainers. Members
are kept to compare with records and to count, never to show.
"""

import re
import tomllib
from typing import Any

import msgspec

from pawl.base.errors import BadFile
from pawl.base.patterns import regex
from pawl.maturity.extract import Extract
from pawl.maturity.facts.tree import TreeFile

MAX_ROLES = 100
MAX_MEMBERS = 500
MAX_DUTIES = 200
_RACI = regex(r"(?:^|/)raci\.ya?ml$", re.IGNORECASE)
_OWNERS = frozenset({"owners", "owners_aliases"})
_MAINTAINERS = frozenset({"maintainers", "maintainers.md", "maintainers.txt", "maintainers.toml"})
_FOREIGN = ("vendor/", "third_party/", "node_modules/", "testdata/", "fixtures/")
_LETTERS = {
    "responsible": ("responsible", "r"),
    "accountable": ("accountable", "a"),
    "consulted": ("consulted", "c"),
    "informed": ("informed", "i"),
}
_ACCOUNT = regex(
    r"(?<![\w.@/])@[a-z0-9][\w-]{0,38}(?:/[\w.-]{1,60})?|[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+",
    re.IGNORECASE,
)
_GITHUB_LINK = regex(r"github\.com/([\w-]{1,39})(?=[)\s>\"']|$)", re.IGNORECASE)


class Role(msgspec.Struct, frozen=True):
    """A role and the accounts that hold it."""

    name: str
    members: tuple[str, ...] = ()


class Duty(msgspec.Struct, frozen=True):
    """One kind of work, and the roles that are responsible and accountable for it."""

    name: str
    responsible: tuple[str, ...] = ()
    accountable: tuple[str, ...] = ()


class Roles(msgspec.Struct, frozen=True, kw_only=True):
    """What one file says of roles. `problem` says why it could not be read."""

    source: str
    roles: tuple[Role, ...] = ()
    duties: tuple[Duty, ...] = ()
    problem: str = ""


def _wants(file: TreeFile) -> bool:
    name = file.path[file.path.rfind("/") + 1 :].lower()
    if name in _OWNERS or name in _MAINTAINERS:
        return not any(part in file.path.lower() for part in _FOREIGN)
    return name in ("raci.yaml", "raci.yml")


def read_roles(path: str, text: str) -> Roles | None:
    """Return the roles that a file names; None when it names none and is no RACI file."""
    name = path[path.rfind("/") + 1 :].lower()
    if _RACI.search(path):
        return _raci(text)
    if name in _OWNERS:
        roles = _owners(text)
        return Roles(source="owners", roles=roles) if roles else None
    roles = _maintainers(text)
    return Roles(source="maintainers", roles=roles) if roles else None


def _yaml(text: str) -> Any:
    # Imported here: it costs 30 ms, and most trees hold none of these files.
    from pawl.base.yaml_text import parse_yaml

    return parse_yaml(text, place="roles")


def _raci(text: str) -> Roles:
    try:
        value = _yaml(text)
    except BadFile as error:
        return Roles(source="raci", problem=error.message[:200])
    if not isinstance(value, dict):
        return Roles(source="raci", problem="holds no table of roles")
    roles = tuple(
        Role(str(name)[:80], _accounts(told)) for name, told in _items(value.get("roles"))
    )
    rows: list[tuple[Any, Any]] = []
    for key, part in value.items():
        if key not in ("roles", "schema", "version", "people") and isinstance(part, dict | list):
            rows.extend(_items(part))
    duties = [_duty(name, row) for name, row in rows if isinstance(row, dict)]
    return Roles(
        source="raci",
        roles=roles[:MAX_ROLES],
        duties=tuple(duty for duty in duties if duty.responsible or duty.accountable)[:MAX_DUTIES],
    )


def _items(value: Any) -> list[tuple[Any, Any]]:
    """Return names with what stands under them, of a table or of a list of tables."""
    if isinstance(value, dict):
        return list(value.items())[:MAX_DUTIES]
    if not isinstance(value, list):
        return []
    found: list[tuple[Any, Any]] = []
    for each in value[:MAX_DUTIES]:
        if isinstance(each, dict):
            keys = ("id", "name", "work", "work_type", "type", "change_type", "activity", "role")
            found.append((next((each[key] for key in keys if key in each), ""), each))
        else:
            found.append((each, None))
    return found


def _duty(name: Any, row: dict[Any, Any]) -> Duty:
    told: dict[str, tuple[str, ...]] = {}
    for key, value in row.items():
        for duty, spellings in _LETTERS.items():
            if str(key).lower() in spellings:
                told[duty] = _names(value)
    return Duty(str(name)[:80], told.get("responsible", ()), told.get("accountable", ()))


def _names(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        parts = re.split(r"\s*(?:,|;|\band\b|&|\+)\s*", value.strip())
    elif isinstance(value, list):
        parts = [str(each) for each in value[:MAX_MEMBERS] if isinstance(each, str | int)]
    else:
        return ()
    return tuple(dict.fromkeys(part.strip()[:80] for part in parts if part.strip()))


def _accounts(value: Any) -> tuple[str, ...]:
    """Return the members of a role however they are written: a name, a list, a table of both."""
    found: list[str] = []

    def walk(part: Any, depth: int) -> None:
        if len(found) >= MAX_MEMBERS or depth > 4:
            return
        if isinstance(part, str):
            found.append(part.strip()[:200])
        elif isinstance(part, list):
            for each in part[:MAX_MEMBERS]:
                walk(each, depth + 1)
        elif isinstance(part, dict):
            for key, each in part.items():
                if str(key).lower() in _HOLDERS:
                    walk(each, depth + 1)

    walk(value, 0)
    return tuple(dict.fromkeys(each for each in found if each))


_HOLDERS = frozenset(
    {
        "members", "people", "persons", "person", "holders", "holder", "who", "accounts", "account",
        "github", "gitlab", "handle", "handles", "email", "emails", "git", "team", "teams",
        "deputies", "deputy",
    }
)  # fmt: skip


def _owners(text: str) -> tuple[Role, ...]:
    """Read an OWNERS file, of Kubernetes' kind in YAML or of Chromium's in lines."""
    if re.search(
        r"(?m)^(?:approvers|reviewers|owners|maintainers|aliases|labels|filters)\s*:", text
    ):
        try:
            value = _yaml(text)
        except BadFile:
            return ()
        if not isinstance(value, dict):
            return ()
        return tuple(
            Role(str(key), _names(part))
            for key, part in value.items()
            if str(key) in ("approvers", "reviewers", "owners", "maintainers") and _names(part)
        )
    members: list[str] = []
    for line in text.splitlines()[:MAX_MEMBERS]:
        word = re.sub(r"^per-file\s+[^=]{1,200}=", "", line.partition("#")[0]).strip()
        members.extend(part.strip() for part in word.split(",") if _ACCOUNT.fullmatch(part.strip()))
    return (Role("owners", tuple(dict.fromkeys(members))),) if members else ()


_OWNERS_KEY = regex(
    r"(?m)^(?:approvers|reviewers|owners|maintainers|aliases|labels|filters)[ \t]{0,9}:"
)
_LINUX = {"m": "maintainers", "r": "reviewers"}


def _maintainers(text: str) -> tuple[Role, ...]:
    """Read a MAINTAINERS file: the kernel's lettered lines, a TOML table, or a list or table."""
    found: dict[str, dict[str, None]] = {}
    if re.search(r"(?m)^\[[\w.\" -]+\]\s*$", text):
        try:
            people = tomllib.loads(text)
        except (tomllib.TOMLDecodeError, RecursionError):
            people = {}
        accounts = re.findall(r"(?i)\"?(?:github|email)\"?\s*=\s*\"([^\"\n]{1,200})\"", text)
        if people and accounts:
            return (Role("maintainers", tuple(dict.fromkeys(accounts))[:MAX_MEMBERS]),)
    lettered = re.findall(r"(?m)^([MR]):[ \t]{0,20}(.{1,200})$", text)
    if lettered:
        for letter, rest in lettered:
            members = found.setdefault(_LINUX[letter.lower()], {})
            match = _ACCOUNT.search(rest)
            if match and len(members) < MAX_MEMBERS:
                members[match[0]] = None
    else:
        for line in text.splitlines()[:5000]:
            part = line[:1000]
            for account in [*_ACCOUNT.findall(part), *_GITHUB_LINK.findall(part)][:5]:
                members = found.setdefault("maintainers", {})
                if len(members) < MAX_MEMBERS:
                    members[account] = None
    return tuple(Role(name, tuple(members)) for name, members in found.items() if members)


EXTRACT = Extract(
    version=1,
    kind=Roles,
    wants=_wants,
    read=read_roles,
    first=lambda p: "raci" in p,
    names=frozenset({*_OWNERS, *_MAINTAINERS, "raci.yaml", "raci.yml"}),
)
