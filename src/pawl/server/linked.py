"""Which incidents something on a page is linked with."""

from pawl.incidents.incident import Incident, LinkKind
from pawl.server.site import Site


def linked_with(site: Site, kind: LinkKind, identity: str) -> tuple[Incident, ...] | None:
    """Return the incidents that an alert or a change belongs to; None where none are kept."""
    pages = site.serving.incident_pages
    return None if pages is None else pages.linked(kind, identity)
