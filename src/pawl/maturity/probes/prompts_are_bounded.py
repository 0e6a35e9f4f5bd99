"""Prompt templates name tools, an output, a fallback and a bound.

Claims: what people and commands hand to an agent again and again says what to use, what to return,
what to do when something is missing, and how much is enough.

Looks at: templates in the tree: `prompts/`, `.pawl/templates/`, commands of Claude Code, Gemini CLI
and opencode. Each of the four is looked for by its words. That a prompt is good, no probe can see.

Fooled by: words with a number missing ("keep it short" is no bound), text in comments (not read),
placeholders (more than 5 % and it is hollow; variables to be filled in are none), copies (they
count once), a template of under 20 words.

Yes: at least one template has all four. No: there is none, or none has. Cannot tell: the files were
not looked at.
"""

from itertools import islice

from pawl.base.finding import Place
from pawl.maturity.evidence import Depth, Kind, Share
from pawl.maturity.extracts.prompt_template import PromptTemplate
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.looking.hollow import DEFAULT, MAX_COMPARED
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, yes
from pawl.parsing.likeness import is_alike

MIN_WORDS = 20
"""Words below which no template can say the four things and what it is about."""


def _judge(facts: Facts) -> Answer:
    tree = facts.tree
    if isinstance(tree, Absent):
        return cannot_tell(tree)
    templates = _different(dict(tree.read("prompt-template", PromptTemplate)))
    if not templates:
        values = {"templates": 0, "complete": Share(0, 0)}
        return no("No prompt template was found.", Kind.TREE, values=values)
    lacking = {path: reason for path, each in templates.items() if (reason := _lacks(each))}
    good = len(templates) - len(lacking)
    reason = f"{good} of {len(templates)} prompt templates name tools, output, fallback and bound"
    if lacking:
        first = min(lacking)
        reason += f"; {first}: {lacking[first]}"
    told = {
        "values": {
            "templates": len(templates),
            "complete": Share(good, len(templates), tree.is_census("prompt-template")),
        },
        "places": tuple(Place(path, 1) for path in sorted(lacking)),
        "inputs": tree.blobs_of(templates),
    }
    if not good:
        return no(f"{reason}.", Kind.TREE, **told)
    return yes(f"{reason}.", Depth.SUBSTANTIVE, Kind.TREE, **told)


def _different(templates: dict[str, PromptTemplate]) -> dict[str, PromptTemplate]:
    """Return the templates without copies of one another."""
    kept: dict[str, PromptTemplate] = {}
    for path, each in sorted(templates.items()):
        others = islice(kept.values(), MAX_COMPARED)
        if not any(is_alike(each.sketch, other.sketch, DEFAULT.alike) for other in others):
            kept[path] = each
    return kept


def _lacks(template: PromptTemplate) -> str | None:
    """Return what a template lacks, or None."""
    whole = template.words + template.placeholders
    if template.words < MIN_WORDS:
        return f"{template.words} words"
    if template.placeholders > DEFAULT.placeholders * whole:
        return f"{template.placeholders} placeholders"
    said = {
        "tools": template.tools,
        "output": template.output,
        "fallback": template.fallback,
        "bound": template.bound,
    }
    missing = [name for name, line in said.items() if line is None]
    return f"no {', no '.join(missing)}" if missing else None


PROBE = Probe(
    claim="Prompts are bounded",
    area="adoption",
    version=1,
    kinds=(Kind.TREE,),
    depth=Depth.SUBSTANTIVE,
    values={
        "templates": "different prompt templates in the tree",
        "complete": "share of them that name tools, output, fallback and bound",
    },
    remedy=Remedy(
        "Say in each template which tools to use, what to return, what to do when one is missing, "
        "and how much at most.",
        0.5,
    ),
    judge=_judge,
)
