"""`pawl assess` answers about operation from Pawl's own records, and is not flattered by them."""

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import msgspec
import pytest
from tests.app.own_records import ANN, DAY, LEO, ONCALL, SUE, TODAY, TYPED, Story

from pawl.alerts.reading import Level
from pawl.alerts.state import State
from pawl.app.drills import drill_desk, drills_at
from pawl.base.finding import Outcome
from pawl.cli.main import main
from pawl.governance.cadence_keeping import Record as Kept
from pawl.incidents.declaring import Said
from pawl.incidents.drill import Outcome as Held
from pawl.incidents.incident import LinkKind
from pawl.maturity.evidence import Record, Share

Capsys = pytest.CaptureFixture[str]


@pytest.fixture
def story(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Story]:
    """A shop of nine months ago."""
    found = Story(tmp_path, monkeypatch)
    yield found
    found.close()


def share(record: Record, name: str) -> tuple[int, int]:
    """Return hits and of how many, of a share that a probe told."""
    found = record.values[name]
    assert isinstance(found, Share), record
    return found.hits, found.of


@pytest.mark.heavy
def test_a_year_of_incidents_is_judged_from_the_desk(story: Story, capsys: Capsys) -> None:
    """Command, actions, postmortems, repeats, lessons and roles: each answers from the records."""
    story.commit({".pawl/raci.yaml": files("pawl.governance").joinpath("raci.yaml").read_text()})
    story.incident("Mail waits", fingerprint="fp:1:a")
    story.wind_to("2026-10-05T09:00:00.000000Z")
    grave = story.incident("Agent forced a push", fingerprint="fp:1:b")
    story.learnt(grave)
    story.done_with(grave)
    story.tried("no-push")
    assert main(["eval", "grade", "--record", "--json"]) in (0, 3), capsys.readouterr()
    late = story.incidents.declare(Said(title="Slow", severity=3, fingerprint="fp:1:c"), ANN)
    story.mended(late.incident.id, after_s=400)  # type: ignore[union-attr]
    story.wind_to(TODAY)
    told = story.assessed(capsys)
    assert share(told["commander-is-quick"], "within") == (1, 2)
    assert share(told["actions-are-done"], "done") == (3, 3)
    assert share(told["postmortems-are-closed"], "closed") == (1, 1)
    assert share(told["incidents-rarely-repeat"], "repeat") == (0, 2)
    assert share(told["lessons-return"], "returned") == (1, 2)
    assert told["lessons-return"].depth is not None
    assert told["evalset-grows"].values["cited"] == 1
    assert told["evalset-grows"].values["runs"] == 1
    assert share(told["roles-are-lived"], "seen")[0] >= 1


@pytest.mark.heavy
def test_a_lesson_whose_case_never_ran_has_not_returned(story: Story, capsys: Capsys) -> None:
    """It is in the tree and named by its digest; graded without a trial it holds nothing up."""
    story.wind_to("2026-04-05T09:00:00.000000Z")
    story.incident("Mail waits")
    story.wind_to("2026-10-05T09:00:00.000000Z")
    story.learnt(story.incident("Agent forced a push"))
    main(["eval", "grade", "--record"])
    story.wind_to(TODAY)
    found = story.assessed(capsys)["lessons-return"]
    assert found.outcome is Outcome.FAIL
    assert found.values["named"] == 1
    assert share(found, "returned") == (0, 1)


@pytest.mark.heavy
def test_a_name_that_was_typed_commands_nothing(story: Story, capsys: Capsys) -> None:
    """In time by the clock, and nobody knows who it was: that is no acceptance."""
    story.incident("Mail waits")
    story.wind_to("2026-10-05T09:00:00.000000Z")
    done = story.incidents.declare(Said(title="Down", severity=1), ANN)
    story.clock.wind(seconds=30)
    story.incidents.accept(done.incident.id, TYPED)  # type: ignore[union-attr]
    story.wind_to(TODAY)
    assert story.assessed(capsys)["commander-is-quick"].outcome is Outcome.FAIL


def _month_of_routines(story: Story, note: str) -> int:
    """Keep the daily check for two weeks, with a note each; return how often it was kept."""
    desk, kept = story.cadence(), 0
    for day in range(1, 13):
        story.wind_to(f"2026-11-{day:02}T09:00:00.000000Z")
        said = desk.done("quality-cost-anomaly-check", {"note": note.format(day)}, ANN)
        kept += isinstance(said, Kept)
    desk.tick()
    return kept


@pytest.mark.heavy
def test_the_cadence_counts_as_it_was_kept(story: Story, capsys: Capsys) -> None:
    """All that came due since it was adopted counts; each note of its own counts once."""
    story.cadence().tick()
    kept = _month_of_routines(story, "Looked at what fired on day {}.")
    story.wind_to(TODAY)
    found = story.assessed(capsys)["cadence-is-kept"]
    assert found.outcome is Outcome.PASS
    assert kept == 9
    assert share(found, "kept")[0] == kept
    assert share(found, "kept")[1] > 150
    assert found.values["routines"] == 11


def test_the_report_sees_the_rhythm(story: Story) -> None:
    """Before a cadence was adopted nobody can tell; then the rhythm and what was reviewed count."""
    window = ("2026-03-01T00:00:00.000000Z", "2026-03-20T00:00:00.000000Z")

    def said() -> dict[str, str]:
        report = story.incidents.structural_report(*window)
        return {each.id: each.said.value for each in report.checklist}

    assert (said()["rhythm"], said()["key-indicators"]) == ("cannot-tell", "cannot-tell")
    story.cadence().tick()
    story.wind_to("2026-03-05T13:00:00.000000Z")
    assert said()["key-indicators"] == "no"
    done = story.cadence().done(
        "incident-action-tracking", {"figures": "seen", "actions": "seen"}, SUE
    )
    assert isinstance(done, Kept), done
    story.wind_to("2026-03-20T09:00:00.000000Z")
    assert (said()["rhythm"], said()["key-indicators"]) == ("no", "yes")


