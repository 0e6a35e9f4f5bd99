"""What governs in a server: who is who, changes with rollouts, incidents, ledger checkpoints."""

from collections.abc import Callable
from typing import NamedTuple, TypedDict

from pawl.services.cadence_server import CadenceServer
from pawl.services.change_pages import ChangePages
from pawl.services.changes import ChangeDesk
from pawl.services.drill_pages import DrillPages
from pawl.services.hooks import Hooks
from pawl.services.identity import Identity
from pawl.services.incident_pages import IncidentPages
from pawl.services.incident_server import IncidentServer
from pawl.services.incidents import IncidentDesk
from pawl.services.investigation_serving import ServedInvestigations
from pawl.services.ledger_keeper import LedgerKeeper
from pawl.services.oncall_server import OnCallServer
from pawl.services.rollout_server import RolloutServer
from pawl.services.routine_looks import Billing
from pawl.services.serving_cadence import open_cadence
from pawl.services.serving_changes import Changing
from pawl.services.serving_incidents import Standing
from pawl.services.signed_approvals import TakeSigned
from pawl.store.events.store import EventsStore
from pawl.store.records.connection import Engine


class Governed(TypedDict):
    """The parts of a server that govern. None is a part that nobody set up."""

    identity: Identity | None
    changes: ChangeDesk | None
    change_pages: ChangePages | None
    rollouts: RolloutServer | None
    ledger: LedgerKeeper | None
    hooks: Hooks | None
    signed: TakeSigned | None
    cadence: CadenceServer | None
    incidents: IncidentDesk | None
    incident_pages: IncidentPages | None
    incident_server: IncidentServer | None
    drills: DrillPages | None
    oncall: OnCallServer | None
    investigations: ServedInvestigations | None


def _no_clock(engine: Engine, desk: IncidentDesk) -> None:
    return None


class Governing(NamedTuple):
    """Makes each part, of the records and events that the server has open."""

    identity: Callable[[Engine], Identity | None] = lambda engine: None
    changes: Callable[[Engine, EventsStore], ChangeDesk | None] = lambda engine, events: None
    ledger: Callable[[Engine], LedgerKeeper | None] = lambda engine: None
    rollouts: Callable[[Engine, ChangeDesk, EventsStore], RolloutServer | None] = (
        lambda engine, desk, events: None
    )
    hooks: Callable[[Engine, ChangeDesk], Hooks | None] = lambda engine, desk: None
    signed: TakeSigned | None = None
    incidents: Callable[[Engine, EventsStore], IncidentDesk | None] = lambda engine, events: None
    incident_server: Callable[[Engine, IncidentDesk], IncidentServer | None] = _no_clock
    cadence: Callable[[Engine, ChangeDesk | None, Billing], CadenceServer | None] = (
        lambda engine, desk, bill: None
    )
    drills: Callable[[Engine], DrillPages | None] = lambda engine: None
    oncall: Callable[[Engine, IncidentDesk], OnCallServer | None] = _no_clock
    investigations: Callable[
        [Engine, IncidentDesk, ChangeDesk | None, EventsStore], ServedInvestigations | None
    ] = lambda engine, desk, changes, events: None

    def over(
        self,
        engine: Engine,
        changed: Changing,
        events: EventsStore,
        standing: Standing,
        bill: Billing,
        now: Callable[[], str],
    ) -> Governed:
        """Return all parts over the records and events of a server."""
        desk = changed.desk
        incidents = standing.desk
        return Governed(
            identity=self.identity(engine),
            changes=desk,
            change_pages=changed.pages,
            rollouts=None if desk is None else self.rollouts(engine, desk, events),
            ledger=self.ledger(engine),
            hooks=None if desk is None else self.hooks(engine, desk),
            signed=self.signed,
            cadence=open_cadence(engine, now, self.cadence, changed, incidents, bill),
            incidents=incidents,
            incident_pages=standing.pages,
            incident_server=(
                None if incidents is None else self.incident_server(engine, incidents)
            ),
            drills=self.drills(engine),
            oncall=None if incidents is None else self.oncall(engine, incidents),
            investigations=(
                None if incidents is None else self.investigations(engine, incidents, desk, events)
            ),
        )


NOTHING = Governing()
"""Nothing is governed: what is served are runs, bills and alerts."""
