"""What the server keeps of the cadence: the team's own, or the sample's."""

from collections.abc import Callable

from pawl.services.cadence_server import CadenceServer
from pawl.services.changes import ChangeDesk
from pawl.services.routine_looks import Billing, Incidents
from pawl.services.serving_changes import Changing, SampleChanges
from pawl.store.records.connection import Engine

Opening = Callable[[Engine, ChangeDesk | None, Billing], CadenceServer | None]
"""Records, changes and bills → the cadence of a server; None where it keeps none."""


def open_cadence(
    engine: Engine,
    now: Callable[[], str],
    made: Opening,
    changed: Changing,
    incidents: Incidents | None,
    bill: Billing,
) -> CadenceServer | None:
    """Return the cadence that `made` gives; beside the sample's changes the sample's."""
    if not isinstance(changed, SampleChanges):
        return made(engine, changed.desk, bill)
    # Imported only here: nobody but the sample needs it.
    from pawl.services.sample_cadence import SampleCadence

    return SampleCadence(engine, now, changes=changed.desk, incidents=incidents, bill=bill)


def load_story(cadence: CadenceServer | None) -> None:
    """Let the sample's story happen; what is a team's own is on record already."""
    from pawl.services.sample_cadence import SampleCadence

    if isinstance(cadence, SampleCadence):
        cadence.load()
