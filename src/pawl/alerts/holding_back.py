"""Whether a notice is held back, and why: silence, inhibition, acknowledgement, noise.

The first reason found is the one that is told, in that order. Nothing here changes an alert's
state: it fires or not, whoever is told.
"""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import NamedTuple

from pawl.alerts.alert import Alert, NoticeKind, Silence
from pawl.alerts.policy import Inhibition, Policy, RulePolicy
from pawl.alerts.reading import scope_text
from pawl.base.times import seconds_between


class HeldBack(NamedTuple):
    """Why: a word for the log's `event`, and a sentence."""

    event: str
    text: str


def held_back(
    alert: Alert,
    kind: NoticeKind,
    firing: Sequence[Alert],
    now: str,
    policy: Policy,
    rule: RulePolicy,
    seen: Mapping[str, str],
) -> HeldBack | None:
    """Return why a notice of an alert is not sent at `now`, or None: it is sent.

    `seen` is when each `rule|signature` was last told of.
    """
    for silence in policy.silences:
        if silences(silence, alert, now):
            until = f"{silence.ends_at[:16].replace('T', ' ')} UTC"
            text = f"silenced until {until} by {silence.by}: {silence.reason}"
            return HeldBack("silenced", text)
    for inhibition in policy.inhibitions:
        for source in firing:
            if inhibits(inhibition, source, alert):
                why = inhibition.why or "it is a consequence"
                text = f"inhibited by {source.rule} of {scope_text(source.scope)}: {why}"
                return HeldBack("inhibited", text)
    if kind is NoticeKind.FIRING and alert.acknowledged is not None:
        return HeldBack("acknowledged", f"acknowledged by {alert.acknowledged.by}")
    if kind is NoticeKind.FIRING and rule.noise_filter:
        last = seen.get(f"{alert.rule}|{alert.signature}")
        if last is not None and seconds_between(last, now) < policy.quiet_s:
            text = f"noise: the signature {alert.signature!r} was told of on {last[:10]} already"
            return HeldBack("noise", text)
    return None


def silences(silence: Silence, alert: Alert, now: str) -> bool:
    """Say whether a silence is in force and matches an alert."""
    if not silence.starts_at <= now < silence.ends_at:
        return False
    if silence.level not in (None, alert.level) or not fnmatchcase(alert.rule, silence.rule):
        return False
    return matches(silence.scope, alert)


def matches(patterns: Mapping[str, str], alert: Alert) -> bool:
    """Say whether globs over parts of a scope all match; a part that is missing does not."""
    scope = dict(alert.scope)
    return all(
        name in scope and fnmatchcase(scope[name], pattern) for name, pattern in patterns.items()
    )


def inhibits(inhibition: Inhibition, source: Alert, target: Alert) -> bool:
    """Say whether a firing alert holds another's notices back."""
    if source.key == target.key:
        return False
    if inhibition.source_level not in (None, source.level):
        return False
    if inhibition.target_level not in (None, target.level):
        return False
    if inhibition.same_rule and source.rule != target.rule:
        return False
    if inhibition.same_scope and source.scope != target.scope:
        return False
    if not fnmatchcase(source.rule, inhibition.source):
        return False
    if not fnmatchcase(target.rule, inhibition.target):
        return False
    of_source, of_target = dict(source.scope), dict(target.scope)
    return all(
        name in of_source and of_source[name] == of_target.get(name) for name in inhibition.equal
    )
