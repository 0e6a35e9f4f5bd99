"""Command taken with a signed link: by whom it was sent to, while it can be, and once."""

from datetime import timedelta

import pytest
from tests.services.made_incident_desk import (
    LEO,
    SUE,
    TYPED,
    MadeIncidents,
    incident,
)
from tests.store.records.conftest import engine, opened, postgres_url  # noqa: F401 - fixtures

from pawl.alerts.alert import Invitation
from pawl.alerts.delivery import numbers
from pawl.base.errors import CannotTell
from pawl.base.times import format_time, parse_time
from pawl.incidents.incident import Incident, State
from pawl.services.accepting import Accepting, Standing
from pawl.services.invitations import Invitations
from pawl.store.records.connection import Engine


class Linked:
    """A desk with links to it."""

    def __init__(self, made: MadeIncidents) -> None:
        self.made = made
        self.invitations = Invitations(b"k" * 32, "https://pawl.example.org")
        self.accepting = Accepting(made.desk, self.invitations, made.clock)

    def token(self, known: Incident, person: str = "leo", spell: int = 1) -> str:
        """Return the token of an invitation that goes out now."""
        until = parse_time(self.made.clock()) + timedelta(seconds=numbers().invitation_s)
        return self.invitations.token(
            Invitation(incident=known.id, spell=spell, person=person, until=format_time(until))
        )


@pytest.fixture
def linked(engine: Engine) -> Linked:  # noqa: F811 - a fixture
    """Return a desk with links, on each kind of records."""
    return Linked(MadeIncidents(engine))


def test_looking_accepts_nothing_and_taking_does_it_once(linked: Linked) -> None:
    """However often a scanner looks; and a second press changes nothing."""
    known = linked.made.declared()
    token = linked.token(known)
    for _ in range(3):
        found = linked.accepting.look(token)
        assert (found.standing, found.title, found.person) == (Standing.OPEN, known.title, "leo")
    assert linked.made.desk.get(known.id).commander == ""
    linked.made.clock.wind(seconds=60)
    assert linked.accepting.take(token).standing is Standing.TAKEN
    assert linked.accepting.take(token).standing is Standing.TAKEN
    taken = linked.made.desk.get(known.id)
    assert (taken.commander, taken.state, taken.unproved) == ("leo", State.COMMANDED, False)
    entries = [each for each in linked.made.desk.timeline(known.id) if each.source == "signed-link"]
    assert [(each.by, each.assurance) for each in entries] == [("person:leo", "authenticated")]


def test_the_promise_is_kept_by_a_link_where_a_typed_name_does_not(linked: Linked) -> None:
    """Who took command by a typed name is relieved by somebody who is known for certain."""
    known = linked.made.declared()
    incident(linked.made.desk.accept(known.id, TYPED))
    assert linked.accepting.take(linked.token(known)).standing is Standing.TAKEN
    linked.made.clock.wind(seconds=301)
    linked.made.desk.tick()
    assert linked.made.desk.get(known.id).breached_at is None


def test_a_link_of_another_time_does_nothing(linked: Linked) -> None:
    """Expired, used, of an earlier spell, of what is over, and where somebody else commands."""
    known = linked.made.declared()
    token = linked.token(known)
    assert linked.accepting.take(token).standing is Standing.TAKEN
    incident(linked.made.desk.offer(known.id, "sue", LEO))
    incident(linked.made.desk.accept(known.id, SUE))
    assert linked.accepting.take(token).standing is Standing.USED
    assert linked.accepting.take(linked.token(known, "pia")).standing is Standing.OTHER
    incident(linked.made.desk.offer(known.id, "pia", SUE))
    assert linked.accepting.look(linked.token(known, "pia")).standing is Standing.OPEN
    incident(linked.made.desk.mitigate(known.id, SUE))
    incident(linked.made.desk.resolve(known.id, SUE))
    assert linked.accepting.take(token).standing is Standing.OVER
    incident(linked.made.desk.reopen(known.id, "it is back", SUE))
    assert linked.accepting.take(token).standing is Standing.OVER
    fresh = linked.token(known, spell=2)
    linked.made.clock.wind(seconds=numbers().invitation_s + 1)
    assert linked.accepting.take(fresh).standing is Standing.EXPIRED
    assert linked.made.desk.get(known.id).commander == ""


@pytest.mark.parametrize("person", ["gone", "coder", "nobody"])
def test_whoever_the_roster_does_not_have_as_an_active_human_takes_nothing(
    linked: Linked, person: str
) -> None:
    """A link outlives nobody's employment, and no agent commands."""
    known = linked.made.declared()
    assert linked.accepting.take(linked.token(known, person)).standing is Standing.STRANGER
    assert linked.made.desk.get(known.id).commander == ""


def test_what_is_no_link_of_ours_tells_nothing(linked: Linked) -> None:
    """A changed token and one of an incident that there is not look alike."""
    known = linked.made.declared()
    token = linked.token(known)
    unknown = linked.invitations.token(
        Invitation(incident="inc_none", spell=1, person="leo", until="2027-01-01T00:00:00Z")
    )
    for each in (token[:-2], "x", unknown):
        found = linked.accepting.take(each)
        assert (found.standing, found.title, found.person) == (Standing.BAD, "", "")


def test_a_roster_that_does_not_read_is_no_yes(linked: Linked) -> None:
    """Who may take command cannot be told then, and nothing happens."""
    known = linked.made.declared()
    linked.made.world.who = CannotTell("no branch.")
    assert linked.accepting.take(linked.token(known)).standing is Standing.UNREADABLE
    assert linked.made.desk.get(known.id).commander == ""
