"""Causes that are no change: something ran out or expired, was loaded, or does not answer."""

import re

import msgspec

from pawl.investigation.knowledge import FailureClass, Knowledge
from pawl.investigation.signals import Moved
from pawl.investigation.suspicion import suspicion
from pawl.investigation.symptoms import Symptoms, component_of
from pawl.investigation.templates import Template
from pawl.investigation.terms import Terms
from pawl.investigation.weighing import Reason, nearness
from pawl.investigation.words import same_component

_TARGET = re.compile(r"\b(?:[a-z0-9][\w.-]{0,80}:\d{2,5}|(?:\d{1,3}\.){3}\d{1,3})\b", re.ASCII)


class Other(msgspec.Struct, frozen=True, kw_only=True):
    """A cause without a change. `kind` names its remedies; `templates` and `moved` show it."""

    kind: str
    what: str
    text: str
    reasons: tuple[Reason, ...]
    templates: tuple[Template, ...] = ()
    moved: tuple[Moved, ...] = ()


def other_causes(
    symptoms: Symptoms,
    templates: tuple[Template, ...],
    terms: Terms,
    knowledge: Knowledge,
) -> tuple[Other, ...]:
    """Return the causes that need no change, as far as the symptoms speak of them."""
    plain = [each for each in symptoms.bad if not suspicion(each.sample, knowledge)]
    found = [
        *_own(plain, terms, knowledge),
        *_outside(plain, terms, knowledge),
        *_loads(symptoms, templates, terms, knowledge),
    ]
    return tuple(found)


def _own(bad: list[Template], terms: Terms, knowledge: Knowledge) -> list[Other]:
    """Return one cause for each way of failing that explains itself."""
    told: dict[str, tuple[FailureClass, list[Template]]] = {}
    for each in bad:
        for found in knowledge.classes(each.sample):
            if found.own:
                told.setdefault(found.id, (found, []))[1].append(each)
    total = sum(each.count for each in bad)
    causes = []
    for name, (found, templates) in told.items():
        share = sum(each.count for each in templates) / total
        factor = max(1.0, terms.factors.says_itself * share)
        reasons = [
            Reason(
                id="says-itself",
                text=f"{share:.0%} of the errors say themselves that {found.says}.",
                factor=factor,
            ),
            *_new(templates, terms),
        ]
        causes.append(
            Other(
                kind=name,
                what=templates[0].sample,
                text=f"By itself, without any change: {found.says}.",
                reasons=tuple(reasons),
                templates=tuple(templates),
            )
        )
    return causes


def _outside(bad: list[Template], terms: Terms, knowledge: Knowledge) -> list[Other]:
    """Return that something else does not answer, whatever made it so."""
    told = [each for each in bad if any(f.outside for f in knowledge.classes(each.sample))]
    if not told:
        return []
    target = next((match[0] for each in told if (match := _TARGET.search(each.sample))), "")
    what = target or "what the errors name"
    return [
        Other(
            kind="outside",
            what=what,
            text=f"By itself, without any change here: {what} does not answer.",
            reasons=(
                Reason(
                    id="outside",
                    text="The errors tell of something else that does not answer.",
                    factor=terms.factors.outside,
                ),
                *_new(told, terms),
            ),
            templates=tuple(told),
        )
    ]


def _new(templates: list[Template], terms: Terms) -> tuple[Reason, ...]:
    if not all(each.is_new for each in templates):
        return ()
    text = "That error was never seen before in the window."
    return (Reason(id="new-with-it", text=text, factor=terms.factors.new_with_it),)


def _loads(
    symptoms: Symptoms, templates: tuple[Template, ...], terms: Terms, knowledge: Knowledge
) -> list[Other]:
    """Return more work than usual that began before the symptoms did."""
    if symptoms.onset is None:
        return []
    near = terms.start_minutes * 2 * 60.0
    found = [
        each
        for each in symptoms.loads
        if each.measure == "load" and -terms.slack_s <= symptoms.onset - each.onset <= near
    ]
    return [_load(each, symptoms, templates, terms, knowledge) for each in found]


def _load(
    moved: Moved,
    symptoms: Symptoms,
    templates: tuple[Template, ...],
    terms: Terms,
    knowledge: Knowledge,
) -> Other:
    assert symptoms.onset is not None
    component = component_of(moved.series.labels)
    who = f"{moved.series.name} of {component}" if component else moved.series.name
    apart = max(0.0, symptoms.onset - moved.onset)
    strength = min(1.0, max(0.0, (moved.times - 1) / 0.8))
    reasons = [
        Reason(
            id="nearness",
            text=f"It rose {round(apart / 60)} min before it began.",
            factor=nearness(apart, terms),
        ),
        Reason(
            id="load-times",
            text=f"It went from {moved.before:.4g} to {moved.peak:.4g}.",
            factor=terms.factors.load_times**strength,
        ),
    ]
    if any(each.load for each in symptoms.classes.values()):
        text = "The errors are those of too much work."
        reasons.append(Reason(id="load-class", text=text, factor=terms.factors.load_class))
    own = component and any(same_component(component, hurt) for hurt in symptoms.components)
    if own and apart <= terms.slack_s:
        text = "It is the work of what fails itself, and rose with it: it may as well follow."
        factor = terms.factors.load_of_its_own
        reasons.append(Reason(id="load-of-its-own", text=text, factor=factor))
    starts = _starts(moved, templates, terms, knowledge)
    if starts:
        text = f"A job was started just before: {starts[0].sample[:120]}"
        reasons.append(Reason(id="load-start", text=text, factor=terms.factors.load_start))
    what = starts[0].sample[:120] if starts else f"the work behind {who}"
    return Other(
        kind="load",
        what=what,
        text=f"More work than usual, without any change: {who} rose {moved.times:.1f} times.",
        reasons=tuple(reasons),
        templates=tuple(starts),
        moved=(moved,),
    )


def _starts(
    moved: Moved, templates: tuple[Template, ...], terms: Terms, knowledge: Knowledge
) -> list[Template]:
    """Return lines, seen for the first time shortly before, that tell of the start of a job."""
    early, late = moved.onset - terms.start_minutes * 60.0, moved.onset + terms.slack_s
    return [
        each
        for each in templates
        if early <= each.first <= late
        and each.count <= 5
        and knowledge.starts_work(each.sample)
        and not suspicion(each.sample, knowledge)
    ][:3]
