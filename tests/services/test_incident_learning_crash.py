"""A learning that is killed anywhere is finished by the next run, with nothing done twice."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.services.made_incident_desk import LEO, made_incidents
from tests.services.made_learning import MadeTree, made_tree, snapshot

from pawl.incidents.incident import LinkKind
from pawl.store.records.check import check

POINTS = 14
"""Four steps, and two points around each of the five files that they write."""


def child(*arguments: object) -> int:
    """Run the process that kills itself, and return how it ended."""
    command = [sys.executable, "-m", "tests.services.learning_child", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode


@pytest.mark.heavy
def test_a_learning_that_is_killed_anywhere_is_finished_by_the_next_run(tmp_path: Path) -> None:
    """At every point there is, whatever was left: the same cases, gates, actions and steps."""
    found = []
    for at in (*range(POINTS), 1_000):
        data, place = tmp_path / f"{at}/data", made_tree(tmp_path / f"{at}/tree")
        made = made_incidents(data)
        incident = made.resolved().id
        made.desk.attach(incident, LinkKind.RUN, "run_bad", LEO)
        made.engine.dispose()
        ended = child(data, place, incident, at)
        assert (ended == 0) == (at >= POINTS), at
        assert child(data, place, incident, 1_000) == 0
        made = made_incidents(data)
        try:
            assert check(made.engine, replay=True).difference is None
            assert len(MadeTree(place).shelf().cases()) == 2
            found.append(
                (
                    snapshot(place),
                    [(each.key, each.result) for each in made.desk.learnt(incident)],
                    [(each.id, each.due_at) for each in made.desk.actions(incident=incident)],
                )
            )
        finally:
            made.engine.dispose()
    assert all(each == found[-1] for each in found)
    assert len(found[-1][1]) == len(found[-1][2]) == 4
