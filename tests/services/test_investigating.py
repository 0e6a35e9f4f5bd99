"""Sources are looked at side by side, and none of them can spoil it; what is found is kept."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from tests.investigation.made import KNOWLEDGE, TERMS, WINDOW, errors, found, gathered
from tests.services.made_incident_desk import ANN, MadeIncidents, made_incidents

from pawl.base.canonical import digest
from pawl.base.errors import BadValue, CannotTell
from pawl.governance.ledger import PAWL
from pawl.incidents.event import Refusal
from pawl.incidents.incident import Link, LinkKind
from pawl.investigation.facts import Facts
from pawl.investigation.investigate import Known
from pawl.investigation.quirk import Quirk
from pawl.services.incident_terms import NoSuchIncident
from pawl.services.investigating import Looker, gather, investigated
from pawl.services.investigation_keeping import InvestigationKeeping
from pawl.store.records.check import check
from pawl.store.records.forgetting import forget
from pawl.store.records.investigations import InvestigationRecords


def looker(look: Callable[[], Facts], missing: str = "") -> Looker:
    """Return a source that does what a test wants of it."""
    return Looker(title="A source", answers=("logs",), missing=lambda: missing, look=look)


def lines() -> Facts:
    """Return the lines of a failure."""
    return Facts(lines=tuple(errors("connection refused by cache:6379")))


def test_a_source_that_fails_hangs_or_breaks_is_reported() -> None:
    """The others tell what they found; of each that did not it is said why."""
    hold = threading.Event()

    def fails() -> Facts:
        raise CannotTell("it cannot be reached.", place="password=hunter22222")

    def breaks() -> Facts:
        raise ZeroDivisionError

    def hangs() -> Facts:
        hold.wait(30)
        return Facts()

    try:
        told = {
            each.look.source: each.look
            for each in gather(
                {
                    "absent": looker(lines, "nothing is configured."),
                    "breaks": looker(breaks),
                    "fails": looker(fails),
                    "hangs": looker(hangs),
                    "partly": looker(lambda: msgspec.structs.replace(lines(), left=("cut.",))),
                    "works": looker(lines),
                },
                timeout_s=1.0,
            )
        }
    finally:
        hold.set()
    assert {name: each.outcome for name, each in told.items()} == {
        "absent": "absent",
        "breaks": "failed",
        "fails": "failed",
        "hangs": "failed",
        "partly": "partial",
        "works": "looked",
    }
    assert "ZeroDivisionError" in told["breaks"].why
    assert "cannot be reached" in told["fails"].why
    assert "hunter" not in told["fails"].why
    assert "not done within" in told["hangs"].why
    assert told["works"].items == len(lines().lines)


def test_sources_look_side_by_side() -> None:
    """Two that wait for each other are both done: neither is first."""
    both = threading.Barrier(2, timeout=20)

    def meets() -> Facts:
        both.wait()
        return lines()

    told = gather({"one": looker(meets), "two": looker(meets)}, timeout_s=20)
    assert [each.look.outcome for each in told] == ["looked", "looked"]


def test_an_investigation_without_any_source_says_that() -> None:
    """Nothing that could be looked at is not the same as nothing to find."""
    told = investigated(
        "window",
        WINDOW,
        {"fails": looker(lambda: (_ for _ in ()).throw(CannotTell("no.")))},
        Known(terms=TERMS, knowledge=KNOWLEDGE),
        made_at=WINDOW.until,
        timeout_s=5,
    )
    assert told.hypotheses == ()
    assert told.unknown == ("A source: no.",)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[tuple[MadeIncidents, InvestigationKeeping]]:
    """A desk, and what keeps investigations beside it."""
    made = made_incidents(tmp_path)
    records = InvestigationRecords(made.engine)
    yield made, InvestigationKeeping(records, made.desk, now=made.clock, new_id=made.new_id)
    made.engine.dispose()


def test_an_investigation_is_kept_and_linked(
    here: tuple[MadeIncidents, InvestigationKeeping],
) -> None:
    """It reads back as it was, its digest binds it, and the incident names it as evidence."""
    made, keeping = here
    incident = made.declared()
    told = found(gathered(lines=tuple(lines().lines)))
    kept, refusal = keeping.keep(msgspec.structs.replace(told, incident=incident.id), ANN)
    assert refusal is None
    (again,) = keeping.of(incident.id)
    assert again.investigation == kept.investigation
    assert again.digest == digest(msgspec.to_builtins(kept.investigation))
    assert made.desk.get(incident.id).links == (Link(kind=LinkKind.EVIDENCE, id=kept.id),)
    assert check(made.engine, replay=True).intact


def test_an_incident_that_is_none_is_not_investigated(
    here: tuple[MadeIncidents, InvestigationKeeping],
) -> None:
    """Neither kept nor shown."""
    _, keeping = here
    with pytest.raises(NoSuchIncident):
        keeping.keep(found(gathered()), ANN)
    with pytest.raises(NoSuchIncident):
        keeping.of("inc_none")


def test_a_quirk_is_recorded_offered_and_retired(
    here: tuple[MadeIncidents, InvestigationKeeping],
) -> None:
    """It is known until somebody says why it holds no longer, and stays on record."""
    made, keeping = here
    incident = made.declared()
    quirk = keeping.add_quirk("shop", "connection refused", "The port moved.", incident.id, ANN)
    assert isinstance(quirk, Quirk)
    assert keeping.quirks() == (quirk,)
    told = found(gathered(lines=tuple(lines().lines)), quirks=keeping.quirks())
    assert any(each.kind == "quirk" for each in told.evidence)
    assert isinstance(keeping.retire_quirk(quirk.id, " ", ANN), Refusal)
    gone = keeping.retire_quirk(quirk.id, "Fixed for good.", ANN)
    assert isinstance(gone, Quirk)
    assert keeping.retire_quirk(quirk.id, "Again.", ANN) == keeping.quirks(retired=True)[0]
    assert keeping.quirks() == ()
    assert keeping.quirks(retired=True)[0].retired_why == "Fixed for good."
    with pytest.raises(BadValue, match="no quirk"):
        keeping.retire_quirk("qrk_none", "x", ANN)
    assert check(made.engine, replay=True).intact


@pytest.mark.parametrize(("pattern", "says"), [("", "x"), ("123 456", "x"), ("refused", " ")])
def test_a_quirk_that_fits_anything_is_refused(
    here: tuple[MadeIncidents, InvestigationKeeping], pattern: str, says: str
) -> None:
    """A pattern of nothing but numbers would be offered everywhere."""
    _, keeping = here
    assert isinstance(keeping.add_quirk("", pattern, says, "", ANN), Refusal)


def test_people_are_forgotten_in_investigations(
    here: tuple[MadeIncidents, InvestigationKeeping],
) -> None:
    """An author whose name is taken out of the records stands in no evidence any more."""
    from tests.investigation.made import change

    made, keeping = here
    incident = made.declared()
    told = found(gathered(lines=lines().lines, changes=(change(-5, "aa", who="grace"),)))
    keeping.keep(msgspec.structs.replace(told, incident=incident.id), ANN)
    forget(made.engine, ("grace",), PAWL, made.clock(), reason="asked", key="k")
    (kept,) = keeping.of(incident.id)
    assert "grace" not in msgspec.json.encode(kept).decode()
    assert check(made.engine, replay=True).intact
