"""Prompts and contents of tools on the disk: by day, once, without secrets, and gone when asked."""

import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.base.test_redaction import _corpus

from pawl.base.redaction import REDACTED
from pawl.store.content_days import ContentsUnavailable
from pawl.store.contents import Contents, Rules
from pawl.store.events.forgetting import remember
from pawl.telemetry.content import Content, Role

NOW = "2026-11-21T12:00:00.000000Z"
Make = Callable[..., Contents]


class Clock:
    """Shows the time it was set to."""

    def __init__(self) -> None:
        self.time = NOW

    def __call__(self) -> str:
        return self.time

    def day(self, day: str) -> None:
        """Set it to noon of a day."""
        self.time = f"{day}T12:00:00.000000Z"


@pytest.fixture
def clock() -> Clock:
    """The clock of the test's contents."""
    return Clock()


@pytest.fixture
def made(tmp_path: Path, clock: Clock) -> Iterator[Make]:
    """Return a maker of contents over the test's folder."""
    opened: list[Contents] = []

    def make(**rules: int) -> Contents:
        opened.append(Contents(tmp_path, clock, Rules(**rules)))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


def text(name: str, words: str = "Fix the bug", **fields: object) -> Content:
    """Return a text of an event."""
    known: dict[str, object] = {"event_id": name, "time": "2026-11-20T10:00:00.000000Z"}
    known |= {"role": Role.PROMPT, "text": words, "characters": len(words), "session_id": "s1"}
    return Content(**(known | fields))  # type: ignore[arg-type]


def holds(folder: Path, words: str) -> list[str]:
    """Return the files below a folder in whose bytes words are."""
    return sorted(
        path.name
        for path in folder.rglob("*")
        if path.is_file() and words.encode() in path.read_bytes()
    )


def words_of(contents: Contents, session: str = "s1") -> list[str]:
    """Return the texts of a session."""
    return [each.text for each in contents.of_session(session, 1_000_000)[0]]


# -- keeping --------------------------------------------------------------------------------------


def test_nothing_is_made_before_the_first_text(tmp_path: Path, made: Make) -> None:
    """Looking, tidying, dropping and forgetting leave no folder where there was none."""
    contents = made()
    assert contents.keep([]) == 0
    assert contents.of_session("s1", 10_000) == ([], False)
    assert (contents.tidy(), contents.drop_before("2030-01-01")) == (0, 0)
    assert contents.forget(("ada",), ["s1"]) == 0
    assert not contents.full()
    assert not (tmp_path / "contents").exists()


def test_a_text_is_kept_once_under_its_day(tmp_path: Path, made: Make) -> None:
    """Told again it changes nothing; only its owner may read it."""
    contents = made()
    assert contents.keep([text("e1"), text("e1", role=Role.ANSWER), text("e1", "else")]) == 2
    assert contents.keep([text("e1", "told again")]) == 0
    assert contents.days() == ["2026-11-20"]
    (one, two), left_out = contents.of_session("s1", 10_000)
    assert (one.text, one.day, one.characters, two.role) == (
        "Fix the bug", "2026-11-20", 11, "prompt"
    )  # fmt: skip
    assert {one.role, two.role} == {"prompt", "answer"}
    assert not left_out
    folder = tmp_path / "contents"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


@pytest.mark.parametrize(
    "time",
    [
        "2026-11-21T12:00:00.000001Z",
        "2026-11-22T00:00:00.000000Z",
        "2999-01-01T00:00:00.000000Z",
        "2026-10-21T23:59:59.999999Z",
        "1999-01-01T00:00:00.000000Z",
        "",
        "../../../etc/passwd",
    ],
)
def test_a_time_that_cannot_be_believed_is_not_a_texts_day(made: Make, time: str) -> None:
    """What claims to be of the future, or older than what is kept, is of the day it came."""
    contents = made(days=30)
    contents.keep([text("e1", time=time)])
    assert contents.days() == ["2026-11-21"]


def test_a_stray_told_again_another_day_is_still_one(made: Make, clock: Clock) -> None:
    """Or whoever reads an old transcript each day would keep it for ever."""
    contents = made()
    old = text("e1", time="2020-01-01T00:00:00.000000Z")
    assert contents.keep([old]) == 1
    clock.day("2026-12-01")
    assert contents.keep([old, text("e2", time="2020-01-01T00:00:00.000000Z")]) == 1
    assert [each.day for each in contents.of_session("s1", 10_000)[0]] == [
        "2026-11-21",
        "2026-12-01",
    ]
    clock.day("2026-12-22")
    assert contents.tidy() == 1
    assert words_of(contents) == ["Fix the bug"]


