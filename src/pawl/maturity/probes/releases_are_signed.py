"""Releases are signed by an identity that was expected.

Claims: published releases carry a signature or provenance that verifies.

Looks at: the code host's releases of 365 days with its own verdict about their signature, their
files' names, signed tags, and the tree for the identities that may sign.

Fooled by: a signature file that nobody verified (exists beside the release, no more), a throw-away
key (without expected identities in the tree a verified signature proves only that somebody
signed), a tag that says it is signed (git's own word, not verified).

Yes: at least one release verifies, or at least carries a signature; the depth says which. No:
releases were published and none is signed. Cannot tell: no host export. Not applicable: nothing
was released in the year.
"""

import re

from pawl.base.finding import Place
from pawl.base.patterns import regex
from pawl.maturity.evidence import Assurance, Depth, Kind
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.facts.host import Release
from pawl.maturity.facts.tree import Tree
from pawl.maturity.looking.merges import host_of
from pawl.maturity.looking.recent import newest, share_of, within
from pawl.maturity.probe import Answer, Probe, Remedy, no, not_applicable, yes

RELEASE_DAYS = 365
"""Days back: many projects release a few times a year."""
_SIGNATURE = regex(
    r"\.(?:sig|asc|minisig|sign|sigstore(?:\.json)?|intoto\.jsonl|att|p7s)$|"
    r"provenance|attestation",
    re.IGNORECASE,
)
_IDENTITIES = regex(
    r"(?:^|/)(?:allowed_signers|KEYS|cosign\.pub|minisign\.pub|release-identities\.ya?ml"
    r"|(?:signing|release)[-_]keys?(?:\.\w+)?|[\w.-]+\.(?:asc|gpg|pub))$"
)


def _judge(facts: Facts) -> Answer:
    host = host_of(facts, "releases")
    if isinstance(host, Answer):
        return host
    releases = [each for each in host.releases if within(each.at, facts.as_of, RELEASE_DAYS)]
    if not releases:
        return not_applicable(f"Nothing was released in {RELEASE_DAYS} days.")
    verified = [each for each in releases if each.verified_signature is True]
    tagged = _signed_tags(facts)
    claimed = [each for each in releases if _carries(each, tagged)]
    expected = _identities(facts.tree)
    signed = len(verified) if verified else len(claimed)
    told = {
        "values": {
            "signed": share_of(signed, len(releases)),
            "releases": len(releases),
            "identities": len(expected),
        },
        "assurance": Assurance.PROVIDER if verified else Assurance.OBSERVED,
        "places": tuple(Place(path) for path in expected),
        "claimed_at": newest(each.at for each in releases),
        "inputs": sorted(each.tag for each in releases),
    }
    if not verified and not claimed:
        return no(f"None of {len(releases)} releases is signed.", Kind.HOST, **told)
    if not verified:
        reason = (
            f"{len(claimed)} of {len(releases)} releases carry a signature that nobody verified."
        )
        return yes(reason, Depth.EXISTS, Kind.HOST, **told)
    reason = (
        f"{len(verified)} of {len(releases)} releases of {RELEASE_DAYS} days verify; "
        f"{len(expected) or 'no'} files of the tree say who may sign."
    )
    return yes(reason, Depth.BITES if expected else Depth.RUNS, Kind.HOST, **told)


def _carries(release: Release, tagged: frozenset[str]) -> bool:
    if release.verified_signature is False:
        return False
    return release.tag in tagged or any(_SIGNATURE.search(name) for name in release.assets)


def _signed_tags(facts: Facts) -> frozenset[str]:
    if isinstance(facts.history, Absent):
        return frozenset()
    return frozenset(tag.name for tag in facts.history.tags if tag.signed)


def _identities(tree: Tree | Absent) -> list[str]:
    """Return the files that say who may sign; they are looked for, not read."""
    if isinstance(tree, Absent):
        return []
    return [
        file.path
        for file in tree.files
        if file.kind != "link" and file.path.count("/") <= 2 and _IDENTITIES.search(file.path)
    ]


PROBE = Probe(
    claim="Releases are signed",
    area="security",
    version=1,
    kinds=(Kind.HOST,),
    depth=Depth.BITES,
    values={
        "signed": "share of releases that verify; of those that carry a signature if none does",
        "releases": "releases of the year",
        "identities": "files of the tree that name who may sign",
    },
    remedy=Remedy(
        "Sign release artifacts in the release job, publish the provenance, and keep the expected "
        "identities in the repository.",
        2.0,
    ),
    judge=_judge,
)
