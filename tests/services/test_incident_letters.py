"""Who is told what of an incident, once, and who may answer with one click."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from tests.services.made_incident_desk import LEO, SUE, MadeIncidents, incident, made_incidents

from pawl.alerts.alert import Invitation, Notice
from pawl.alerts.budget_letter import Mailing
from pawl.alerts.policy import Policy, Route
from pawl.services.invitations import Invitations, Inviting, NoInvitation, kept_key
from pawl.store.records.outbox import WAITING, OutboxRecords
from pawl.world.data_files import DataFiles

ROUTES = (
    Route(to=("pia",), rules=("incident",), scope={"person": "pia"}, go_on=True),
    Route(to=("any",), rules=("incident",), scope={"person": "*"}, go_on=True),
    Route(to=("team",)),
)
MAILING = Mailing(policy=Policy(routes=ROUTES), channels=("pia", "any", "team"))
KEY = b"k" * 32


class Told:
    """What is in the outbox of a desk, in the order in which it was put."""

    def __init__(self, tmp_path: Path, mailing: Mailing = MAILING) -> None:
        self.made: MadeIncidents = made_incidents(tmp_path, mailing=lambda: mailing)
        self.outbox = OutboxRecords(self.made.engine)

    def letters(self) -> list[Notice]:
        """Return what waits, the oldest first."""
        found = self.outbox.letters(WAITING)
        return [each.notice for each in sorted(found, key=lambda each: (each.created_at, each.id))]

    def to(self, channel: str, words: str = "") -> list[Notice]:
        """Return what waits for one channel and says something."""
        return [each for each in self.letters() if each.route == channel and words in each.title]


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Told]:
    """Return a desk with routes."""
    found = Told(tmp_path)
    yield found
    found.made.engine.dispose()


def test_a_page_invites_its_person_in_their_own_channel_alone(told: Told) -> None:
    """A channel that others read gets the page and no invitation, whatever its pattern is."""
    known = told.made.declared()
    (own,) = told.to("pia")
    (any_,), (team,) = told.to("any"), told.to("team")
    assert own.invites == Invitation(
        incident=known.id, spell=1, person="pia", until=own.invites.until if own.invites else ""
    )
    assert any_.invites is None
    assert team.invites is None
    assert "pages pia as primary" in team.title
    assert dict(team.alerts[0].scope) == {
        "incident": known.id, "severity": "2", "domain": "quality", "person": "pia",
        "roles": "primary",
    }  # fmt: skip


def test_the_breach_command_updates_and_the_end_are_each_told_once(told: Told) -> None:
    """Whatever ticks again, whoever says it again: one letter of each."""
    known = told.made.declared()
    told.made.clock.wind(seconds=301)
    told.made.desk.tick()
    told.made.desk.tick()
    incident(told.made.desk.accept(known.id, SUE))
    incident(told.made.desk.offer(known.id, "leo", SUE))
    incident(told.made.desk.accept(known.id, LEO))
    incident(told.made.desk.update(known.id, "f", "i", "s", LEO, key="1"))
    incident(told.made.desk.update(known.id, "f", "i", "s", LEO, key="1"))
    incident(told.made.desk.mitigate(known.id, LEO))
    incident(told.made.desk.resolve(known.id, LEO))
    expected = {
        "pages ": 3, "promise of a commander is broken": 1, "has a commander: sue": 1,
        "is offered to leo": 1, "has a commander: leo": 1, "has an update": 1,
        "no longer hurts": 1, "is resolved": 1,
    }  # fmt: skip
    assert {words: len(told.to("team", words)) for words in expected} == expected
    assert len({each.id for each in told.letters()}) == len(told.letters())


def test_an_update_is_markdown_in_which_nothing_is_markup(told: Told) -> None:
    """Facts, impact, status and when the next is due, with every mark of theirs made harmless."""
    known = told.made.commanded()
    facts = "<b>x</b> [y](http://z)\n# heading @here `c` \u202e"
    incident(told.made.desk.update(known.id, facts, "all of it", "looking", SUE))
    (letter,) = told.to("team", "has an update")
    assert "**Facts**\n\n> \\<b\\>x\\</b\\> \\[y\\](http://z)\n> \\# heading &#64;here \\`c\\`" in (
        letter.text
    )
    assert "\u202e" not in letter.text
    assert "**Impact**\n\n> all of it" in letter.text
    assert "Commander: sue." in letter.text
    assert "Next update: 2026-11-21 12:30Z." in letter.text


def test_what_a_machine_without_channels_leaves_is_forwarded_whole(tmp_path: Path) -> None:
    """A server that has channels tells its own, with the text and the invitation."""
    told = Told(tmp_path, Mailing(shared=True))
    known = told.made.declared()
    told.outbox.forward(MAILING.forwarded, told.made.clock(), 3600)
    (own,), (team,) = told.to("pia"), told.to("team")
    assert own.invites is not None
    assert own.invites.incident == known.id
    assert team.invites is None
    told.made.engine.dispose()


def test_nobody_is_told_where_there_is_nobody_to_tell(tmp_path: Path) -> None:
    """Without channels on records of one's own nothing waits for ever."""
    told = Told(tmp_path, Mailing())
    told.made.declared()
    assert told.letters() == []
    told.made.engine.dispose()


