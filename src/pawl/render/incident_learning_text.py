"""What incidents leave behind, for a terminal; texts of people are shown without control codes."""

from collections.abc import Iterable, Mapping

from pawl.incidents.blameless import Blame
from pawl.incidents.debt import OperationalDebt
from pawl.incidents.incident import Incident
from pawl.incidents.similarity import Similar
from pawl.render.escaping import cut, plain
from pawl.services.incident_terms import Learnt


def blame_text(found: Iterable[Blame]) -> str:
    """Return sentences that blame somebody, each with what to write instead."""
    lines = [
        f"{each.field.replace('_', ' ')}: {cut(plain(each.sentence), 160)}\n  {each.hint}"
        for each in found
    ]
    if not lines:
        return ""
    return "\n".join(("These sentences put it on a person:", *lines)) + "\n"


def learnt_text(learnt: Learnt, then: tuple[str, ...], *, dry_run: bool = False) -> str:
    """Return what a learning did, and what to do next."""
    head = "Would be done" if dry_run else "Done"
    lines = [f"{head}: {cut(plain(each), 300)}" for each in learnt.told]
    if not lines:
        lines = ["All of it was applied before; nothing was done."]
    lines.append(f"{len(learnt.done)} of {len(learnt.steps)} steps are on record.")
    if then:
        lines += ["", "Next:", *(f"  {each}" for each in then)]
    return "\n".join(lines) + "\n"


def similar_text(found: Iterable[Similar], known: Mapping[str, Incident]) -> str:
    """Return earlier incidents that are alike, and why."""
    lines = []
    for each in found:
        title = cut(plain(known[each.incident].title), 80) if each.incident in known else ""
        lines.append(f"{each.incident}  {title}".rstrip())
        lines.append(f"  {each.why}")
    if not lines:
        return "Nothing that is on record is like it.\n"
    return "\n".join(lines) + "\n"


def debts_text(found: Iterable[OperationalDebt]) -> str:
    """Return debts, each with its incidents and what is planned."""
    lines = []
    for each in found:
        where = plain(each.component) or "no component named"
        lines.append(f"{each.id}  {each.state}  {cut(where, 60)}")
        lines.append(f"  last seen {each.last_seen_at[:10]} in {', '.join(each.incidents[-5:])}")
        plan = f"{plain(each.owner)}: {cut(plain(each.plan), 160)}" if each.plan else "no plan yet"
        lines.append(f"  {plan}; case: {plain(each.regression_case) or 'none'}")
    if not lines:
        return "There is no debt.\n"
    return "\n".join(lines) + "\n"
