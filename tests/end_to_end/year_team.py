"""All that can be known of the year's team at a time, as the facts that probes are asked about."""

from datetime import datetime, timedelta

import msgspec
from tests.end_to_end import year_tree
from tests.end_to_end.year_decisions import changes, eval_runs, gates
from tests.end_to_end.year_host import history, host, reports
from tests.end_to_end.year_operations import operations
from tests.end_to_end.year_story import (
    START,
    SUBJECT,
    Happening,
    case_of,
    happenings,
    is_learned,
)
from tests.maturity import told

from pawl.base.times import format_time
from pawl.maturity.facts import Facts
from pawl.maturity.facts.practice import Practice


def facts(now: datetime, practice: Practice) -> Facts:
    """Return all that can be known at a time; `practice` is what Pawl's own records tell."""
    week = -(-(now - START) // timedelta(weeks=1))  # The week that is going on.
    when = format_time(now)
    learned = [each for each in happenings(now) if is_learned(each, now)]
    return Facts(
        subject=SUBJECT,
        as_of=when,
        tree=told.tree(_files(week, learned)),
        history=history(now),
        reports=reports(now),
        host=host(now),
        operations=operations(now),
        practice=msgspec.structs.replace(
            practice,
            changes=tuple(changes(now)),
            gates=tuple(gates(now)),
            eval_runs=tuple(eval_runs(now)),
        ),
    )


def _files(week: int, learned: list[Happening]) -> dict[str, str]:
    files = year_tree.files(week)
    if learned:
        cases = "".join(
            f'  - {{id: "{case_of(each.lesson or "")}", prompt: "Answer {each.cause}",'
            f' expect: "does not repeat the {each.cause}", incident: {each.id}}}\n'
            for each in learned
        )
        files["evals/answers/promptfooconfig.yaml"] = f"suite: answers\ncases:\n{cases}"
    return files
