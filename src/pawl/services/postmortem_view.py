"""A postmortem as its editor shows it, and what the fields of its form say."""

from collections.abc import Mapping

import msgspec

from pawl.incidents.action import Action
from pawl.incidents.blameless import Blame
from pawl.incidents.incident import Incident
from pawl.incidents.learning import IncidentLearning
from pawl.incidents.people import People
from pawl.incidents.postmortem import TABLE, Content, Postmortem, lacks
from pawl.incidents.root_cause import RootCause
from pawl.services.incident_offers import humans, names_of

TEXTS = (
    ("summary", "Summary", "What happened, in two or three sentences."),
    ("impact", "Impact", "Who was hurt, how much and for how long; numbers where there are any."),
    ("what_happened", "What happened", "What led to it, in the order in which it came."),
    ("lucky", "Where we were lucky", "What could have been worse, and was not by chance."),
    ("failed_control", "The control that failed", "What should have stopped it, and did not."),
)
"""The texts of a postmortem: field, name and what belongs there."""
CAUSE = (
    ("cause_class", "Class", "such as exhaustion"),
    ("component", "Component", "such as code/cache"),
    ("trigger", "What set it off", "such as a flag turned on"),
    ("missing_control", "Control that was not there", "such as a load test"),
)
"""The four words of a root cause: field, name and an example."""
FIELDS = (
    *(each for each, _, _ in TEXTS),
    *(each for each, _, _ in CAUSE),
    *("lesson", "cases", "gates", "learner", "owner"),
)
DIVIDER = "====="
"""A line that stands between two eval cases."""


class PostmortemView(msgspec.Struct, frozen=True, kw_only=True):
    """The editor. `fields` are what it shows; `lacking` is what publishing waits for.

    `theirs` is what somebody else saved meanwhile, as fields, where that differs from `fields`.
    """

    incident: Incident
    postmortem: Postmortem | None
    fields: Mapping[str, str]
    blame: Mapping[str, tuple[Blame, ...]]
    lacking: tuple[str, ...]
    commands: tuple[str, ...]
    humans: tuple[str, ...]
    written_by: tuple[str, ...]
    signed_by: str
    actions: int
    theirs: Mapping[str, str]

    @property
    def version(self) -> int:
        """The version that the editor is about; 0 where nobody has begun."""
        return self.postmortem.version if self.postmortem else 0


def postmortem_view(
    incident: Incident,
    postmortem: Postmortem | None,
    *,
    blame: tuple[Blame, ...],
    actions: tuple[Action, ...],
    people: People | None,
    now: str,
    typed: Mapping[str, str] | None = None,
    draft: Content | None = None,
) -> PostmortemView:
    """Return the editor; `typed` is what somebody wrote that is not saved.

    `draft` is what the timeline says, shown where nothing is written yet.
    """
    kept = fields_of(postmortem.content, postmortem.owner) if postmortem else {}
    started = dict(kept)
    if postmortem and draft and postmortem.content == Content():
        started = fields_of(draft, postmortem.owner)
    shown = {**started, **(typed or {})}
    by_field: dict[str, tuple[Blame, ...]] = {}
    for each in blame:
        by_field[each.field] = (*by_field.get(each.field, ()), each)
    names = names_of(people)
    signed = postmortem.content.no_change if postmortem else None
    own = tuple(each for each in actions if each.incident == incident.id)
    return PostmortemView(
        incident=incident,
        postmortem=postmortem,
        fields=shown,
        blame=by_field if typed is None else {},
        lacking=lacks(postmortem, own, people, now) if postmortem and people else (),
        commands=commands_of(postmortem),
        humans=humans(people, now),
        written_by=tuple(names.get(each, each) for each in postmortem.written_by)
        if postmortem
        else (),
        signed_by=names.get(signed.signed_by, signed.signed_by) if signed else "",
        actions=len(own),
        theirs={name: text for name, text in kept.items() if typed and typed.get(name) != text},
    )


def commands_of(postmortem: Postmortem | None) -> tuple[str, ...]:
    """Return the tags of what the table allows now."""
    if postmortem is None:
        return ()
    return tuple(
        str(command.__struct_config__.tag) for state, command in TABLE if state is postmortem.state
    )


def fields_of(content: Content, owner: str) -> dict[str, str]:
    """Return a postmortem as the fields of its form."""
    cause, learning = content.root_cause, content.learning
    return {
        **{each: getattr(content, each) for each, _, _ in TEXTS},
        **{each: getattr(cause, each) if cause else "" for each, _, _ in CAUSE},
        "lesson": learning.rootCause if learning else "",
        "cases": f"\n{DIVIDER}\n".join(learning.newEvalCases) if learning else "",
        "gates": "\n".join(learning.gateUpdates) if learning else "",
        "learner": learning.owner if learning else "",
        "owner": owner,
    }


def content_of(
    fields: Mapping[str, str], before: Content, incident: str
) -> Content | tuple[str, ...]:
    """Return what the fields of a form say, or everything that is wrong with them.

    What a form has no field for stays as it was: who signed that nothing changes.
    """
    words = {each: _plain(fields[each]) for each, _, _ in CAUSE}
    empty = [name for each, name, _ in CAUSE if not words[each]]
    if 0 < len(empty) < len(CAUSE):
        return tuple(f"The root cause is told in four words; of its {each} nothing is said."
                     for each in empty)  # fmt: skip
    return Content(
        **{each: _plain(fields[each]) for each, _, _ in TEXTS},
        root_cause=None if empty else RootCause(**words),
        learning=_learning(fields, incident),
        no_change=before.no_change,
    )


def _learning(fields: Mapping[str, str], incident: str) -> IncidentLearning | None:
    cases = tuple(_cases(_plain(fields["cases"])))
    gates = tuple(each.strip() for each in _plain(fields["gates"]).split("\n") if each.strip())
    if not (cases or gates or fields["lesson"].strip()):
        return None
    return IncidentLearning(
        incidentId=incident,
        rootCause=_plain(fields["lesson"]),
        newEvalCases=cases,
        gateUpdates=gates,
        owner=fields["learner"].strip() or fields["owner"].strip(),
    )


def _cases(text: str) -> list[str]:
    found: list[list[str]] = [[]]
    for line in text.split("\n"):
        if line.strip() == DIVIDER:
            found.append([])
        else:
            found[-1].append(line)
    told = ("\n".join(lines).strip() for lines in found)
    return [each for each in told if each]


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").strip()
