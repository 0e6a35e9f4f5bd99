"""The pages on changes show what is on record, and say so where nothing can be told."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from tests.server.change_site import Changed, by
from tests.server.conftest import Ask, Client
from tests.server.fakes import NOW

from pawl.base.errors import BadFile
from pawl.changes.change import State
from pawl.changes.concern import asks
from pawl.changes.manifest import Manifest
from pawl.changes.parts import Model, Prompt, Tool
from pawl.changes.plan import Rollback, Rollout, Stage
from pawl.services.change_board_view import BoardView
from pawl.services.change_terms import PAWL_ITSELF
from pawl.services.sample_manifests import ASK_ABOVE, KINDER_CHAT

STRANGE = "<img src=x onerror=alert(1)>\"'><script>alert(2)</script>{{ 7 * 7 }}\u202egnp\u200b"
PAGES = (
    "/changes", "/changes/live", "/changes/gates", "/changes/exceptions", "/changes/figures",
    "/changes/simulator", "/changes/ledger",
)  # fmt: skip


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Changed]:
    """Return records of their own, with nothing in them."""
    changed = Changed(tmp_path / "data")
    yield changed
    changed.close()


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Changed]:
    """Return records with the sample's story, to be looked at only."""
    changed = Changed(tmp_path_factory.mktemp("story") / "data")
    changed.story()
    yield changed
    changed.close()


def served(site: Ask, made: Changed) -> Client:
    """Return a client of a site that keeps changes."""
    client = site(changes=made.desk)
    client.serving.change_pages = made.pages
    return client


def page(client: Client, path: str, status: int = 200) -> str:
    """Return a page; it must be there and obey the policy on scripts."""
    answer = client.get(path)
    assert answer.status_code == status, answer.text
    assert not re.search(r"<script(?![^>]*\bsrc=)", answer.text)
    # What is quoted is a value, whatever it looks like.
    assert not re.search(r"<style|<[^>]*\s(?:style|on\w+)=", re.sub(r'"[^"]*"', "", answer.text))
    return answer.text


def named(made: Changed, title: str) -> str:
    """Return the address of the change whose title holds some words."""
    found = [each.id for each in made.desk.list(limit=100) if title in each.manifest.title]
    assert len(found) == 1
    return f"/changes/{found[0]}"


@pytest.mark.parametrize("path", PAGES)
def test_a_server_without_changes_says_so(site: Ask, path: str) -> None:
    """It is not there, and what to do is."""
    answer = site().get(path)
    assert answer.status_code == 503
    assert "keeps no changes" in answer.text


@pytest.mark.parametrize("path", PAGES)
def test_nothing_yet_is_told_on_every_page(site: Ask, made: Changed, path: str) -> None:
    """An empty page says what would stand there, and never a zero that nobody counted."""
    told = page(served(site, made), path)
    assert 'aria-current="page">' in told
    wanted = {
        "/changes": "No changes yet",
        "/changes/live": "Nothing is known to run",
        "/changes/exceptions": "No exceptions",
        "/changes/figures": "A share of nothing has no value",
        "/changes/ledger": "Nothing was decided here yet",
    }
    assert wanted.get(path, "gate") in told


def test_the_board_says_where_all_stand_and_what_they_wait_for(site: Ask, told: Changed) -> None:
    """Each lane has its changes; what is out and should not be is said first."""
    text = page(served(site, told), "/changes")
    for part in (
        "Something is out that should not be", "A kinder tone", "Stage 1 of 3", "canary",
        "high risk", "agent-assisted", "<b>approvals</b>: ", "rolled back",
        "refusal-rate: 14.0%",
    ):  # fmt: skip
        assert part in text
    assert text.index("Something is out") < text.index("In preparation")


def test_the_board_finds_by_title_and_component(site: Ask, told: Changed) -> None:
    """What does not hold the words is left out."""
    client = served(site, told)
    found = page(client, "/changes?text=prompt/chat")
    assert "A kinder tone" in found
    assert "refund agent" not in found
    assert "No change holds" in page(client, "/changes?text=nowhere")
    assert client.get("/changes?page=0").status_code == 400
    assert client.get("/changes?colour=red").status_code == 400


