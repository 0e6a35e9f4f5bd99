"""Which incidents something on a page is linked with."""

from collections.abc import Callable

from pawl.base.errors import PawlError
from pawl.incidents.incident import Incident, LinkKind
from pawl.server.site import Site


def linked_with(site: Site, kind: LinkKind, identity: str) -> tuple[Incident, ...] | None:
    """Return the incidents that an alert or a change belongs to; None where none are kept."""
    pages = site.serving.incident_pages
    return None if pages is None else pages.linked(kind, identity)


def known_to(site: Site) -> Callable[[str], bool]:
    """Return what says whether an id is that of an incident kept here, which has a page."""

    def known(identity: str) -> bool:
        pages = site.serving.incident_pages
        if pages is None or not identity:
            return False
        try:
            pages.desk.get(identity)
        except PawlError:
            return False
        return True

    return known
