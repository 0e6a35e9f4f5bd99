"""Twenty changes of prompts in a week, and the figures of it beside plain counts of the ledger."""

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from pathlib import Path
from statistics import fmean, median
from typing import Any

import pytest
from tests.changes.made_changes import evidence, manifest
from tests.end_to_end.change_rig import Firm, firm
from tests.services.made_desk import ANN, CI, DEPLOYER, LEO, PIA, Clock, Made, change, excepted

from pawl.base.times import parse_time
from pawl.changes.evidence import Evidence
from pawl.changes.facts import Drill
from pawl.changes.manifest import Manifest, parts_digest
from pawl.changes.parts import Prompt
from pawl.changes.verdict import Verdict
from pawl.services.change_terms import PAWL_ITSELF
from pawl.store.records.engine import open_records

pytestmark = pytest.mark.heavy

MONDAY, SUNDAY = "2026-11-09", "2026-11-15"
FATES = (
    *("good",) * 5, "back", *("good",) * 4, "rejected", "around", *("good",) * 3,
    "excepted", "back", "withdrawn", "good", "good",
)  # fmt: skip


def a_prompt(number: int) -> Manifest:
    """Return the change of one of twenty prompts."""
    name = f"prompt/p{number}"
    words = f"Be kind, brief and number {number}."
    return manifest(scope="shop", parts={name: Prompt(text=words)}, base={name: Prompt(text="Hm.")})


def live(made: Made, number: int) -> str:
    """Open a change, let it lie for a while, and bring it live."""
    known = made.opened(a_prompt(number))
    made.clock.wind(hours=0.1 * (number + 1))
    made.proved(known)
    change(made.desk.submit(known.id, ANN))
    change(made.answered(known))
    staged(made, known.id)
    return known.id


def staged(made: Made, identity: str) -> None:
    """Start an approved change and let it go through its stages."""
    known = change(made.desk.start(identity, DEPLOYER))
    made.clock.wind(hours=1)
    known = change(made.desk.advance(identity, (made.verdict(known, 0),), DEPLOYER))
    made.clock.wind(hours=1)
    seen = parts_digest(known.manifest.parts)
    change(made.desk.finish(identity, (made.verdict(known, 1),), seen, DEPLOYER))


def back(made: Made, number: int) -> None:
    """Bring a change live, see that it harms, and take it back some minutes later."""
    identity = live(made, number)
    seen = made.clock()
    made.clock.wind(seconds=100 + number)
    change(made.desk.roll_back(identity, "It is rude.", ANN, trigger_at=seen))
    made.clock.wind(seconds=60)
    change(made.desk.confirm(identity, parts_digest(a_prompt(number).base), DEPLOYER))


def let_through(made: Made, number: int) -> None:
    """Bring a change live that costs too much, by an exception of whoever answers for cost."""
    known = made.opened(a_prompt(number))
    for kind, said in (("evals", Verdict.PASS), ("lint", Verdict.PASS), ("cost", Verdict.FAIL)):
        piece = evidence(known.manifest, kind, said, produced_at=made.clock())
        assert isinstance(made.desk.add_evidence(known.id, piece, CI), Evidence)
    change(made.desk.submit(known.id, ANN))
    change(made.answered(known))
    asked = excepted(
        made.desk.request_exception(
            known.id, "cost", ANN, reason="A trial.", owner="ann", hours=5,
            compensating_control="Watched daily.",
        )
    )  # fmt: skip
    excepted(made.desk.approve_exception(asked.id, PIA))
    staged(made, known.id)


def lived(made: Made, number: int, fate: str) -> None:
    """Let one change come to what became of it."""
    if fate == "good":
        live(made, number)
    elif fate == "back":
        back(made, number)
    elif fate == "excepted":
        let_through(made, number)
    elif fate == "around":
        change(made.desk.found_unmanaged(a_prompt(number), PAWL_ITSELF))
    elif fate == "rejected":
        change(made.desk.reject(made.submitted(a_prompt(number)).id, "No.", LEO))
    else:
        change(made.desk.withdraw(made.submitted(a_prompt(number)).id, "Not now.", ANN))


