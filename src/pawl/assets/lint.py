"""Judge assets by rules: what is new, what somebody allows, what a baseline knew.

Nothing is silent. A file that could not be read, a rule that failed and a waiver that holds nothing
are told of beside the findings, and a look at nothing is no clean bill.
"""

from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.left_out import deeper_calls, left_out
from pawl.assets.lint_settings import LintSettings
from pawl.assets.other_tools import Merged, Told, same_as
from pawl.assets.rule import MAX_HITS, Edit, Hit, Rule
from pawl.assets.waivers import Waiver, first_covering, waivers_in
from pawl.base.canonical import sha256_hex
from pawl.base.errors import BadValue
from pawl.base.finding import Confidence, Severity

State = Literal["new", "known", "waived"]
RANK = {level: at for at, level in enumerate(Severity)}
"""Severities from the mildest to the worst."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """One finding. `fingerprint` stays the same while lines move; `reason` is the waiver's."""

    rule: str
    severity: Severity
    confidence: Confidence
    path: str
    line: int | None
    message: str
    hint: str
    fingerprint: str
    state: State = "new"
    reason: str = ""
    trail: tuple[str, ...] = ()
    edits: tuple[Edit, ...] = ()
    tool: str = ""
    """The other tool that found it; empty for Pawl."""
    also: tuple[str, ...] = ()
    """Rules of other tools that tell of the same place."""


class VoidWaiver(msgspec.Struct, frozen=True, kw_only=True):
    """A waiver that holds nothing, and why; `why` is empty for one that nothing needs any more."""

    path: str
    line: int | None
    rules: tuple[str, ...]
    why: str


class Linted(msgspec.Struct, frozen=True, kw_only=True):
    """What a lint came to.

    `looked_at` counts assets by kind. `unread` are assets that could not be read, `failed` rules
    that failed with what they said. `more` counts hits beyond those told of, by rule. `unseen`
    says what else was not looked at, `notes` what is worth knowing and leaves nothing open.
    `tools` are other tools whose findings are among these.
    """

    findings: tuple[Found, ...]
    looked_at: dict[str, int]
    rules: tuple[str, ...]
    unread: tuple[str, ...] = ()
    failed: dict[str, str] = {}
    void: tuple[VoidWaiver, ...] = ()
    more: dict[str, int] = {}
    unseen: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    fail_at: Severity = Severity.HIGH

    @property
    def failing(self) -> tuple[Found, ...]:
        """The new findings at or above the threshold."""
        return tuple(
            each
            for each in self.findings
            if each.state == "new" and RANK[each.severity] >= RANK[self.fail_at]
        )

    @property
    def remarks(self) -> tuple[str, ...]:
        """The notes, and how many hits are not told of one by one."""
        more = (f"… and {count:,} more of {rule}." for rule, count in sorted(self.more.items()))
        return (*more, *self.notes)

    @property
    def exit_code(self) -> Literal[0, 1, 3]:
        """0: nothing fails; 1: something does; 3: nothing, or not everything, was looked at."""
        if self.failing:
            return 1
        left = self.failed or self.unread or self.unseen or not sum(self.looked_at.values())
        return 3 if left else 0


def lint(
    assets: Assets,
    rules: Mapping[str, Rule],
    settings: LintSettings,
    *,
    today: str,
    known: Iterable[str] = (),
    inline: bool = True,
    merged: Merged | None = None,
) -> Linted:
    """Return what rules find in the judged assets, and what other tools found (`merged`).

    `known` are fingerprints of a baseline. With a base, waivers inside files hold only as far as
    they stood there before: a change cannot allow what it brings. `inline` False passes over
    them all. Raises BadValue for a rule in the settings that does not exist.
    """
    chosen = select(rules, settings)
    found, failed, more = _hits(assets, chosen, settings)
    others = merged or Merged()
    found = joined(found, others.told, assets, settings)
    waivers = _waivers(assets, inline)
    held = (*settings.allow, *waivers)
    baseline = frozenset(known)
    judged = [_judged(each, held, baseline, today) for each in found]
    return Linted(
        findings=tuple(sorted(judged, key=_order)),
        looked_at={kind.value: len(n) for kind in Kind if (n := assets.judged(kind))},
        rules=tuple(sorted(chosen)),
        unread=tuple(
            asset.path
            for kind in Kind
            for asset in assets.judged(kind)
            if assets.text(asset.path) is None
        ),
        failed=failed,
        void=tuple(_void(held, judged, today, others.tools)),
        more=more,
        unseen=(*left_out(assets), *others.unseen),
        notes=(*deeper_calls(assets), *others.notes),
        tools=others.tools,
        fail_at=settings.fail_at,
    )


def select(rules: Mapping[str, Rule], settings: LintSettings) -> dict[str, Rule]:
    """Return the rules that settings ask for; raises BadValue for one that does not exist."""
    named = {*settings.off, *settings.on, *settings.severity}
    named |= {rule for waiver in settings.allow for rule in waiver.rules if rule != "*"}
    # `tool/rule` is another tool's, and only that tool knows which it has.
    for name in sorted(each for each in named - set(rules) if "/" not in each):
        raise BadValue(f"no rule is called {name!r}.", hint="`pawl lint --rules` lists them.")
    return {
        name: rule
        for name, rule in rules.items()
        if name not in settings.off and (not rule.opinion or name in settings.on)
    }


