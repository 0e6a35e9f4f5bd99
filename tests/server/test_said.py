"""What was said, on the page of a session: shown where it is kept and may be seen, escaped."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.server.test_activity_pages import NOW, PRICES, request, tool
from tests.store.events.made_events import event

from pawl.runs.machine_settings import ContentSettings
from pawl.server.app import create_app
from pawl.server.site import Settings
from pawl.services import content_view
from pawl.services.activity_pages import ActivityPages
from pawl.services.facts import StoreFacts
from pawl.services.pages import Pages
from pawl.services.served_contents import ServedContents
from pawl.services.serving import Serving
from pawl.store.contents import Contents
from pawl.store.events.duckdb import DuckEvents
from pawl.store.records.engine import open_records
from pawl.store.records.runs import RunRecords
from pawl.store.spool import SpoolWriter
from pawl.telemetry.content import Content, Role
from pawl.telemetry.event import Kind, Source

HOSTILE = "<script>alert('x')</script>\x1b[2J\x00\u202egnp.exe & \"quotes\"\r\n</pre></details>"
EVENTS = (
    request(1, run_id="run_mine"),
    tool(1, "Bash", Kind.TOOL_CALL),
    tool(1, "Bash", Kind.TOOL_RESULT, outcome="ok", duration_ms=100),
    event("p1", time="2026-11-21T09:59:59.000000Z", kind=Kind.PROMPT, source=Source.TELEMETRY,
          session_id="s1"),
)  # fmt: skip

Ask = Callable[..., str]


def text(name: str, role: Role, words: str, **fields: object) -> Content:
    """Return a text of today's session."""
    known: dict[str, object] = {"event_id": name, "time": "2026-11-21T10:00:05.000000Z"}
    known |= {"role": role, "text": words, "characters": len(words), "session_id": "s1"}
    return Content(**(known | fields))  # type: ignore[arg-type]


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Ask]:
    """Return what gives the page of a session whose texts are these."""
    with ExitStack() as stack:

        def ask(*texts: Content, host: str = "127.0.0.1", **settings: object) -> str:
            asked = ContentSettings(**({"keep": True} | settings))  # type: ignore[arg-type]
            if texts:
                contents = Contents(tmp_path, lambda: NOW)
                contents.keep(texts)
                contents.close()
            store = stack.enter_context(DuckEvents(tmp_path))
            engine = open_records(tmp_path)
            stack.callback(engine.dispose)
            with SpoolWriter(tmp_path / "spool", "t") as writer:
                writer.append(EVENTS)
                writer.commit()
            store.drain(tmp_path / "spool")
            said = stack.enter_context(ServedContents(tmp_path, lambda: NOW, asked))
            facts = StoreFacts(store, RunRecords(engine), ("1", PRICES.as_of))
            serving = Serving(
                pages=Pages(facts, lambda: NOW),
                drain=lambda: 0,
                activity=ActivityPages(store, lambda: NOW, PRICES, contents=said.pages),
            )
            token = None if host == "127.0.0.1" else "t" * 20
            app = create_app(serving, Settings(host=host, token=token), background=False)
            client = stack.enter_context(TestClient(app, base_url="http://127.0.0.1:8787"))
            headers = {} if token is None else {"authorization": f"Bearer {token}"}
            answer = client.get("/sessions/s1", headers=headers)
            assert answer.status_code == 200
            return answer.text

        yield ask


def test_texts_stand_with_what_they_are_of(page: Ask) -> None:
    """A tool's arguments and output in its line; what no bar stands for is a point of its own."""
    told = page(
        text("p1", Role.PROMPT, "Fix the bug", time="2026-11-21T09:59:59.000000Z"),
        text("tool_call1", Role.ARGUMENTS, "python3 app.py"),
        text("tool_result1", Role.RESULT, "it printed 5"),
        text("q1", Role.ANSWER, "Fixed."),
    )
    tool_line = told.index('title="tool: Bash"')
    assert tool_line < told.index("python3 app.py") < told.index("it printed 5")
    assert told.index("Fix the bug") < told.index("Fixed.")
    assert told.count("<details>") == 4
    assert told.count("kept until 2026-12-21") == 4
    assert '<tr class="k-said">' in told


def test_hostile_text_is_shown_and_does_nothing(page: Ask) -> None:
    """Markup, control characters and what turns the direction of writing are made harmless."""
    told = page(text("q1", Role.ANSWER, HOSTILE))
    assert "<script>alert(" not in told
    assert "&lt;script&gt;alert(" in told
    assert told.count("</pre>") == 1
    assert not set("\x1b\x00\u202e\r") & set(told)


def test_the_same_words_from_two_sources_are_shown_once(page: Ask) -> None:
    """A transcript and telemetry both tell of a prompt; said again later, it is shown again."""
    words = "the very same words"
    told = page(
        text("a", Role.PROMPT, words),
        text("b", Role.PROMPT, words, time="2026-11-21T10:00:06.000000Z"),
        text("c", Role.PROMPT, words, time="2026-11-21T10:30:00.000000Z"),
    )
    assert told.count(words) == 2


def test_a_prompt_that_a_bar_has_is_no_point_of_its_own(page: Ask) -> None:
    """A span and a log record tell the same words at the same time."""
    words = "the very same words"
    told = page(text("q1", Role.PROMPT, words), text("p1", Role.PROMPT, words))
    assert told.count(words) == 1


def test_it_says_when_nothing_is_kept(page: Ask) -> None:
    """That it never was."""
    assert "not kept on this machine" in page(keep=False)


def test_it_says_when_nothing_of_a_session_is_there(page: Ask) -> None:
    """It may have expired, and it may never have been told."""
    assert "Nothing is kept of what was said in this session" in page()


def test_what_was_kept_before_the_switch_was_turned_off_is_shown(page: Ask) -> None:
    """Until it goes in its time."""
    assert "some words" in page(text("q1", Role.ANSWER, "some words"), keep=False)


def test_whom_others_can_reach_shows_no_texts_unless_asked_to(page: Ask) -> None:
    """Everybody with the token would read what everybody said."""
    told = page(text("q1", Role.ANSWER, "some words"), host="0.0.0.0")
    assert "some words" not in told
    assert "other machines reach this server" in told


def test_its_owner_may_have_them_shown_all_the_same(page: Ask) -> None:
    """`share = true` says so."""
    assert "some words" in page(text("q1", Role.ANSWER, "some words"), host="0.0.0.0", share=True)


def test_a_page_is_bounded(page: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says that more was said."""
    monkeypatch.setattr(content_view, "ROOM", 400)
    told = page(text("a", Role.PROMPT, "first " * 5), text("b", Role.PROMPT, "second " * 5))
    assert "first" in told
    assert "second" not in told
    assert "More was said than this page shows" in told


def test_a_run_shows_its_command_on_the_page_of_its_session(page: Ask) -> None:
    """Only of the runs that carried the session."""
    mine = text("r1", Role.COMMAND, "claude -p mine", session_id=None, run_id="run_mine")
    other = text("r2", Role.COMMAND, "claude -p theirs", session_id=None, run_id="run_other")
    told = page(mine, other)
    assert "claude -p mine" in told
    assert "claude -p theirs" not in told
