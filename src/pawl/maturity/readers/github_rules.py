"""What GitHub enforces on the default branch: rulesets and the older branch protection, as one.

The two add up: a branch is held to whatever either asks. What neither file tells stays unknown.
"""

from typing import Any, TypeVar

import msgspec

from pawl.maturity.facts.host import Ruleset
from pawl.maturity.readers.host_dump import Dump

T = TypeVar("T")


class _Parameters(msgspec.Struct, frozen=True):
    required_approving_review_count: int = 0
    dismiss_stale_reviews_on_push: bool = False
    require_code_owner_review: bool = False
    required_status_checks: tuple[dict[str, Any], ...] = ()


class _Rule(msgspec.Struct, frozen=True):
    type: str
    parameters: _Parameters | None = None


class _Bypassable(msgspec.Struct, frozen=True):
    enforcement: str = "active"
    bypass_actors: tuple[Any, ...] | None = None


class _Switch(msgspec.Struct, frozen=True):
    enabled: bool = False


class _Allowances(msgspec.Struct, frozen=True):
    users: tuple[Any, ...] = ()
    teams: tuple[Any, ...] = ()
    apps: tuple[Any, ...] = ()


class _Reviews(msgspec.Struct, frozen=True):
    required_approving_review_count: int = 0
    dismiss_stale_reviews: bool = False
    require_code_owner_reviews: bool = False
    bypass_pull_request_allowances: _Allowances | None = None


class _Checks(msgspec.Struct, frozen=True):
    contexts: tuple[str, ...] = ()
    checks: tuple[dict[str, Any], ...] = ()


class _Protection(msgspec.Struct, frozen=True):
    required_pull_request_reviews: _Reviews | None = None
    required_status_checks: _Checks | None = None
    enforce_admins: _Switch | None = None
    allow_force_pushes: _Switch | None = None


_NOTHING = Ruleset(
    requires_change_request=False,
    required_approvals=0,
    dismisses_stale=False,
    requires_code_owners=False,
    required_checks=(),
    blocks_force_push=False,
)


def ruleset(dump: Dump) -> Ruleset | None:
    """Return what is enforced, or None, noted as missing, when no file tells."""
    newer, older = _from_rules(dump), _from_protection(dump)
    if newer is None and older is None:
        dump.missing.setdefault("ruleset", "neither rules nor branch protection were exported")
        return None
    if newer is None or older is None:
        return newer or older
    return Ruleset(
        requires_change_request=_either(
            newer.requires_change_request, older.requires_change_request
        ),
        required_approvals=max(newer.required_approvals or 0, older.required_approvals or 0),
        dismisses_stale=_either(newer.dismisses_stale, older.dismisses_stale),
        requires_code_owners=_either(newer.requires_code_owners, older.requires_code_owners),
        required_checks=tuple(
            sorted({*(newer.required_checks or ()), *(older.required_checks or ())})
        ),
        blocks_force_push=_either(newer.blocks_force_push, older.blocks_force_push),
        applies_to_admins=_either(newer.applies_to_admins, older.applies_to_admins),
        bypass_actors=_most(newer.bypass_actors, older.bypass_actors),
    )


def _from_rules(dump: Dump) -> Ruleset | None:
    rules = dump.items("rules.json", _Rule, "rules")
    dump.missing.pop("rules", None)
    if rules is None:
        return None
    change = [rule.parameters or _Parameters() for rule in rules if rule.type == "pull_request"]
    checks = [rule.parameters for rule in rules if rule.type == "required_status_checks"]
    names = {
        str(check.get("context"))
        for parameters in checks
        if parameters is not None
        for check in parameters.required_status_checks
    }
    rulesets = dump.items("rulesets.json", _Bypassable, "bypass")
    dump.missing.pop("bypass", None)
    actors = [
        len(each.bypass_actors)
        for each in rulesets or ()
        if each.bypass_actors is not None and each.enforcement == "active"
    ]
    return Ruleset(
        requires_change_request=bool(change),
        required_approvals=max(
            (each.required_approving_review_count for each in change), default=0
        ),
        dismisses_stale=any(each.dismiss_stale_reviews_on_push for each in change),
        requires_code_owners=any(each.require_code_owner_review for each in change),
        required_checks=tuple(sorted(names)),
        blocks_force_push=any(rule.type == "non_fast_forward" for rule in rules),
        # Whom a ruleset does not bind stands in its list of bypass actors.
        applies_to_admins=None if not actors else sum(actors) == 0,
        bypass_actors=sum(actors) if actors else None,
    )


def _from_protection(dump: Dump) -> Ruleset | None:
    told = dump.one("protection.json", _Protection, "protection")
    reason = dump.missing.pop("protection", "")
    if told is None:
        return _NOTHING if "Branch not protected" in reason else None
    reviews, checks = told.required_pull_request_reviews, told.required_status_checks
    allowed = reviews.bypass_pull_request_allowances if reviews else None
    names = (
        {*checks.contexts, *(str(each.get("context")) for each in checks.checks)} if checks else ()
    )
    return Ruleset(
        requires_change_request=reviews is not None,
        required_approvals=reviews.required_approving_review_count if reviews else 0,
        dismisses_stale=reviews is not None and reviews.dismiss_stale_reviews,
        requires_code_owners=reviews is not None and reviews.require_code_owner_reviews,
        required_checks=tuple(sorted(names)),
        # Protection refuses them unless it says otherwise.
        blocks_force_push=not (told.allow_force_pushes and told.allow_force_pushes.enabled),
        applies_to_admins=told.enforce_admins.enabled if told.enforce_admins else None,
        bypass_actors=len(allowed.users) + len(allowed.teams) + len(allowed.apps) if allowed else 0,
    )


def _either(one: bool | None, other: bool | None) -> bool | None:
    if one is None or other is None:
        return one if other is None else other
    return one or other


def _most(one: int | None, other: int | None) -> int | None:
    known = [count for count in (one, other) if count is not None]
    return max(known, default=None)
