"""Declaring whatever happens, as values: kept first, told, and let go of when it was taken."""

import msgspec
from tests.incidents.made_incidents import declared as made_declared

from pawl.base import typed
from pawl.base.errors import BadValue, Unavailable
from pawl.incidents.declaring import Said
from pawl.incidents.event import Refusal
from pawl.services.by import By
from pawl.services.declaring import Declaring, Kept, declare, send
from pawl.services.incident_terms import Declared

KEPT = Kept(
    key="k1", kept_at="2026-11-21T12:00:00.000000Z", server="", by="git:a@b.c",
    said=Said(title="It burns"),
)  # fmt: skip
TAKEN = Declared(incident=made_declared(), new=True)


class Shelf:
    """Files in memory; `full` takes nothing, `stuck` lets go of nothing."""

    def __init__(self, *, full: bool = False, stuck: bool = False) -> None:
        self.held: dict[str, bytes] = {}
        self.full, self.stuck = full, stuck

    def keep(self, name: str, content: bytes) -> str:
        """Keep a file."""
        if self.full:
            raise Unavailable("no room")
        self.held[name] = content
        return name

    def waiting(self) -> tuple[str, ...]:
        """Return what is kept."""
        return tuple(sorted(self.held))

    def read(self, path: str) -> bytes | None:
        """Return a file."""
        return self.held.get(path)

    def drop(self, path: str) -> None:
        """Let go of a file."""
        if self.stuck:
            raise OSError("stuck")
        self.held.pop(path, None)


class Desk:
    """A desk that answers as it was told, and says what was kept when it was asked."""

    def __init__(self, shelf: Shelf, *answers: Declared | Refusal | Exception) -> None:
        self.shelf, self.answers = shelf, list(answers)
        self.asked: list[tuple[str, str, int]] = []

    def declare(self, said: Said, by: By, *, key: str = "") -> Declared | Refusal:
        """Declare, or fail."""
        self.asked.append((said.title, key, len(self.shelf.held)))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def test_it_is_kept_before_it_is_told_and_not_after() -> None:
    """While the desk is asked the file is there; when it was taken it is gone."""
    shelf = Shelf()
    desk = Desk(shelf, TAKEN)
    told = declare(lambda: desk, shelf, KEPT)
    assert told.declared is TAKEN
    assert desk.asked == [("It burns", "k1", 1)]
    assert shelf.held == {}
    assert (told.place, told.why) == ("", "")


def test_whatever_a_desk_raises_it_is_kept() -> None:
    """Errors of ours, defects, and a desk that cannot be opened: none comes through."""
    for error in (Unavailable("down"), BadValue("no"), ValueError("bug"), RecursionError()):
        shelf = Shelf()
        told = declare(lambda shelf=shelf, error=error: Desk(shelf, error), shelf, KEPT)  # type: ignore[misc]
        assert told.declared is None
        assert told.why
        assert told.place == "k1.json"
        assert typed.decode(shelf.held["k1.json"], type=Kept) == KEPT

    def unopened() -> Declaring:
        raise OSError("no such folder")

    shelf = Shelf()
    assert declare(unopened, shelf, KEPT).place == "k1.json"


def test_where_it_can_be_kept_nowhere_it_is_told_all_the_same() -> None:
    """A full disk here does not keep it from a server; where both fail that is said."""
    shelf = Shelf(full=True)
    assert declare(lambda: Desk(shelf, TAKEN), shelf, KEPT).declared is TAKEN
    told = declare(lambda: Desk(shelf, Unavailable("down")), shelf, KEPT)
    assert (told.place, told.lost) == ("", "no room")


def test_a_refusal_is_told_and_it_stays() -> None:
    """Whoever may will send it."""
    shelf = Shelf()
    refusal = Refusal(code="not-allowed", reasons=("No.",))
    told = declare(lambda: Desk(shelf, refusal), shelf, KEPT)
    assert (told.refusal, told.place) == (refusal, "k1.json")


def test_what_waits_is_sent_oldest_first_until_the_desk_is_silent() -> None:
    """After one that is not answered to the rest waits, and is not tried."""
    shelf = Shelf()
    for key in ("k3", "k1", "k2"):
        shelf.keep(f"{key}.json", msgspec.json.encode(msgspec.structs.replace(KEPT, key=key)))
    desk = Desk(shelf, TAKEN, Unavailable("down"))
    told = send(desk, shelf, "")
    assert [key for _, key, _ in desk.asked] == ["k1", "k2"]
    assert told.sent == (TAKEN,)
    assert [place for place, _ in told.troubles] == ["k2.json", "k3.json"]
    assert shelf.waiting() == ("k2.json", "k3.json")


def test_one_that_is_refused_holds_no_other_up() -> None:
    """It stays, and the next one is sent."""
    shelf = Shelf()
    for key in ("k1", "k2", "k3"):
        shelf.keep(f"{key}.json", msgspec.json.encode(msgspec.structs.replace(KEPT, key=key)))
    refusal = Refusal(code="x", reasons=("No.",))
    told = send(Desk(shelf, refusal, BadValue("bad"), TAKEN), shelf, "")
    assert told.sent == (TAKEN,)
    assert [why for _, why in told.troubles] == ["No.", "bad"]


def test_a_file_that_cannot_be_let_go_of_is_sent_again_to_no_effect() -> None:
    """It is told under the same key."""
    shelf = Shelf(stuck=True)
    assert declare(lambda: Desk(shelf, TAKEN), shelf, KEPT).declared is TAKEN
    desk = Desk(shelf, TAKEN)
    assert send(desk, shelf, "").sent == (TAKEN,)
    assert desk.asked[0][1] == "k1"


def test_what_is_for_somebody_else_is_counted_and_left() -> None:
    """A slash at the end of an address makes no other server of it."""
    shelf = Shelf()
    there = msgspec.structs.replace(KEPT, server="https://a.example/")
    shelf.keep("k1.json", msgspec.json.encode(there))
    assert send(Desk(shelf), shelf, "https://b.example").elsewhere == 1
    assert send(Desk(shelf), shelf, "").elsewhere == 1
    assert send(Desk(shelf, TAKEN), shelf, "https://a.example").sent == (TAKEN,)
