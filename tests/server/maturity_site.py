"""Real records in a folder of their own, behind the maturity pages."""

from pathlib import Path

from tests.server.fakes import NOW

from pawl.app.maturity_rules import rules
from pawl.base.finding import Outcome, Place
from pawl.governance.ledger import Actor
from pawl.maturity.assess import About, assess
from pawl.maturity.evidence import Assurance, Depth, Kind, Record, sealed
from pawl.maturity.inputs import Inputs
from pawl.maturity.verdict import Hit
from pawl.services.maturity_pages import MaturityPages
from pawl.services.sample_maturity import Kept, load_sample_maturity
from pawl.store.records.ceremonies import CeremonyRecords
from pawl.store.records.engine import open_records, reading
from pawl.store.records.evidence import Batch, EvidenceRecords

FIRST = "repo:example.org/shop/checkout"
ACTOR = Actor(person="sample", source="sample", assurance="declared")
RULES = rules()


class Maturity:
    """Records with the pages over them."""

    def __init__(self, folder: Path) -> None:
        self.engine = open_records(folder)
        self.evidence = EvidenceRecords(self.engine)
        self.ceremonies = CeremonyRecords(self.engine)
        self.pages = MaturityPages(self.evidence, self.ceremonies, RULES, lambda: NOW)

    def load_sample(self) -> None:
        """Write the bundled sample's history."""
        kept = Kept(self.evidence.add, self.ceremonies.confirmed, self.pages.desk)
        load_sample_maturity(kept, RULES, NOW, ACTOR)

    def add(self, batch: Batch) -> None:
        """Keep one assessment."""
        assert self.evidence.add(batch, ACTOR, NOW)

    def last_actor(self) -> str:
        """Return where the name behind the newest ledger entry comes from."""
        asked = "SELECT actor FROM ledger ORDER BY seq DESC LIMIT 1"
        with reading(self.engine) as connection:
            (row,) = connection.execute(asked)
        told = str(row["actor"])
        return "token" if '"token"' in told else told


def hostile_batch(made: Maturity, words: str) -> Batch:
    """Return an assessment in which every text that a repository can write is `words`."""
    subject = f"repo:{words}"
    records = tuple(
        sealed(
            Record(
                probe=probe,
                probe_version=1,
                subject=subject,
                outcome=Outcome.FAIL,
                depth=Depth.EXISTS,
                kinds=(Kind.TREE,),
                assurance=Assurance.OBSERVED,
                values={words: words},
                places=(Place(words, 3),),
                reason=words,
                observed_at=NOW,
                collector=words,
            )
        )
        for probe in ("tests-assert", "tests-are-present", "lint-is-enforced")
    )
    hit = Hit(
        detector="G06",
        indicator=words,
        strength="weak",
        action="provisional",
        innocent=words,
        remedy=words,
        probes=("tests-assert",),
        places=(Place(words),),
    )
    about = About(subject=subject, as_of=NOW, commit=words, not_looked_at=(words,))
    inputs = Inputs(
        about=about,
        models=tuple(RULES.models.values()),
        records=(),
        numbers=RULES.numbers,
        hits=(hit,),
    )
    assessment = assess(about, RULES.compiled(), records, RULES.numbers, hits=(hit,))
    return Batch(assessment=assessment, inputs=inputs, records=records)
