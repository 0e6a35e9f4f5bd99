"""Flags, `pawl.toml` and CI meet in the terms of a run."""

import pytest

from pawl.base.errors import BadFile, BadValue
from pawl.base.loading import load_toml
from pawl.runs.config import Asked, LimitSettings, RunSettings, Settings, terms
from pawl.runs.spec import Limits, Unpriced

TRUE = Asked(command=("true",))


def test_a_flag_outranks_the_file() -> None:
    """What the command line says wins, limit by limit; the rest comes from the file."""
    file = Settings(
        limits=LimitSettings(usd=2, turns=5, wall="10m", grace="3s"),
        run=RunSettings(project="filed", retries=2, loops="warn"),
    )
    asked = Asked(command=("true",), limits=Limits(turns=9), project="typed", loops="off")
    found = terms(asked, file, fork=False)
    assert (found.limits.turns, found.limits.usd_micros) == (9, 2_000_000)
    assert (found.limits.wall_s, found.limits.grace_s) == (600.0, 3.0)
    assert (found.project, found.retries, found.loops.action) == ("typed", 2, "off")


def test_nothing_said_is_the_defaults() -> None:
    """No file, no flags: no ceilings, loops stop, ten seconds of grace."""
    found = terms(TRUE, Settings(), fork=False)
    assert found.limits == Limits()
    assert (found.loops.action, found.retries, found.untrusted) == ("stop", 0, False)
    assert found.on_disk_full == "stop"


def test_a_fork_is_untrusted_unless_the_command_line_says_otherwise() -> None:
    """The file of a change cannot make the change trusted."""
    file = Settings(run=RunSettings(untrusted=False))
    assert terms(TRUE, file, fork=True).untrusted is True
    trusting = Asked(command=("true",), untrusted=False)
    assert terms(trusting, file, fork=True).untrusted is False
    assert terms(TRUE, Settings(run=RunSettings(untrusted=True)), fork=False).untrusted is True


def test_an_untrusted_file_may_tighten_and_not_loosen() -> None:
    """Ceilings and tool patterns count; what would loosen the run does not."""
    file = Settings(
        limits=LimitSettings(turns=5),
        run=RunSettings(
            loops="off",
            retries=9,
            on_unexpected_tool="record",
            unpriced=Unpriced.WARN,
            on_disk_full="continue",
            poll_tools=("*",),
            deny_tools=("Bash",),
        ),
    )
    found = terms(TRUE, file, fork=True)
    assert (found.limits.turns, found.tools.deny) == (5, ("Bash",))
    assert (found.loops.action, found.loops.exempt, found.retries) == ("stop", (), 0)
    assert (found.tools.unexpected, found.on_disk_full) == ("stop", "stop")
    whole = terms(TRUE, file, fork=True, ours=True)
    assert (whole.loops.action, whole.retries, whole.untrusted) == ("off", 9, True)


@pytest.mark.parametrize(
    "text",
    ["[limits]\nturn = 5", "[limits]\nturns = 0", "[run]\nloops = 'sometimes'", "[limit]\nturns=1"],
)
def test_a_mistake_in_the_file_is_named(text: str) -> None:
    """An unknown key or an impossible value is refused, never ignored."""
    with pytest.raises(BadFile):
        load_toml(text, Settings, place="pawl.toml")


def test_amounts_that_mean_nothing_name_their_place() -> None:
    """The error points at the key."""
    file = Settings(limits=LimitSettings(wall="soon"))
    with pytest.raises(BadValue) as raised:
        terms(TRUE, file, fork=False, place="pawl.toml")
    assert "limits.wall" in raised.value.place