@pytest.fixture
def shop(tmp_path: Path) -> Firm:
    """Return a data folder in which a week has gone by, a change every eight hours."""
    made_firm = firm(tmp_path)
    made_firm.data.mkdir()
    engine = open_records(made_firm.data)
    start = parse_time(f"{MONDAY}T00:30:00Z")
    made = Made(engine, Clock(f"{MONDAY}T00:00:00Z"))
    assert isinstance(made.desk.record_drill("prompt", True, LEO), Drill)
    for number, fate in enumerate(FATES):
        made.clock.moment = start + timedelta(hours=8.2 * number)
        lived(made, number, fate)
    assert made.clock.moment < parse_time("2026-11-16")
    engine.dispose()
    return made_firm


def plain(entries: list[dict[str, Any]]) -> dict[str, dict[str, datetime]]:
    """Return when what happened to each change, first of its kind."""
    found: dict[str, dict[str, datetime]] = defaultdict(dict)
    for each in entries:
        if each["type"].startswith("change."):
            found[each["subject"]].setdefault(each["type"], parse_time(each["recorded_at"]))
    return found


def test_twenty_changes_in_a_week(shop: Firm, tmp_path: Path) -> None:
    """Each figure is what counting entries by hand gives; the report is made again to the byte."""
    window = ("--since", MONDAY, "--until", SUNDAY)
    told = shop.told("change", "figures", *window)
    entries = shop.entries()
    types = Counter(each["type"] for each in entries)
    times = plain(entries)
    assert len(times) == len(FATES) == 20

    started = [each for each in times.values() if "change.rollout-started" in each]
    around = types["change.found-unmanaged"]
    assert told["releases"] == len(started) + around == 18
    assert told["unmanaged"] == around == FATES.count("around")
    coverage = told["gate_coverage"]
    # What went out by an exception went through a gate that said no: it is not covered.
    covered = len(started) - types["exception.used"]
    assert (coverage["numerator"], coverage["denominator"]) == (covered, len(started) + around)
    missing = told["missing_approvals"]
    assert (missing["numerator"], missing["denominator"]) == (around, told["releases"])
    failures, backs = told["change_failures"], types["change.rolled-back"]
    assert failures["numerator"] == backs == FATES.count("back")
    assert failures["denominator"] + told["unknown_outcomes"] == told["releases"]

    waited = [
        (each["change.rollout-started"] - each["change.opened"]).total_seconds() for each in started
    ]
    lead = told["lead_time"]
    assert (lead["ended"], lead["running"]) == (len(waited), 0)
    assert lead["mean_s"] == pytest.approx(fmean(waited))
    assert min(waited) <= lead["median_s"] <= median(waited) + 1
    to_live = [(each["change.live"] - each["change.opened"]).total_seconds() for each in started]
    assert told["lead_time_to_live"]["mean_s"] == pytest.approx(fmean(to_live))
    took = [160 + number for number, fate in enumerate(FATES) if fate == "back"]
    assert told["rollback_time"]["ended"] == len(took)
    assert told["rollback_time"]["mean_s"] == pytest.approx(fmean(took), abs=0.1)

    exceptions = told["exceptions"]
    assert exceptions["given"] == types["exception.approved"] == FATES.count("excepted")
    assert exceptions["used"]["numerator"] == types["exception.used"] == 1
    assert exceptions["broken_glass"] == 0

    report = tmp_path / "report.json"
    report.write_text(shop.run("change", "figures", *window, "--json"))
    assert "18 releases, 1 of them around everything." in shop.run("change", "figures", *window)
    engine = open_records(shop.data)
    late = Made(engine, Clock("2026-11-17T00:00:00Z"))
    late.count = 1_000
    live(late, 30)
    engine.dispose()
    assert "byte for byte" in shop.run("change", "figures", "--same-as", str(report))
    assert (
        shop.told("change", "figures", "--since", MONDAY, "--until", "2026-11-18")["releases"] == 19
    )
