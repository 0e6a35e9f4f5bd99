"""What went wrong, since when and where, before anybody asks why."""

import re
from collections.abc import Iterable

import msgspec

from pawl.base.times import parse_time, time_from_ms
from pawl.investigation.facts import Alarm, Window
from pawl.investigation.knowledge import FailureClass, Knowledge
from pawl.investigation.signals import Moved
from pawl.investigation.suspicion import suspicion
from pawl.investigation.templates import Template
from pawl.investigation.terms import Terms
from pawl.investigation.words import words

_FILE = re.compile(r"[\w@.-]{1,80}(?:/[\w@.-]{1,80}){0,10}\.[a-z]{1,5}(?=[:\s,)\"']|$)", re.ASCII)
MAX_WORDS = 400


class Symptoms(msgspec.Struct, frozen=True, kw_only=True):
    """What hurts. `onset` and `end` are epoch seconds, None where nobody can tell.

    `bad` are the templates and `moved` the symptoms among the measures that belong to it; `loads`
    are measures that moved and are no symptom. `from_record` says that the onset is only what
    somebody said. `words` are those of the errors.
    """

    onset: float | None
    end: float | None
    from_record: bool
    bad: tuple[Template, ...]
    moved: tuple[Moved, ...]
    loads: tuple[Moved, ...]
    alarms: tuple[Alarm, ...]
    classes: dict[str, FailureClass]
    components: tuple[str, ...]
    words: frozenset[str]
    files: frozenset[str]

    @property
    def began_at(self) -> str:
        """The onset as a canonical time; empty where unknown."""
        return "" if self.onset is None else time_from_ms(self.onset * 1000)


def epoch(text: str) -> float:
    """Return a canonical time as seconds since the epoch."""
    return parse_time(text).timestamp()


def symptoms(
    window: Window,
    templates: tuple[Template, ...],
    moved: tuple[Moved, ...],
    alarms: tuple[Alarm, ...],
    terms: Terms,
    knowledge: Knowledge,
) -> Symptoms:
    """Return what hurts in a window."""
    noticed = epoch(window.at) if window.at else None
    swollen = [each for each in templates if each.onset is not None and _is_bad(each, knowledge)]
    painful = [each for each in moved if each.is_symptom]
    anchor = _anchor(swollen, painful, noticed, terms)
    near = terms.start_minutes * 60.0
    if anchor is None:
        onset, bad, hurting = noticed, [], []
    else:
        bad = [t for t in swollen if t.onset is not None and abs(t.onset - anchor) <= near]
        hurting = [each for each in painful if abs(each.onset - anchor) <= near]
        begins = [*(t.onset for t in bad), *(each.onset for each in hurting)]
        onset = min(begin for begin in begins if begin is not None)
    ends = [*(t.end for t in bad), *(each.end for each in hurting)]
    known = [end for end in ends if end is not None]
    plain = [t for t in bad if not suspicion(t.sample, knowledge)]
    return Symptoms(
        onset=onset,
        end=max(known) if known and len(known) == len(ends) else None,
        from_record=anchor is None and onset is not None,
        bad=tuple(bad),
        moved=tuple(hurting),
        loads=tuple(each for each in moved if not each.is_symptom),
        alarms=alarms,
        classes={found.id: found for t in plain for found in knowledge.classes(t.sample)},
        components=_components(window, bad, hurting, alarms),
        words=frozenset(sorted(words("\n".join(t.sample for t in plain)))[:MAX_WORDS]),
        files=frozenset(match[0].lower() for t in plain for match in _FILE.finditer(t.sample)),
    )


def _is_bad(template: Template, knowledge: Knowledge) -> bool:
    """Say whether lines tell of a failure: by their level, or by what they say."""
    return template.is_bad or bool(template.level == "warn" and knowledge.classes(template.sample))


def _anchor(
    bad: Iterable[Template], moved: Iterable[Moved], noticed: float | None, terms: Terms
) -> float | None:
    """Return the onset of the strongest symptom; of what was there when it was noticed, if any."""
    found = [(each.onset, each.end, 1, float(each.count)) for each in bad]
    found += [(each.onset, each.end, 0, each.times) for each in moved]
    timed = [each for each in found if each[0] is not None]
    if noticed is not None:
        late, early = noticed + terms.slack_s * 5, noticed - terms.start_minutes * 60.0
        there = [
            each
            for each in timed
            if each[0] is not None and each[0] <= late and (each[1] is None or each[1] >= early)
        ]
        timed = there or timed
    best = max(timed, key=lambda each: (each[2], each[3], -(each[0] or 0)), default=None)
    return None if best is None else best[0]


def _components(
    window: Window, bad: list[Template], moved: list[Moved], alarms: tuple[Alarm, ...]
) -> tuple[str, ...]:
    """Return the components that are hurt: those asked about, then those that say so most."""
    counted: dict[str, int] = {}
    for each in bad:
        for name, count in each.components.items():
            counted[name] = counted.get(name, 0) + count
    listed = sorted((name for name in counted if name), key=lambda name: (-counted[name], name))
    labelled = [component_of(each.series.labels) for each in moved]
    named = [*window.components, *listed, *labelled, *(each.component for each in alarms)]
    return tuple(dict.fromkeys(name for name in named if name))


def component_of(labels: dict[str, str]) -> str:
    """Return the component that labels name."""
    for key in ("component", "service", "service_name", "app", "job"):
        if labels.get(key):
            return labels[key]
    return ""
