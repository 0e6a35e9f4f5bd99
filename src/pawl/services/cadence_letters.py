"""What people are told of the cadence: that a routine is due today, and once that it is overdue.

Routes see it as an alert of the rule `cadence` whose scope holds the routine, its period and the
role that is meant.
"""

from pawl.alerts.alert import Alert, Notice, NoticeKind
from pawl.alerts.budget_letter import UNROUTED, Mailing
from pawl.alerts.policy import Policy, Route
from pawl.alerts.reading import Level, scope_of
from pawl.alerts.routing import Due, routed
from pawl.alerts.state import State as AlertState
from pawl.base.canonical import digest
from pawl.governance.cadence import State
from pawl.governance.cadence_keeping import Line

RULE = "cadence"
"""What routes match for all that is told of routines."""


def letters_of(
    line: Line, people: tuple[str, ...], local: str, mailing: Mailing, now: str
) -> tuple[Notice, ...]:
    """Return the messages about an occurrence that is due or overdue, one for each channel.

    `local` is when it is due, by the clock of the team.
    """
    late = line.state is State.OVERDUE
    who = f", for {line.routine.role}" if line.routine.role else ""
    named = f" ({', '.join(people)})" if people else ""
    what = f"was due {local} and is not done" if late else f"is due {local}"
    scope = {"routine": line.routine.id, "period": line.occurrence.period}
    if line.routine.role:
        scope["roles"] = line.routine.role
    alert = Alert(
        rule=RULE,
        level=Level.WARNING,
        scope=scope_of(**scope),
        state=AlertState.FIRING,
        since=line.occurrence.due_at,
        fired_at=now,
        looked_at=now,
        summary=f"{line.routine.title} ({line.occurrence.period}) {what}{who}{named}.",
        cause="It leaves behind: " + ", ".join(line.routine.outputs)
        if line.routine.outputs
        else "",
    )
    told = digest([RULE, line.occurrence.id, line.state.value])[:32]
    due = Due(alert, NoticeKind.FIRING, told, f"Do it: pawl cadence show {line.routine.id}")
    if mailing.channels:
        letters = routed((due,), now, mailing.policy)
        return tuple(each for each in letters if each.route in mailing.channels)
    if not mailing.shared:
        return ()
    # A machine without channels leaves it to a server that has some.
    return routed((due,), now, Policy(routes=(Route(to=(UNROUTED,), rules=(RULE,)),)))
