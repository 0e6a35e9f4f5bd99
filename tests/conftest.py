"""What every test shares: the same hypothesis examples each time, and a home of its own."""

import signal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import providers

settings.register_profile(
    "pawl",
    derandomize=True,
    deadline=None,
    max_examples=100,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("pawl")
# It would draw constants out of whatever modules of ours are imported by then, so that the same
# test gets other examples in another selection of tests. There is no setting for it, and
# test_examples.py fails should the name below no longer be the one.
providers._get_local_constants = lambda: providers._local_constants

# A shell that runs the suite in the background has it ignore SIGINT, and so would every command
# that a test starts and interrupts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = Path(__file__).resolve().parents[1]
FIXTURES = Path(__file__).parent / "fixtures"


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep every test away from the data and the transcripts of whoever runs it."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("PAWL_DATA", str(tmp_path / "data"))
    for name in ("CLAUDE_CONFIG_DIR", "CODEX_HOME", "PAWL_SERVER", "PAWL_TOKEN", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
