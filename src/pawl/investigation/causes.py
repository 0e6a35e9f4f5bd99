"""What may have caused it: each change with what made it take effect and what took it back.

A commit does nothing by itself: it is deployed, and maybe switched on by a flag. What counts is
when it took effect. A deployment that names no commits ships those of its component before it.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable

import msgspec

from pawl.investigation.facts import Change, ChangeKind
from pawl.investigation.symptoms import epoch
from pawl.investigation.words import name_words, touches, words

_FLAG_WORDS = frozenset({"enable", "enabled", "disable", "feature", "flag", "toggle", "switch"})
MAX_CHANGES = 5_000
"""Changes that are weighed, the newest."""


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """One change that may have caused it.

    `effects` are deployments and flags that made it take effect, in order of time; `live_at` is
    when, as far as known before the onset, in epoch seconds. `is_live` is None where no record of
    deployments was looked at. `undone_by` took it back.
    """

    root: Change
    effects: tuple[Change, ...] = ()
    live_at: float
    is_live: bool | None
    undone_by: Change | None = None


def causes(
    changes: Iterable[Change], onset: float | None, *, deploys_known: bool
) -> tuple[Cause, ...]:
    """Return every change that stands for itself, with what belongs to it."""
    ordered = sorted(changes, key=lambda each: (each.at, each.kind.value, each.id))[-MAX_CHANGES:]
    shipped = _shipped(ordered)
    back = _switched_back(ordered)
    shipped_versions = {
        (each.component, each.version) for each in ordered if each.kind is ChangeKind.DEPLOY
    }
    flags = [e for e in ordered if e.kind is ChangeKind.FLAG and id(e) not in back]
    commits = [each for each in ordered if each.kind is ChangeKind.COMMIT and not each.undo]
    switched = _switched(commits, flags)
    taking_back = [e for e in ordered if e.kind is ChangeKind.FLAG or e.undo or e.undoes]
    found = []
    used: set[int] = set()
    for commit in commits:
        effects = (*shipped.get(commit.id, ()), *switched.get(commit.id, ()))
        used.update(id(each) for each in effects)
        found.append(_cause(commit, effects, taking_back, onset, deploys_known=deploys_known))
    for each in ordered:
        alone = each.kind is not ChangeKind.COMMIT and id(each) not in used
        told = each.kind is ChangeKind.SHIFT and (each.component, each.after) in shipped_versions
        if alone and not told and not each.undo and id(each) not in back:
            found.append(_cause(each, (), taking_back, onset, deploys_known=True))
    return tuple(found)


def _cause(
    root: Change,
    effects: tuple[Change, ...],
    changes: list[Change],
    onset: float | None,
    *,
    deploys_known: bool,
) -> Cause:
    timed = sorted(effects, key=lambda each: each.at)
    before = [each for each in timed if onset is None or epoch(each.at) <= onset + 60]
    last = before[-1:] or timed[:1]
    live: bool | None = True
    if root.kind is ChangeKind.COMMIT and not timed:
        live = False if deploys_known else None
    return Cause(
        root=root,
        effects=tuple(timed),
        live_at=epoch(last[0].at if last else root.at),
        is_live=live,
        undone_by=_undo(root, timed, changes),
    )


def _shipped(changes: list[Change]) -> dict[str, list[Change]]:
    """Return the deployments and rollouts of each commit, by the commit's id."""
    commits = [each for each in changes if each.kind is ChangeKind.COMMIT]
    ids = sorted(each.id for each in commits)
    found: dict[str, list[Change]] = {}
    last_of: dict[str, str] = {}
    for each in changes:
        if each.kind not in (ChangeKind.DEPLOY, ChangeKind.CHANGE) or each.undo:
            continue
        since, last_of[each.component] = last_of.get(each.component, ""), each.at
        if each.commits:
            named = [full for short in each.commits for full in _full(short, ids)]
        elif each.paths:
            touched = set(each.paths)
            named = [
                commit.id
                for commit in commits
                if commit.at <= each.at and not touched.isdisjoint(commit.paths)
            ]
        elif each.component:
            named = [
                commit.id
                for commit in commits
                if since < commit.at <= each.at and _is_of(commit, each.component)
            ]
        else:
            named = []
        for commit_id in named:
            found.setdefault(commit_id, []).append(each)
    return found


def _full(short: str, ids: list[str]) -> list[str]:
    """Return the commits that a shortened id names; none where it is too short to say."""
    if len(short) < 7:
        return []
    at = bisect_left(ids, short)
    return [ids[at]] if at < len(ids) and ids[at].startswith(short) else []


def _is_of(commit: Change, component: str) -> bool:
    if commit.component:
        return name_words(commit.component) == name_words(component)
    return touches(component, commit.paths)


def _switched(commits: list[Change], flags: list[Change]) -> dict[str, list[Change]]:
    """Return the flags that switch each commit on: those that it names, or that name it.

    A flag belongs to the last commit before it that speaks of it.
    """
    found: dict[str, list[Change]] = {}
    spoken: list[frozenset[str]] = []
    texts = [(each, f"{each.title}\n{each.text}\n{' '.join(each.paths)}") for each in commits]
    for flag in flags:
        wanted = words(flag.id) - _FLAG_WORDS
        told = [each for each, text in texts if each.at <= flag.at and flag.id in text]
        if not told and len(wanted) >= 2:
            spoken = spoken or [words(text) for _, text in texts]
            told = [
                commit
                for (commit, _), said in zip(texts, spoken, strict=True)
                if commit.at <= flag.at and wanted <= said
            ]
        if told and not flag.undo:
            found.setdefault(told[-1].id, []).append(flag)
    return found


def _switched_back(changes: list[Change]) -> set[int]:
    """Return the flags that were set to what they were before an earlier switch."""
    first: dict[str, Change] = {}
    found: set[int] = set()
    for each in changes:
        if each.kind is ChangeKind.FLAG:
            held = first.setdefault(each.id, each)
            if held is not each and each.after == held.before:
                found.add(id(each))
    return found


def _undo(root: Change, effects: list[Change], changes: list[Change]) -> Change | None:
    """Return the first change that took this one back, if any did."""
    parts = (root, *effects)
    flags = {each.id: each for each in parts if each.kind is ChangeKind.FLAG}
    deploys = {each.component for each in parts if each.kind is ChangeKind.DEPLOY}
    ids = {each.id for each in parts}
    live = max(each.at for each in parts)
    for each in changes:
        if each.at <= live:
            continue
        same_flag = flags.get(each.id) if each.kind is ChangeKind.FLAG else None
        if same_flag is not None and each.after == same_flag.before:
            return each
        if each.undoes and any(full.startswith(each.undoes) for full in ids):
            return each
        if each.undo and each.kind is ChangeKind.DEPLOY and each.component in deploys:
            return each
    return None


def rare_words(texts: Iterable[frozenset[str]]) -> frozenset[str]:
    """Return the words that few of the changes have: only those tell one from another."""
    counted: Counter[str] = Counter()
    total = 0
    for found in texts:
        total += 1
        counted.update(found)
    most = max(2, total // 10)
    return frozenset(word for word, count in counted.items() if count <= most)
