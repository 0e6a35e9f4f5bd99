"""A decision on a change for people: as Markdown for a host's summary, and as lines for a terminal.

Reasons name what people and tools wrote, so every text is shown as it is and nothing of it acts.
"""

from pawl.changes.explain import explained
from pawl.changes.gate import Decision
from pawl.render.escaping import cut, markdown_text, plain, wrapped

LINE_MOST = 2_000
"""Characters of one line; a longer reason is cut where it is shown, and whole in the decision."""
LINES_MOST = 2_000


def decision_text(decision: Decision) -> str:
    """Return a decision as indented lines, what stands in the way first."""
    lines = explained(decision)
    shown = [
        line
        for depth, text in lines[:LINES_MOST]
        for line in wrapped(cut(plain(text), LINE_MOST), 2 * depth, 2 * depth + 2)
    ]
    left = len(lines) - LINES_MOST
    return "\n".join([*shown, *([f"… and {left} lines more"] if left > 0 else [])]) + "\n"


def decision_markdown(decision: Decision) -> str:
    """Return a decision as a heading and a nested list."""
    (_, head), *rest = explained(decision)
    shown = [f"### {markdown_text(cut(head, LINE_MOST))}", ""]
    shown += [
        f"{'  ' * (depth - 1)}- {markdown_text(cut(text, LINE_MOST))}"
        for depth, text in rest[:LINES_MOST]
    ]
    left = len(rest) - LINES_MOST
    if left > 0:
        shown.append(f"- … and {left} lines more")
    shown += [
        "",
        f"Content `{decision.digest[:12]}` on `{decision.base_digest[:12]}` under policy "
        f"`{decision.policy_digest[:12]}`, judged at {plain(decision.at)}.",
    ]
    return "\n".join(shown) + "\n"
