"""Who answers for what, for people: one row for each work, with the people behind the roles."""

from collections.abc import Iterable, Mapping

from pawl.changes.answering import Answering, Authored, Named
from pawl.render.table import aligned, printable

_MOST = 8
"""People of one role that a line names."""


def raci_text(rows: Iterable[Answering], branch: str, scope: str) -> str:
    """Return the whole table of a scope, each role with who holds it."""
    body = [
        (
            _work(row),
            _role(row.responsible),
            _role(row.accountable),
            ", ".join(_role(each) for each in row.consulted) or "-",
            ", ".join(_role(each) for each in row.informed) or "-",
        )
        for row in rows
    ]
    head = ("work", "responsible", "accountable", "consulted", "informed")
    where = f" in {printable(scope)}" if scope else ""
    table = aligned(head, body, left=len(head))
    return f"As committed on {printable(branch)}{where}.\n\n{table}"


def who_text(rows: Iterable[Answering], authored: Authored | None, files: Mapping[str, str]) -> str:
    """Return who is accountable for each work and who may approve it."""
    lines = [f"{printable(path)} is {work}." for path, work in files.items()]
    for row in rows:
        people = ", ".join(map(printable, row.accountable.people[:_MOST])) or "nobody"
        lines.append(f"{_work(row)}: accountable is {printable(row.accountable.role)}: {people}")
        lines.append(f"  {_approvers(row)}")
    if authored is not None:
        wrote = ", ".join(map(printable, authored.people)) or "nobody that is known"
        lines.append(f"Written by {wrote}; nobody approves their own change.")
        lines += [
            f"  {printable(each)} is nobody's in the roster: any of them may be anybody's."
            for each in authored.unknown
        ]
    return "".join(f"{line}\n" for line in lines)


def _approvers(row: Answering) -> str:
    if row.can_be_approved:
        people = ", ".join(map(printable, row.may_approve[:_MOST]))
        more = len(row.may_approve) - _MOST
        return f"may approve: {people}" + (f" and {more} more" if more > 0 else "")
    have = len(row.may_approve)
    if not row.quorum > 1:
        return f"may approve: nobody. Grant {printable(row.accountable.role)} to one more person."
    return (
        f"may approve: {have} of the {row.quorum} that are needed. Grant "
        f"{printable(row.accountable.role)} to {row.quorum - have} more."
    )


def _work(row: Answering) -> str:
    own = row.work.value
    return own if row.judged_as is row.work else f"{own} (as {row.judged_as.value})"


def _role(named: Named) -> str:
    people = ", ".join(map(printable, named.people[:_MOST])) or "nobody"
    return f"{printable(named.role)} ({people})"