@pytest.mark.heavy
def test_a_cadence_cannot_be_copied_or_written_over(story: Story, capsys: Capsys) -> None:
    """The same word each day is one record, and what was missed stays when routines are dropped."""
    story.cadence().tick()
    _month_of_routines(story, "ok")
    before = "schema: pawl.cadence/1\nversion: '2'\nas_of: 2026-11-20\nroutines:\n"
    easy = (
        "  - {id: a, title: A, every: daily, on: FREQ=DAILY, at: '09:00', role: on-call,"
        " outputs: [note]}\n"
    )
    story.wind_to("2026-11-20T09:00:00.000000Z")
    story.commit({".pawl/cadence.yaml": before + easy})
    story.cadence().tick()
    story.wind_to(TODAY)
    found = story.assessed(capsys)["cadence-is-kept"]
    assert share(found, "kept")[0] == 1
    assert share(found, "kept")[1] > 150
    assert found.values["copied"] == 8


@pytest.mark.heavy
def test_a_cadence_adopted_last_week_tells_nothing_yet(story: Story, capsys: Capsys) -> None:
    """It is complete since it was adopted, which is not long enough."""
    story.incident()
    story.wind_to("2026-11-10T09:00:00.000000Z")
    _month_of_routines_from(story)
    story.wind_to(TODAY)
    assert story.assessed(capsys)["cadence-is-kept"].outcome is Outcome.CANNOT_TELL


def _month_of_routines_from(story: Story) -> None:
    desk = story.cadence()
    for day in (11, 12, 13):
        story.wind_to(f"2026-11-{day:02}T09:00:00.000000Z")
        desk.done("quality-cost-anomaly-check", {"note": f"Day {day}"}, ANN)


@pytest.mark.heavy
def test_drills_are_known_from_the_first_entry_on(story: Story, capsys: Capsys) -> None:
    """Never drilled is a no; a run that was finished is complete."""
    story.incident()
    story.wind_to("2026-11-01T09:00:00.000000Z")
    assert story.assessed(capsys)["chaos-is-drilled"].outcome is Outcome.FAIL
    drills = drills_at(story.place)
    desk = drill_desk(story.data, engine=story.engine, place=story.place)
    drill, _ = drills["absent-commander"]
    run = desk.run(drill, LEO)
    assert run.verdict is Held.MET, run
    story.wind_to(TODAY)
    found = story.assessed(capsys)["chaos-is-drilled"]
    assert found.outcome is Outcome.PASS
    assert share(found, "complete") == (1, 1)


@pytest.mark.heavy
def test_on_call_is_what_was_committed_at_the_time(story: Story, capsys: Capsys) -> None:
    """A gap is one, although the schedule was mended afterwards; so is a turn of a service."""
    story.commit({".pawl/oncall.yaml": ONCALL})
    story.wind_to("2026-11-01T09:00:00.000000Z")
    found = story.assessed(capsys)["oncall-is-covered"]
    assert share(found, "covered") == (40_320, 40_320)
    assert found.values["people"] == 2
    story.commit({".pawl/oncall.yaml": ONCALL.replace("[ann, leo]", "[bot, nobody]")})
    story.wind_to("2026-11-14T09:00:00.000000Z")
    story.commit({".pawl/oncall.yaml": ONCALL})
    story.wind_to(TODAY)
    covered, whole = share(story.assessed(capsys)["oncall-is-covered"], "covered")
    # From 24 October, 12:00, to 1 November, 09:00, and from the 14th, 09:00, on.
    assert (covered, whole) == pytest.approx(((7 * 24 + 21 + 7 * 24 + 3) * 60, 40_320), abs=2)


@pytest.mark.heavy
def test_a_schedule_that_is_dated_back_covers_nothing_yet(
    story: Story, capsys: Capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A commit says itself when it was made, and cannot be older than those it stands on."""
    story.wind_to("2026-11-15T09:00:00.000000Z")
    story.commit({"README.md": "# The shop\n"})
    now = story.clock.moment
    story.clock.moment = now.replace(month=3)
    story.commit({".pawl/oncall.yaml": ONCALL})
    story.clock.moment = now
    story.wind_to(TODAY)
    assert story.assessed(capsys)["oncall-is-covered"].outcome is Outcome.CANNOT_TELL


@pytest.mark.heavy
def test_alerts_are_judged_by_what_they_declared(story: Story, capsys: Capsys) -> None:
    """The one that declared came first; one that was linked afterwards announced nothing."""
    story.fires(story.alert(level=Level.WARNING, rule="early-warning"))
    story.incident("Mail waits")
    story.commit({".pawl/oncall.yaml": ONCALL})
    story.wind_to("2026-10-05T09:00:00.000000Z")
    alert = story.alert()
    story.fires(alert)
    (known,) = story.incidents.ongoing()
    story.mended(known.id)
    ended = story.clock()
    story.fires(
        msgspec.structs.replace(alert, state=State.RESOLVED, resolved_at=ended, since=ended)
    )
    story.clock.wind(seconds=DAY)
    other = story.alert(rule="stuck-loop")
    story.fires(other)
    by_user = story.incident("Somebody called")
    story.incidents.attach(by_user, LinkKind.ALERT, other.id, SUE)
    story.wind_to(TODAY)
    told = story.assessed(capsys)
    assert share(told["alerts-come-first"], "first") == (1, 2)
    assert share(told["alerts-come-first"], "precision") == (1, 2)
    assert told["oncall-is-covered"].depth is not None
    assert "and no page" not in told["oncall-is-covered"].reason
