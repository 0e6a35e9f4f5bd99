"""Findings of other tools, read from what they wrote: SARIF 2.1.0, and actionlint's JSON.

What such a file says is not trusted: it is bounded, typed, names only files of the tree, and no
finding of it can pass for one of ours. Its rules are called `<tool>/<rule>`. What its tool was told
to pass over (`suppressions`) counts all the same; our waivers and our baseline decide.

Standard: OASIS, Static Analysis Results Interchange Format 2.1.0 (2020-03-27).
"""

import posixpath
from collections.abc import Container, Iterator
from functools import cache
from typing import Literal
from urllib.parse import unquote

import msgspec

from pawl.assets.shipped import shipped
from pawl.base import typed
from pawl.base.errors import BadFile
from pawl.base.finding import Severity
from pawl.base.patterns import regex

MAX_BYTES = 32 * 1024 * 1024
"""Bytes of one file of findings that are read."""
MAX_TOLD = 20_000
"""Findings of one file that are taken."""
MAX_MESSAGE = 1000
MAX_LINE = 10_000_000
_ODD = regex(r"[^A-Za-z0-9._-]+")
_SCHEME = regex(r"[A-Za-z][A-Za-z0-9+.-]{1,20}:")


class Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How bad others' findings are in our words, and which of theirs is which of ours."""

    schema: Literal["pawl.other-tools/1"]
    source: tuple[str, ...]
    as_of: str
    levels: dict[str, Severity]
    scores: dict[Severity, float]
    actionlint: dict[str, Severity]
    same: dict[str, tuple[str, ...]]


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One finding of another tool; `last` is the last line of the place it is about."""

    tool: str
    rule: str
    severity: Severity
    path: str
    line: int | None
    last: int | None
    message: str
    hint: str = ""


class Merged(msgspec.Struct, frozen=True, kw_only=True):
    """What other tools told. `tools` are those that looked; `unseen` is what is left open by that,

    `notes` what is worth knowing and leaves nothing open.
    """

    told: tuple[Told, ...] = ()
    tools: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def __add__(self, other: "Merged") -> "Merged":
        return Merged(
            told=self.told + other.told,
            tools=tuple(sorted({*self.tools, *other.tools})),
            unseen=self.unseen + other.unseen,
            notes=self.notes + other.notes,
        )


@cache
def table() -> Table:
    """Return what is known of other tools' findings."""
    return shipped("other_tools", Table)


def same_as(rule: str) -> tuple[str, ...]:
    """Return our rules that tell of the same sin as another tool's rule, or as ours elsewhere."""
    tool, _, name = rule.partition("/")
    if tool == "pawl-lint":
        return (name,)
    return table().same.get(rule, ())


class _Text(msgspec.Struct, frozen=True):
    text: str = ""


class _Artifact(msgspec.Struct, frozen=True, rename="camel"):
    uri: str = ""
    uri_base_id: str = ""


class _Region(msgspec.Struct, frozen=True, rename="camel"):
    start_line: int | None = None
    end_line: int | None = None


class _Physical(msgspec.Struct, frozen=True, rename="camel"):
    artifact_location: _Artifact = _Artifact()
    region: _Region = _Region()


class _Location(msgspec.Struct, frozen=True, rename="camel"):
    physical_location: _Physical = _Physical()


class _Properties(msgspec.Struct, frozen=True):
    score: str | float | None = msgspec.field(default=None, name="security-severity")


class _Configuration(msgspec.Struct, frozen=True):
    level: str = ""


class _RuleIs(msgspec.Struct, frozen=True, rename="camel"):
    id: str = ""
    default_configuration: _Configuration = _Configuration()
    properties: _Properties = _Properties()
    help_uri: str = ""


class _Driver(msgspec.Struct, frozen=True):
    name: str = ""
    rules: tuple[_RuleIs, ...] = ()


class _Tool(msgspec.Struct, frozen=True):
    driver: _Driver = _Driver()


class _Reference(msgspec.Struct, frozen=True):
    id: str = ""


class _Result(msgspec.Struct, frozen=True, rename="camel"):
    rule_id: str = ""
    rule_index: int | None = None
    rule: _Reference = _Reference()
    level: str = ""
    kind: str = ""
    message: _Text = _Text()
    locations: tuple[_Location, ...] = ()
    properties: _Properties = _Properties()
    baseline_state: str = ""


class _Invocation(msgspec.Struct, frozen=True, rename="camel"):
    execution_successful: bool = True


class _Run(msgspec.Struct, frozen=True, rename="camel"):
    tool: _Tool
    results: tuple[_Result, ...] | None = None
    invocations: tuple[_Invocation, ...] = ()
    original_uri_base_ids: dict[str, _Artifact] = {}


class _Log(msgspec.Struct, frozen=True):
    version: Literal["2.1.0"]
    runs: tuple[_Run, ...]


class _Line(msgspec.Struct, frozen=True):
    """One finding as actionlint's `{{json .}}` tells it."""

    message: str
    filepath: str
    line: int
    kind: str


