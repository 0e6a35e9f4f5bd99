"""Lines of the system's journal, where the machine has one.

Reads: `journalctl -o json` for the units that the machine's `[investigation]` names, in the window.
"""

import os

from pawl.base.errors import BadValue, CannotTell
from pawl.investigation.facts import Facts
from pawl.investigation.log_lines import read_journal
from pawl.investigation.symptoms import epoch
from pawl.world.commanded import program, run
from pawl.world.source import Asking, Source, lines_of

_PROGRAM = "journalctl"


def _missing(asking: Asking) -> str:
    if not asking.settings.journal:
        return "[investigation] of this machine names no units of the journal."
    try:
        program((_PROGRAM,), "/", "journal")
    except BadValue:
        return "this machine has no journalctl."
    return ""


def _look(asking: Asking) -> Facts:
    since, until = (int(epoch(each)) for each in (asking.window.since, asking.window.until))
    argv = program((_PROGRAM, "-o", "json", "--no-pager", "--quiet"), "/", "journal")
    units = [f"--unit={each}" for each in asking.settings.journal if not each.startswith("-")]
    told = run(
        (*argv, f"--since=@{since}", f"--until=@{until + 1}", *units),
        b"",
        folder="/",
        environment={"PATH": os.defpath, "LC_ALL": "C"},
        mark=f"journal-{os.getpid()}-{since}",
        timeout_s=asking.timeout_s,
    )
    if told.status != 0:
        raise CannotTell(told.problem, place=_PROGRAM)
    texts = lines_of(told.printed)
    read = list(read_journal(texts, "journal"))
    lines = tuple(each for each in read if each is not None)
    bad = len(read) - len(lines)
    return Facts(lines=lines, left=(f"{bad:,} lines do not read.",) if bad else ())


SOURCE = Source(title="Journal", answers=("logs",), missing=_missing, look=_look)
