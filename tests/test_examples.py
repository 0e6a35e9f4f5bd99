"""The property-based tests get the same examples whatever else runs beside them."""

import subprocess
import sys

from tests.conftest import ROOT

SCRIPT = """
import sys
import tests.conftest
{more}
from hypothesis import given, strategies as st
drawn = []
@given(st.integers(), st.text(), st.sampled_from(range(3000)))
def look(number, word, place):
    drawn.append((number, word, place))
look()
print(repr(drawn).encode("unicode_escape").decode("ascii"))
"""


def test_examples_do_not_depend_on_what_is_imported() -> None:
    """With a module full of numbers and words imported before, nothing else is drawn."""
    alone, beside = (
        subprocess.run(
            [sys.executable, "-c", SCRIPT.format(more=more)],
            cwd=ROOT,
            capture_output=True,
            check=True,
            timeout=60,
        ).stdout
        for more in ("", "import pawl.cli.main")
    )
    assert len(alone) > 1000
    assert alone == beside
