"""Known quirks: what was once learned of a component, offered when it looks like that again."""

from collections.abc import Iterable

import msgspec

from pawl.incidents.event import Refusal, refused
from pawl.incidents.similarity import normalised
from pawl.investigation.words import same_component

MAX_TEXT = 2_000
MAX_PATTERN = 200


class Quirk(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One quirk. `pattern` are words that stand in an error, an alert or a change, as written.

    `incident` is where it was learned. `retired_at` is when it ceased to be offered, None while it
    is.
    """

    id: str
    component: str
    pattern: str
    says: str
    incident: str
    by: str
    recorded_at: str
    retired_at: str | None = None
    retired_by: str = ""
    retired_why: str = ""


def wrong_with(quirk: Quirk) -> Refusal | None:
    """Return why a quirk cannot be recorded; None where it can."""
    reasons = []
    if not quirk.pattern.strip() or len(quirk.pattern) > MAX_PATTERN:
        reasons.append(f"Its pattern is empty, or longer than {MAX_PATTERN} characters.")
    elif len(normalised(quirk.pattern).strip("#~@ .:,;-")) < 4:
        reasons.append("Its pattern is nothing but numbers and ids, and would fit anything.")
    if not quirk.says.strip() or len(quirk.says) > MAX_TEXT:
        reasons.append(f"It says nothing, or more than {MAX_TEXT:,} characters.")
    if reasons:
        return refused("not-whole", *reasons, hint="Write words that stand in the error itself.")
    return None


def matching(
    quirks: Iterable[Quirk], components: Iterable[str], texts: Iterable[str]
) -> tuple[Quirk, ...]:
    """Return the quirks to offer: not retired, of a hurt component, whose pattern stands there."""
    hurt = tuple(components)
    seen = [(text.lower(), normalised(text)) for text in texts]
    found = []
    for each in quirks:
        if each.retired_at is not None:
            continue
        if each.component and not any(same_component(each.component, name) for name in hurt):
            continue
        plain, same = each.pattern.lower().strip(), normalised(each.pattern)
        if any(plain in text or same in shape for text, shape in seen):
            found.append(each)
    return tuple(sorted(found, key=lambda each: each.id))
