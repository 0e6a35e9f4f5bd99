"""The five questions, in their order, and what the evidence says to each.

They follow those of the M11 workshop, in our words: what was changed, what fails, which measures
moved and when, who is hurt, and only then what explains it. Whoever starts with the last finds
what they expected.
"""

from collections.abc import Sequence

from pawl.investigation.causes import Cause
from pawl.investigation.citing import Citing
from pawl.investigation.evidence import Claim, Tag
from pawl.investigation.facts import Change, ChangeKind, Look
from pawl.investigation.investigation import Answer, Hypothesis
from pawl.investigation.quirk import Quirk
from pawl.investigation.symptoms import Symptoms
from pawl.investigation.templates import Template
from pawl.investigation.terms import Terms

QUESTIONS = {
    "changed": "What was changed in the time before it began?",
    "fails": "What fails, and in what words?",
    "order": "Which measures moved, and in which order?",
    "reach": "Who and what is hurt, and what is not?",
    "explains": "Which of it explains what was seen, and what speaks against that?",
}
TOPICS = {
    "changed": ("changes", "deploys", "flags"),
    "fails": ("logs", "events"),
    "order": ("metrics", "alerts"),
    "reach": ("logs", "metrics"),
    "explains": ("changes", "deploys", "flags", "logs", "metrics"),
}
"""Which topics of sources each question is answered from."""
MAX_CLAIMS = 30
_CONCENTRATED = 0.8


def changed(causes: Sequence[Cause], symptoms: Symptoms, citing: Citing) -> tuple[Claim, ...]:
    """Return what was altered before it began, the nearest first."""
    listed = [each for each in causes if symptoms.onset is None or each.live_at <= symptoms.onset]
    listed.sort(key=lambda each: -each.live_at)
    claims = []
    for each in listed[: MAX_CLAIMS - 1]:
        ids = tuple(citing.change(change) for change in (each.root, *each.effects))
        claims.append(Claim(tag=Tag.OBSERVATION, text=told(each), evidence=ids))
    if len(listed) > len(claims):
        nearest = claims[0].evidence if claims else ()
        text = f"{len(listed) - len(claims):,} more changes were made in the window."
        claims.append(Claim(tag=Tag.OBSERVATION, text=text, evidence=nearest))
    return tuple(claims)


def fails(bad: Sequence[Template], symptoms: Symptoms, citing: Citing) -> tuple[Claim, ...]:
    """Return what the errors say."""
    claims = []
    for each in bad[:MAX_CLAIMS]:
        seen = "never seen before in the window" if each.is_new else "seen before, but seldom"
        text = f"{each.count:,} lines from {each.began_at[11:19]}, {seen}."
        claims.append(Claim(tag=Tag.OBSERVATION, text=text, evidence=(citing.template(each),)))
    for found in symptoms.classes.values():
        ids = tuple(
            citing.template(each) for each in bad[:MAX_CLAIMS] if _speaks(each, found.patterns)
        )
        if ids:
            text = f"The errors say that {found.says}."
            claims.append(Claim(tag=Tag.CORRELATION, text=text, evidence=ids))
    return tuple(claims)


def order(symptoms: Symptoms, terms: Terms, citing: Citing) -> tuple[Claim, ...]:
    """Return the measures that moved, and the alerts, in the order of their beginnings."""
    moved = sorted((*symptoms.moved, *symptoms.loads), key=lambda each: each.onset)
    moved = moved[: terms.shown_measures]
    claims = [
        Claim(
            tag=Tag.OBSERVATION,
            text=f"{each.series.name} {'rose' if each.rises else 'fell'} from {each.before:.4g} to "
            f"{each.peak:.4g} at {each.began_at[11:19]}.",
            evidence=(citing.moved(each),),
        )
        for each in moved
    ]
    for alarm in symptoms.alarms[:MAX_CLAIMS]:
        text = f"An alert fired at {alarm.at[11:19]}."
        claims.append(Claim(tag=Tag.OBSERVATION, text=text, evidence=(citing.alarm(alarm),)))
    if len(moved) > 1:
        first, *others = moved
        later = [each for each in others if each.onset - first.onset > terms.slack_s]
        if later:
            text = f"{first.series.name} moved first; {later[0].series.name} followed."
            ids: tuple[str, ...] = (citing.moved(first), citing.moved(later[0]))
        else:
            text = "They moved within a minute, so which was first is not known."
            ids = tuple(citing.moved(each) for each in moved)
        claims.append(Claim(tag=Tag.CORRELATION, text=text, evidence=ids))
    return tuple(claims)


