"""What a code host's reply means: an answer, a limit and how long it lasts, a no, or a failure.

GitHub and GitLab tell limits alike: 429 or (GitHub) 403, with `Retry-After` in seconds or as a
date, else `X-RateLimit-Remaining` and `X-RateLimit-Reset` in seconds since 1970 (GitLab without
the `X-`). GitHub's secondary limits may come without any header; its documentation asks for a
minute then. See https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
and https://docs.gitlab.com/administration/settings/user_and_ip_rate_limits/.
"""

import re
from email.utils import parsedate_to_datetime
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import msgspec

from pawl.base.errors import BadValue
from pawl.maturity.host_questions import Answer, Result
from pawl.world.host.asking import Asking, Reply

_SECONDARY_S = 60.0
_SHOWN = 200
"""Characters of what a host says that are told on."""
_NEXT = re.compile(r'<([^<>]*)>\s*;[^,<]*\brel="?next"?')


def answer(reply: Reply, asking: Asking, address: str, now_s: float) -> Answer:
    """Return what a reply to a question at an address means; `now_s` is in seconds since 1970."""
    status = reply.status
    if reply.broken:
        passing = reply.passing or status >= 500
        return Answer(
            outcome="failed" if passing else "refused",
            status=status,
            reason=f"no usable answer: {reply.broken}",
        )
    if status == 304:
        return Answer(outcome="unchanged", status=status, wait_s=_spent(reply, now_s))
    value, readable = _value(reply)
    if 200 <= status < 300 and status != 202:
        if not readable:
            return Answer(outcome="failed", status=status, reason="the answer is not JSON")
        return Answer(
            outcome="told",
            status=status,
            value=value,
            wait_s=_spent(reply, now_s),
            etag=reply.headers.get("etag", "")[:200],
            next=_next(reply, asking, address),
        )
    said = _said(value)
    reason = f"the host answers {status}{f': {said}' if said else ''}"
    limit = _limit(reply, said, now_s)
    if limit is not None:
        return Answer(outcome="limited", status=status, reason=reason, wait_s=limit)
    if status >= 500 or status in (202, 408):
        wait = _retry_after(reply, now_s) or 0.0
        return Answer(outcome="failed", status=status, reason=reason, wait_s=wait)
    return Answer(outcome="refused", status=status, reason=reason)


def _value(reply: Reply) -> tuple[object, bool]:
    if reply.status == 204 or not reply.body.strip():
        return [], reply.status == 204
    try:
        return msgspec.json.decode(reply.body), True
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError):
        return None, False


def _said(value: object) -> str:
    told = value.get("message") or value.get("error") if isinstance(value, dict) else None
    text = told if isinstance(told, str) else ""
    plain = "".join(letter if letter.isprintable() else " " for letter in text[:_SHOWN])
    return " ".join(plain.split()).rstrip(".")


def _limit(reply: Reply, said: str, now_s: float) -> float | None:
    """Return the seconds a limit lasts, or None when the reply is no limit."""
    after = _retry_after(reply, now_s)
    spent = _spent(reply, now_s)
    named = "rate limit" in said.lower() or "abuse" in said.lower()
    if reply.status != 429 and not (reply.status == 403 and (after or spent or named)):
        return None
    return after or spent or _SECONDARY_S


def _retry_after(reply: Reply, now_s: float) -> float | None:
    text = reply.headers.get("retry-after", "").strip()
    if text.isdecimal() and len(text) < 10:
        return max(1.0, float(text))
    try:
        return max(1.0, parsedate_to_datetime(text).timestamp() - now_s)
    except (ValueError, TypeError, OverflowError, OSError, IndexError):
        return None


def _spent(reply: Reply, now_s: float) -> float:
    """Return the seconds until more may be asked; 0 while some is left or nothing is said."""
    headers = reply.headers
    left = headers.get("x-ratelimit-remaining") or headers.get("ratelimit-remaining")
    reset = headers.get("x-ratelimit-reset") or headers.get("ratelimit-reset") or ""
    if left != "0":
        return 0.0
    if not reset.isdecimal() or len(reset) > 11:
        return _SECONDARY_S
    # A second more: clocks differ, and a limit ends with its second.
    return max(1.0, float(reset) - now_s + 1)


def _next(reply: Reply, asking: Asking, address: str) -> str:
    """Return where the next page is, or an empty text.

    GitLab's page number comes first: behind a proxy its links may name an address inside.
    """
    number = reply.headers.get("x-next-page", "").strip()
    if number.isdecimal() and len(number) < 10:
        parts = urlsplit(f"{asking.url}{address}" if address.startswith("/") else address)
        query = [(key, value) for key, value in parse_qsl(parts.query) if key != "page"]
        return urlunsplit(parts._replace(query=urlencode([*query, ("page", number)])))
    found = _NEXT.search(reply.headers.get("link", "")[:8000])
    return found[1] if found else ""


def refuse_repository(told: Result, repository: str, variable: str) -> None:
    """Raise BadValue for a repository that the host does not show."""
    if told.status == 401:
        raise BadValue(
            f"The host does not take the token: {told.reason}.",
            place=variable,
            hint="Make a new one, which may read the repository.",
        )
    if 400 <= told.status < 500 and told.status != 429:
        raise BadValue(
            f"The host shows no such repository: {told.reason}.",
            place=repository,
            hint=f"Check its name, and set {variable} to a token that may read it.",
        )