def _hits(
    assets: Assets, rules: Mapping[str, Rule], settings: LintSettings
) -> tuple[list[Found], dict[str, str], dict[str, int]]:
    found: list[Found] = []
    failed: dict[str, str] = {}
    more: dict[str, int] = {}
    seen: dict[str, int] = {}
    for name, rule in rules.items():
        if rule.needs_base and assets.base is None:
            continue
        hits: list[Hit] = []
        try:
            # One by one: what a rule found before it failed is not lost.
            for hit in rule.check(assets):
                hits.append(hit)  # noqa: PERF402
        except Exception as error:
            failed[name] = f"{type(error).__name__}: {error}"[:300]
        by_path: dict[str, int] = {}
        for hit in hits:
            by_path[hit.path] = by_path.get(hit.path, 0) + 1
            if by_path[hit.path] > MAX_HITS:
                more[name] = more.get(name, 0) + 1
                continue
            found.append(_found(name, rule, hit, settings, assets, seen))
    return found, failed, more


def _found(
    name: str, rule: Rule, hit: Hit, settings: LintSettings, assets: Assets, seen: dict[str, int]
) -> Found:
    subject = hit.subject or _line_text(assets, hit.path, hit.line, hit.message)
    return Found(
        rule=name,
        severity=settings.severity.get(name, hit.severity or rule.severity),
        confidence=rule.confidence,
        path=hit.path,
        line=hit.line,
        message=hit.message,
        hint=hit.hint or rule.hint,
        fingerprint=_fingerprint(name, hit.path, subject, seen),
        trail=hit.trail,
        edits=hit.edits,
    )


def joined(
    found: list[Found], told: Iterable[Told], assets: Assets, settings: LintSettings
) -> list[Found]:
    """Return our findings with those of others. One that ours tells of as well is named there."""
    at: dict[tuple[str, str], list[int]] = {}
    for number, ours in enumerate(found):
        at.setdefault((ours.rule, ours.path), []).append(number)
    every, seen, once = list(found), dict[str, int](), set[tuple[object, ...]]()
    for each in told:
        same = (each.rule, each.path, each.line, each.message)
        if same in once or each.rule in settings.off or not assets.is_judged(each.path):
            continue
        once.add(same)  # A tool may have been run and its file been merged as well.
        twins = (n for name in same_as(each.rule) for n in at.get((name, each.path), ()))
        twin = next((n for n in twins if _at_one_place(found[n], each)), None)
        if twin is not None:
            also = tuple(sorted({*every[twin].also, each.rule}))
            every[twin] = msgspec.structs.replace(every[twin], also=also)
            continue
        subject = _line_text(assets, each.path, each.line, each.message)
        every.append(
            Found(
                rule=each.rule,
                severity=settings.severity.get(each.rule, each.severity),
                confidence=Confidence.MEDIUM,
                path=each.path,
                line=each.line,
                message=each.message,
                hint=each.hint,
                fingerprint=_fingerprint(each.rule, each.path, subject, seen),
                tool=each.tool,
            )
        )
    return every


def _at_one_place(ours: Found, theirs: Told) -> bool:
    if ours.line is None or theirs.line is None:
        return ours.line is theirs.line
    return theirs.line <= ours.line <= (theirs.last or theirs.line)


def _fingerprint(rule: str, path: str, subject: str, seen: dict[str, int]) -> str:
    """Return what makes a finding the same one tomorrow; equal ones of a file are counted."""
    told = "\0".join((rule, path, " ".join(subject.split())))
    seen[told] = seen.get(told, 0) + 1
    return sha256_hex(f"{told}\0{seen[told]}".encode("utf-8", "surrogatepass"))[:32]


def _line_text(assets: Assets, path: str, line: int | None, message: str) -> str:
    text = assets.text(path)
    lines = [] if text is None or line is None else text.split("\n")
    within = line is not None and 0 < line <= len(lines)
    return lines[line - 1] if within and line is not None else message


def _waivers(assets: Assets, inline: bool) -> tuple[Waiver, ...]:
    """Return the waivers inside the judged files that may hold."""
    if not inline:
        return ()
    found: list[Waiver] = []
    for kind in Kind:
        for asset in assets.judged(kind):
            text = assets.text(asset.path)
            here = () if text is None else waivers_in(asset.path, text)
            if here and assets.base is not None:
                before = assets.base.text(asset.path)
                stood = set() if before is None else {_same(w) for w in waivers_in("", before)}
                here = tuple(each for each in here if _same(each) in stood)
            found.extend(here)
    return tuple(found)


def _same(waiver: Waiver) -> tuple[object, ...]:
    return (waiver.rules, waiver.reason, waiver.until, waiver.line is None)


def _judged(
    found: Found, waivers: tuple[Waiver, ...], baseline: frozenset[str], today: str
) -> Found:
    waiver = first_covering(waivers, found.rule, found.path, found.line, today)
    if waiver is not None:
        return msgspec.structs.replace(found, state="waived", reason=waiver.reason)
    if found.fingerprint in baseline:
        return msgspec.structs.replace(found, state="known")
    return found


def _void(
    waivers: tuple[Waiver, ...], found: list[Found], today: str, tools: tuple[str, ...]
) -> list[VoidWaiver]:
    void = []
    for each in waivers:
        why = each.void(today)
        named = {rule.partition("/")[0] for rule in each.rules if "/" in rule}
        if why is None and not named.issubset(tools):
            continue  # Whether it is needed, only that tool can say.
        needed = any(each.covers(one.rule, one.path, one.line) for one in found)
        if why is not None or not needed:
            void.append(VoidWaiver(path=each.path, line=each.line, rules=each.rules, why=why or ""))
    return void


def _order(found: Found) -> tuple[object, ...]:
    return (-RANK[found.severity], found.path, found.line or 0, found.rule, found.fingerprint)
