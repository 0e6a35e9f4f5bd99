"""Sort an agent's failure: can another try help, can a person, or neither?

- `transient`: the provider or the network; another try may help;
- `needs-user`: a key, an account, a flag, a trust decision;
- `permanent`: the request itself: too long, unknown model, refused content, a limit of the
  agent's own.

An HTTP status decides where one is known, except that money is told under several statuses:
providers answer an empty account with 400, 402, 403 or 429. Without a status the words decide.
"""

import re

from pawl.runs.agent import AgentError

MAX_MESSAGE = 2_000
"""Characters of a failure's message that are kept."""

_MONEY = re.compile(
    r"credit balance|billing|quota exceeded|insufficient.quota|insufficient funds|payment", re.I
)
_USAGE = re.compile(
    r"unknown option|unknown argument|unexpected argument|argument .{0,80} is invalid|\busage:",
    re.I,
)
_PERSON = re.compile(
    r"api.?key|not logged in|log ?in|authenticat|unauthorized|forbidden|credential|"
    r"environment variable|unrecognized|not found: |trusted|no auth|auth method|permission_error|"
    r"invalid .{0,40}config|error loading config|root/sudo|must be provided|no input|requires --|"
    r"no conversation found|already in use|not a valid|failed to load",
    re.I,
)
_PERMANENT = re.compile(
    r"too long|context.window|ran out of room|context_length|selected model|model.{0,20}not found|"
    r"safeguards|refusal|unable to respond|output token maximum|max.{0,12}turns|budget|"
    r"structured output",
    re.I,
)
_TRANSIENT = re.compile(
    r"overloaded|high demand|rate.?limit|too many requests|timed? ?out|timeout|connection|"
    r"econn|network|reconnect|disconnected|internal server error|internal error|unavailable|"
    r"temporar|try again|bad gateway|stream (?:error|closed|ended)|fetch failed|socket",
    re.I,
)
_STATUS = re.compile(r"\b(?:status|API Error|code|HTTP)[\"':= ]{1,4}(\d{3})\b", re.I)


def classify(message: str, status: int | None = None) -> AgentError:
    """Return the failure with its class; a status is read from the message if none is given."""
    text = message.strip()[:MAX_MESSAGE]
    if status is None:
        found = _STATUS.search(text)
        status = int(found[1]) if found and 400 <= int(found[1]) < 600 else None
    return AgentError(class_=_class(text, status), message=text, status=status)


def _class(text: str, status: int | None) -> str:
    if _MONEY.search(text) or (status is None and _USAGE.search(text)):
        return "needs-user"
    if status is not None:
        return _by_status(text, status)
    for pattern, class_ in (
        (_PERMANENT, "permanent"),
        (_PERSON, "needs-user"),
        (_TRANSIENT, "transient"),
    ):
        if pattern.search(text):
            return class_
    return "permanent"


def _by_status(text: str, status: int) -> str:
    if status in (401, 402, 403, 407):
        return "needs-user"
    if status in (408, 409, 425, 429) or status >= 500:
        return "transient"
    if status == 400 and re.search(r"api.?key", text, re.I):
        return "needs-user"
    return "permanent"
