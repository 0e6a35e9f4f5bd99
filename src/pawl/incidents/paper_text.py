"""A postmortem as Markdown that people edit, and read back from it.

Each part stands under a heading of its own; what is under none is left out. Reading what was
written gives the same content, but for space at the ends of a part.
"""

import re

import msgspec

from pawl.base.errors import BadFile
from pawl.base.loading import MAX_TEXT
from pawl.incidents.learning import load_learning
from pawl.incidents.postmortem import Content
from pawl.incidents.root_cause import RootCause

_PARTS = {
    "summary": "Summary",
    "impact": "Impact",
    "what_happened": "What happened",
    "lucky": "What was lucky",
    "failed_control": "Which control failed",
}
_CAUSE = "Root cause"
_LEARNING = "Learning"
_CAUSE_FIELDS = {
    "cause_class": "Class",
    "component": "Component",
    "trigger": "Trigger",
    "missing_control": "Missing control",
}
_HEADING = re.compile(
    rf"^(\\*)## ({'|'.join((*_PARTS.values(), _CAUSE, _LEARNING))})[ \t]*$", re.MULTILINE
)
_FENCE = re.compile(r"^```\w*\n(.*)\n```$", re.DOTALL)


def paper_markdown(content: Content, title: str = "") -> str:
    """Return a postmortem as Markdown; `title` is its first line and is not read back."""
    lines = [f"# {' '.join(title.split()) or 'Postmortem'}", ""]
    for name, heading in _PARTS.items():
        lines += [f"## {heading}", "", _kept(getattr(content, name).strip()), ""]
    lines += [f"## {_CAUSE}", ""]
    for name, label in _CAUSE_FIELDS.items():
        value = getattr(content.root_cause, name) if content.root_cause else ""
        lines.append(f"- {label}: {' '.join(value.split())}".rstrip())
    lines += ["", f"## {_LEARNING}", ""]
    if content.learning is not None:
        told = msgspec.json.format(msgspec.json.encode(content.learning), indent=2).decode()
        lines += ["```json", told, "```", ""]
    if content.no_change is not None:
        lines += [f"Nothing changes, as was signed on {content.no_change.signed_at[:10]}.", ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def read_paper(text: str, *, place: str) -> Content:
    """Return the content of a postmortem from Markdown; raises BadFile for what it cannot hold."""
    if len(text) > MAX_TEXT:
        raise BadFile(f"larger than {MAX_TEXT:,} characters.", place=place)
    parts = _parts(text.replace("\r\n", "\n"), place)
    if not parts:
        raise BadFile(
            "holds no part of a postmortem.",
            place=place,
            hint="Keep its headings, such as `## Summary`.",
        )
    learning = None
    found = _FENCE.match(parts.get(_LEARNING, "").partition("\nNothing changes,")[0].strip())
    if found is not None:
        learning = load_learning(found.group(1), place=f"{place}: {_LEARNING}")
    return Content(
        summary=parts.get("Summary", ""),
        impact=parts.get("Impact", ""),
        what_happened=parts.get("What happened", ""),
        lucky=parts.get("What was lucky", ""),
        failed_control=parts.get("Which control failed", ""),
        root_cause=_cause(parts.get(_CAUSE, ""), place),
        learning=learning,
    )


def _parts(text: str, place: str) -> dict[str, str]:
    heads = [each for each in _HEADING.finditer(text) if not each.group(1)]
    found: dict[str, str] = {}
    for at, head in enumerate(heads):
        if head.group(2) in found:
            raise BadFile(f"`## {head.group(2)}` stands twice.", place=place, hint="Leave one.")
        end = heads[at + 1].start() if at + 1 < len(heads) else len(text)
        body = text[head.end() : end].strip()
        found[head.group(2)] = _HEADING.sub(lambda match: match.group()[1:], body)
    return found


def _kept(text: str) -> str:
    """Return a text in which no line is taken for a heading of ours."""
    return _HEADING.sub(lambda match: f"\\{match.group()}", text)


def _cause(text: str, place: str) -> RootCause | None:
    labels = {label.casefold(): name for name, label in _CAUSE_FIELDS.items()}
    said: dict[str, str] = {}
    for line in text.splitlines():
        label, colon, value = line.strip().removeprefix("- ").partition(":")
        name = labels.get(label.strip().casefold())
        if name and colon:
            said[name] = value.strip()
    if not any(said.values()):
        return None
    missing = [label for name, label in _CAUSE_FIELDS.items() if not said.get(name)]
    if missing:
        raise BadFile(
            f"its root cause lacks {', '.join(missing)}.",
            place=f"{place}: {_CAUSE}",
            hint="Say all four, or none of them.",
        )
    return RootCause(**said)
