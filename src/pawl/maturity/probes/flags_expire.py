"""Feature flags have an end, and are gone by then.

Looks at the files that list feature flags: each flag needs an owner and a day on which it ends. A
flag that is typed to stay (a kill switch) needs a review date instead.

What would fool it: an end in the far future. More than two years ahead is no end.

Yes: at least half of the flags end. No: fewer. Not applicable: no flag is listed, and no library
for flags is asked for. Cannot tell: no tree was given, the list cannot be read, or a library for
flags is in use and no file lists them.
"""

from pawl.base.finding import Place
from pawl.maturity.evidence import Depth, Kind, Share
from pawl.maturity.extracts.flags import Flag, Flags
from pawl.maturity.extracts.manifest import Manifest
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.looking.recent import days_before
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, not_applicable, yes

FAR_DAYS = 730
"""Days ahead beyond which a date is no end: flags are temporary by definition."""
LIBRARIES = (
    "launchdarkly", "openfeature", "unleash", "flagsmith", "growthbook", "configcat", "flipper",
    "splitio", "posthog", "statsig", "gofeatureflag", "django-waffle", "flipt",
)  # fmt: skip


def _end(flag: Flag) -> str | None:
    return flag.review if flag.permanent else flag.end


def judge(facts: Facts) -> Answer:
    """Judge every flag that a file lists."""
    tree = facts.tree
    if isinstance(tree, Absent):
        return cannot_tell(tree)
    files = list(tree.read("flags", Flags))
    listed = [(path, flag) for path, file in files for flag in file.flags]
    if not listed:
        broken = [path for path, file in files if file.problem]
        if broken:
            return cannot_tell(f"The flags in {broken[0]} cannot be read. Mend the file.")
        asked = {each.name for _, it in tree.read("manifest", Manifest) for each in it.dependencies}
        using = [library for library in LIBRARIES if any(library in name for name in asked)]
        if using:
            return cannot_tell(
                f"The library {using[0]} is in use, and no file lists the flags. Export them."
            )
        return not_applicable("No flag is listed, and no library for flags is asked for.")
    today, far = facts.as_of[:10], days_before(facts.as_of, -FAR_DAYS)[:10]
    ending = [(path, flag) for path, flag in listed if flag.owned and (_end(flag) or "9999") <= far]
    overdue = [(path, flag) for path, flag in ending if (_end(flag) or "") < today]
    census = tree.is_census("flags")
    places = [Place(path, flag.line) for path, flag in overdue]
    places += [Place(path, flag.line) for path, flag in listed if (path, flag) not in ending]
    told = {
        "values": {
            "with_end": Share(len(ending), len(listed), census=census),
            "overdue": Share(len(overdue), len(ending) or len(listed), census=census),
        },
        "places": tuple(places),
        "inputs": [tree.tree, [path for path, _ in files]],
    }
    said = f"{len(ending)} of {len(listed)} flags have an owner and an end; {len(overdue)} are"
    said = f"{said} past it."
    if len(ending) * 2 < len(listed):
        return no(said, Kind.TREE, **told)
    return yes(said, Depth.SUBSTANTIVE, Kind.TREE, **told)


PROBE = Probe(
    claim="Feature flags end.",
    area="delivery",
    version=1,
    kinds=(Kind.TREE,),
    depth=Depth.SUBSTANTIVE,
    values={
        "with_end": "share of the flags with an owner and an end within two years",
        "overdue": "share of the flags with an end that are past it",
    },
    remedy=Remedy("Give each flag an owner and a day, and take out those past theirs.", 1.0),
    judge=judge,
)
