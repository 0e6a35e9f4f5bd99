"""Findings of other tools beside ours: from files they wrote, or from runs of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec

from pawl.assets.asset import Files, Kind
from pawl.assets.assets import Assets
from pawl.assets.other_tools import Merged, Told, read_actionlint, read_sarif
from pawl.base.errors import BadFile, BadValue

TOOLS = ("zizmor", "actionlint")


class Answer(Protocol):
    """How a tool ended; a `problem` says why that is no answer."""

    @property
    def output(self) -> bytes: ...
    @property
    def said(self) -> str: ...
    @property
    def problem(self) -> str: ...


class Tools(Protocol):
    """Other tools that may be installed."""

    def has(self, name: str) -> bool:
        """Say whether one is."""

    def run(self, name: str, files: Mapping[str, str]) -> Answer:
        """Return its answer about some pipelines."""


def asked_tools(text: str) -> tuple[str, ...]:
    """Return the tools that `none`, `auto` or `zizmor,actionlint` names; raises BadValue."""
    named = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if named in ((), ("none",)):
        return ()
    for name in named:
        if name not in (*TOOLS, "auto"):
            raise BadValue(
                f"{name!r} is no tool that is known.",
                place="--with",
                hint=f"Name none, auto, or some of {', '.join(TOOLS)}.",
            )
    return named


def merged_files(texts: Mapping[str, bytes], files: Files, top: str) -> Merged:
    """Return what SARIF files tell about a tree; raises BadFile for one that is none."""
    merged = Merged()
    for place, text in texts.items():
        merged += read_sarif(text, place=place, top=top, paths=files.entries)
    return merged


def run_tools(tools: Tools, named: Sequence[str], files: Files) -> Merged:
    """Return what tools tell about a tree's pipelines.

    One that is named and gives no answer leaves the lint's own answer open; one that `auto` chose
    is only told of.
    """
    flows = _flows(files)
    merged = Merged()
    chosen = [each for each in TOOLS if each in named or ("auto" in named and tools.has(each))]
    if "auto" in named and not chosen:
        merged += Merged(notes=(f"Neither {' nor '.join(TOOLS)} is installed outside the tree.",))
    for name in chosen if flows else ():
        merged += _run(tools, name, flows, files, by_name=name in named)
    return merged


def _run(
    tools: Tools, name: str, flows: Mapping[str, str], files: Files, *, by_name: bool
) -> Merged:
    answer = tools.run(name, flows)
    problem = answer.problem
    merged = Merged()
    if not problem:
        try:
            merged = (
                read_sarif(answer.output, place=name, top="", paths=files.entries)
                if name == "zizmor"
                else read_actionlint(answer.output, paths=files.entries)
            )
        except BadFile as error:
            problem = error.message.rstrip(".")
    if problem:
        told = (f"{name} gave no answer: {problem}.",)
        return Merged(unseen=told) if by_name else Merged(notes=told)
    warned = [line.strip() for line in answer.said.splitlines() if " WARN " in line]
    left = (f"{name} did not read everything: {warned[0][:200]}",) if warned else ()
    if by_name:
        return msgspec.structs.replace(merged, unseen=merged.unseen + left)
    return msgspec.structs.replace(merged, unseen=(), notes=(*merged.notes, *merged.unseen, *left))


def unchanged(merged: Merged, now: Files, base: Files) -> tuple[Told, ...]:
    """Return the findings about files that a change leaves as they were: those are not new."""
    same: dict[str, bool] = {}
    for path in {each.path for each in merged.told}:
        text = now.text(path)
        same[path] = text is not None and text == base.text(path)
    return tuple(each for each in merged.told if same[each.path])


def _flows(files: Files) -> dict[str, str]:
    """Return the pipelines of GitHub's that a tree has, with their texts."""
    held = (
        (asset.path, files.text(asset.path))
        for asset in Assets(files).judged(Kind.WORKFLOW)
        if asset.product == "github"
    )
    return {path: text for path, text in held if text is not None}
