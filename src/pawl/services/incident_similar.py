"""Which earlier incidents one is like, as a proposal that people confirm or dismiss."""

from pawl.incidents.incident import Incident
from pawl.incidents.similarity import Similar, similar
from pawl.services.incident_ground import IncidentGround
from pawl.store.records import incident_words
from pawl.store.records.incidents import IncidentBook


class SimilarFinding(IncidentGround):
    """Find what looks alike."""

    def take_words(self) -> bool:
        """Take the words of some incidents that say more than is known; say whether more may.

        Each time is a short transaction of its own, so that nobody who declares waits for it.
        """
        with self._records.reading() as book:
            if not incident_words.stale(book.connection, 1):
                return False
        with self._records.writing() as book:
            done = incident_words.bring_up_to_date(book.connection, incident_words.AT_ONCE)
        return done == incident_words.AT_ONCE

    def similar(self, id: str, most: int = 20) -> tuple[Similar, ...]:
        """Return earlier incidents that are like one, the likest first."""
        terms = self._terms()
        wanted = self.get(id).id
        while self.take_words():
            pass
        with self._records.reading() as book:
            incident = self._got(book, wanted)
            words = incident_words.alike(book.connection, incident.id)
            near = {name for name, score in words.items() if score >= terms.lexical_at_least}
            others = {
                each.id: each
                for each in (
                    *book.with_fingerprint(incident.fingerprint),
                    *book.with_root_cause(incident.root_cause_key),
                    *_known(book, near),
                )
            }
        return similar(
            incident,
            others.values(),
            words,
            repeat_days=terms.repeat_days,
            words_at_least=terms.lexical_at_least,
            most=most,
        )


def _known(book: IncidentBook, ids: set[str]) -> list[Incident]:
    return [found for each in sorted(ids) if (found := book.incident(each))]
