"""What a synchronisation of goals did, as text for people; `pawl.sync/1` is the value itself."""

from collections import Counter

from pawl.base.durations import format_duration
from pawl.maturity.goal_issue import Synced
from pawl.render.escaping import plain

_DID = {
    "create": "created",
    "update": "updated",
    "reopen": "reopened",
    "close": "closed",
    "keep": "unchanged",
    "leave": "left alone",
    "fail": "failed",
    "stop": "not done",
}
_WOULD = {
    **_DID,
    "create": "would create",
    "update": "would update",
    "reopen": "would reopen",
    "close": "would close",
}


def is_done(synced: Synced) -> bool:
    """Say whether everything that was to be done was done."""
    return not synced.stopped and not any(each.action == "fail" for each in synced.done)


def sync_text(synced: Synced) -> str:
    """Return one line for each issue, the counts, and what to do next where it stopped."""
    words = _WOULD if synced.dry_run else _DID
    where = f"{synced.repository} on {synced.product} ({synced.visibility})"
    lines = [f"{synced.subject}, {synced.as_of[:10]}, to issues of {where}"]
    for each in synced.done:
        number = f"#{each.number}" if each.number else ""
        reason = f": {each.reason}" if each.reason else ""
        lines.append(f"{words[each.action]:12} {number:6} {each.criterion}{reason}")
    counts = Counter(words[each.action] for each in synced.done)
    told = ", ".join(f"{count} {word}" for word, count in counts.items())
    waited = f"; waited {format_duration(synced.waited_s)}" if synced.waited_s else ""
    lines.append(f"{told or 'nothing to do'}; {synced.requests} requests{waited}.")
    if synced.stopped:
        lines.append(f"Stopped: {synced.stopped}. Run the same command again to go on.")
    if synced.dry_run:
        lines.append("Nothing was written: --dry-run.")
    return "".join(f"{plain(line)}\n" for line in lines)
