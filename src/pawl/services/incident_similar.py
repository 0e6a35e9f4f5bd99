"""Which earlier incidents one is like, as a proposal that people confirm or dismiss."""

from pawl.incidents.similarity import Similar
from pawl.services.incident_ground import IncidentGround


class SimilarFinding(IncidentGround):
    """Find what looks alike."""

    def similar(self, id: str, most: int = 20) -> tuple[Similar, ...]:
        """Return earlier incidents that are like one, the likest first."""
        raise NotImplementedError
