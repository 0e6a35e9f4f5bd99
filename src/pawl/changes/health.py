"""Whether policy and people of a repository can be kept: read, and satisfied by somebody.

A rule that nobody can satisfy, and a file that does not read, are found here before the change that
they would hold up.
"""

from collections.abc import Mapping

from pawl.base.errors import BadFile
from pawl.base.finding import Confidence, Finding, Outcome, Place, Severity
from pawl.changes.components import load_kinds
from pawl.changes.policy_files import PolicyRead, needs_of, read_policy
from pawl.governance.roster import Roster, load_roster
from pawl.governance.satisfiable import unsatisfiable

ROSTER, COMPONENTS = "roster.yaml", "components.yaml"
_SCOPES = "gates/"


def policy_findings(
    texts: Mapping[str, str], now: str, *, place: str = "", satisfied: bool = True
) -> tuple[Finding, ...]:
    """Return what is wrong with policy files, by their names below `.pawl/`.

    `place` says which version they are of. Without `satisfied` only whether they read is looked
    at, which is all that can be said of files that do not count yet.
    """
    found: list[Finding] = []
    read = {}
    for scope in scopes_of(texts):
        try:
            read[scope] = read_policy(texts, scope)
        except BadFile as error:
            found.append(_unread(error, place))
    for policy in read.values():
        found += [_loosened(note, place) for note in policy.notes]
    roster = _roster(texts, found, place)
    if COMPONENTS in texts:
        try:
            load_kinds(texts[COMPONENTS], place=f".pawl/{COMPONENTS}")
        except BadFile as error:
            found.append(_unread(error, place))
    whole = read.get("")
    if satisfied and whole is not None and roster is not None:
        found += _satisfied(texts, whole, read, roster, now, place)
    return tuple(dict.fromkeys(found))


def scopes_of(texts: Mapping[str, str]) -> tuple[str, ...]:
    """Return the scopes that have gates of their own, and the empty one."""
    named = (name.removeprefix(_SCOPES).removesuffix(".yaml") for name in texts if _is_gates(name))
    return ("", *sorted(named))


def _is_gates(name: str) -> bool:
    return name.startswith(_SCOPES) and name.endswith(".yaml")


def _roster(texts: Mapping[str, str], found: list[Finding], place: str) -> Roster | None:
    if ROSTER not in texts:
        return None
    try:
        return load_roster(texts[ROSTER], place=f".pawl/{ROSTER}")
    except BadFile as error:
        found.append(_unread(error, place))
        return None


def _satisfied(
    texts: Mapping[str, str],
    whole: PolicyRead,
    read: Mapping[str, PolicyRead],
    roster: Roster,
    now: str,
    place: str,
) -> tuple[Finding, ...]:
    """Return the rules that nobody but an author could satisfy, of every scope anybody names."""
    scopes = {*scopes_of(texts), *(grant.scope for grant in roster.grants)}
    needs = dict.fromkeys(needs_of(whole.policy, tuple(sorted(scopes))))
    for scope, policy in read.items():
        needs |= dict.fromkeys(
            need for need in needs_of(policy.policy, (scope,)) if need.scope == scope
        )
    problems = unsatisfiable(needs, roster, now)
    if problems:
        return problems
    return (
        Finding(
            id="rules-can-be-satisfied",
            outcome=Outcome.PASS,
            severity=Severity.HIGH,
            confidence=Confidence.HIGH,
            message=f"Each of {len(needs)} rules can be satisfied by somebody who is not its "
            "author, whoever that is, for a month.",
            place=_at(place),
        ),
    )


def no_roster(place: str) -> Finding:
    """Return the finding that nobody is named who could approve anything."""
    return Finding(
        id="roster-is-there",
        outcome=Outcome.FAIL,
        severity=Severity.LOW,
        confidence=Confidence.HIGH,
        message="Nobody can approve a change: there is no .pawl/roster.yaml.",
        place=_at(place),
        hint="Say who is who and who holds which role; see how-to/say-who-decides.",
    )


def unread(error: BadFile) -> Finding:
    """Return the finding that a policy file does not read."""
    return _unread(error, "")


def _unread(error: BadFile, place: str) -> Finding:
    where = f"{error.place} of {place}" if place else error.place
    return Finding(
        id="policy-can-be-read",
        outcome=Outcome.FAIL,
        severity=Severity.CRITICAL,
        confidence=Confidence.HIGH,
        message=f"A policy file does not read, so nothing may ship: {error.message}",
        place=_at(where),
        hint=error.hint or "Mend the file.",
    )


def _loosened(note: str, place: str) -> Finding:
    return Finding(
        id="policy-only-tightens",
        outcome=Outcome.FAIL,
        severity=Severity.MEDIUM,
        confidence=Confidence.HIGH,
        message=f"A gate was left as a wider policy has it: {note}",
        place=_at(place),
        hint="Take it out; what a wider policy asks can be tightened and never loosened.",
    )


def _at(place: str) -> Place | None:
    return Place(place) if place else None