def reach(
    bad: Sequence[Template], templates: Sequence[Template], symptoms: Symptoms, citing: Citing
) -> tuple[Claim, ...]:
    """Return the components that are hurt, and whether errors keep to some of the rest."""
    claims = []
    if symptoms.components:
        ids = tuple(citing.template(each) for each in bad[:3])
        ids = ids or tuple(citing.moved(each) for each in symptoms.moved[:3])
        ids = ids or tuple(citing.alarm(each) for each in symptoms.alarms[:3])
        text = f"Hurt: {', '.join(symptoms.components[:6])}."
        claims.append(Claim(tag=Tag.OBSERVATION, text=text, evidence=ids))
    names = sorted({name for each in bad for name in each.attributes})
    for name in names[:8]:
        share, value, among = _concentration(name, bad, templates)
        ids = tuple(citing.template(each) for each in bad[:3])
        if share >= _CONCENTRATED and among < share - 0.25:
            text = f"{share:.0%} of the errors have {name} {value}, of all lines only {among:.0%}."
            claims.append(Claim(tag=Tag.CORRELATION, text=text, evidence=ids))
        else:
            text = f"The errors keep to no {name}."
            claims.append(Claim(tag=Tag.OBSERVATION, text=text, evidence=ids))
    return tuple(each for each in claims if each.evidence)


def explains(
    hypotheses: Sequence[Hypothesis], quirks: Sequence[Quirk], citing: Citing
) -> tuple[Claim, ...]:
    """Return the explanations, and what was learned of such a thing before."""
    claims = [
        Claim(
            tag=Tag.HYPOTHESIS,
            text=f"{each.cause} {each.level.capitalize()} ({each.confidence:.0%}).",
            evidence=each.evidence,
        )
        for each in hypotheses
    ]
    for quirk in quirks:
        text = f"A known quirk may apply, learned in {quirk.incident or 'no incident'}."
        claims.append(Claim(tag=Tag.RECOMMENDATION, text=text, evidence=(citing.quirk(quirk),)))
    return tuple(each for each in claims if each.evidence)


def answer(name: str, claims: tuple[Claim, ...], looks: Sequence[Look]) -> Answer:
    """Return the answer to one question, with what could not be looked at for it."""
    unknown = []
    for topic in TOPICS[name]:
        about = [each for each in looks if topic in each.answers]
        bad = [each for each in about if each.outcome != "looked"]
        whole = any(each.outcome == "looked" for each in about)
        if not about:
            unknown.append(f"No source tells of {topic}.")
        unknown += [
            f"{each.title}: {each.why}" for each in bad if not (whole and each.outcome == "absent")
        ]
    if not claims:
        unknown.append("Nothing that was looked at tells.")
    return Answer(
        id=name,
        question=QUESTIONS[name],
        claims=claims,
        unknown=tuple(dict.fromkeys(unknown)),
    )


def told(cause: Cause) -> str:
    """Return in one sentence what a change was and when it took effect, without its own words."""
    root = cause.root
    what = f"{root.kind.value.capitalize()} {short(root)}"
    if root.before or root.after:
        what += f", {root.before[:40] or 'nothing'} to {root.after[:40] or 'nothing'}"
    parts = [f"{what} at {root.at[11:19]}"]
    parts += [f"{each.kind.value} {short(each)} at {each.at[11:19]}" for each in cause.effects[:3]]
    return f"{', then '.join(parts)}."


def short(change: Change) -> str:
    """Return what a change is called: of a commit the first twelve signs of its id."""
    return change.id[:12] if change.kind is ChangeKind.COMMIT else change.id[:60]


def _speaks(template: Template, patterns: Sequence[str]) -> bool:
    import re

    return re.search("|".join(patterns), template.sample.lower()) is not None


def _concentration(
    name: str, bad: Sequence[Template], templates: Sequence[Template]
) -> tuple[float, str, float]:
    """Return the largest share of one value among the errors, the value, its share of all lines."""
    among: dict[str, int] = {}
    everywhere: dict[str, int] = {}
    for each in bad:
        for value, count in each.attributes.get(name, {}).items():
            among[value] = among.get(value, 0) + count
    for each in templates:
        for value, count in each.attributes.get(name, {}).items():
            everywhere[value] = everywhere.get(value, 0) + count
    if not among:
        return 0.0, "", 0.0
    value = max(sorted(among), key=lambda each: among[each])
    whole = sum(everywhere.values())
    return among[value] / sum(among.values()), value[:60], everywhere[value] / whole if whole else 0
