"""Judge assets by rules: what is new, what somebody allows, what a baseline knew.

Nothing is silent. A file that could not be read, a rule that failed and a waiver that holds nothing
are told of beside the findings, and a look at nothing is no clean bill.
"""

from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.lint_settings import LintSettings
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


class VoidWaiver(msgspec.Struct, frozen=True, kw_only=True):
    """A waiver that holds nothing, and why; `why` is empty for one that nothing needs any more."""

    path: str
    line: int | None
    rules: tuple[str, ...]
    why: str


class Linted(msgspec.Struct, frozen=True, kw_only=True):
    """What a lint came to.

    `looked_at` counts assets by kind. `unread` are assets that could not be read, `failed` rules
    that failed with what they said. `more` counts hits beyond those told of, by rule.
    """

    findings: tuple[Found, ...]
    looked_at: dict[str, int]
    rules: tuple[str, ...]
    unread: tuple[str, ...] = ()
    failed: dict[str, str] = {}
    void: tuple[VoidWaiver, ...] = ()
    more: dict[str, int] = {}
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
    def exit_code(self) -> Literal[0, 1, 3]:
        """0: nothing fails; 1: something does; 3: nothing, or not everything, was looked at."""
        if self.failing:
            return 1
        return 3 if self.failed or self.unread or not sum(self.looked_at.values()) else 0


def lint(
    assets: Assets,
    rules: Mapping[str, Rule],
    settings: LintSettings,
    *,
    today: str,
    known: Iterable[str] = (),
    inline: bool = True,
) -> Linted:
    """Return what rules find in the judged assets.

    `known` are fingerprints of a baseline. With a base, waivers inside files hold only as far as
    they stood there before: a change cannot allow what it brings. `inline` False passes over
    them all. Raises BadValue for a rule in the settings that does not exist.
    """
    chosen = select(rules, settings)
    found, failed, more = _hits(assets, chosen, settings)
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
        void=tuple(_void(held, judged, today)),
        more=more,
        fail_at=settings.fail_at,
    )


def select(rules: Mapping[str, Rule], settings: LintSettings) -> dict[str, Rule]:
    """Return the rules that settings ask for; raises BadValue for one that does not exist."""
    named = {*settings.off, *settings.on, *settings.severity}
    named |= {rule for waiver in settings.allow for rule in waiver.rules if rule != "*"}
    for name in sorted(named - set(rules)):
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
    subject = hit.subject or _line_text(assets, hit)
    told = "\0".join((name, hit.path, " ".join(subject.split())))
    seen[told] = seen.get(told, 0) + 1
    return Found(
        rule=name,
        severity=settings.severity.get(name, hit.severity or rule.severity),
        confidence=rule.confidence,
        path=hit.path,
        line=hit.line,
        message=hit.message,
        hint=hit.hint or rule.hint,
        fingerprint=sha256_hex(f"{told}\0{seen[told]}".encode())[:32],
        trail=hit.trail,
        edits=hit.edits,
    )


def _line_text(assets: Assets, hit: Hit) -> str:
    text = assets.text(hit.path)
    lines = [] if text is None or hit.line is None else text.split("\n")
    within = hit.line is not None and 0 < hit.line <= len(lines)
    return lines[hit.line - 1] if within and hit.line is not None else hit.message


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


def _void(waivers: tuple[Waiver, ...], found: list[Found], today: str) -> list[VoidWaiver]:
    void = []
    for each in waivers:
        why = each.void(today)
        needed = any(each.covers(one.rule, one.path, one.line) for one in found)
        if why is not None or not needed:
            void.append(VoidWaiver(path=each.path, line=each.line, rules=each.rules, why=why or ""))
    return void


def _order(found: Found) -> tuple[object, ...]:
    return (-RANK[found.severity], found.path, found.line or 0, found.rule, found.fingerprint)
