"""What is said of a declaration that was not taken: that it is kept, where, and what to do."""

from pawl.render.escaping import cut, plain, wrapped
from pawl.services.declaring import Outcome


def kept_text(outcome: Outcome) -> str:
    """Return that a declaration is kept and not sent, or lost, or refused, and what to do."""
    title = cut(plain(outcome.kept.said.title), 300)
    why = " ".join(outcome.refusal.reasons) if outcome.refusal else outcome.why
    if outcome.place:
        lines = [f"KEPT, NOT SENT: {title}", f"  in {plain(outcome.place)}"]
        after = "next: call somebody; then pawl incident send"
    else:
        lines = [f"NOT DECLARED, AND NOT KEPT: {title}"]
        lines += wrapped(outcome.lost, 2, 4)
        after = "next: call somebody; then declare it again with --data DIR of a disk with room"
    lines += wrapped(f"why: {cut(why, 500)}", 2, 4)
    lines.append("  Nobody has been paged.")
    return "".join(f"{line}\n" for line in (*lines, after))
