"""The same piece of evidence is shown for too many things.

Notices what proves more criteria of one model than one thing should, what proves the same for many
subjects at once, and a single document that carries a good part of a level.

One record is one piece of evidence, and attestations about the same thing are one, whatever they
were asked for. Of different subjects, attestations, decisions and CI reports are the same when the
digests of what they looked at agree; files are not compared, because many repositories rightly use
one CI template or one policy, nor are numbers that a host or a log counts anew in each. A document
counts where it is the one place that a criterion's evidence names; the CI configuration and
manifests do not count, since a whole pipeline stands in one file by design.

Innocent: a control that a platform provides for many. Remedy: declare it as inherited, and name
the platform. Removes: the credit of the records concerned is provisional.
"""

from collections import defaultdict
from functools import cache

from pawl.base.canonical import digest
from pawl.base.finding import Outcome, Place
from pawl.maturity.detector import Detector, Look
from pawl.maturity.evidence import Kind, Record
from pawl.maturity.facts import Absent
from pawl.maturity.looking.noticing import Voice, model_level, needs_of, passing
from pawl.maturity.verdict import Hit

_VOICE = Voice(
    "G12",
    "A platform provides the control for many.",
    "Declare the control as inherited and name the platform that provides it.",
)
_COUNTS = 1000
_SINGULAR = frozenset({Kind.ATTESTATION, Kind.DECISION, Kind.CI})


@cache
def _nothing() -> frozenset[str]:
    """Return the digests of having looked at nothing in particular, or of a bare count."""
    empty: tuple[object, ...] = (None, [], [None], {}, "", True, False)
    return frozenset({"", *map(digest, empty), *map(digest, range(_COUNTS))})


def look(look: Look) -> list[Hit]:
    """Return hits for much-cited evidence, for evidence of many subjects, and for one document."""
    return [*_for_many_criteria(look), *_of_many_subjects(look), *_one_document(look)]


def _named(record: Record) -> bool:
    return record.outcome is Outcome.PASS and record.inputs not in _nothing()


def _for_many_criteria(look: Look) -> list[Hit]:
    cited: dict[tuple[str, str], set[str]] = defaultdict(set)
    by: dict[str, list[Record]] = defaultdict(list)
    for probe, record in sorted(look.records.items()):
        if _named(record):
            # Other probes may look at the same files and ask for something else in them.
            piece = record.inputs if record.kinds == (Kind.ATTESTATION,) else record.id
            by[piece].append(record)
            for criterion in look.serves.get(probe, ()):
                cited[piece, model_level(look, criterion)[0]].add(criterion)
    hits = []
    for (piece, model), criteria in sorted(cited.items()):
        if len(criteria) > look.numbers["criteria_max"]:
            hits.append(
                _VOICE.hit(
                    f"The same evidence is shown for {len(criteria)} criteria of {model}.",
                    "medium",
                    "provisional",
                    probes=[each.probe for each in by[piece]],
                    criteria=criteria,
                    evidence=[each.id for each in by[piece]],
                )
            )
    return hits


def _is_singular(record: Record) -> bool:
    """Say whether a record names something that there is only once."""
    return _named(record) and _SINGULAR.issuperset(record.kinds)


def _of_many_subjects(look: Look) -> list[Hit]:
    theirs: dict[tuple[str, str], set[str]] = defaultdict(set)
    for subject, records in look.others.items():
        for record in records:
            if _is_singular(record) and subject != look.facts.subject:
                theirs[record.probe, record.inputs].add(subject)
    found = [
        record
        for probe, record in sorted(look.records.items())
        if _is_singular(record)
        and len(theirs[probe, record.inputs]) + 1 > look.numbers["subjects_max"]
    ]
    if not found:
        return []
    return [
        _VOICE.hit(
            f"{len(found)} records rest on the same evidence as those of several other subjects.",
            "medium",
            "provisional",
            probes=[each.probe for each in found],
            evidence=[each.id for each in found],
        )
    ]


def _one_document(look: Look) -> list[Hit]:
    if isinstance(look.facts.tree, Absent):
        return []
    documents = look.facts.tree.extracts.get("document", {})
    carried: dict[tuple[str, int], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    of: dict[tuple[str, int], int] = defaultdict(int)
    needs = needs_of(look)
    for criterion, probes in needs.items():
        level = model_level(look, criterion)
        of[level] += 1
        records = passing(look.records, probes)
        paths = {place.path for record in records for place in record.places}
        if len(records) == len(probes) and len(paths) == 1 and paths <= documents.keys():
            carried[level][paths.pop()].add(criterion)
    hits = []
    for level, by_path in sorted(carried.items()):
        for path, criteria in sorted(by_path.items()):
            if len(criteria) < look.numbers["file_criteria_min"]:
                continue
            if len(criteria) <= look.numbers["level_share_over"] * of[level]:
                continue
            hits.append(
                _VOICE.hit(
                    f"One document carries {len(criteria)} of the {of[level]} criteria of level "
                    f"{level[1]} of {level[0]}.",
                    "medium",
                    "provisional",
                    criteria=criteria,
                    probes=[probe for criterion in criteria for probe in needs[criterion]],
                    places=(Place(path),),
                )
            )
    return hits


DETECTOR = Detector(
    code="G12",
    name="Recycled evidence",
    what="The same piece of evidence is shown for too many things.",
    innocent=_VOICE.innocent,
    remedy=_VOICE.remedy,
    look=look,
)
