"""What people are told of a drill that failed: that a mechanism did not do what it promises.

A run that met its expectations is told to nobody. Routes see a letter as an alert of the rule
`drill`, whose scope holds the run, the drill and its kind. It is told once of each run.
"""

from pawl.alerts.alert import Alert, Notice, NoticeKind
from pawl.alerts.budget_letter import Mailing
from pawl.alerts.delivery import DRILL
from pawl.alerts.reading import Level, scope_of
from pawl.alerts.routing import Due
from pawl.alerts.state import State as AlertState
from pawl.base.canonical import digest
from pawl.incidents.drill import Outcome
from pawl.incidents.drill_run import DrillRun, State

_TITLE = 200
_WHY = 500


def letters_of(run: DrillRun, mailing: Mailing, now: str) -> tuple[Notice, ...]:
    """Return the messages that a run makes when it ends, one for each channel that is told."""
    words = _words(run)
    if not words:
        return ()
    alert = Alert(
        rule=DRILL,
        level=Level.WARNING,
        scope=scope_of(run=run.id, drill=run.drill.id, kind=run.drill.kind.value),
        state=AlertState.FIRING,
        since=now,
        fired_at=now,
        looked_at=now,
        summary=f"The drill {run.drill.title[:_TITLE]} {words}",
    )
    told = digest([DRILL, run.id])[:32]
    response = f"Look at it: pawl drill report {run.id}"
    return mailing.told(Due(alert, NoticeKind.FIRING, told, response), now)


def _words(run: DrillRun) -> str:
    if run.state is State.ABORTED:
        return f"was aborted: {run.why[:_WHY]}"
    if run.state is State.FINISHED and run.verdict is Outcome.NOT_MET:
        missed = sum(each.outcome is Outcome.NOT_MET for each in run.results)
        return f"failed: {missed} of {len(run.results)} expectations were not met."
    return ""
