"""Wiring of what a server does so that somebody answers: links, reminders, alerts that declare."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from pawl.base.finding import Finding
    from pawl.services.incidents import IncidentDesk
    from pawl.services.oncall_server import OnCallServer
    from pawl.store.records.connection import Engine


def oncall_server(folder: Path, engine: Engine, desk: IncidentDesk) -> OnCallServer:
    """Return what `pawl up` keeps going so that incidents are answered."""
    from pawl.app.alert_incidents import alert_incidents
    from pawl.app.budgets import budget_mailing
    from pawl.app.public_links import invitations
    from pawl.services.accepting import Accepting
    from pawl.services.incident_server import TICK_EVERY_S
    from pawl.services.incident_watch import LOOK_EVERY_S, IncidentWatch
    from pawl.services.oncall_server import Looking, OnCallServer
    from pawl.store.records.outbox import OutboxRecords
    from pawl.world.clock import now

    watch = IncidentWatch(
        desk,
        OutboxRecords(engine),
        lambda: budget_mailing(folder),
        now,
        tick_every_s=TICK_EVERY_S,
    )
    declaring = alert_incidents(folder, engine, desk)
    watching = Looking("pawl-incident-watch", watch.look, LOOK_EVERY_S)
    telling = Looking("pawl-alert-incidents", declaring.look, declaring.every_s)

    def trouble() -> str:
        if watch.state.trouble:
            return watch.state.trouble
        if watching.failure:
            return f"the timers of incidents are not watched: {watching.failure}"
        return f"alerts declare nothing: {telling.failure}" if telling.failure else ""

    accepting = Accepting(desk, invitations(folder), now)
    return OnCallServer(accepting, (watching, telling), trouble)


def clock_findings(folder: Path, now: str) -> list[Finding]:
    """Return what `pawl doctor` says of the clock of incidents, judged from outside of it.

    Nothing where no incident goes on and none of the last days was late; records that do not open
    are told as that.
    """
    from pawl.app.incidents import incident_desk
    from pawl.base.errors import PawlError
    from pawl.services.incident_server import TICK_EVERY_S
    from pawl.services.incident_watch import clock_state, findings_of
    from pawl.store.records import FILE_NAME

    if not os.environ.get("PAWL_RECORDS_URL") and not (folder / FILE_NAME).exists():
        return []
    try:
        desk = incident_desk(folder, None)
        try:
            state = clock_state(desk, now, TICK_EVERY_S)
            return list(findings_of(state, desk.ongoing(), now))
        finally:
            desk.close_desk()
    except PawlError as error:
        return list(findings_of(None, (), now, why=str(error)))
