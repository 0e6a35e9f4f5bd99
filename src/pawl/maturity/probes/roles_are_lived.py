"""The roles that are written down act in changes and incidents.

Claims: each duty has exactly one accountable role, and the roles' holders appear in records.

Looks at: `.pawl/raci.yaml`, else OWNERS and MAINTAINERS files; who opened, reviewed and merged
changes at the code host in 90 days, incidents whose commander acknowledged, and the roles whose
holders wrote or approved changes in Pawl's ledger.

Fooled by: "the whole team is accountable" (nobody is), two accountable roles for one duty, roles
whose holders never appear (`seen`), a file of names without duties (proves that names are there,
no more).

Yes: at least one role was seen, and every duty has exactly one accountable; without a host export
only those who command incidents can be told, and the roles of duties where changes are recorded.
No: a duty has none, several or everybody, no role is written down, or none was seen. Cannot tell:
no tree, no readable file, or neither host export nor incidents nor recorded changes of 90 days.
"""

import re
from typing import Any

from pawl.base.finding import Place
from pawl.base.patterns import regex
from pawl.maturity.evidence import Assurance, Depth, Kind
from pawl.maturity.extracts.roles import Duty, Role, Roles
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.facts.tree import Tree
from pawl.maturity.looking.identities import is_among, is_machine
from pawl.maturity.looking.merges import host_of
from pawl.maturity.looking.operated import recorded
from pawl.maturity.looking.owners import Members
from pawl.maturity.looking.recent import WINDOW_DAYS, within
from pawl.maturity.probe import Answer, Probe, Remedy, Share, cannot_tell, no, yes

_EVERYBODY = regex(
    r"(?:the\s+)?(?:whole|entire|all|every)?[\s-]*(?:team|everyone|everybody|all|us|we|anyone"
    r"|anybody|engineers|developers|members?)\b.*|tbd|todo|n/?a|none|nobody|\?+|-",
    re.IGNORECASE,
)
_COMMANDS = regex(r"command|incident|on-?call", re.IGNORECASE)


def _judge(facts: Facts) -> Answer:
    tree = facts.tree
    if isinstance(tree, Absent):
        return cannot_tell(tree)
    found = _source(tree)
    if found is None:
        return no("No file says who has which role.", Kind.TREE, values={"roles": 0})
    path, files = found
    if files[0].problem:
        # What the parser says may quote the file, and the file names people.
        return cannot_tell("The file of roles is no table in YAML.", places=(Place(path),))
    duties = [duty for file in files for duty in file.duties]
    roles = _roles(files, duties)
    unclear = [duty for duty in duties if not _has_one(duty)]
    values: dict[str, Any] = {"roles": len(roles)}
    if duties:
        values["accountable"] = Share(len(duties) - len(unclear), len(duties))
    told: dict[str, Any] = {"values": values, "places": (Place(path),), "inputs": sorted(roles)}
    if unclear:
        reason = f"{len(unclear)} of {len(duties)} duties do not have exactly one accountable role."
        return no(reason, Kind.TREE, **told)
    if not roles:
        return no("The file of roles names no role.", Kind.TREE, **told)
    acted = _acted(facts)
    of_duties = {
        each.strip().lower() for duty in duties for each in (*duty.responsible, *duty.accountable)
    }
    looked = _seen(facts, roles, acted, of_duties)
    if isinstance(looked, Answer):
        return looked
    seen, of = looked
    values["seen"] = Share(seen, of, census=of == len(roles))
    reason = f"{seen} of {of} roles that can be told acted in {WINDOW_DAYS} days."
    provider = not isinstance(host_of(facts, "changes"), Answer)
    told["assurance"] = Assurance.PROVIDER if provider else Assurance.OBSERVED
    kinds = [Kind.TREE, *([Kind.HOST] if provider else [])]
    kinds += [Kind.DECISION] if acted else []
    if len(kinds) == 1:
        kinds.append(Kind.INCIDENT)
    if not seen:
        return no(reason, *kinds, **told)
    # Names alone make nobody accountable: without duties the file holds up, and no more.
    return yes(reason, Depth.RUNS if duties else Depth.SUBSTANTIVE, *kinds, **told)


def _source(tree: Tree) -> tuple[str, list[Roles]] | None:
    """Return the RACI file, or else all files that name roles."""
    files = list(tree.read("roles", Roles))
    raci = [each for each in files if each[1].source == "raci"]
    if raci:
        chosen = min(raci, key=lambda each: (not each[0].startswith(".pawl/"), each[0]))
        return chosen[0], [chosen[1]]
    if not files:
        return None
    return files[0][0], [file for _, file in files]


def _roles(files: list[Roles], duties: list[Duty]) -> dict[str, tuple[str, ...]]:
    """Return the holders of each role, by its name; duties name roles too."""
    found: dict[str, tuple[str, ...]] = {}
    named = [role for file in files for role in file.roles]
    named += [Role(name) for duty in duties for name in (*duty.responsible, *duty.accountable)]
    for role in named:
        name = role.name.strip().lower()
        if name and not _EVERYBODY.fullmatch(name):
            found[name] = tuple(dict.fromkeys(found.get(name, ()) + role.members))
    return found


def _has_one(duty: Duty) -> bool:
    return len(duty.accountable) == 1 and not _EVERYBODY.fullmatch(duty.accountable[0].strip())


def _acted(facts: Facts) -> set[str]:
    """Return the roles that acted in recorded changes; none where none are recorded."""
    practice = facts.practice
    found = () if isinstance(practice, Absent) else practice.roles_acted or ()
    return {each.strip().lower() for each in found}


def _seen(
    facts: Facts, roles: dict[str, tuple[str, ...]], acted: set[str], of_duties: set[str]
) -> tuple[int, int] | Answer:
    """Return how many roles appear in records of the window, of how many that can be told.

    Without the host's record only those who command incidents can be, and with recorded changes
    the roles of duties.
    """
    host = host_of(facts, "changes")
    incidents = recorded(facts, lambda told: told.incidents, "incidents", WINDOW_DAYS)
    commanded = not isinstance(incidents, Answer) and any(
        each.commander_acknowledged and within(each.opened_at, facts.as_of) for each in incidents
    )
    commanding = {name for name in roles if _COMMANDS.search(name)}
    if isinstance(host, Answer):
        told = set() if isinstance(incidents, Answer) else commanding
        if acted:
            told |= roles.keys() & of_duties
        if not told:
            return host
        return len(told & (acted | (commanding if commanded else set()))), len(told)
    present: set[str] = set()
    for change in host.changes:
        if within(change.merged_at or change.opened_at, facts.as_of):
            present |= {change.author, change.merged_by or change.author}
            present |= {each.author for each in change.reviews if not each.bot}
    present = {each for each in present if not is_machine(each)}
    members = Members(host)
    acting = {
        name
        for name, holders in roles.items()
        if any(
            is_among(person, present)
            for holder in holders
            for person in (members.of(holder) or (holder,))
        )
    }
    acting |= roles.keys() & acted
    return len(acting | (commanding if commanded else set())), len(roles)


PROBE = Probe(
    claim="Roles are lived",
    area="culture",
    version=2,
    kinds=(Kind.TREE, Kind.HOST, Kind.INCIDENT, Kind.DECISION),
    depth=Depth.RUNS,
    values={
        "roles": "different roles that are written down",
        "seen": "share of roles whose holders acted in changes or incidents",
        "accountable": "share of duties with exactly one accountable role",
    },
    remedy=Remedy(
        "Write `.pawl/raci.yaml` with one accountable role for each kind of work and its holders.",
        1.0,
    ),
    judge=_judge,
)