@given(
    st.lists(
        st.tuples(
            st.integers(0, 6),
            st.sampled_from(list(Role)),
            st.datetimes().map(lambda when: when.strftime("%Y-%m-%dT%H:%M:%S.%fZ").zfill(27)),
            st.text(max_size=20),
        ),
        max_size=12,
    )
)
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_comes_is_kept_once_and_within_its_days(
    tmp_path_factory: pytest.TempPathFactory, told: list[tuple[int, Role, str, str]]
) -> None:
    """For any times and texts: no day beyond the bounds, one text an event and role, and telling
    all of it again changes nothing."""
    contents = Contents(tmp_path_factory.mktemp("any"), lambda: NOW, Rules(days=30))
    found = [text(f"e{n}", words, role=role, time=time) for n, role, time, words in told]
    kept = contents.keep(found)
    assert all("2026-10-22" <= day <= "2026-11-21" for day in contents.days())
    stored = contents.of_session("s1", 100_000)[0]
    assert len(stored) == kept
    contents.keep([each for each in found if each.time <= NOW])
    assert contents.of_session("s1", 100_000)[0] == stored
    contents.close()


@pytest.mark.parametrize(("issuer", "words", "secret"), _corpus(), ids=lambda words: words[:20])
def test_no_secret_reaches_the_disk(
    tmp_path: Path, made: Make, issuer: str, words: str, secret: str
) -> None:
    """Not in the database and not in its log: it is taken out before anything is written."""
    contents = made()
    contents.keep([text("e1", words)])
    assert holds(tmp_path, secret[:16]) == []
    assert REDACTED in words_of(contents)[0]


def test_hostile_text_is_kept_as_it_is_read(made: Make) -> None:
    """Null bytes and lone surrogates have no form on the disk; ids may hold them too."""
    contents = made()
    assert contents.keep([text("e\ud800", "a\0b\ud800'; DROP TABLE content", session_id="\ud800")])
    assert words_of(contents, "?") == ["a\N{REPLACEMENT CHARACTER}b?'; DROP TABLE content"]


def test_what_is_shown_is_bounded(made: Make) -> None:
    """A page asks for no more than it can show, and is told that there is more."""
    contents = made()
    contents.keep([text(f"e{n}", "x" * 100) for n in range(10)])
    found, left_out = contents.of_session("s1", 350 * 3)
    assert (len(found), left_out) == (2, True)


def test_a_full_folder_takes_no_more(made: Make) -> None:
    """Whoever sends much cannot fill the disk with what is only nice to have."""
    contents = made(max_mib=1, max_bytes=1024 * 1024)
    assert contents.keep([text(f"e{n}", "x" * 200_000) for n in range(8)]) == 8
    assert contents.full()
    assert contents.keep([text("more")]) == 0
    contents.drop_before("2026-11-22")
    assert not contents.full()


def test_a_disk_that_refuses_says_so(tmp_path: Path, made: Make) -> None:
    """And what is in the way is left alone."""
    (tmp_path / "contents").write_text("not a folder")
    with pytest.raises(ContentsUnavailable, match="out of reach"):
        made().keep([text("e1")])


def test_a_link_in_the_place_of_a_day_is_not_followed(tmp_path: Path, made: Make) -> None:
    """It is no file of ours."""
    (tmp_path / "contents").mkdir()
    (tmp_path / "elsewhere").touch()
    (tmp_path / "contents" / "2026-11-20.db").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ContentsUnavailable, match="no file of ours"):
        made().keep([text("e1")])
    assert (tmp_path / "elsewhere").read_bytes() == b""


CHILD = """
import sys
from pathlib import Path
from pawl.store.contents import Contents
from pawl.telemetry.content import Content, Role
contents = Contents(Path(sys.argv[1]), lambda: "2026-11-21T12:00:00.000000Z")
for n in range(30):
    contents.keep([Content(event_id=f"{sys.argv[2]}-{n}", time="2026-11-20T10:00:00.000000Z",
                           role=Role.PROMPT, text="x", characters=1, session_id="s1")])
contents.close()
"""


def test_several_processes_write(tmp_path: Path, made: Make) -> None:
    """A server and supervised runs write the same day; nothing is lost."""
    children = [
        subprocess.Popen([sys.executable, "-c", CHILD, str(tmp_path), str(n)]) for n in range(3)
    ]
    contents = made()
    for n in range(30):
        contents.keep([text(f"own-{n}")])
        contents.tidy()
    assert [child.wait(timeout=120) for child in children] == [0, 0, 0]
    assert len(contents.of_session("s1", 1_000_000)[0]) == 120


# -- deleting -------------------------------------------------------------------------------------


def test_a_day_goes_when_its_time_has_come(tmp_path: Path, made: Make, clock: Clock) -> None:
    """The day that is `days` old stays, the one before goes, whole and with its log."""
    contents = made(days=10)
    for day in ("2026-11-11", "2026-11-12", "2026-11-21"):
        contents.keep([text(day, f"said on {day}", time=f"{day}T10:00:00.000000Z")])
    assert contents.tidy() == 0
    clock.day("2026-11-22")
    assert contents.tidy() == 1
    assert contents.days() == ["2026-11-12", "2026-11-21"]
    assert holds(tmp_path, "said on 2026-11-11") == []
    assert words_of(contents) == ["said on 2026-11-12", "said on 2026-11-21"]


