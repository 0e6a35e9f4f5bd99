"""Choices of tools are recorded with options, criteria and a reason.

Claims: why the team uses the agents, models and tools that it does can be read.

Looks at: decision records in the tree (pages in `adr`, `decisions` and the like, and pages in
folders such as `tool-evaluations` or `radar`) whose title or path speaks of a tool, an agent or a
model. A record is complete with a date, a decision, at least one alternative, criteria and a
reason, each with words below it.

Fooled by: records copied from one another or from a template (copies count once, templates not at
all), headings with nothing below, "TBD", a hollow page.

Yes: at least one record is complete. No: there is none, or none is complete. Cannot tell: the files
were not looked at.
"""

import re

from pawl.base.finding import Place
from pawl.base.patterns import regex
from pawl.maturity.evidence import Depth, Kind, Share
from pawl.maturity.extracts.document import Document
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.facts.tree import Tree
from pawl.maturity.looking.hollow import hollow
from pawl.maturity.looking.sections import has_section
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, yes

_TOOL = regex(
    r"(?i)\b(?:tools?|tooling|agents?|assistants?|copilot|claude|codex|gemini|cursor|opencode|aider"
    r"|llms?|(?:language )?models?|mcp|sdk|frameworks?|linters?|editor|ide)\b"
)
_RECORDS = regex(r"(?i)(?:^|/)(?:tool[-_]?(?:choices|evaluations?|decisions)|radar)/")
# Names of sections, as the usual templates of decision records give them (read 2026-11).
_ASKED = {
    "alternatives": regex(r"(?i)\b(?:alternatives?|options?|candidates?|compared|comparison)\b"),
    "criteria": regex(r"(?i)\b(?:criteria|drivers?|requirements?|scores?|evaluation|forces)\b"),
    "a reason": regex(
        r"(?i)\b(?:reasons?|rationale|why|justification|because|consequences|decision outcome"
        r"|positive consequences)\b"
    ),
    "a decision": regex(r"(?i)\b(?:decision|decided|status|outcome|verdict|choice)\b"),
}


def _judge(facts: Facts) -> Answer:
    tree = facts.tree
    if isinstance(tree, Absent):
        return cannot_tell(tree)
    records = _records(tree)
    if not records:
        values = {"decisions": 0, "complete": Share(0, 0)}
        return no("No choice of a tool is recorded.", Kind.TREE, values=values)
    empty = hollow(records)
    lacking = {
        path: reason
        for path, page in records.items()
        if (reason := empty.get(path) or _lacks(page))
    }
    good = len(records) - len(lacking)
    reason = f"{good} of {len(records)} choices of tools are recorded in full"
    if lacking:
        first = min(lacking)
        reason += f"; {first}: {lacking[first]}"
    told = {
        "values": {
            "decisions": len(records),
            "complete": Share(good, len(records), tree.is_census("document")),
        },
        "places": tuple(Place(path, 1) for path in sorted(lacking)),
        "inputs": tree.blobs_of(records),
    }
    if not good:
        return no(f"{reason}.", Kind.TREE, **told)
    return yes(f"{reason}.", Depth.SUBSTANTIVE, Kind.TREE, **told)


def _records(tree: Tree) -> dict[str, Document]:
    """Return the decision records about tools, by path."""
    return {
        path: page
        for path, page in tree.read("document", Document)
        if not page.template
        and (
            _RECORDS.search(path)
            or (page.category == "adr" and _TOOL.search(f"{page.title} {_stem(path)}"))
        )
    }


def _stem(path: str) -> str:
    return re.sub(r"[-_.]", " ", path.rpartition("/")[2])


def _lacks(page: Document) -> str | None:
    """Return what a record lacks, or None when it is complete."""
    for name, pattern in _ASKED.items():
        if not has_section(page, pattern):
            return f"no {name.removeprefix('a ')}"
    return None if page.dates else "no date"


PROBE = Probe(
    claim="Tool choices are recorded",
    area="adoption",
    version=1,
    kinds=(Kind.TREE,),
    depth=Depth.SUBSTANTIVE,
    values={
        "decisions": "decision records about tools, agents and models",
        "complete": "share of them with date, decision, alternatives, criteria and reason",
    },
    remedy=Remedy("Write down date, tool, alternatives, criteria, decision and reason.", 0.5),
    judge=_judge,
)