def test_links_are_made_on_the_way_out_and_stand_in_no_record(told: Told) -> None:
    """The same notice goes out with the same link each time; the outbox has none."""
    told.made.declared()
    (own,) = told.to("pia")
    assert b"/accept/" not in msgspec.json.encode(own)
    sent: list[Notice] = []

    class Channel:
        """A channel that keeps what it is given."""

        def send(self, notice: Notice, now: str) -> None:
            """Keep a notice."""
            sent.append(notice)

    channel = Inviting(Channel(), Invitations(KEY, "https://pawl.example.org/"))
    channel.send(own, "")
    channel.send(own, "")
    first, second = (each.invites.link for each in sent if each.invites)
    assert first == second
    assert first.startswith("https://pawl.example.org/accept/")
    token = first.rpartition("/")[2]
    found = Invitations(KEY).read(token)
    assert (found.person, found.spell) == ("pia", 1)


INVITATION = Invitation(incident="inc_1", spell=2, person="ann", until="2026-11-22T00:00:00Z")


def test_every_byte_of_a_token_counts() -> None:
    """Whatever is changed, cut off or added, and whoever else signs, it is no token."""
    own = Invitations(KEY, "https://x")
    token = own.token(INVITATION)
    assert own.read(token) == INVITATION
    spoilt = [token[:-1], token + "A", token + "=", "." + token, "", ".", "x" * 3_000, "\u00e9.x"]
    for place, letter in enumerate(token):
        spoilt.append(token[:place] + ("A" if letter != "A" else "B") + token[place + 1 :])
    for each in (*spoilt, Invitations(b"o" * 32).token(INVITATION)):
        with pytest.raises(NoInvitation):
            own.read(each)
    assert Invitations(KEY).link(INVITATION) == ""


def test_the_key_is_made_once_and_is_for_this_user_alone(tmp_path: Path) -> None:
    """Whoever starts the server next has the same key."""
    files = DataFiles(tmp_path / "server")
    assert kept_key(files, b"a" * 32) == kept_key(files, b"b" * 32) == b"a" * 32
    assert (tmp_path / "server" / "invitation-key").stat().st_mode & 0o777 == 0o600


def test_a_channel_of_two_people_is_nobodys_own(tmp_path: Path) -> None:
    """Two routes that name one channel for two persons make it one in which each could be both."""
    shared = Policy(
        routes=tuple(
            Route(to=(channel,), rules=("incident",), scope={"person": person}, go_on=True)
            for channel, person in (("both", "pia"), ("both", "leo"), ("pia", "pia"))
        )
    )
    told = Told(tmp_path, Mailing(policy=shared, channels=("both", "pia")))
    told.made.declared()
    (letter,), (own,) = told.to("both"), told.to("pia")
    assert letter.invites is None
    assert own.invites is not None
    told.made.engine.dispose()
