"""Who may give which command about a change: a table by kind of actor and letter of the RACI.

A permission is the first word, not the last: an approval by somebody who may answer still counts
only where it is valid, and a start is still refused where the gate says no.
"""

from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec

from pawl.base.loading import load_yaml
from pawl.governance.raci import Raci, Work, row_of
from pawl.governance.roster import Kind, Person, Roster, holds, is_active

CommandName = Literal[
    "open", "edit", "submit", "answer", "revoke", "reject", "withdraw", "start", "advance",
    "finish", "roll-back", "confirm",
]  # fmt: skip
Letter = Literal["responsible", "accountable", "consulted", "informed"]


class Permission(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one command asks of whoever gives it.

    With `letters` a role of one of them is needed, for any work touched; `authors` may do without
    it, and with `services` so may a service.
    """

    kinds: tuple[Kind, ...]
    letters: tuple[Letter, ...] = ()
    authors: bool = False
    services: bool = False


class Permissions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole table."""

    schema: Literal["pawl.permissions/1"]
    version: str
    as_of: str
    commands: dict[CommandName, Permission]
    source: str


class Permit(msgspec.Struct, frozen=True, kw_only=True):
    """Whether somebody may, and why."""

    allowed: bool
    reason: str


def may(
    command: CommandName,
    person: Person | None,
    *,
    works: Iterable[Work],
    scope: str,
    authors: frozenset[str],
    roster: Roster,
    raci: Raci,
    now: str,
    table: Permissions,
) -> Permit:
    """Say whether a person of the roster (None: nobody known) may give a command, and why."""
    rule = table.commands.get(command)
    if rule is None:
        return Permit(allowed=False, reason=f"No rule says who may {command}.")
    if person is None:
        return Permit(allowed=False, reason="Nobody in the roster claims this identity.")
    if not is_active(person, now):
        return Permit(allowed=False, reason=f"{person.id} has left, or has not come yet.")
    if person.kind not in rule.kinds:
        kinds = " or ".join(rule.kinds)
        return Permit(allowed=False, reason=f"To {command} takes a {kinds}; this is {person.kind}.")
    if not rule.letters:
        return Permit(allowed=True, reason=f"Any {person.kind} may {command}.")
    if rule.authors and person.id in authors:
        return Permit(allowed=True, reason="It is their own change.")
    if rule.services and person.kind is Kind.SERVICE:
        return Permit(allowed=True, reason="A service carries out what was decided.")
    roles = _roles(rule, works, scope, raci)
    held = [role for role in roles if holds(roster, person.id, role, scope, now)]
    if held:
        return Permit(allowed=True, reason=f"{person.id} is {held[0]}.")
    needed = " or ".join(roles) or "a role that nobody has"
    return Permit(allowed=False, reason=f"To {command} takes {needed}, which {person.id} is not.")


@cache
def shipped_permissions() -> Permissions:
    """Return the table that comes with Pawl."""
    text = files("pawl.governance").joinpath("permissions.yaml").read_text(encoding="utf-8")
    return load_yaml(text, Permissions, place="permissions.yaml")


def _roles(rule: Permission, works: Iterable[Work], scope: str, raci: Raci) -> list[str]:
    roles: dict[str, None] = {}
    for work in sorted(works):
        row = row_of(raci, work, scope)
        for letter in rule.letters if row else ():
            said = getattr(row, letter)
            roles |= dict.fromkeys((said,) if isinstance(said, str) else said)
    return list(roles)
