"""A guide tells the team how to work with agents.

Claims: one page covers when to use agents and when not, review, permissions, choice of model, cost,
sharing what was learnt, and whom to turn to.

Looks at: pages of the tree whose title or path speaks of agents (or of one by name) and of a guide,
a policy, guidelines or the like; the page that covers most counts, with the pages beside it in a
folder of that name. A section counts with 15 words below its heading or its subheadings.

Fooled by: headings with nothing or a placeholder below (no words, no section), a hollow page or a
template, instructions for agents themselves (`CLAUDE.md` is written for them, not for the team).

Yes: a guide covers at least one section; `sections` says how many of seven. No: there is no guide,
or it is hollow. Cannot tell: the files were not looked at.
"""

import re

from pawl.base.finding import Place
from pawl.base.patterns import regex
from pawl.maturity.evidence import Depth, Kind, Share
from pawl.maturity.extracts.document import Document
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.looking.hollow import hollow
from pawl.maturity.looking.sections import has_section
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, yes

_ABOUT = regex(
    r"(?i)\b(?:agents?|agentic|ai|llms?|claude|codex|copilot|gemini|cursor|assistants?)\b"
)
_GUIDE = regex(
    r"(?i)\b(?:guides?|guidelines?|handbook|policy|policies|playbook|conventions?|working with"
    r"|how we use|use of|usage|standards?|adoption|rules of)\b"
)
_TEAM_GUIDE = regex(r"(?i)(?:^|/)team-guide[^/]*$")
WORDS = 15
"""Words below a heading that make a section: one full sentence."""

SECTIONS = {
    "when to use": regex(
        r"(?i)\bwhen\b.*\b(?:use|to)\b|\b(?:use cases?|not to use|do not use|don't use|never use"
        r"|good for|suitable|appropriate)\b"
    ),
    "review": regex(r"(?i)\breviews?(?:ing|ed)?\b"),
    "permissions": regex(
        r"(?i)\bpermissions?\b|\ballow(?:ed|list)?s?\b|\bsandbox|\bmodes?\b|\bsafety\b|\bsecurity\b"
        r"|\bsecrets?\b"
    ),
    "model choice": regex(r"(?i)\bmodels?\b"),
    "cost": regex(r"(?i)\bcosts?\b|\bbudgets?\b|\bspend(?:ing)?\b"),
    "sharing knowledge": regex(
        r"(?i)\bknowledge\b|\bshar(?:e|ed|ing)\b|\blearn(?:ing|ings|ed|t)?\b|\bprompt library\b"
    ),
    "escalation": regex(
        r"(?i)\bescalat|\bcontacts?\b|\bwho to ask\b|\bwhom to\b|\bsupport\b|\bhelp\b"
        r"|\bincidents?\b"
    ),
}
"""What a team guide covers: the seven parts of the team adoption module (M13)."""


def _judge(facts: Facts) -> Answer:
    tree = facts.tree
    if isinstance(tree, Absent):
        return cannot_tell(tree)
    guides = {path: page for path, page in tree.read("document", Document) if _is_guide(path, page)}
    if not guides:
        return no(
            "No guide for work with agents was found.",
            Kind.TREE,
            values={"sections": Share(0, len(SECTIONS))},
        )
    empty = hollow(guides)
    covered = {path: set() if path in empty else _covered(page) for path, page in guides.items()}
    best = min(covered, key=lambda path: (-len(covered[path]), path))
    lacking = [name for name in SECTIONS if name not in covered[best]]
    reason = f"{best} covers {len(covered[best])} of {len(SECTIONS)} sections"
    if best in empty:
        reason = f"{best} is hollow: {empty[best]}"
    elif lacking:
        reason += f"; it lacks {', '.join(lacking)}"
    told = {
        "values": {"sections": Share(len(covered[best]), len(SECTIONS))},
        "places": (Place(best, 1),),
        "inputs": tree.blobs_of(guides),
    }
    if not covered[best]:
        return no(f"{reason}.", Kind.TREE, **told)
    return yes(f"{reason}.", Depth.SUBSTANTIVE, Kind.TREE, **told)


def _is_guide(path: str, page: Document) -> bool:
    if page.template or page.category in ("agent", "adr", "postmortem"):
        return False
    told = f"{re.sub(r'[-_/.]', ' ', path)} {page.title}"
    return bool(_TEAM_GUIDE.search(path) or (_ABOUT.search(told) and _GUIDE.search(told)))


def _covered(page: Document) -> set[str]:
    return {name for name, pattern in SECTIONS.items() if has_section(page, pattern, words=WORDS)}


PROBE = Probe(
    claim="The team guide is complete",
    area="adoption",
    version=1,
    kinds=(Kind.TREE,),
    depth=Depth.SUBSTANTIVE,
    values={"sections": "share of seven sections that the best guide covers"},
    remedy=Remedy(
        "Write one page: when to use agents and when not, review, permissions, models, cost, "
        "sharing, escalation.",
        1.0,
    ),
    judge=_judge,
)
