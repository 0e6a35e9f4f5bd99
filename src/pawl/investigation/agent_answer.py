"""Read what an agent answers, and believe only what cites evidence that there is.

The agent read text that anybody may have written, so its answer is as hostile as that. Each claim
stands or falls by itself; what falls is told with the reason, and an answer of which nothing stands
changes nothing.
"""

import json
from typing import Any

import msgspec

from pawl.base.redaction import redact
from pawl.investigation.evidence import Claim, Tag
from pawl.investigation.investigation import Action, ActionClass, AgentPart, Investigation
from pawl.investigation.knowledge import Knowledge
from pawl.investigation.suspicion import suspicion
from pawl.investigation.template import Template

MAX_ANSWER = 512 * 1024
"""Characters of an answer that are looked through."""
MAX_CLAIMS = 50
MAX_TEXT = 600
_TRIES = 100
_CLASSES: dict[str, ActionClass] = {
    "informational": "informational",
    "reversible": "reversible",
    "irreversible": "irreversible",
}
_NO_WAY_BACK = (
    *("delete", "drop ", "purge", "wipe", "truncate", "rotate", "revoke", "force-push"),
    *("force push", "reset --hard", "erase", "destroy", "rm -"),
)
"""Words of an action that cannot be taken back, whatever an agent classes it as; ours."""


def read_answer(
    text: str | None,
    structured: bytes | None,
    found: Investigation,
    template: Template,
    knowledge: Knowledge,
    run_id: str,
) -> AgentPart:
    """Return what of an answer stands, and what was dropped of it and why."""
    value = _value(text, structured)
    if isinstance(value, str):
        return AgentPart(run_id=run_id, template=template.name, used=False, problem=value)
    dropped: list[str] = []
    claims: list[Claim] = []
    actions: list[Action] = []
    for each in value["claims"][:MAX_CLAIMS]:
        claim = _claim(each, found, knowledge)
        if isinstance(claim, str):
            dropped.append(claim)
        else:
            claims.append(claim)
    proposed = value.get("actions")
    for at, each in enumerate(proposed[:MAX_CLAIMS] if isinstance(proposed, list) else (), 1):
        action = _action(each, found, knowledge, at)
        if isinstance(action, str):
            dropped.append(action)
        else:
            actions.append(action)
    if len(value["claims"]) > MAX_CLAIMS:
        dropped.append(f"{len(value['claims']) - MAX_CLAIMS} claims beyond the first {MAX_CLAIMS}.")
    used = bool(claims or actions)
    return AgentPart(
        run_id=run_id,
        template=template.name,
        used=used,
        problem="" if used else "nothing that it says stands on evidence.",
        claims=tuple(claims),
        actions=tuple(actions),
        dropped=tuple(dropped),
    )


def _claim(value: Any, found: Investigation, knowledge: Knowledge) -> Claim | str:
    text = _text(value)
    if not text:
        return "A claim without a text."
    if not isinstance(value.get("tag"), str) or value["tag"] not in set(Tag):
        return f"{text[:120]}: its tag is none."
    ids = _cited(value, found)
    if isinstance(ids, str):
        return f"{text[:120]}: {ids}"
    if why := suspicion(text, knowledge):
        return f"{text[:120]}: {why}."
    return Claim(tag=Tag(value["tag"]), text=text, evidence=ids)


def _action(value: Any, found: Investigation, knowledge: Knowledge, at: int) -> Action | str:
    text = _text(value)
    if not text:
        return "An action without a text."
    said = value.get("class")
    if not isinstance(said, str) or said not in _CLASSES:
        return f"{text[:120]}: its class is none of {', '.join(_CLASSES)}."
    ids = _cited(value, found)
    if isinstance(ids, str):
        return f"{text[:120]}: {ids}"
    if why := suspicion(text, knowledge):
        return f"{text[:120]}: {why}."
    lower = text.lower()
    lasting = any(word in lower for word in _NO_WAY_BACK)
    return Action(
        id=f"agent-{at}",
        text=text,
        action="irreversible" if lasting else _CLASSES[said],
        asks="people",
        evidence=ids,
    )


def _cited(value: dict[str, Any], found: Investigation) -> tuple[str, ...] | str:
    """Return the ids that something cites, or what is wrong with them."""
    known = {each.id: each for each in found.evidence}
    listed = value.get("evidence")
    if not isinstance(listed, list) or not listed:
        return "it cites no evidence."
    ids = tuple(dict.fromkeys(each for each in listed[:50] if isinstance(each, str)))
    unknown = [each for each in ids if each not in known]
    if unknown or not ids:
        return f"it cites evidence that there is not: {', '.join(unknown)[:100] or 'no text'}."
    if all(known[each].flagged for each in ids):
        return "it rests on nothing but text that tries to give orders."
    return ids


def _text(value: Any) -> str:
    text = value.get("text") if isinstance(value, dict) else None
    if not isinstance(text, str):
        return ""
    plain = redact(text.encode("utf-8", "replace").decode("utf-8").replace("\0", "?"))
    return " ".join(plain.split())[:MAX_TEXT]


def _value(text: str | None, structured: bytes | None) -> dict[str, Any] | str:
    """Return the object with a list of claims, or why there is none."""
    if structured is not None and (value := _decoded(structured[:MAX_ANSWER])) is not None:
        return value
    if text is None or not text.strip():
        return "it answered nothing."
    if len(text) > MAX_ANSWER:
        return f"its answer is longer than {MAX_ANSWER:,} characters."
    if (value := _decoded(text.strip().encode("utf-8", "replace"))) is not None:
        return value
    decoder, at = json.JSONDecoder(), -1
    for _ in range(_TRIES):
        at = text.find("{", at + 1)
        if at < 0:
            break
        try:
            found, _end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            continue
        if _is_answer(found):
            return dict(found)
    return "its answer holds no JSON object with a list of claims."


def _decoded(content: bytes) -> dict[str, Any] | None:
    try:
        value = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError):
        return None
    return value if _is_answer(value) else None


def _is_answer(value: object) -> bool:
    return isinstance(value, dict) and isinstance(value.get("claims"), list)
