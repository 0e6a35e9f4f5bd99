"""Wiring for incidents: a desk over the records, the clock, ids and the outbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from pawl.services.change_incidents import ChangeIncidents
    from pawl.services.incident_server import IncidentServer
    from pawl.services.incidents import IncidentDesk
    from pawl.services.objective_series import Measuring
    from pawl.store.records.connection import Engine


def incident_desk(
    folder: Path,
    place: Path | None,
    *,
    engine: Engine | None = None,
    events: Measuring | None = None,
    once: bool = True,
) -> IncidentDesk:
    """Return the desk of a data folder, with people and schedule of the repository of a place.

    Without a place incidents are declared all the same, and nobody can be named. `engine` is the
    records that somebody has open already, who closes them; else close the desk after use. So are
    `events`, by which error budgets are measured; else they are opened when they are asked. With
    `once` the protected branch is looked up one time, which is what a command wants.
    """
    from pawl.app import records_engine
    from pawl.app.budgets import budget_mailing
    from pawl.app.incident_budgets import used_here
    from pawl.app.incident_sources import RepositoryIncidents
    from pawl.services.incidents import IncidentDesk
    from pawl.store.records.incidents import IncidentRecords
    from pawl.world.clock import new_id, now

    records = records_engine(folder) if engine is None else engine
    desk = IncidentDesk(
        IncidentRecords(records),
        RepositoryIncidents(folder, place, once=once),
        now=now,
        new_id=new_id,
        mailing=lambda: budget_mailing(folder),
        budget_used=lambda incident: used_here(folder, incident, events),
        after_close=lambda incident: _assess_after(records),
    )
    _look_around(desk, folder, place)
    return desk


def _look_around(desk: IncidentDesk, folder: Path, place: Path | None) -> None:
    """Let a desk look at eval cases, changes and assessments of the repository of a place."""
    from pawl.app.incident_learning import Around, case_exists, case_is_of, look_at

    desk.around = Around(folder, place)
    if place is not None:
        desk.case_exists = lambda case: case_exists(place, case)
        desk.look_at = lambda action, proof: look_at(folder, place, action, proof)
        desk.case_is_of = lambda case, incidents: case_is_of(place, case, incidents)


def _assess_after(engine: Engine) -> None:
    """Open the assessments that closed incidents ask for; what fails is taken up the next time."""
    import logging
    from datetime import timedelta

    from pawl.app.maturity_rules import rules
    from pawl.base.errors import PawlError
    from pawl.base.times import format_time, parse_time
    from pawl.governance.ledger import Actor
    from pawl.maturity.after_incident import shipped_rule
    from pawl.services.assessment_desk import AssessmentDesk
    from pawl.services.change_terms import PAWL_ITSELF
    from pawl.services.post_incident import open_after
    from pawl.store.records.ceremonies import CeremonyRecords
    from pawl.store.records.evidence import EvidenceRecords
    from pawl.store.records.incident_history import closed_since
    from pawl.world.clock import now

    moment, rule = now(), shipped_rule()
    since = format_time(parse_time(moment) - timedelta(days=rule.catch_up_days))
    evidence, kept = EvidenceRecords(engine), CeremonyRecords(engine)
    actor = Actor(
        person=PAWL_ITSELF.identity, source=PAWL_ITSELF.source, assurance=PAWL_ITSELF.assurance
    )
    try:
        open_after(
            closed_since(engine, since),
            kept.of(),
            evidence.subjects(),
            AssessmentDesk(evidence, kept, rules()),
            rule,
            actor,
            moment,
        )
    except PawlError as error:
        logging.getLogger(__name__).warning("no assessment was opened after it: %s", error)


def served_incidents(folder: Path, engine: Engine, events: Measuring | None = None) -> IncidentDesk:
    """Return the desk of a server, for the repository that `[changes]` names, if it names one.

    `events` are those that the server has open.
    """
    from pawl.app.contents import machine_settings

    repository = machine_settings(folder).changes.repository
    place = None if repository is None else folder / repository
    return incident_desk(folder, place, engine=engine, events=events, once=False)


def incident_server(engine: Engine, desk: IncidentDesk) -> IncidentServer:
    """Return what lets time do what is due, and declares what changes give reason to."""
    from pawl.services.incident_server import IncidentServer
    from pawl.world.clock import now

    changes = change_incidents(engine, desk)

    def also() -> None:
        # Words first: they are a little work, and whoever looks for similar ones need not do it.
        desk.take_words()
        changes.look()

    return IncidentServer(desk, now=now, also=also)


def change_incidents(engine: Engine, desk: IncidentDesk) -> ChangeIncidents:
    """Return what declares an incident where a change gives reason to."""
    from pawl.services.change_incidents import ChangeIncidents
    from pawl.store.records.changes import ChangeRecords
    from pawl.world.clock import now

    return ChangeIncidents(ChangeRecords(engine), desk, now=now)
