"""The bill of materials lists what the lock files install.

Claims: the newest bill of materials names the packages and versions that are locked.

Looks at: exported CycloneDX and SPDX documents, those of the newest day alone, and the lock files
of the tree.

Fooled by: the bill of another build or of last year (its versions differ, and its date or build
must be known at all), many old bills together (only the newest day's count), a bill of a handful
of packages (the share is of all that is locked).

Yes: at least one locked package is listed in its version; `matched` says how many. No: none is.
Cannot tell: no bill that names a time or a build, or no lock file that can be read.
"""

from pawl.base.patterns import regex
from pawl.maturity.evidence import Depth, Kind, Share
from pawl.maturity.extracts.lockfile import Lockfile
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.facts.reports import Sbom
from pawl.maturity.facts.tree import Tree
from pawl.maturity.looking.recent import newest
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, yes

_SEPARATORS = regex(r"[-_.]+")


def _judge(facts: Facts) -> Answer:
    if isinstance(facts.tree, Absent):
        return cannot_tell(facts.tree)
    if isinstance(facts.reports, Absent):
        return cannot_tell(facts.reports)
    bills = _newest([each for each in facts.reports.sboms if each.at or each.subject_digest])
    if not bills:
        return cannot_tell(
            "No bill of materials names a time or a build; export the one the build made."
        )
    locked, whole = _locked(facts.tree)
    if not locked:
        return cannot_tell("No lock file could be read to compare the bill of materials with.")
    listed = {_plain(each.name, each.version) for bill in bills for each in bill.components}
    matched = len(locked & listed)
    told = {
        "values": {
            "matched": Share(matched, len(locked), census=whole),
            "components": len(listed),
        },
        "claimed_at": newest(bill.at for bill in bills),
        "inputs": sorted(bill.digest for bill in bills),
    }
    reason = (
        f"{matched} of {len(locked)} locked packages stand in the bill of materials in their "
        "version."
    )
    if not matched:
        return no(reason, Kind.CI, Kind.TREE, **told)
    return yes(reason, Depth.SUBSTANTIVE, Kind.CI, Kind.TREE, **told)


def _newest(bills: list[Sbom]) -> list[Sbom]:
    """Return the bills of the newest day; one build may make several."""
    days = [bill.at[:10] for bill in bills if bill.at]
    if not days:
        return bills[:1]
    return [bill for bill in bills if bill.at and bill.at[:10] == max(days)]


def _locked(tree: Tree) -> tuple[set[tuple[str, str]], bool]:
    found: set[tuple[str, str]] = set()
    whole = tree.is_census("lockfile")
    for _, lock in tree.read("lockfile", Lockfile):
        whole = whole and not lock.truncated and lock.problem is None
        found |= {_plain(name, version) for name, version in lock.packages}
    return found, whole


def _plain(name: str, version: str) -> tuple[str, str]:
    """Return a package as registries compare it: separators are one, a `v` before is none."""
    return _SEPARATORS.sub("-", name.lower()), version.removeprefix("v")


PROBE = Probe(
    claim="The bill of materials matches the locks",
    area="security",
    version=1,
    kinds=(Kind.CI, Kind.TREE),
    depth=Depth.SUBSTANTIVE,
    values={
        "matched": "share of locked packages that the bill lists in the same version",
        "components": "different packages that the bill lists",
    },
    remedy=Remedy("Make the bill of materials in the release job, from the same lock file.", 1.0),
    judge=_judge,
)
