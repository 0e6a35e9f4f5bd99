"""How likely each change is the cause: what speaks for it and against it, with the numbers.

Each finding multiplies the weight by a factor of the terms. Nothing is hidden in a score: whoever
reads a hypothesis sees every factor and the evidence for it.
"""

import math

import msgspec

from pawl.investigation.causes import Cause
from pawl.investigation.facts import Change, ChangeKind
from pawl.investigation.knowledge import Knowledge
from pawl.investigation.suspicion import suspicion
from pawl.investigation.symptoms import Symptoms, epoch
from pawl.investigation.terms import Terms
from pawl.investigation.words import name_words, same_component, touches, words


class Reason(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One finding for (`factor` above 1) or against a hypothesis. `id` names the factor."""

    id: str
    text: str
    factor: float


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """A change as it is weighed: its words without orders to whoever reads, and what it touches."""

    words: frozenset[str]
    touched: frozenset[str]
    is_inert: bool


def read_change(change: Change, effects: tuple[Change, ...], knowledge: Knowledge) -> Read:
    """Return what a change is about. A text that gives orders lends it no words."""
    spoken = [change.title, change.body, *(each.title for each in effects)]
    texts = [each for each in spoken if not suspicion(each, knowledge)]
    texts += [line for line in change.text.split("\n") if not knowledge.order_pattern.search(line)]
    names = [*change.paths, change.id, change.before, change.after]
    names += [each.id for each in effects if each.kind is ChangeKind.FLAG]
    kinds = [(path, knowledge.touched(path)) for path in change.paths]
    touched = {kind.id if kind is not None else "code" for _, kind in kinds}
    touched |= {each.kind.value for each in (change, *effects)} & {"flag", "shift", "deploy"}
    return Read(
        words=words("\n".join((*texts, *names))),
        touched=frozenset(touched),
        is_inert=bool(kinds) and all(kind is not None and kind.inert for _, kind in kinds),
    )


def weigh(
    cause: Cause,
    read: Read,
    symptoms: Symptoms,
    rare: frozenset[str],
    terms: Terms,
    knowledge: Knowledge,
) -> tuple[Reason, ...]:
    """Return every finding about a change as the cause."""
    found = [
        _in_time(cause, symptoms, terms),
        _took_effect(cause, terms),
        _component(cause, symptoms, terms),
        _words(cause, read, symptoms, rare, terms),
        _kind(read, symptoms, knowledge, terms),
        _undone(cause, symptoms, terms),
        _known_before(cause, symptoms, terms),
    ]
    return tuple(each for each in found if each is not None and each.factor != 1)


def weight(reasons: tuple[Reason, ...]) -> float:
    """Return the product of all factors."""
    return math.prod(each.factor for each in reasons)


def nearness(seconds: float, terms: Terms) -> float:
    """Return the factor of something that happened so long before the beginning."""
    for each in terms.factors.nearness:
        if seconds <= each.minutes * 60:
            return each.factor
    return terms.factors.longer_ago


def _in_time(cause: Cause, symptoms: Symptoms, terms: Terms) -> Reason | None:
    if symptoms.onset is None:
        return None
    apart = symptoms.onset - cause.live_at
    if apart < -terms.slack_s:
        text = f"It took effect {_minutes(-apart)} after it began."
        return Reason(id="after-it-began", text=text, factor=terms.factors.after_it_began)
    factor = nearness(max(0.0, apart), terms)
    text = f"It took effect {_minutes(max(0.0, apart))} before it began."
    return Reason(id="nearness", text=text, factor=factor)


def _took_effect(cause: Cause, terms: Terms) -> Reason | None:
    if cause.is_live is False:
        text = "No deployment that was recorded ships it."
        return Reason(id="never-live", text=text, factor=terms.factors.never_live)
    flags = [each for each in cause.effects if each.kind is ChangeKind.FLAG]
    if flags and cause.root.kind is ChangeKind.COMMIT:
        text = f"The flag {flags[-1].id} switched on what it brought."
        return Reason(id="switched-by-flag", text=text, factor=terms.factors.switched_by_flag)
    return None


def _component(cause: Cause, symptoms: Symptoms, terms: Terms) -> Reason | None:
    own = [each.component for each in (cause.root, *cause.effects) if each.component]
    if not symptoms.components or not (own or cause.root.paths):
        return None
    for at, hurt in enumerate(symptoms.components):
        if any(same_component(name, hurt) for name in own) or touches(hurt, cause.root.paths):
            text = f"It is of {hurt}, which is {'what fails most' if at == 0 else 'hurt as well'}."
            # What fails beside another mostly fails because of it.
            factor = terms.factors.same_component ** (1.0 if at == 0 else 0.5)
            return Reason(id="same-component", text=text, factor=factor)
    text = f"It is of something else than {symptoms.components[0]}."
    return Reason(id="other-component", text=text, factor=terms.factors.other_component)


def _words(
    cause: Cause, read: Read, symptoms: Symptoms, rare: frozenset[str], terms: Terms
) -> Reason | None:
    for path in cause.root.paths:
        lower = path.lower()
        if any(lower == file or lower.endswith(f"/{file}") for file in symptoms.files):
            text = f"The error names {path}, which it changed."
            return Reason(id="names-the-file", text=text, factor=terms.factors.names_the_file)
    if not symptoms.words:
        return None
    components = frozenset(w for name in symptoms.components for w in name_words(name))
    shared = sorted((read.words & symptoms.words & rare) - components)
    if not shared:
        text = "It shares no rare word with the errors."
        return Reason(id="shares-no-word", text=text, factor=terms.factors.shares_no_word)
    share = min(len(shared), terms.shared_words_full) / terms.shared_words_full
    text = f"It speaks of what the errors speak of: {', '.join(shared[:6])}."
    return Reason(id="shares-words", text=text, factor=terms.factors.shares_words**share)


def _kind(read: Read, symptoms: Symptoms, knowledge: Knowledge, terms: Terms) -> Reason | None:
    if read.is_inert:
        text = "It changes nothing that runs."
        return Reason(id="inert", text=text, factor=terms.factors.inert)
    measures = {each.measure for each in symptoms.moved}
    pairs = [(each.says, each.affinity) for each in symptoms.classes.values()]
    pairs += [
        (f"{each.id} moved", each.affinity) for each in knowledge.measures if each.id in measures
    ]
    best, why = 1.0, ""
    says = {each.id: each.says for each in knowledge.touches}
    for said, affinity in pairs:
        for kind in sorted(read.touched):
            if affinity.get(kind, 1.0) > best:
                best = affinity[kind]
                why = f"It changes {says.get(kind, f'a {kind}')}, and {said}."
    return Reason(id="kind", text=why, factor=best) if why else None


def _undone(cause: Cause, symptoms: Symptoms, terms: Terms) -> Reason | None:
    if cause.undone_by is None or symptoms.onset is None:
        return None
    at = epoch(cause.undone_by.at)
    if at < symptoms.onset:
        text = "It was taken back before it began."
        return Reason(id="went-on-when-undone", text=text, factor=terms.factors.went_on_when_undone)
    near = terms.start_minutes * 60.0
    if symptoms.end is not None and -terms.lasting_s <= symptoms.end - at <= near:
        text = f"It ended {_minutes(max(0.0, symptoms.end - at))} after that was taken back."
        return Reason(id="ended-when-undone", text=text, factor=terms.factors.ended_when_undone)
    if symptoms.end is not None and symptoms.end < at:
        return None
    text = "It went on after that was taken back."
    return Reason(id="went-on-when-undone", text=text, factor=terms.factors.went_on_when_undone)


def _known_before(cause: Cause, symptoms: Symptoms, terms: Terms) -> Reason | None:
    if not symptoms.bad:
        return None
    main = max(symptoms.bad, key=lambda each: each.count)
    if main.first < cause.live_at - terms.slack_s:
        text = "The main error was there before, if less often."
        return Reason(id="said-before", text=text, factor=terms.factors.said_before)
    if main.is_new:
        text = "The main error was never seen before it took effect."
        return Reason(id="new-with-it", text=text, factor=terms.factors.new_with_it)
    return None


def _minutes(seconds: float) -> str:
    if seconds < 90:
        return f"{round(seconds)} s"
    return f"{round(seconds / 60)} min"
