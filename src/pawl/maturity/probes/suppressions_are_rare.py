"""Suppressions are rare: linters and type checkers are seldom told to look away.

Looks at: every source file of the tree, for comments and attributes that silence a rule
(`noqa`, `type: ignore`, `pylint: disable`, `eslint-disable`, `nolint`, `#[allow]`,
`@SuppressWarnings` and their kin).
Fooled by: one comment that silences a whole file. Such a file counts as if every tenth of its
lines were suppressed, and `silenced` is its share of all lines. Words in strings do not count;
files that a program generated are on neither side, and `generated` says how many.
Yes: fewer than a tenth of the lines are suppressed or silenced. No: more. Cannot tell: no tree.
"""

from pawl.base.finding import Place
from pawl.maturity.evidence import Depth, Kind, Share
from pawl.maturity.extracts.suppressions import Suppressions
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, not_applicable, yes

RARE_SHARE = 0.1
"""What is on every tenth line is not rare in any reading of the word; models ask for far less."""


def judge(facts: Facts) -> Answer:
    """Count suppressions per thousand lines."""
    if isinstance(facts.tree, Absent):
        return cannot_tell(facts.tree)
    read = dict(facts.tree.read("suppressions", Suppressions))
    kept = {path: each for path, each in read.items() if not each.generated}
    lines = sum(each.lines for each in kept.values())
    if not lines:
        return not_applicable("The commit holds no source code in a language that is read.")
    counted = {path: _weight(each) for path, each in kept.items()}
    suppressions = sum(counted.values())
    silenced = sum(each.lines for each in kept.values() if each.blanket)
    worst = sorted(
        (path for path, count in counted.items() if count),
        key=lambda path: (not kept[path].blanket, -counted[path], path),
    )
    census = facts.tree.is_census("suppressions")
    told = {
        "values": {
            "per_kloc": round(suppressions * 1000 / lines, 2),
            "suppressions": suppressions,
            "lines": lines,
            "silenced": Share(silenced, lines, census=census),
            "generated": len(read) - len(kept),
        },
        "places": tuple(
            Place(path, kept[path].first[0] if kept[path].first else None) for path in worst
        ),
        "inputs": [facts.tree.tree, suppressions, lines],
    }
    reason = (
        f"{suppressions} suppressions in {lines:,} lines of {len(kept)} files; "
        f"{silenced:,} lines lie in files silenced as a whole."
    )
    if suppressions > lines * RARE_SHARE or silenced > lines * RARE_SHARE:
        return no(reason, Kind.TREE, **told)
    return yes(reason, Depth.SUBSTANTIVE, Kind.TREE, **told)


def _weight(each: Suppressions) -> int:
    """Return a file's suppressions; one that silences the file counts for a tenth of its lines."""
    named = sum(each.kinds.values())
    return max(named, -(-each.lines // 10)) if each.blanket else named


PROBE = Probe(
    claim="Linters and type checkers are seldom told to look away.",
    area="code",
    version=1,
    kinds=(Kind.TREE,),
    depth=Depth.SUBSTANTIVE,
    values={
        "per_kloc": "suppressions per thousand lines, generated files left out",
        "suppressions": "suppressions",
        "lines": "lines of source, generated files left out",
        "silenced": "lines in files silenced as a whole, among all",
        "generated": "generated files left out",
    },
    remedy=Remedy("Mend what the suppressions hide, those of whole files first.", 2),
    judge=judge,
)