def test_a_change_is_shown_with_all_that_an_approver_reads(site: Ask, told: Changed) -> None:
    """Its words, its risk, each gate, each answer with why it counts or not, and the ledger."""
    text = page(served(site, told), named(told, "up to 50 USD"))
    for part in (
        "This tool may do more than before.", "power refund &lt;= 50 USD",
        "Does not count (edited).", "the change was edited since", "barbara", "Counts.",
        "gates hold it up", "dry run, holds nothing up", "not apply</summary>", "pawl gate replay",
        "pawl gate check", 'href="/changes/ledger/', "Asking first is right.",
    ):  # fmt: skip
        assert part in text, part
    assert "gate decided" not in text.split('id="timeline"')[1].split('id="decisions"')[0]


def test_a_prompt_is_shown_word_by_word(site: Ask, told: Changed) -> None:
    """What goes and what comes are marked, what stays is not."""
    text = page(served(site, told), named(told, "kinder tone"))
    assert re.search(r"apologise<ins>[^<]* once, say what you will do next[^<]*</ins>", text)
    assert "Greet the visitor.\n" in text


def test_a_rollout_is_shown_with_its_clock(site: Ask, told: Changed) -> None:
    """Stages, the hold that is left, the verdicts and what is next."""
    text = page(served(site, told), named(told, "kinder tone"))
    assert "5 % of traffic" in text
    assert "1,240 events" in text
    assert "Next: advance: canary passed; half is next." in text


def test_what_somebody_must_see_to_is_said_first(site: Ask, made: Changed) -> None:
    """A question, drift and glass are loud on their pages; other pages are quiet."""
    made.story()
    rolling = next(each for each in made.desk.list() if each.state is State.ROLLING_OUT)
    why = "canary failed. <b>Errors</b> rose."
    assert made.desk.tell_people(rolling.id, asks(rolling, why, NOW))
    assert not made.desk.tell_people(rolling.id, asks(rolling, why, NOW))
    client = served(site, made)
    text = page(client, f"/changes/{rolling.id}")
    assert "Somebody has to decide whether it goes back" in text
    assert "canary failed. &lt;b&gt;Errors" in text
    found = next(each for each in made.desk.list() if each.state is State.UNMANAGED)
    assert "It is live, and never was a change here" in page(client, f"/changes/{found.id}")
    glass = next(each for each in made.desk.exceptions() if each.exception.incident)
    (broken,) = (each for each in made.desk.list() if each.digest == glass.exception.digest)
    assert "Broken glass is to be ratified" in page(client, f"/changes/{broken.id}")
    rejected = next(each for each in made.desk.list() if each.state is State.REJECTED)
    assert "concern" not in page(client, f"/changes/{rejected.id}")


def test_nobody_signed_in_is_offered_no_button(site: Ask, told: Changed) -> None:
    """It says what would be needed instead."""
    text = page(served(site, told), named(told, "up to 50 USD"))
    assert "Approve " not in text.split('id="answer-title"')[1].split("</section>")[0]
    assert "Nobody in the roster claims this identity." in text


def test_a_policy_that_does_not_read_is_told(site: Ask, made: Changed) -> None:
    """The page of a change stays, says that nothing is approved, and that going back works."""
    change = made.rolling()
    made.sources.broken = BadFile("nobody answers for code.", place=".pawl/raci.yaml")
    client = served(site, made)
    text = page(client, f"/changes/{change.id}")
    assert "nobody answers for code." in text
    assert "Going back still works." in text
    assert "as yourself to roll back" in text
    assert f"pawl change rollback {change.id}" in text
    gates = page(client, "/changes/gates", 503)
    assert "nothing is approved or started" in gates
    assert ".pawl/raci.yaml" in gates
    assert "nobody answers" in page(client, "/changes/simulator")


def test_gates_say_who_can_satisfy_them_and_how_often_they_held(site: Ask, told: Changed) -> None:
    """Roles with people, roles without, sources, and what each said of the decisions."""
    told.sources.notes = ("shop: evals: mode would be looser, so the wider rule stays.",)
    text = page(served(site, told), "/changes/gates")
    for part in (
        "Nobody holds legal", "nobody holds it", "product-lead", "grace", "dry run", "firm",
        "Nobody may except it.", "May except it: ", "Evidence of evals from any producer",
        "Part 12, pattern 1", "so the wider rule stays",
    ):  # fmt: skip
        assert part in text, part
    row = text.split('<tr id="evals">')[1].split("</tr>")[0]
    counts = [int(each) for each in re.findall(r'<td class="n[^>]*>(\d+)</td>', row)]
    assert counts[0] == sum(counts[1:]) > 0


def test_broken_glass_is_loud(site: Ask, told: Changed) -> None:
    """It stands before all others, with until when it is to be ratified."""
    text = page(served(site, told), "/changes/exceptions")
    assert text.index("Glass was broken") < text.index("The price falls")
    for part in ("INC-2098", "To be ratified in", "broken glass", "0 of 1", "Two people watch"):
        assert part in text


