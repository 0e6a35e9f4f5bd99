"""The world of the sample's incidents: who is on call, and what reports look at besides them."""

from collections.abc import Mapping
from datetime import UTC, tzinfo

import msgspec

from pawl.changes.gate_file import GateFile
from pawl.changes.metrics import Figures
from pawl.governance.raci import shipped_raci
from pawl.incidents.oncall import Rotation, Schedule, shipped_schedule
from pawl.incidents.people import People
from pawl.incidents.terms import Terms, shipped_terms
from pawl.services.change_figures import figures_of
from pawl.services.sample_changes import ROSTER, sample_policy
from pawl.store.records.changes import ChangeRecords
from pawl.store.records.connection import Engine


class SampleIncidentSources:
    """A world in which the sample's people are on call."""

    def people(self, scope: str) -> People:
        """Return the sample's people, the same in every scope."""
        return People(roster=ROSTER, raci=shipped_raci())

    def schedule(self) -> Schedule:
        """Return who is on call: two take turns, and one stands behind them."""
        return msgspec.structs.replace(
            shipped_schedule(),
            rotations=(
                Rotation(id="primary", members=("katherine", "ada"), starts="2025-01-06"),
                Rotation(id="secondary", members=("barbara",), starts="2025-01-06"),
            ),
        )

    def terms(self) -> Terms:
        """Return the numbers that come with Pawl."""
        return shipped_terms()

    def zones(self, names: tuple[str, ...]) -> Mapping[str, tzinfo]:
        """Return time zones; the sample lives in one."""
        return dict.fromkeys(names, UTC)


class SampleAround:
    """What the structural report looks at besides the sample's incidents."""

    def __init__(self, engine: Engine) -> None:
        self._records = ChangeRecords(engine)

    def changes(self, since: str, until: str) -> Figures:
        """Return the figures of the sample's changes of a window."""
        return figures_of(self._records, since, until)

    def gates(self) -> GateFile:
        """Return the sample's gates."""
        return sample_policy().gates

    def assessments(self, until: str) -> None:
        """Return None: the sample assesses other repositories than these incidents are about."""

    def routines(self, since: str, until: str) -> None:
        """Return None: not looked at."""

    def rehearsed(self, since: str, until: str) -> None:
        """Return None: not looked at."""
