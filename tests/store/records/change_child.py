"""One actor of a race: waits for a line with a change's id, acts at once, tells what came of it.

`change_child.py ROLE FOLDER URL` where ROLE is `leo`, `lia` or `editor`; an empty URL is SQLite.
"""

import sys
from pathlib import Path

from tests.changes.made_changes import with_gates
from tests.services.made_desk import ANN, LEO, LIA, Clock, Made, other_text, source_of

from pawl.changes.approval import Said
from pawl.changes.change import Refusal
from pawl.store.records.engine import open_records
from pawl.world.clock import now

ROLES = {"leo": LEO, "lia": LIA, "editor": ANN}


def act(role: str, folder: Path, url: str | None) -> None:
    """Do what the role does to each change that is named, as soon as it is."""
    made = Made(
        open_records(folder, url), Clock(now()), policy=with_gates(approvals={"given": QUORUM})
    )
    for line in sys.stdin:
        identity = line.strip()
        asked = made.desk.asked(identity)
        print("ready", flush=True)
        sys.stdin.readline()
        if role == "editor":
            told = made.desk.edit(identity, other_text("Be brief."), (), ANN)
        else:
            by = ROLES[role]
            told = made.desk.answer(identity, Said.APPROVE, asked.bound, by, source_of(by))
        print(told.code if isinstance(told, Refusal) else told.state, flush=True)


QUORUM = {"quorum": 2}

if __name__ == "__main__":
    act(sys.argv[1], Path(sys.argv[2]), sys.argv[3] or None)
