"""Make evidence of facts: each fact one item, whoever cites it and however often."""

from pawl.base.redaction import redact
from pawl.base.times import time_from_ms
from pawl.investigation.evidence import Evidence, Kind, evidence
from pawl.investigation.facts import Alarm, Change
from pawl.investigation.knowledge import Knowledge
from pawl.investigation.quirk import Quirk
from pawl.investigation.signals import Moved
from pawl.investigation.suspicion import suspicion
from pawl.investigation.templates import Template

MAX_WHAT = 300
_PATHS = 8


class Citing:
    """Evidence as it is cited, in the order of its first citation."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self._found: dict[str, Evidence] = {}

    def all(self) -> tuple[Evidence, ...]:
        """Return everything that was cited, by time."""
        return tuple(sorted(self._found.values(), key=lambda each: (each.at, each.id)))

    def change(self, change: Change) -> str:
        """Return the id of a change as evidence."""
        values: dict[str, str | float] = {"id": change.id}
        for name in ("component", "version", "before", "after", "who"):
            if value := getattr(change, name):
                values[name] = _plain(value)
        if change.paths:
            values["paths"] = ", ".join(change.paths[:_PATHS])
            values["paths_count"] = len(change.paths)
        spoken = "\n".join((change.title, change.body, change.text))
        return self._take(
            Kind(change.kind.value),
            change.source,
            change.title,
            at=change.at,
            place=change.place or change.id,
            values=values,
            flagged=suspicion(spoken, self.knowledge),
        )

    def template(self, template: Template) -> str:
        """Return the id of a template of log lines as evidence."""
        named = sorted(template.components, key=lambda each: (-template.components[each], each))
        values: dict[str, str | float] = {
            "lines": template.count,
            "level": template.level,
            "first": time_from_ms(template.first * 1000),
            "new": "yes" if template.is_new else "no",
        }
        if named and named[0]:
            values["component"] = named[0]
        return self._take(
            Kind.LOG,
            "logs",
            template.sample,
            at=template.began_at,
            until=time_from_ms(template.last * 1000),
            place=template.place,
            values=values,
            flagged=suspicion(template.sample, self.knowledge),
        )

    def moved(self, moved: Moved) -> str:
        """Return the id of a measure that moved as evidence."""
        labels = ", ".join(f"{name}={value}" for name, value in sorted(moved.series.labels.items()))
        name = f"{moved.series.name}{{{labels}}}" if labels else moved.series.name
        way = "rose" if moved.rises else "fell"
        return self._take(
            Kind.METRIC,
            moved.series.source,
            f"{name} {way} from {moved.before:.4g} to {moved.peak:.4g}",
            at=moved.began_at,
            until="" if moved.end is None else time_from_ms(moved.end * 1000),
            place=moved.series.place,
            values={"before": moved.before, "peak": moved.peak, "measure": moved.measure},
            flagged=suspicion(name, self.knowledge),
        )

    def alarm(self, alarm: Alarm) -> str:
        """Return the id of an alert as evidence."""
        return self._take(
            Kind.ALERT,
            alarm.source,
            alarm.title,
            at=alarm.at,
            until=alarm.until,
            place=alarm.place or alarm.id,
            values={"id": alarm.id},
            flagged=suspicion(alarm.title, self.knowledge),
        )

    def quirk(self, quirk: Quirk) -> str:
        """Return the id of a known quirk as evidence."""
        return self._take(
            Kind.QUIRK,
            "knowledge",
            quirk.says,
            at=quirk.recorded_at,
            place=quirk.id,
            values={"pattern": quirk.pattern, "incident": quirk.incident},
            flagged=suspicion(quirk.says, self.knowledge),
        )

    def _take(
        self,
        kind: Kind,
        source: str,
        what: str,
        *,
        at: str,
        place: str,
        values: dict[str, str | float],
        flagged: str,
        until: str = "",
    ) -> str:
        made = evidence(
            kind,
            source,
            _plain(what),
            at=at,
            until=until,
            place=_plain(place),
            values=values,
            flagged=flagged,
        )
        self._found.setdefault(made.id, made)
        return made.id


def _plain(text: str) -> str:
    """Return text without what looks like a secret, nor halves of pairs, and not too long."""
    return redact(text).encode("utf-8", "replace").decode("utf-8")[:MAX_WHAT]
