"""What an incident teaches, applied step by step, and what all of them say together."""

from typing import Any

from pawl.incidents.learning import IncidentLearning
from pawl.services.change_terms import By
from pawl.services.incident_ground import IncidentGround
from pawl.services.incident_terms import LearningResult


class Learning(IncidentGround):
    """Turn lessons into eval cases, gate updates and owned actions."""

    def learn(
        self, id: str, learning: IncidentLearning, by: By, *, key: str = ""
    ) -> LearningResult:
        """Apply what an incident teaches; what was done before is not done again."""
        raise NotImplementedError

    def structural_report(self, since: str, until: str) -> Any:
        """Return the report on structural failures of a window."""
        raise NotImplementedError

    def weekly_review(self, now: str = "") -> Any:
        """Return what a weekly review looks at, as of now."""
        raise NotImplementedError
