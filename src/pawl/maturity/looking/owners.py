"""Who stands behind an owner: a person, or a team's members as the code host lists them."""

from pawl.maturity.facts.host import Host
from pawl.maturity.looking.identities import normal

_GITLAB_ROLES = ("developers", "developer", "maintainers", "maintainer", "owners", "owner")


class Members:
    """Looks up an owner's people in a host's member lists."""

    def __init__(self, host: Host | None) -> None:
        listed = (host.members if host else None) or {}
        self._lists = {normal(team): people for team, people in listed.items()}
        self._product = host.product if host else ""

    def of(self, owner: str) -> tuple[str, ...] | None:
        """Return an owner's accounts, or None for a team whose members are not known."""
        name = normal(owner)
        known = self._lists.get(name)
        if known is None and "/" in name:
            # Exports may name a team without its organisation.
            known = self._lists.get(name.rpartition("/")[2])
        if known is not None:
            return known
        if "/" in name or owner.startswith("@@") or name in _GITLAB_ROLES:
            return None
        return (owner,)
