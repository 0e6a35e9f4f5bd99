"""Lint a tree: now, against a baseline, or only what a change brings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, Protocol

import msgspec

from pawl.assets.asset import Files, asset_of, plugin_folders
from pawl.assets.assets import Assets
from pawl.assets.edits import apply
from pawl.assets.lint import Found, Linted, lint
from pawl.assets.lint_settings import LintSettings
from pawl.assets.other_tools import Merged
from pawl.assets.rule import Edit, Rule
from pawl.assets.script_users import users_of
from pawl.base import typed
from pawl.base.errors import BadFile, BadValue
from pawl.base.finding import Severity
from pawl.base.loading import load_toml
from pawl.runs.config import Settings
from pawl.services.merging import Tools, merged_files, run_tools, unchanged

SETTINGS = "pawl.toml"
BASELINE = ".pawl/lint-baseline.json"
MAX_BASELINE = 100_000
"""Findings of a baseline; one with more says that something else is wrong."""


class Known(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One finding that a baseline knew. Only the fingerprint counts; the rest is for people."""

    fingerprint: str
    rule: str
    path: str
    message: str


class Baseline(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Findings that were there before anybody began to look."""

    schema: Literal["pawl.lint-baseline/1"] = "pawl.lint-baseline/1"
    findings: tuple[Known, ...] = ()


class Writing(Protocol):
    """Where fixed files are written."""

    def write(self, path: str, text: str) -> None:
        """Replace a regular file of the tree."""


def lint_files(
    files: Files,
    rules: Mapping[str, Rule],
    *,
    today: str,
    paths: Sequence[str] = (),
    base: Files | None = None,
    fail_at: str | None = None,
    merge: Mapping[str, bytes] | None = None,
    top: str = "",
    tools: Tools | None = None,
    tools_asked: Sequence[str] | None = None,
) -> Linted:
    """Return what the rules find below some paths of a tree; all of it without any.

    With a `base`, its settings, its baseline and its waivers judge, and what it had already is
    `known`: a change cannot allow what it brings. `merge` are SARIF files of other tools for the
    tree at `top`, `tools_asked` the tools to run; None leaves that to the settings. Raises BadValue
    for a path with no asset below it and BadFile for a file that does not read.
    """
    before = None if base is None else Assets(base)
    judge = files if base is None else base
    settings = settings_of(judge)
    if fail_at is not None:
        settings = msgspec.structs.replace(settings, fail_at=Severity(fail_at))
    known = set(baseline_of(judge))
    given = merged_files(merge or {}, files, top)
    named = settings.with_tools if tools_asked is None else tools_asked
    ran = Merged() if tools is None or not named else run_tools(tools, named, files)
    if before is not None and base is not None:
        # A file of findings is about the tree as it is: of what it tells, what a change did not
        # touch was there. The tools that we run look at what was there themselves.
        was = Merged(told=unchanged(given, files, base))
        was += Merged() if tools is None or not named else run_tools(tools, named, base)
        earlier = lint(before, rules, settings, today=today, merged=was)
        known |= {each.fingerprint for each in earlier.findings}
    asked = _asked(files, paths)
    assets = Assets(files, only=asked.judged if paths else None, base=before)
    linted = lint(assets, rules, settings, today=today, known=known, merged=given + ran)
    return asked.about(linted) if paths else linted


def settings_of(files: Files) -> LintSettings:
    """Return `[lint]` of a tree's `pawl.toml`; raises BadFile."""
    text = files.text(SETTINGS)
    return LintSettings() if text is None else load_toml(text, Settings, place=SETTINGS).lint


def baseline_of(files: Files) -> tuple[str, ...]:
    """Return the fingerprints that a tree's baseline knows; raises BadFile."""
    text = files.text(BASELINE)
    if text is None:
        return ()
    try:
        held = typed.decode(text, type=Baseline)
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError) as error:
        raise BadFile(
            f"no baseline of a lint: {error}.",
            place=BASELINE,
            hint="Write it anew with `pawl lint --write-baseline`.",
        ) from error
    if len(held.findings) > MAX_BASELINE:
        raise BadFile(f"holds more than {MAX_BASELINE:,} findings.", place=BASELINE)
    return tuple(each.fingerprint for each in held.findings)


def baseline_text(findings: Iterable[Found]) -> str:
    """Return a baseline of what was found and is not waived, one finding a line."""
    kept = sorted(
        {(f.path, f.rule, f.fingerprint, f.message) for f in findings if f.state != "waived"}
    )
    lines = [
        msgspec.json.encode(
            Known(fingerprint=fingerprint, rule=rule, path=path, message=message)
        ).decode()
        for path, rule, fingerprint, message in kept
    ]
    inside = ",\n    ".join(lines)
    held = f"[\n    {inside}\n  ]" if lines else "[]"
    return f'{{\n  "schema": "pawl.lint-baseline/1",\n  "findings": {held}\n}}\n'


def fix(
    files: Files,
    writing: Writing,
    linted: Linted,
    rules: Mapping[str, Rule],
    *,
    unsafe: bool = False,
) -> tuple[Found, ...]:
    """Write the edits of new findings whose fix is safe, or asked for; return those mended."""
    wanted = {"safe", "unsafe"} if unsafe else {"safe"}
    mended = tuple(
        each
        for each in linted.findings
        if each.edits and each.state == "new" and not each.tool and rules[each.rule].fix in wanted
    )
    edits: list[Edit] = [edit for each in mended for edit in each.edits]
    texts = {path: text for path in {e.path for e in edits} if (text := files.text(path))}
    for path, text in apply(texts, edits).items():
        if text != texts[path]:
            writing.write(path, text)
    return mended


class _Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody asked to look at: assets, and scripts with the assets that use them."""

    assets: frozenset[str]
    scripts: frozenset[str]
    users: frozenset[str]

    @property
    def judged(self) -> frozenset[str]:
        """The files that rules judge."""
        return self.assets | self.scripts | self.users

    def about(self, linted: Linted) -> Linted:
        """Return what a lint says of the asked files; of a script's users only what is of it."""
        if self.users <= self.assets:
            return linted
        kept = tuple(each for each in linted.findings if self._is_asked(each))
        return msgspec.structs.replace(linted, findings=kept)

    def _is_asked(self, found: Found) -> bool:
        if found.path in self.assets or found.path in self.scripts:
            return True
        names = {path.rpartition("/")[2] for path in self.scripts}
        told = (found.message, *found.trail)
        return any(name in text for name in names for text in told)


def _asked(files: Files, paths: Sequence[str]) -> _Asked:
    """Return the assets and scripts at or below some paths; raises BadValue for a path without."""
    plugins = plugin_folders(files.entries)
    found: set[str] = set()
    scripts: set[str] = set()
    users: dict[str, frozenset[str]] | None = None
    for path in paths:
        below = {
            each
            for each in files.entries
            if not path or each == path or each.startswith(f"{path}/")
        }
        own = {each for each in below if asset_of(each, plugins) is not None}
        if below - own and users is None:
            users = users_of(Assets(files))
        used = {each for each in below - own if users and each in users}
        if not own and not used:
            raise BadValue(
                "holds no file that steers an agent, and no script that one of them runs.",
                place=path or ".",
                hint="Name a CLAUDE.md, a skill, settings, a workflow, or a folder of them.",
            )
        found |= own
        scripts |= used
    every = frozenset(user for script in scripts for user in (users or {})[script])
    return _Asked(assets=frozenset(found), scripts=frozenset(scripts), users=every)
