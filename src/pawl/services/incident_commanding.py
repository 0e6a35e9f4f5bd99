"""Commands to an incident: it is declared, commanded, worked on and ended."""

from pawl.governance.priority import Domain
from pawl.incidents import commands as to
from pawl.incidents.incident import Incident, LinkKind, Milestone
from pawl.incidents.terms import Severity
from pawl.services.change_terms import By
from pawl.services.incident_declaring import IncidentDeclaring
from pawl.services.incident_ground import proved, unproved
from pawl.services.incident_terms import Told
from pawl.store.records.incidents import IncidentBook


class IncidentCommanding(IncidentDeclaring):
    """Carry an incident from its declaration to its end."""

    def accept(self, id: str, by: By, *, key: str = "") -> Told:
        """Take command: of what nobody commands, or of what was offered.

        Whoever is not known for certain commands on their word: people go on being paged, and the
        promise of a commander is not met by that.
        """
        people = self._people(self.get(id).scope)

        def make(book: IncidentBook, incident: Incident) -> to.Command:
            return to.Accept(by=by.identity, people=people, proved=proved(by))

        return self._tell(id, "accept", by, make, key=key)

    def offer(self, id: str, to_whom: str, by: By, *, key: str = "") -> Told:
        """Offer command to a person; who commands goes on until the other one accepts."""
        people = self._people(self.get(id).scope)
        command = to.Offer(by=by.identity, to=to_whom, people=people)
        return self._tell(id, "offer", by, lambda book, incident: command, key=key)

    def take_over(self, id: str, reason: str, by: By, *, key: str = "") -> Told:
        """Relieve a commander who cannot go on; only for who answers for the domain."""
        people = self._people(self.get(id).scope)
        command = to.TakeOver(by=by.identity, reason=reason, people=people)
        return unproved(by, "Taking over") or self._tell(
            id, "take-over", by, lambda book, incident: command, key=key
        )

    def join(self, id: str, by: By, *, key: str = "") -> Told:
        """Be one of those who fix it."""
        command = to.Join(by=by.identity, people=self._people(self.get(id).scope))
        return self._tell(id, "join", by, lambda book, incident: command, key=key)

    def leave(self, id: str, by: By, *, key: str = "") -> Told:
        """Be no longer one of those who fix it."""
        command = to.Leave(by=by.identity, people=self._people(self.get(id).scope))
        return self._tell(id, "leave", by, lambda book, incident: command, key=key)

    def note(self, id: str, text: str, by: By, *, key: str = "") -> Told:
        """Put something on the timeline."""
        command = to.Note(by=by.identity, text=text)
        return self._tell(id, "note", by, lambda book, incident: command, key=key)

    def update(
        self, id: str, facts: str, impact: str, status: str, by: By, *, key: str = ""
    ) -> Told:
        """Tell everybody how it stands."""
        command = to.Update(
            by=by.identity, facts=facts, impact=impact, status=status, terms=self._terms()
        )
        return self._tell(id, "update", by, lambda book, incident: command, key=key)

    def attach(
        self, id: str, kind: LinkKind, ref: str, by: By, suspected: bool = False, *, key: str = ""
    ) -> Told:
        """Link something with it, by its id."""
        command = to.Attach(by=by.identity, kind=kind, id=ref, suspected=suspected)
        return self._tell(id, "attach", by, lambda book, incident: command, key=key)

    def reclassify(
        self, id: str, reason: str, by: By, severity: Severity | None = None,
        domain: Domain | None = None, *, key: str = "",
    ) -> Told:  # fmt: skip
        """Say how bad it is, or of which domain, and why."""
        command = to.Reclassify(by=by.identity, reason=reason, severity=severity, domain=domain)
        return self._tell(id, "reclassify", by, lambda book, incident: command, key=key)

    def claim(self, id: str, milestone: Milestone, at: str, by: By, *, key: str = "") -> Told:
        """Say when it started or was detected, now that it is known."""
        command = to.Claim(by=by.identity, milestone=milestone, at=at)
        return self._tell(id, "claim", by, lambda book, incident: command, key=key)

    def mitigate(self, id: str, by: By, at: str = "", *, key: str = "") -> Told:
        """It no longer hurts; without `at` since now."""
        command = to.Mitigate(by=by.identity, at=at)
        return self._tell(id, "mitigate", by, lambda book, incident: command, key=key)

    def resolve(
        self, id: str, by: By, at: str = "", mitigated_at: str = "", *, key: str = ""
    ) -> Told:
        """It is mended; what was never called mitigated needs both times."""
        command = to.Resolve(by=by.identity, at=at, mitigated_at=mitigated_at)
        return self._tell(id, "resolve", by, lambda book, incident: command, key=key)

    def close(self, id: str, by: By, *, key: str = "") -> Told:
        """End it: its postmortem is published where it needs one, and its actions are done."""
        terms = self._terms()
        budget_used = self._budget_used(self.get(id))

        def make(book: IncidentBook, incident: Incident) -> to.Command:
            return to.Close(
                by=by.identity,
                actions=book.actions(incident=incident.id),
                terms=terms,
                postmortem=book.postmortem_of(incident.id),
                budget_used=budget_used,
            )

        told = self._tell(id, "close", by, make, key=key)
        if isinstance(told, Incident):
            self._after_close(told)
        return told

    def reopen(self, id: str, reason: str, by: By, *, key: str = "") -> Told:
        """It is back: people are paged anew."""
        seen = self.get(id)
        ground = self._whatever_reads(seen.scope)

        def make(book: IncidentBook, incident: Incident) -> to.Command:
            paging, _ = ground.paging(
                max(self._now(), incident.changed_at), incident.domain, incident.scope,
                spell=incident.spell + 1,
            )  # fmt: skip
            holder = book.holder(incident.key)
            return to.Reopen(
                by=by.identity, reason=reason, paging=paging, holder=holder.id if holder else ""
            )

        return self._tell(id, "reopen", by, make, key=key)

    def decline(self, id: str, reason: str, by: By, *, key: str = "") -> Told:
        """It is no incident, and why."""
        command = to.Decline(by=by.identity, reason=reason)
        return self._tell(id, "decline", by, lambda book, incident: command, key=key)

    def merge(self, id: str, into: str, by: By, *, key: str = "") -> Told:
        """It is the same ongoing event as another incident."""

        def make(book: IncidentBook, incident: Incident) -> to.Command:
            return to.Merge(by=by.identity, target=self._got(book, into))

        return self._tell(id, "merge", by, make, key=key)