def read_sarif(text: bytes, *, place: str, top: str, paths: Container[str]) -> Merged:
    """Return the findings of a SARIF file about files in `paths`; raises BadFile for another one.

    `top` is the tree's own folder, for addresses that are written whole.
    """
    if len(text) > MAX_BYTES:
        raise BadFile(f"is larger than {MAX_BYTES:,} bytes.", place=place)
    try:
        log = typed.decode(text, type=_Log)
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise BadFile(
            f"is no SARIF 2.1.0: {error}.", place=place, hint="Write it anew with its tool."
        ) from error
    found: list[Told] = []
    unseen: list[str] = []
    outside = more = 0
    for run in log.runs:
        tool = _tool(run)
        if run.results is None or any(not each.execution_successful for each in run.invocations):
            unseen.append(f"{place}: {tool} did not come to its end when it wrote this.")
        rules = run.tool.driver.rules
        by_id = {each.id: each for each in reversed(rules)}
        for result in run.results or ():
            if (
                result.kind not in ("", "fail", "review", "open")
                or result.baseline_state == "absent"
            ):
                continue
            if len(found) >= MAX_TOLD:
                more += 1
                continue
            at = result.rule_index
            within = at is not None and 0 <= at < len(rules)
            named = result.rule_id or result.rule.id
            about = rules[at] if within and at is not None else by_id.get(named, _RuleIs())
            told = _told(run, tool, result, about, top)
            if told is None or told.path not in paths:
                outside += 1
            else:
                found.append(told)
    if outside:
        unseen.append(f"{place}: {outside:,} findings are about no file of this tree.")
    if more:
        unseen.append(f"{place}: {more:,} findings beyond the first {MAX_TOLD:,} are left out.")
    tools = tuple(sorted({_tool(run) for run in log.runs}))
    return Merged(told=tuple(found), tools=tools, unseen=tuple(unseen))


def read_actionlint(text: bytes, *, paths: Container[str]) -> Merged:
    """Return the findings of actionlint's `{{json .}}`; raises BadFile for what is none."""
    try:
        lines = typed.decode(text or b"[]", type=tuple[_Line, ...])
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise BadFile(f"is no list of findings: {error}.", place="actionlint") from error
    weights = table().actionlint
    told = [
        Told(
            tool="actionlint",
            rule=f"actionlint/{_named(each.kind)}",
            severity=weights.get(each.kind, weights["default"]),
            path=path,
            line=_line(each.line),
            last=_line(each.line),
            message=_sentence(each.message),
        )
        for each in lines
        if (path := _path(each.filepath, "", "")) is not None and path in paths
    ]
    unseen = (
        (f"actionlint: {len(told) - MAX_TOLD:,} findings beyond the first are left out.",)
        if len(told) > MAX_TOLD
        else ()
    )
    return Merged(told=tuple(told[:MAX_TOLD]), tools=("actionlint",), unseen=unseen)


def _tool(run: _Run) -> str:
    return _named(run.tool.driver.name).lower()


def _named(text: str) -> str:
    """Return a name as one that a waiver can hold; never an empty one."""
    return _ODD.sub("-", text[:200]).strip("-.")[:60] or "unnamed"


def _told(run: _Run, tool: str, result: _Result, about: _RuleIs, top: str) -> Told | None:
    physical = result.locations[0].physical_location if result.locations else _Physical()
    artifact = physical.artifact_location
    base = run.original_uri_base_ids.get(artifact.uri_base_id, _Artifact()).uri
    path = _path(artifact.uri, base, top)
    if path is None:
        return None
    # Some tools put their own name before their rules' already.
    name = _named((result.rule_id or result.rule.id or about.id).rpartition("/")[2])
    line = _line(physical.region.start_line)
    return Told(
        tool=tool,
        rule=f"{tool}/{name}",
        severity=_severity(result, about),
        path=path,
        line=line,
        last=max(line, _line(physical.region.end_line) or line) if line is not None else None,
        message=_sentence(result.message.text),
        hint=f"See {about.help_uri[:300]}." if about.help_uri.startswith("https://") else "",
    )


def _severity(result: _Result, about: _RuleIs) -> Severity:
    known = table()
    for score in _scores(result, about):
        for severity, least in sorted(known.scores.items(), key=lambda held: -held[1]):
            if score >= least:
                return severity
    level = result.level or about.default_configuration.level or "warning"
    return known.levels.get(level, Severity.MEDIUM)


def _scores(result: _Result, about: _RuleIs) -> Iterator[float]:
    for said in (result.properties.score, about.properties.score):
        try:
            score = float(said) if said is not None else 0.0
        except ValueError:
            continue
        if 0 < score <= 10:
            yield score
            return


def _path(uri: str, base: str, top: str) -> str | None:
    """Return a path below the tree's root; None for one that is not, however it is written."""
    whole = uri if _SCHEME.match(uri) or uri.startswith("/") else f"{base}{uri}"
    text = unquote(whole[:4096], errors="strict") if _decodes(whole) else ""
    if text.startswith("file://"):
        text = "/" + text.removeprefix("file://").partition("/")[2]
    if text.startswith("/"):
        if not top or not text.startswith(f"{top}/"):
            return None
        text = text[len(top) + 1 :]
    path = posixpath.normpath(text) if text else ""
    bad = not path or path in (".", "..") or path.startswith(("../", "/")) or "\\" in path
    return None if bad or _SCHEME.match(path) or "\0" in path else path


def _decodes(text: str) -> bool:
    try:
        unquote(text[:4096], errors="strict")
    except UnicodeDecodeError:
        return False
    return True


def _line(number: int | None) -> int | None:
    return number if number is not None and 0 < number <= MAX_LINE else None


def _sentence(text: str) -> str:
    told = " ".join(text[:MAX_MESSAGE].split()) or "It says no more."
    told = told[0].upper() + told[1:]
    return told if told.endswith((".", "!", "?")) else f"{told}."
