"""Declaring needs a title and nothing else, and nothing else stops it."""

from importlib.resources import files

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.incidents.made_incidents import NOW, TERMS, at, declared, events, in_state, paging, told

from pawl.base.errors import BadFile
from pawl.governance.priority import Domain
from pawl.incidents.commands import Claim
from pawl.incidents.declaring import Said, declare, holder_of, may_be_back, signalled
from pawl.incidents.event import Refusal, after, made
from pawl.incidents.incident import Incident, Link, LinkKind, Milestone, State
from pawl.incidents.terms import load_terms


def test_a_title_is_enough() -> None:
    """What is not said is taken as the terms have it."""
    found = declared()
    assert (found.severity, found.domain, found.state) == (2, Domain.QUALITY, State.DECLARED)
    assert found.promised_at == at(300)


def test_without_a_title_there_is_nothing() -> None:
    """Spaces are no title."""
    assert isinstance(declare("i", Said(title=" \n"), paging(), TERMS, NOW, by="x:1"), Refusal)


@given(st.builds(Said, title=st.just("Down")), st.integers(), st.text(max_size=30))
def test_nothing_stops_a_declaration(said: Said, severity: int, time: str) -> None:
    """Whatever else is said, it is declared, in order, and the doubts are told."""
    odd = Said(
        title=said.title + " now",
        severity=severity,
        started_at=time,
        detected_at=at(60),
        declared_at="never",
    )
    (event,) = events(declare("i", odd, paging(), TERMS, NOW, by="x:1"))
    found = made(event, Incident)
    assert found.severity in (1, 2, 3, 4)
    assert Milestone.DETECTED not in found.milestones
    assert len(event.tells["doubts"]) >= 2


def test_the_weightiest_domain_leads() -> None:
    """Security comes before cost, whichever is named first."""
    assert declared(domains=(Domain.COST, Domain.SECURITY)).domain is Domain.SECURITY


def test_claims_are_kept_beside_what_was_recorded() -> None:
    """What was declared without a connection says when, and we say when we heard of it."""
    found = declared(declared_at=at(-900), detected_at=at(-1000), started_at="2026-11-21T11:00:00Z")
    assert found.claimed(Milestone.DECLARED) == at(-900)
    assert found.recorded(Milestone.DECLARED) == NOW
    assert found.claimed(Milestone.STARTED) == at(-3600)
    later = told(found, (Claim(by="x:1", milestone=Milestone.STARTED, at=at(-7200)), 10))
    assert later.claimed(Milestone.STARTED) == at(-7200)


def test_an_open_key_is_held_once() -> None:
    """What is ongoing holds its key, the empty one is nobody's, and a second signal only links."""
    held = declared(key="slow/search")
    assert holder_of("slow/search", (held,)) == held
    assert holder_of("", (declared(),)) is None
    long = declared(key=" " + "k" * 400)
    assert holder_of("k" * 400, (long,)) == long
    assert holder_of("k" * 401, (long,)) is None
    over = in_state(State.RESOLVED)
    assert over.open_key is None
    said = Said(title="Again", links=(Link(kind=LinkKind.ALERT, id="al-1"),))
    (event,) = events(signalled(held, said, at(60), by="pawl"))
    assert after(held, event).links == said.links


def test_what_was_resolved_lately_may_be_back() -> None:
    """Within a day it is the same incident; after that it is another one."""
    done = told(declared(key="k"))
    states = {
        name: getattr(in_state(State.RESOLVED), name)
        for name in ("state", "milestones", "commanders")
    }
    done = msgspec.structs.replace(done, **states)
    assert may_be_back("k", (done,), TERMS, at(900 + 86_399)) == done
    assert may_be_back("k", (done,), TERMS, at(900 + 86_400)) is None
    assert may_be_back("", (in_state(State.RESOLVED),), TERMS, at(1000)) is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("repeat_days: 180", "repeat_days: -1"),
        ("update_minutes: 15", "update_minutes: 45"),
        ("severity: 4", "severity: 3"),
        ("  repeat_days: Ours", "  others: Ours"),
    ],
)
def test_terms_that_cannot_be_are_refused(old: str, new: str) -> None:
    """A number below zero or without a source, and a ladder that is not in order."""
    text = files("pawl.incidents").joinpath("terms.yaml").read_text(encoding="utf-8")
    assert old in text
    with pytest.raises(BadFile):
        load_terms(text.replace(old, new), place="terms.yaml")
