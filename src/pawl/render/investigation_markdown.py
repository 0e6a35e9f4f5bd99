"""An investigation for people, as Markdown or plain text.

Everything in it that others wrote, logs, messages of commits, names, is shown as text and nothing
else: no markup of it works, and what tries to give orders is named as that.
"""

from collections.abc import Callable, Iterator

from pawl.investigation.evidence import Claim, Evidence
from pawl.investigation.investigation import Hypothesis, Investigation
from pawl.render.escaping import cut, markdown_text, plain

MAX_EVIDENCE = 200
_WIDTH = 160
Shown = Callable[[str], str]


def investigation_markdown(found: Investigation) -> str:
    """Return an investigation as Markdown."""
    return "\n".join(_lines(found, markdown_text, head="## ", bold="**")) + "\n"


def investigation_text(found: Investigation) -> str:
    """Return an investigation for a terminal."""
    return "\n".join(_lines(found, plain, head="", bold="")) + "\n"


def _lines(found: Investigation, shown: Shown, *, head: str, bold: str) -> Iterator[str]:
    began = found.began_at[:19] or "not known"
    yield f"{head}Investigation of {shown(found.incident)}"
    yield ""
    yield f"It began: {began}{'Z' if found.began_at else ''}."
    if found.ended_at:
        yield f"It ended: {found.ended_at[:19]}Z."
    yield f"Looked at: {found.window.since[:16]}Z to {found.window.until[:16]}Z."
    yield ""
    yield from _hypotheses(found, shown, head, bold)
    for number, answer in enumerate(found.answers, 1):
        yield f"{head}{number}. {answer.question}"
        yield ""
        for claim in answer.claims:
            yield _claim(claim, shown)
        for each in answer.unknown:
            yield f"- unknown: {shown(cut(each, _WIDTH))}"
        yield ""
    yield from _actions(found, shown, head)
    yield from _agent(found, shown, head)
    if found.unknown:
        yield f"{head}Not looked at"
        yield ""
        yield from (f"- {shown(cut(each, _WIDTH))}" for each in found.unknown)
        yield ""
    yield f"{head}Evidence"
    yield ""
    for piece in found.evidence[:MAX_EVIDENCE]:
        yield _evidence(piece, shown)
    left = len(found.evidence) - MAX_EVIDENCE
    if left > 0:
        yield f"- and {left:,} more"


def _hypotheses(found: Investigation, shown: Shown, head: str, bold: str) -> Iterator[str]:
    yield f"{head}What may explain it"
    yield ""
    if not found.hypotheses:
        yield "Nothing that was looked at explains it."
    for each in found.hypotheses:
        yield f"{each.rank}. {bold}{each.level} ({each.confidence:.0%}){bold} {shown(each.cause)}"
        yield from _reasons(each, shown)
    yield f"- none of these: {found.unexplained:.0%}"
    yield ""


def _reasons(hypothesis: Hypothesis, shown: Shown) -> Iterator[str]:
    for each in hypothesis.reasons:
        way = "for" if each.factor > 1 else "against"
        yield f"   - {way} (x{each.factor:.3g}): {shown(cut(each.text, _WIDTH))}"
    if hypothesis.tell_apart and hypothesis.rank == 1:
        yield f"   - to find out: {shown(hypothesis.tell_apart)}"
    yield f"   - evidence: {', '.join(hypothesis.evidence[:8])}"


def _actions(found: Investigation, shown: Shown, head: str) -> Iterator[str]:
    if found.escalation:
        yield f"{head}Why people decide"
        yield ""
        yield from (f"- {each.id}: {shown(each.why)}" for each in found.escalation)
        yield ""
    if found.actions:
        yield f"{head}What to do (nothing of it was done)"
        yield ""
        for each in found.actions:
            yield f"- {each.action}, asks {each.asks}: {shown(cut(each.text, _WIDTH))}"
        yield ""


def _agent(found: Investigation, shown: Shown, head: str) -> Iterator[str]:
    if found.agent is None:
        return
    yield f"{head}What an agent added"
    yield ""
    if found.agent.problem:
        yield f"Its answer is not used: {shown(found.agent.problem)}"
        yield "What stands above was found without it."
    for claim in found.agent.claims:
        yield _claim(claim, shown)
    for action in found.agent.actions:
        yield f"- {action.action}, asks people: {shown(cut(action.text, _WIDTH))}"
    for each in found.agent.dropped:
        yield f"- dropped: {shown(cut(each, _WIDTH))}"
    yield ""


def _claim(claim: Claim, shown: Shown) -> str:
    return f"- {claim.tag}: {shown(claim.text)} ({', '.join(claim.evidence[:6])})"


def _evidence(each: Evidence, shown: Shown) -> str:
    told = f"- {each.id}, {each.at[:19] or 'no time'}: {shown(cut(each.what, _WIDTH))}"
    if each.place:
        told += f" [{shown(cut(each.place, 60))}]"
    # Whoever reads must know that this is data that speaks to them, and was not heard.
    return f"{told} (flagged: {each.flagged}; not obeyed)" if each.flagged else told
