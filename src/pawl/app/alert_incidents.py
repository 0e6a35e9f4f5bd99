"""Wiring of alerts that declare incidents, by themselves or by hand."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pawl.services.alert_incidents import AlertIncidents
    from pawl.services.incident_terms import Declared
    from pawl.services.incidents import IncidentDesk
    from pawl.store.records.connection import Engine


def alert_incidents(folder: Path, engine: Engine, desk: IncidentDesk) -> AlertIncidents:
    """Return what declares an incident where a route of this machine's `pawl.toml` wants one."""
    from pawl.alerts.delivery import numbers
    from pawl.app.alerting import machine_setup
    from pawl.services.alert_incidents import AlertIncidents
    from pawl.store.records.alerts import AlertRecords
    from pawl.store.records.timers import TimerRecords
    from pawl.world.clock import now

    setup = machine_setup(folder)
    return AlertIncidents(
        AlertRecords(engine),
        TimerRecords(engine),
        desk,
        setup.policy,
        now,
        about={name: rule.about for name, rule in setup.rules.items()},
        responses={name: rule.response for name, rule in setup.rules.items()},
        every_s=numbers().look_every_s,
    )


def declare_alert(folder: Path, identity: str, severity: int | None) -> Declared:
    """Declare the incident of an alert whose id begins so; raises BadValue for none or several."""
    from pawl.app.alerting import machine_setup
    from pawl.app.incidents import incident_desk
    from pawl.app.people import actor
    from pawl.base.errors import BadValue
    from pawl.incidents.event import Refusal
    from pawl.incidents.from_alert import said_of, severity_of
    from pawl.services.alert_incidents import firing_key
    from pawl.services.change_terms import By
    from pawl.store.records.alerts import AlertRecords
    from pawl.store.records.engine import open_records
    from pawl.world.git_identity import git_address

    setup = machine_setup(folder)
    engine = open_records(folder, os.environ.get("PAWL_RECORDS_URL"))
    try:
        found = {
            kept.alert.id: kept.alert
            for kept in AlertRecords(engine).alerts()
            if identity and kept.alert.id.startswith(identity)
        }
        if len(found) != 1:
            raise BadValue(
                f"{len(found) or 'no'} alerts have an id that begins with {identity[:60]!r}.",
                hint="See `pawl alerts list`.",
            )
        (alert,) = found.values()
        rule = setup.rules.get(alert.rule)
        said = said_of(
            alert,
            severity or severity_of(alert, setup.policy),
            rule.about if rule else "",
            rule.response if rule else "",
        )
        address = git_address(Path.cwd(), os.environ)
        name = f"git:{address}" if address else f"local:{actor().person}"
        by = By(identity=name, source="git-config", assurance="declared")
        done = incident_desk(folder, Path.cwd(), engine=engine).declare(
            said, by, key=firing_key(alert)
        )
        if isinstance(done, Refusal):
            raise BadValue(" ".join(done.reasons), hint=done.hint)
        return done
    finally:
        engine.dispose()
