"""The real desk of incidents in a sandbox, for a firm in which somebody is always on call."""

from collections.abc import Callable, Mapping
from datetime import UTC, tzinfo

from pawl.base.errors import CannotTell
from pawl.governance.priority import Domain
from pawl.governance.raci import shipped_raci
from pawl.incidents.declaring import Said
from pawl.incidents.event import Refusal
from pawl.incidents.incident import Incident
from pawl.incidents.oncall import Rotation, Schedule, shipped_schedule
from pawl.incidents.people import People
from pawl.incidents.terms import Terms, shipped_terms
from pawl.services.change_terms import By
from pawl.services.drill_sandbox import Sandbox
from pawl.services.incidents import IncidentDesk
from pawl.services.sample_changes import ROSTER
from pawl.store.records.incidents import IncidentRecords

_ADA = By(identity="session:ada", source="session", assurance="authenticated")


class MadeFirm:
    """The made-up firm of the sample, in which somebody is on call at any time."""

    def people(self, scope: str) -> People:
        """Return who is who."""
        return People(roster=ROSTER, raci=shipped_raci())

    def schedule(self) -> Schedule:
        """Return who is on call."""
        shipped = shipped_schedule()
        rotations = (
            Rotation(id="primary", members=("katherine",), starts="2026-01-05"),
            Rotation(id="secondary", members=("grace",), starts="2026-01-05"),
        )
        return Schedule(
            rotations=rotations,
            escalation=shipped.escalation,
            breach_after_s=shipped.breach_after_s,
        )

    def terms(self) -> Terms:
        """Return the numbers that come with Pawl."""
        return shipped_terms()

    def zones(self, names: tuple[str, ...]) -> Mapping[str, tzinfo]:
        """Return the zones, all of which are UTC here."""
        return dict.fromkeys(names, UTC)


def desk_in(sandbox: Sandbox, clock: Callable[[], str]) -> IncidentDesk:
    """Return a desk over the records of a sandbox, opened anew."""
    records = IncidentRecords(sandbox.engine())
    numbers = iter(range(1, 1_000))
    return IncidentDesk(
        records, MadeFirm(), now=clock, new_id=lambda prefix: f"{prefix}_drill{next(numbers):03d}"
    )


def declared(desk: IncidentDesk) -> Incident:
    """Declare an incident and return it."""
    said = Said(title="Answers of the shop are wrong", severity=2, domains=(Domain.QUALITY,))
    told = desk.declare(said, _ADA)
    if isinstance(told, Refusal):
        raise CannotTell(f"it could not be declared: {' '.join(told.reasons)}")
    return told.incident
