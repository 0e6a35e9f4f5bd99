"""What people type of an incident: read as far as it can be, and never lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.governance.priority import Domain
from pawl.incidents.declaring import Said
from pawl.incidents.incident import Link, LinkKind
from pawl.services.incident_words import instant_of, link_of, said_of

NOW = "2026-11-21T12:00:00.000000Z"


@pytest.mark.parametrize("text", ["1", "sev1", "SEV-1", " Severity 1 ", "S1", "p1", "sev: 1"])
def test_a_severity_is_read_as_people_write_it(text: str) -> None:
    """All of them are the worst."""
    assert said_of("x", NOW, severity=text).severity == 1


@pytest.mark.parametrize("text", ["high", "one", "1.5", "-1x", "1 2"])
def test_one_that_means_nothing_stands_in_the_text(text: str) -> None:
    """Nothing is guessed."""
    said = said_of("x", NOW, severity=text, text="more")
    assert said.severity is None
    assert said.text == f"more\nseverity: {text}"


def test_domains_and_links_are_read_and_the_rest_is_kept() -> None:
    """What is no domain or link is said in the text."""
    said = said_of("x", NOW, domains=("COST", "taste"), links=("Run: r1", "x", "alert:", "bomb:1"))
    assert said.domains == (Domain.COST,)
    assert said.links == (Link(kind=LinkKind.RUN, id="r1"),)
    assert said.text.splitlines() == ["domain: taste", "link: x", "link: alert:", "link: bomb:1"]


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("10m", "2026-11-21T11:50:00.000000Z"),
        ("1h30m ago", "2026-11-21T10:30:00.000000Z"),
        ("2026-11-21T11:00Z", "2026-11-21T11:00Z"),
        ("2026", "2026"),
        ("", ""),
        ("999999999w", "999999999w"),
        ("0m", "0m"),
    ],
)
def test_a_time_is_an_instant_or_how_long_ago(text: str, at: str) -> None:
    """Whatever is neither stays as it is, for the core to say so."""
    assert instant_of(text, NOW) == at


def test_a_date_may_lie_ahead() -> None:
    """Of what is due."""
    assert instant_of("14d", NOW, ahead=True) == "2026-12-05T12:00:00.000000Z"


def test_a_suspected_link_ends_with_a_question_mark() -> None:
    """Its id is without the mark; a mark alone is no id."""
    assert link_of("change:chg_1?") == Link(kind=LinkKind.CHANGE, id="chg_1", suspected=True)
    assert link_of("change:?") is None


words = st.text(max_size=30)


@given(words, words, st.lists(words, max_size=3), words, st.lists(words, max_size=3))
def test_whatever_is_typed_can_be_sent(
    title: str, severity: str, domains: list[str], started: str, links: list[str]
) -> None:
    """It encodes as JSON and reads again as the same."""
    import msgspec

    from pawl.base import typed

    said = said_of(
        title + "\udcff", NOW, severity=severity, domains=domains, started=started, links=links
    )
    assert typed.decode(msgspec.json.encode(said), type=Said) == said
