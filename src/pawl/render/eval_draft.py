"""A drafted case for people, and as one object."""

from typing import Any

from pawl.evals.assertion import grader_key
from pawl.evals.drafting import Drafted


def draft_text(drafted: Drafted, path: str | None) -> str:
    """Return what is said beside a draft: how the run fails it, and what is still to do."""
    draft = drafted.draft
    lines = [f"The run fails it, by {drafted.read_from}:"]
    lines += [
        f"  {grader_key(each.assertion)}: {each.why}; expected {each.answer.expected},"
        f" found {each.answer.actual}"
        for each in draft.proofs
    ]
    lines += [f"Note: {warning}" for warning in drafted.warnings]
    if draft.redacted:
        lines.append("Note: what looks like a secret was taken out of the prompt.")
    lines.append("Nothing was written." if path is None else f"Written: {path}")
    lines.append("It is half a case: say what a right answer does, or doing nothing passes.")
    return "\n".join(lines) + "\n"


def draft_object(drafted: Drafted, path: str | None) -> dict[str, Any]:
    """Return the `pawl.eval-draft/1` object of a draft."""
    draft = drafted.draft
    return {
        "schema": "pawl.eval-draft/1",
        "case": draft.case.id,
        "path": path,
        "text": draft.text,
        "record": drafted.sealed.address,
        "read_from": drafted.read_from,
        "proofs": [
            {
                "assertion": each.assertion,
                "why": each.why,
                "expected": each.answer.expected,
                "actual": each.answer.actual,
                "pointer": each.answer.pointer,
            }
            for each in draft.proofs
        ],
        "redacted": draft.redacted,
        "warnings": list(drafted.warnings),
    }
