"""What `pawl doctor` says of a machine."""

import msgspec
import pytest

from pawl.base.finding import Outcome
from pawl.render.findings import findings_text
from pawl.services.doctor import FREE_BYTES_MIN, PRICES_AGE_DAYS_MAX, Facts, examine

WELL = Facts(
    folder="/data",
    writable=True,
    free_bytes=FREE_BYTES_MIN,
    agents={"claude-code": "/usr/bin/claude", "codex": None},
    transcripts={"claude-code": 3},
    prices_age_days=PRICES_AGE_DAYS_MAX,
    prices_as_of="2026-11-21",
    subreaper=True,
    trials_held="",
    server_url=None,
)


def test_a_machine_in_order_passes_every_check() -> None:
    """Nothing is wrong at the very edge of each threshold, and no remedy is given."""
    findings = examine(WELL)
    assert {finding.outcome for finding in findings} == {Outcome.PASS}
    assert not any(finding.hint for finding in findings)


@pytest.mark.parametrize(
    ("change", "id", "outcome"),
    [
        ({"writable": False}, "data-folder-is-writable", Outcome.FAIL),
        ({"free_bytes": FREE_BYTES_MIN - 1}, "disk-has-room", Outcome.FAIL),
        ({"free_bytes": None}, "disk-has-room", Outcome.CANNOT_TELL),
        ({"agents": {"codex": None}}, "an-agent-is-installed", Outcome.FAIL),
        ({"transcripts": {"codex": 0}}, "transcripts-are-found", Outcome.FAIL),
        ({"prices_age_days": PRICES_AGE_DAYS_MAX + 1}, "prices-are-recent", Outcome.FAIL),
        ({"subreaper": False}, "detached-processes-are-ended", Outcome.FAIL),
        ({"trials_held": "no namespaces"}, "trials-can-be-held", Outcome.FAIL),
    ],
)
def test_each_trouble_is_told_with_its_remedy(
    change: dict[str, object], id: str, outcome: Outcome
) -> None:
    """One thing wrong makes one finding, with a hint; the others stay as they were."""
    findings = examine(msgspec.structs.replace(WELL, **change))
    wrong = [finding for finding in findings if finding.outcome is not Outcome.PASS]
    assert [(finding.id, finding.outcome) for finding in wrong] == [(id, outcome)]
    assert wrong[0].hint


def test_hostile_paths_cannot_steer_a_terminal() -> None:
    """Control characters in a path are shown as question marks."""
    text = findings_text(examine(msgspec.structs.replace(WELL, folder="/data\x1b[2J")))
    assert "\x1b" not in text
    assert "/data?[2J" in text


def test_light_findings_are_notes() -> None:
    """What is only good to know does not read like a defect."""
    text = findings_text(examine(msgspec.structs.replace(WELL, transcripts={})))
    assert "note  Transcript files: none." in text
    assert "wrong" not in text
