"""Alert rules, replays and played cases as text for a terminal."""

from collections.abc import Mapping, Sequence

from pawl.alerts.reading import scope_text
from pawl.alerts.replay import Episode, Replayed
from pawl.alerts.rule import Rule
from pawl.render.table import aligned, printable


def rules_text(rules: Mapping[str, Rule]) -> str:
    """Return a table of rules: id, what kind of trouble, one line."""
    body = [(name, rule.about, rule.title) for name, rule in sorted(rules.items())]
    return aligned(("rule", "about", "fires when"), body, left=3)


def replay_text(replayed: Replayed) -> str:
    """Return when each rule would have fired and resolved, with the rows behind it."""
    lines = []
    for episode in replayed.episodes:
        lines.append(_head(episode))
        lines.append(f"    {_plain(episode.summary)}")
        if episode.cause:
            lines.append(f"    likely cause: {_plain(episode.cause)}")
        shown = [f"{row.kind}:{printable(row.id)}" for row in episode.rows[:5]]
        more = len(episode.rows) - len(shown)
        if shown:
            lines.append("    " + "  ".join(shown) + (f"  and {more} more" if more > 0 else ""))
    taken = replayed.taken
    count = len(replayed.episodes)
    lines.append(
        f"{count} {'firing' if count == 1 else 'firings'}, {replayed.notices} notices; "
        f"{taken.facts:,} events, {replayed.looks:,} looks until {replayed.until[:19]}Z."
    )
    passed = [
        f"{number:,} {what}"
        for number, what in (
            (taken.repeated, "repeated"),
            (taken.ahead, "ahead of their time"),
            (taken.unreadable, "without a time"),
        )
        if number
    ]
    if passed:
        lines.append(f"Of the events: {', '.join(passed)}.")
    for rule, why in sorted(replayed.blind.items()):
        lines.append(f"No data for {rule}: {_plain(why)}")
    return "\n".join(lines) + "\n"


def cases_text(rule: str, cases: Sequence[tuple[str, int, Sequence[str]]]) -> str:
    """Return how a rule's cases went: `(name, firings, problems)` each."""
    lines = [f"{rule}:"]
    for name, fired, problems in cases:
        lines.append(f"  {'FAIL' if problems else 'ok  '}  {name} ({fired} fired)")
        lines += [f"        {_plain(problem)}" for problem in problems]
    return "\n".join(lines) + "\n"


def _head(episode: Episode) -> str:
    if episode.resolved_at is not None:
        end = f"resolved {episode.resolved_at[:19]}Z"
    else:
        end = "still firing, without data" if episode.blind else "still firing"
    return (
        f"{episode.fired_at[:19]}Z  {episode.level.value:8}  {episode.rule}  "
        f"{_plain(scope_text(episode.scope))}  ({end})"
    )


def _plain(text: str) -> str:
    shown = "".join(character if character.isprintable() else "?" for character in text)
    return shown if len(shown) <= 300 else f"{shown[:299]}…"
