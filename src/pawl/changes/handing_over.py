"""Make a piece of evidence of a file that somebody hands over.

An in-toto statement of ours says itself what it is about. All else, other tools' results and what
`pawl eval` and `pawl lint` print, says nothing of the content, so it is bound to the change and the
base that it is handed over for; whoever hands it over has shown that this content is what was run.
"""

from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple, get_args

import msgspec

from pawl.base.errors import BadFile, BadValue
from pawl.changes.evidence import Evidence, read_statement, sealed
from pawl.changes.results import Result, read_result
from pawl.changes.verdict import Verdict

MAX_BYTES = 32 * 1024 * 1024
MAX_REASONS = 50
"""Reasons of a suite that the evidence repeats; its own result has them all."""

Form = Literal["statement", "sarif", "junit", "conftest", "opa", "eval", "lint"]
FORMS: tuple[str, ...] = get_args(Form)
_KINDS = {
    "sarif": "policy-checks",
    "conftest": "policy-checks",
    "opa": "policy-checks",
    "junit": "tests",
    "eval": "evals",
    "lint": "lint",
}
"""What a form is evidence of, unless whoever hands it over says otherwise."""
_OF_EVALS = {"pass": Verdict.PASS, "regress": Verdict.FAIL}


class For(NamedTuple):
    """What a file is handed over for, by whom and when."""

    digest: str
    base_digest: str
    at: str
    producer: str


def form_of(text: bytes, *, place: str) -> str:
    """Return which form a file has that only Pawl writes, or empty: then it is another tool's."""
    _refuse_giants(text, place)
    try:
        found = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return ""
    if not isinstance(found, dict):
        return ""
    if "predicateType" in found:
        return "statement"
    return {"pawl.eval/1": "eval", "pawl.lint/1": "lint"}.get(str(found.get("schema", "")), "")


def piece_of(
    text: bytes,
    bound: For,
    sets: Mapping[str, str],
    *,
    form: str = "",
    kind: str = "",
    place: str,
) -> Evidence:
    """Return the piece of evidence that a file is; `sets` are the eval sets of the content.

    Its form is what it looks like unless named. Raises BadFile for what does not read, and
    BadValue for a form or a kind that is none.
    """
    if form and form not in FORMS:
        raise BadValue(
            f"no form of evidence is called {form[:60]!r}.",
            place="--format",
            hint=f"There are: {', '.join(FORMS)}.",
        )
    known = form or form_of(text, place=place)
    if known == "statement":
        if kind:
            raise BadValue("a statement says itself what it is evidence of.", place="--kind")
        return _statement(text, bound, place)
    made: Callable[[], tuple[str, Result]] = {
        "eval": lambda: ("eval", _evals(text, sets, place)),
        "lint": lambda: ("lint", _lint(text, place)),
    }.get(known, lambda: _other(text, known, place))
    told, result = made()
    return sealed(
        Evidence(
            id="",
            kind=kind or _KINDS[told],
            digest=bound.digest,
            base_digest=bound.base_digest,
            verdict=result.verdict,
            produced_at=bound.at,
            recorded_at=bound.at,
            producer=bound.producer,
            payload_digest="",
            payload=result.payload,
            events=result.events,
        )
    )


def _other(text: bytes, form: str, place: str) -> tuple[str, Result]:
    from pawl.changes.results import form_of as form_of_other

    told = form or form_of_other(text, place=place)
    return told, read_result(text, form=told, place=place)


def _statement(text: bytes, bound: For, place: str) -> Evidence:
    found = _object(text, place)
    return read_statement(
        found, identity="", recorded_at=bound.at, producer=bound.producer, place=place
    )


def _evals(text: bytes, sets: Mapping[str, str], place: str) -> Result:
    """Return what a `pawl.eval/1` comes to, and which sets its cases are of."""
    found = _object(text, place)
    try:
        cases = [str(case["file"]) for case in found["cases"]]
        events = int(found["suite"]["trials"])
        reasons = [f"{each['case']}: {each['text']}"[:300] for each in found["reasons"]]
        verdict, policy = str(found["verdict"]), str(found["policy_digest"])
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise _bad(place, "pawl.eval/1", error) from error
    run = {set_of_file(file) for file in cases}
    return Result(
        verdict=_OF_EVALS.get(verdict, Verdict.INCONCLUSIVE),
        events=events,
        payload={
            "sets": {name: digest for name, digest in sets.items() if name in run},
            "verdict": verdict[:60],
            "reasons": reasons[:MAX_REASONS],
            "policy": policy[:100],
        },
    )


def _lint(text: bytes, place: str) -> Result:
    """Return what a `pawl.lint/1` comes to: not everything looked at is no pass."""
    found = _object(text, place)
    try:
        failing = int(found["failing"])
        unread = len(found["unread"]) + len(found["unseen"])
        broken = sorted(map(str, found["failed_rules"]))
        events = sum(int(count) for count in found["looked_at"].values())
        fail_at = str(found["fail_at"])
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise _bad(place, "pawl.lint/1", error) from error
    doubt = unread or broken or not events
    verdict = Verdict.FAIL if failing else Verdict.INCONCLUSIVE if doubt else Verdict.PASS
    return Result(
        verdict=verdict,
        events=events,
        payload={
            "failing": failing,
            "fail_at": fail_at[:60],
            "unread": unread,
            "failed_rules": broken[:MAX_REASONS],
        },
    )


def set_of_file(path: str) -> str:
    """Return the eval set that a file of cases belongs to, as `drafting.sets_of` groups them."""
    folder, slash, _ = path.removeprefix(".pawl/evals/").partition("/")
    return folder if slash else "cases"


def _object(text: bytes, place: str) -> dict[str, Any]:
    _refuse_giants(text, place)
    try:
        found = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise BadFile(f"not readable as JSON: {error}.", place=place) from error
    if not isinstance(found, dict):
        raise BadFile("not one JSON object.", place=place)
    return found


def _refuse_giants(text: bytes, place: str) -> None:
    if len(text) > MAX_BYTES:
        raise BadFile(f"larger than {MAX_BYTES:,} bytes.", place=place, hint="Hand over less.")


def _bad(place: str, what: str, error: Exception) -> BadFile:
    return BadFile(
        f"not a {what} object: {type(error).__name__}: {error}.",
        place=place,
        hint="Hand over what the command prints with --json.",
    )
