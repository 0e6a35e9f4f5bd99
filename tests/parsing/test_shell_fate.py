"""What becomes of a failure: each way in which a script keeps it or loses it."""

import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.parsing.shell_fate import Shell, fates
from pawl.parsing.shell_words import Unreadable

STRICT = Shell(errexit=True, pipefail=False)

COUNTS = [
    "GATE",
    "GATE; exit 0",
    "set +e\nGATE",
    "set -o pipefail; GATE | cat",
    "set -eo pipefail\nGATE 2>&1 | cat\necho",
    "if ! GATE; then exit 1; fi",
    "if GATE; then echo; else exit 2; fi",
    "if GATE; then echo; else rc=1; fi\nexit ${rc:-0}",
    "GATE && echo ok",
    "cd . && GATE\necho",
    "(cd . && GATE)\necho",
    "set +e\nGATE\nrc=$?\necho\nexit $rc",
    "rc=0\nGATE || rc=$?\necho\nexit $rc",
    "rc=0\nGATE || rc=$?\nif [ $rc -ne 0 ]; then\n exit 1\nfi",
    "set +e; GATE\nif [ $? -ne 0 ]; then exit 1; fi",
    "GATE || { echo; exit 1; }",
    "GATE || (echo && exit 1)",
    "GATE || exit",
    "GATE || false",
    "die() { echo \"$1\"; exit 1; }\nGATE || die no",
    "GATE | cat; exit ${PIPESTATUS[0]}",
    "x=$(GATE)\necho $x",
    "t() { GATE; }\nt\necho",
    "for d in a b; do GATE || failed=1; done; exit $failed",
    "for d in a b; do GATE; done",
    "GATE &\nwait $!",
    "case x in x) GATE;; esac\necho",
    "GATE || [ $? -eq 5 ]",
    "{ GATE; }\necho",
    "true || rc=1 && GATE",
    "if ! GATE; then echo no; echo why && exit 1; fi",
    "n=0; until GATE; do n=$((n+1)); [ $n -lt 3 ] || exit 1; done",
]  # fmt: skip
LOST = [
    "GATE || true",
    "GATE || :",
    "GATE || echo failed",
    "GATE || exit 0",
    "set +e\nGATE\necho",
    "set +e\nGATE\nexit 0",
    "GATE | cat",
    "GATE 2>&1 | cat || true",
    "if ! GATE; then echo; fi",
    "if GATE; then echo; else echo; fi",
    "GATE && echo ok || echo bad",
    "GATE && echo ok\necho done",
    "! GATE",
    "trap 'exit 0' EXIT\nGATE",
    "exit 0\nGATE",
    "if false; then GATE; fi",
    "false && GATE || true",
    "true || GATE",
    "GATE & echo",
    "GATE &\nwait",
    "echo $(GATE)",
    "t() { GATE; }\nt || true",
    "t() { GATE; }",
    "(GATE) || true",
    "set +e\n(GATE)\necho",
    "while GATE; do break; done",
    "GATE || [ $? -eq 1 ]",
    "if ! GATE; then echo no || exit 1; fi",
    "if ! GATE; then exit 0; exit 1; fi",
    "if ! GATE; then false && exit 1; fi\necho",
    "{ GATE || true; }",
    "set +eu; GATE; echo",
    "set +o errexit\nGATE\necho",
]  # fmt: skip


def _counts(script: str) -> bool:
    return any(
        ran.words[:1] == ("GATE",) and ran.swallowed is None for ran in fates(script, STRICT)
    )


@pytest.mark.parametrize("script", COUNTS)
def test_a_failure_that_counts(script: str) -> None:
    """A script that fails when its gate fails is believed."""
    assert _counts(script)


@pytest.mark.parametrize("script", LOST)
def test_a_failure_that_is_lost(script: str) -> None:
    """A script that goes on or ends well when its gate fails is not believed."""
    assert not _counts(script)


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash here")
@pytest.mark.parametrize("script", [*COUNTS, *LOST])
def test_bash_agrees(script: str) -> None:
    """Bash itself ends with a failure for exactly the scripts that are believed."""
    gate = "GATE() { return 1; }\n" if "trap" not in script else "GATE() { (exit 1); }\n"
    until = "n=9\n" if "until" in script else ""
    script = script.replace("n=0; ", "")
    # As a command of its own: `set -e` treats a function as it treats a program.
    done = subprocess.run(
        ["bash", "-e", "-c", gate + until + script], capture_output=True, timeout=20, check=False
    )
    assert (done.returncode != 0) == _counts(script), (script, done)


def test_a_gate_and_its_own_retry_are_told_apart() -> None:
    """What hides a failure is named, so that a retry of the same gate can be seen."""
    first = fates("pytest || pytest --lf", STRICT)[0]
    assert first.swallowed is not None
    assert first.hidden_by == ("pytest", "--lf")


@given(
    st.lists(
        st.sampled_from(
            ["GATE", "||", "&&", ";", "|", "if", "then", "fi", "else", "true", "exit 0", "exit 1",
             "(", ")", "{", "}", "set +e", "\n", "!", "rc=$?", "for x in y", "do", "done", "&"]
        ),
        max_size=12,
    )
)  # fmt: skip
def test_no_script_breaks_the_walk(parts: list[str]) -> None:
    """Any arrangement of shell words is followed or refused."""
    try:
        ran = fates(" ".join(parts), STRICT)
    except Unreadable:
        return
    assert all(each.words for each in ran)
