"""What is live and what to go back to, folded out of events and nothing else."""

from typing import Any

from tests.changes.made_changes import NOW, at, manifest

from pawl.changes.change import Change, Happened, Happening, after, plain_values
from pawl.changes.manifest import Manifest, part_digest
from pawl.changes.opening import found_unmanaged, open_change
from pawl.changes.parts import Prompt
from pawl.changes.quarantine import quarantine_keys, quarantined
from pawl.changes.registry import Registry, registry_of

OLD, NEW, WILD = Prompt(text="Be kind."), Prompt(text="Be brief."), Prompt(text="Be wild.")
NAME = "prompt/support"


def plan(after: Prompt, before: Prompt = OLD, **other: Any) -> Manifest:
    return manifest(parts={NAME: after}, base={NAME: before}, **other)


class Story:
    """Events as they were recorded, an hour apart."""

    def __init__(self) -> None:
        self.events: list[Happened] = []

    def open(self, identity: str, made: Manifest) -> None:
        self.events.append(open_change(identity, made, (), self.now, by="github:1"))

    def found(self, identity: str, made: Manifest) -> None:
        self.events.append(found_unmanaged(identity, made, self.now, by="pawl"))

    def tell(self, identity: str, type: Happening, **sets: Any) -> None:
        self.events.append(
            Happened(type=type, change=identity, at=self.now, by="pawl", sets=plain_values(sets))
        )

    def ship(self, identity: str, made: Manifest, **sets: Any) -> None:
        """Open a change and bring it live."""
        self.open(identity, made)
        self.tell(identity, Happening.STARTED, approved_by=("leo",), decision="d" * 64, **sets)
        self.tell(identity, Happening.LIVE)

    def back(self, identity: str, **sets: Any) -> None:
        """Roll a change back, all the way."""
        self.tell(identity, Happening.ROLLBACK_STARTED, **sets)
        self.tell(identity, Happening.ROLLED_BACK)

    @property
    def now(self) -> str:
        return at(len(self.events))

    @property
    def registry(self) -> Registry:
        return registry_of(self.events)


def test_what_is_live_says_who_approved_it_and_what_to_go_back_to() -> None:
    """The answer to "what runs, since when, by whose word, on what, and before that?"."""
    story = Story()
    story.ship("chg-1", plan(NEW, why="Too long."), evidence=("evals-1",))
    live = story.registry.live(NAME)
    assert live is not None
    assert (live.change, live.part, live.goes_back_to) == (
        "chg-1", part_digest(NEW), part_digest(OLD),
    )  # fmt: skip
    assert (live.approved_by, live.evidence, live.why) == (("leo",), ("evals-1",), "Too long.")
    assert live.since == at(2)
    assert story.registry.rolling == {}


def test_while_it_rolls_out_the_old_one_is_live_and_the_component_is_taken() -> None:
    """A change on its way is not what everybody gets."""
    story = Story()
    story.ship("chg-1", plan(NEW))
    story.open("chg-2", plan(WILD, NEW))
    story.tell("chg-2", Happening.STARTED)
    live = story.registry.live(NAME)
    assert live is not None
    assert live.change == "chg-1"
    assert story.registry.rolling == {NAME: ("chg-2",)}


def test_a_rollback_brings_back_who_stood_there() -> None:
    """After it the earlier change is live again, with its own approval, and the part is marked."""
    story = Story()
    story.ship("chg-1", plan(NEW))
    story.ship("chg-2", plan(WILD, NEW))
    story.back("chg-2")
    live = story.registry.live(NAME)
    assert live is not None
    assert (live.change, live.approved_by, live.since) == ("chg-1", ("leo",), at(7))
    assert quarantined(plan(WILD, OLD, title="Again"), story.registry.quarantine)
    assert not quarantined(plan(NEW), story.registry.quarantine)
    before = story.registry.at(NAME, at(6))
    assert before is not None
    assert before.change == "chg-2"
    assert story.registry.at(NAME, at(0)) is None


def test_what_stood_there_before_pawl_is_known_by_its_digest_only() -> None:
    """Going back behind the first change leads to something that nobody here approved."""
    story = Story()
    story.ship("chg-1", plan(NEW))
    story.back("chg-1")
    live = story.registry.live(NAME)
    assert live is not None
    assert (live.part, live.change, live.managed) == (part_digest(OLD), "", False)


def test_what_never_went_live_leaves_the_history_as_it_was() -> None:
    """A change taken back from its first stage was never what a component is."""
    story = Story()
    story.ship("chg-1", plan(NEW))
    story.open("chg-2", plan(WILD, NEW))
    story.tell("chg-2", Happening.STARTED)
    story.back("chg-2")
    assert [each.change for each in story.registry.history[NAME]] == ["chg-1"]
    assert quarantine_keys(plan(WILD, NEW))[0] in story.registry.quarantine


def test_what_was_found_outside_is_live_and_approved_by_nobody() -> None:
    """A label that somebody moved by hand is live, and the registry says how."""
    story = Story()
    story.ship("chg-1", plan(NEW))
    story.found("chg-2", plan(WILD, NEW))
    live = story.registry.live(NAME)
    assert live is not None
    assert (live.change, live.managed, live.approved_by) == ("chg-2", False, ())


def test_a_component_is_free_when_the_last_that_moves_it_has_ended() -> None:
    """Two rollbacks at once both hold it: the end of one does not free it for a start."""
    story = Story()
    story.found("chg-1", plan(WILD))
    story.open("chg-2", plan(NEW, WILD))
    story.tell("chg-2", Happening.STARTED)
    story.tell("chg-2", Happening.ROLLBACK_STARTED)
    story.back("chg-1")
    assert story.registry.rolling == {NAME: ("chg-2",)}
    story.tell("chg-2", Happening.ROLLED_BACK)
    assert story.registry.rolling == {}


def test_a_rollback_that_failed_keeps_the_component() -> None:
    """Nobody knows what is there now, so nothing else starts on it."""
    story = Story()
    story.ship("chg-1", plan(NEW))
    story.tell("chg-1", Happening.ROLLBACK_STARTED)
    story.tell("chg-1", Happening.ROLLBACK_FAILED)
    assert story.registry.rolling == {NAME: ("chg-1",)}


def test_an_experiment_that_ran_its_time_is_not_marked() -> None:
    """Nothing was wrong with it, so what it tried may come again as a change."""
    for ended in (True, False):
        story = Story()
        story.open("chg-1", plan(NEW))
        story.tell("chg-1", Happening.STARTED)
        story.back("chg-1", ended_as_planned=ended)
        assert bool(story.registry.quarantine) is not ended


def test_a_part_that_is_taken_away_has_a_digest_too() -> None:
    """Removing a component is a state like any other, and can be gone back from."""
    story = Story()
    story.ship("chg-1", manifest(parts={NAME: None}, base={NAME: OLD}))
    live = story.registry.live(NAME)
    assert live is not None
    assert (live.part, live.goes_back_to) == (part_digest(None), part_digest(OLD))


def test_the_first_event_makes_the_change() -> None:
    """A change is nothing before it was opened, and everything of it is in its events."""
    event = open_change("chg-1", plan(NEW), ("git:Ann@Example.com",), NOW, by="github:1")
    change: Change = after(None, event)
    assert change.authors == ("git:ann@example.com", "github:1")
    assert change.version == 1