def test_glass_that_nobody_ratified_is_said_to_hold_releases_up(site: Ask, made: Changed) -> None:
    """After a day it says so instead of counting down."""
    made.clock.to(2.5)
    change = made.in_review()
    made.desk.break_glass(
        change.id, "cost", by("katherine"), incident="INC-2098", reason="Now.",
        compensating_control="Watched.", hours=4,
    )  # fmt: skip
    made.clock.to(-48)
    text = page(served(site, made), "/changes/exceptions")
    assert "Nobody ratified it in time" in text
    assert "overdue" in text


def test_what_runs_says_who_approved_it_and_what_to_go_back_to(site: Ask, told: Changed) -> None:
    """Managed, unmanaged, moving and rolled back are told apart."""
    client = served(site, told)
    text = page(client, "/changes/live")
    for part in ("runs what nobody approved", "unmanaged", "moving now", "grace", "1 part rolled"):
        assert part in text
    one = page(client, "/changes/live/prompt/support")
    assert "Support names the page" in one
    assert "Evidence: " in one
    assert client.get("/changes/live/prompt/nowhere").status_code == 404
    assert "Nothing holds" in page(client, "/changes/live?text=zzz")


def test_figures_have_counts_and_intervals(site: Ask, told: Changed) -> None:
    """Each share says of how many, and how sure it is; each time has a unit."""
    client = served(site, told)
    text = page(client, "/changes/figures?days=90")
    assert "38\N{EN DASH}96 %" in text
    for part in ("4 of 5", "releases that need an approval", "6 m", "Not ended"):
        assert part in text
    assert client.get("/changes/figures?days=31").status_code == 400


def test_what_strangers_write_is_shown_as_text(site: Ask, made: Changed) -> None:
    """Titles, prompts, names, notes and reasons are no markup, and hide nothing."""
    words = STRANGE
    plan = Manifest(
        title=words[:290],
        why=words,
        scope="a/b",
        parts={
            f"prompt/{STRANGE}": Prompt(text=f"Be kind. {words}"),
            "model/m": Model(family=words, model=words, parameters={words: words}),
            "tool/t": Tool(permission="allow", powers=(words,)),
        },
        base={
            f"prompt/{STRANGE}": Prompt(text="Be kind."),
            "model/m": None,
            "tool/t": None,
        },
        rollout=Rollout(stages=(Stage(name=words, exposure=0.1),)),
        rollback=Rollback(),
        closes=(words,),
    )
    change = made.told(made.desk.open(plan, (f"git:{words}",), by("ada")))
    made.told(made.desk.submit(change.id, by("ada")))
    made.told(made.desk.found_unmanaged(plan, PAWL_ITSELF))
    client = served(site, made)
    seqs = [f"/changes/ledger/{line.seq}" for line in made.desk.timeline(change.id)]
    for path in (*PAGES, f"/changes/{change.id}", *seqs):
        text = page(client, path)
        assert "<img" not in text
        assert "<script>" not in text
        assert "\u202e" not in text
        assert "\u200b" not in text
    assert "U+202E" in page(client, f"/changes/{change.id}")
    component = page(client, f"/changes/live/prompt/{quote(STRANGE)}")
    assert "<img" not in component


@pytest.mark.parametrize("name", ["nowhere", "x" * 300, "%3Cscript%3E"])
def test_an_unknown_change_is_not_there(site: Ask, made: Changed, name: str) -> None:
    """Nothing is made up for it."""
    answer = served(site, made).get(f"/changes/{name}")
    assert answer.status_code == 404
    assert "<script>" not in answer.text


def test_an_expired_base_is_shown_on_the_answers(site: Ask, made: Changed) -> None:
    """An answer that was given before the base moved is stale, with the reason."""
    change = made.rolling(KINDER_CHAT)
    assert change.answers
    other = made.in_review(ASK_ABOVE)
    made.told(made.desk.withdraw(other.id, "Not now.", by("ada")))
    text = page(served(site, made), f"/changes/{other.id}")
    assert "withdrawn" in text
    assert "Not now." in text


def test_pages_end_where_the_list_does() -> None:
    """No page is offered beyond what one question returns."""
    view = BoardView(lanes=(), ended=(), ended_count=26, total=26)
    assert view.pages == 2
    assert BoardView(lanes=(), ended=(), ended_count=10**6, total=10**6).pages == 40
