"""Everything that proves a criterion was written by those who are assessed.

Notices criteria of the upper levels whose every record rests on files, commits, decisions or a
person's word, where all that touched the evidence are of the assessed side: its members, its bots,
its agents. Who they are comes from the base version's team list, with the host's members of the
teams named there; addresses are compared after the mailmap, and co-authors in trailers count.

Computed from the commits that touched the places a record names, or from all commits where it
names none. Without a team list nothing is said. What a CI provider, a code host or telemetry
recorded is nobody's writing and is never touched.

Innocent: a team that works alone has nobody else. Remedy: let CI or telemetry show the same, or
ask somebody outside to review the page. Removes: the credit is provisional where others work in
the same repository; for a team that works alone it is only noted.
"""

from pawl.maturity.detector import Detector, Look
from pawl.maturity.evidence import Kind, Record
from pawl.maturity.facts import Absent
from pawl.maturity.facts.history import Commit
from pawl.maturity.looking.identities import is_among, people
from pawl.maturity.looking.noticing import Voice, model_level, needs_of, passing
from pawl.maturity.looking.owners import Members
from pawl.maturity.verdict import Hit

_VOICE = Voice(
    "G02",
    "The team works alone, and nobody else could have written or seen it.",
    "Let CI or telemetry show the same, or ask somebody outside the team to review it.",
)
_WRITTEN = frozenset({Kind.TREE, Kind.HISTORY, Kind.ATTESTATION, Kind.DECISION})
_AUTHORS = frozenset({"co-authored-by", "co-developed-by", "signed-off-by", "reviewed-by"})


def look(look: Look) -> list[Hit]:
    """Return at most one hit, naming all such criteria."""
    history = look.facts.history
    if not look.team or isinstance(history, Absent):
        return []
    team = _team(look)
    others = _outside(history.commits, team)
    found = []
    for criterion, probes in needs_of(look).items():
        if model_level(look, criterion)[1] < look.numbers["from_level"]:
            continue
        records = passing(look.records, probes)
        if len(records) == len(probes) and all(
            _is_own(record, history.commits, team) for record in records
        ):
            found.append((criterion, probes))
    if not found:
        return []
    return [
        _VOICE.hit(
            f"The evidence of {len(found)} criteria was written by the assessed side alone"
            + (", although others work here." if others else "; nobody else works here."),
            "medium" if others else "weak",
            "provisional" if others else "note",
            criteria=[criterion for criterion, _ in found],
            probes=[probe for _, probes in found for probe in probes],
        )
    ]


def _team(look: Look) -> tuple[str, ...]:
    host = look.facts.host
    members = Members(None if isinstance(host, Absent) else host)
    return tuple(person for each in look.team for person in members.of(each) or (each,))


def _outside(commits: tuple[Commit, ...], team: tuple[str, ...]) -> set[str]:
    accounts = {account for commit in commits for account in _accounts(commit)}
    return {each for each in people(accounts) if not is_among(each, team)}


def _accounts(commit: Commit) -> tuple[str, ...]:
    named = (value for key, value in commit.trailers if key.lower() in _AUTHORS)
    return (commit.author, *named)


def _is_own(record: Record, commits: tuple[Commit, ...], team: tuple[str, ...]) -> bool:
    if not _WRITTEN.issuperset(record.kinds):
        return False
    paths = {place.path for place in record.places}
    touched = [each for each in commits if paths & {file.path for file in each.files}]
    return not _outside(tuple(touched) or commits, team)


DETECTOR = Detector(
    code="G02",
    name="Assessed-only authorship",
    what="Everything that proves a criterion was written by those who are assessed.",
    innocent=_VOICE.innocent,
    remedy=_VOICE.remedy,
    look=look,
)
