"""Lines of logs, asked of a store of logs over HTTP.

Reads: `log_url` of the machine's `[investigation]`, with `{since}` and `{until}` replaced by the
window; the answer is lines, JSON objects or plain. `log_token` names the variable of a token.
"""

from pawl.investigation.facts import Facts, Line
from pawl.investigation.log_lines import read_lines
from pawl.investigation.symptoms import epoch
from pawl.world.asking_http import filled, got
from pawl.world.posting import address_of, named_secret
from pawl.world.source import Asking, Source, lines_of

_PLACE = "investigation.log_url"


def _missing(asking: Asking) -> str:
    if not asking.settings.log_url:
        return "[investigation] of this machine names no store of logs."
    return ""


def _look(asking: Asking) -> Facts:
    settings = asking.settings
    url = address_of(settings.log_url, asking.environment, _PLACE)
    token = settings.log_token
    body = got(
        filled(url, since=asking.window.since, until=asking.window.until),
        {},
        None if token is None else named_secret(token, asking.environment, _PLACE, "The token"),
        timeout_s=asking.timeout_s,
        most=asking.most,
        place=_PLACE,
    )
    since, until = epoch(asking.window.since), epoch(asking.window.until)
    lines: list[Line] = []
    timeless = 0
    for line in read_lines(lines_of(body), "logs"):
        if line is None:
            timeless += 1
        elif since <= line.at <= until:
            lines.append(line)
    left = (f"{timeless:,} lines have no time.",) if timeless else ()
    return Facts(lines=tuple(lines), left=left)


SOURCE = Source(title="Logs over HTTP", answers=("logs",), missing=_missing, look=_look)