def test_old_days_go_where_no_server_runs(made: Make, clock: Clock) -> None:
    """The first text of a day that a run or an import keeps sees to it."""
    contents = made(days=10)
    contents.keep([text("e1")])
    clock.day("2026-12-05")
    contents.keep([text("e2", time="2026-12-05T10:00:00.000000Z")])
    assert contents.days() == ["2026-12-05"]


def test_a_clock_that_was_wrong_keeps_nothing_for_ever(made: Make, clock: Clock) -> None:
    """A day far ahead, written while the machine's clock was, goes as well."""
    contents = made(days=10)
    clock.day("2030-01-01")
    contents.keep([text("e1", time="2030-01-01T10:00:00.000000Z")])
    clock.day("2026-11-21")
    assert contents.tidy() == 1
    assert contents.days() == []


def test_a_log_without_its_day_goes_too(tmp_path: Path, made: Make) -> None:
    """Whoever died while deleting left it; it holds texts."""
    made().keep([text("e1")])
    left = tmp_path / "contents" / "2026-01-01.db-wal"
    left.write_bytes(b"what was said")
    assert made().tidy() == 1
    assert not left.exists()


def test_dropping_today_leaves_the_file_to_those_who_write_it(tmp_path: Path, made: Make) -> None:
    """A file that others hold open is emptied, to the last byte, and goes on being written."""
    one, other = made(), made()
    now = "2026-11-21T11:00:00.000000Z"
    one.keep([text("e1", "first words", time=now)])
    other.keep([text("e2", "second words", time=now)])
    assert other.drop_before("2026-11-22") == 1
    assert holds(tmp_path, "words") == []
    assert one.keep([text("e3", "third words", time=now)]) == 1
    assert words_of(other) == ["third words"]


def test_a_day_that_another_removed_is_made_anew(made: Make) -> None:
    """A writer that held the removed file does not write into nowhere."""
    one, other = made(), made()
    one.keep([text("e1")])
    day = "2026-11-15T10:00:00.000000Z"
    one.keep([text("e2", time=day)])
    other.drop_before("2026-11-16")
    assert one.keep([text("e3", time=day)]) == 1
    assert len(words_of(other)) == 2


def test_no_byte_of_a_forgotten_person_is_left(tmp_path: Path, made: Make) -> None:
    """By their name in any case, and by their sessions and runs; what others said stays."""
    contents, other = made(), made()
    told = [
        text(f"a{n}", f"Ada's words {n} " * 50, developer=" ADA ", session_id=None)
        for n in range(200)
    ]
    told += [text("b1", "unnamed words of Ada", session_id="theirs")]
    told += [text("b2", "Ada's words in a run", session_id=None, run_id="run_1")]
    told += [text(f"c{n}", f"Bob says {n}", developer="bob") for n in range(50)]
    contents.keep(told)
    other.keep([text("c99", "Bob says more", developer="bob")])
    assert holds(tmp_path, "Ada's words")
    assert contents.forget(("ada",), ["theirs", "run_1"]) == 202
    assert holds(tmp_path, "Ada") == []
    assert len(words_of(contents)) == 51
    assert other.keep([text("c100", developer="bob")]) == 1
    assert contents.forget(("ada",), ["theirs", "run_1"]) == 0


def test_what_a_forgotten_person_says_later_is_not_kept(tmp_path: Path, made: Make) -> None:
    """A transcript that is read again does not bring it back."""
    contents = made()
    contents.keep([text("e1", "before", developer="ada")])
    remember(tmp_path, ("Ada",), "salt")
    contents.forget(("Ada",), [])
    assert contents.keep([text("e1", "again", developer="ada"), text("e2", "Bob's")]) == 1
    assert words_of(contents) == ["Bob's"]


def test_a_forgetting_that_was_cut_short_is_done_by_the_next(tmp_path: Path, made: Make) -> None:
    """Rows that were deleted, and not yet wiped from the log, are wiped then."""
    contents = made()
    contents.keep([text("e1", "Ada's words", developer="ada"), text("e2", "Bob's")])
    path = tmp_path / "contents" / "2026-11-20.db"
    died = sqlite3.connect(path)
    died.execute("DELETE FROM content WHERE developer = 'ada'")
    died.commit()
    assert holds(tmp_path, "Ada's words")
    died.close()
    assert contents.forget(("ada",), []) == 0
    assert holds(tmp_path, "Ada's words") == []


def test_forgetting_waits_for_nobody_who_only_holds_it_open(made: Make) -> None:
    """An open connection that asks nothing is no hindrance; one in the middle of reading is."""
    contents = made()
    contents.keep([text("e1", developer="ada"), text("e2", developer="bob")])
    contents._files.patience_ms = 20
    path = contents._files.path("2026-11-20")
    reader = sqlite3.connect(path, isolation_level=None)
    try:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM content").fetchone()
        with pytest.raises(ContentsUnavailable):
            contents.forget(("ada",), [])
    finally:
        reader.close()
    contents.forget(("ada",), [])
    assert words_of(contents) == ["Fix the bug"]
