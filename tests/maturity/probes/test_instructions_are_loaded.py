"""Instructions that are cut do not count as loaded."""

from tests.maturity.told import facts

from pawl.maturity.evidence import Share
from pawl.maturity.probe import ask
from pawl.maturity.probes.instructions_are_loaded import PROBE

CODEX_CHARACTERS = 32 * 1024
"""What Codex reads of all instructions together (manual, read 2026-11)."""


def _loaded(characters: int) -> object:
    practice = {
        "complete_since": "2026-06-01T00:00:00.000000Z",
        "agents": [
            {"agent": "codex", "sessions": 6, "supervised": 0, "days": 3},
            {"agent": "claude-code", "sessions": 4, "supervised": 0, "days": 3},
        ],
        "instructions_loaded": 10,
    }
    told = facts({"AGENTS.md": "word " * (characters // 5)}, practice=practice)
    return ask("instructions-are-loaded", PROBE, told).values["loaded"]


def test_sessions_of_a_product_that_cuts_them_are_left_out() -> None:
    """Beyond what Codex reads, its sessions saw only a part."""
    assert _loaded(CODEX_CHARACTERS - 100) == Share(10, 10)
    assert _loaded(CODEX_CHARACTERS + 100) == Share(4, 10)
