"""Claude Code's part of a tree: sessions, resumes, forks, sub-agents and side questions."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from benchmarks.trees.claude_lines import (
    NEW,
    OLD,
    Answer,
    Line,
    Transcript,
    Voice,
    without_request_id,
)
from benchmarks.trees.edge import EdgeCases
from benchmarks.trees.source import RAW_BYTES, Clock, Source, json_text
from benchmarks.trees.truth import Response, Size, Tokens, Truth

AGENT = "claude"
CONTEXT_LIMIT = 88_000  # below every price step; only the edge cases go above
_TORN_AT = (0.35, 0.6, 0.97)

_MODELS = (
    ("claude-opus-5-5", 40),
    ("claude-sonnet-5-5", 25),
    ("claude-haiku-5-5", 12),
    ("claude-sonnet-4-5", 8),
    ("claude-opus-4-8", 8),
    ("claude-haiku-4-5", 4),
    ("claude-fable-5-2", 3),
)
_HELPER_MODELS = (("claude-haiku-5-5", 60), ("claude-opus-5-5", 25), ("claude-sonnet-5-5", 15))
_BLOCKS = (("1", 30), ("2", 35), ("3", 24), ("4", 11))


@dataclass(frozen=True, slots=True)
class Style:
    """How the bytes of one file are laid down."""

    newline: str = "\n"
    spaced: bool = False
    blank_lines: bool = False

    def text(self, line: str) -> str:
        if self.spaced:
            line = json.dumps(json.loads(line), ensure_ascii=False)
        return f"{line}{self.newline}{self.newline if self.blank_lines else ''}"


@dataclass(frozen=True, slots=True)
class Kind:
    """What happens in a session; taken in turn, so that small trees hold everything."""

    number: int
    edge: bool

    def _is(self, every: int, rest: int) -> bool:
        return self.number % every == rest

    @property
    def resumed(self) -> bool:
        return self._is(5, 2)

    @property
    def forked(self) -> bool:
        return self._is(9, 4)

    @property
    def helpers(self) -> int:
        return (0, 2, 0, 1, 3)[self.number % 5]

    @property
    def side_question(self) -> bool:
        return self._is(8, 1)

    @property
    def torn(self) -> bool:
        return self._is(6, 3)

    @property
    def torn_inside(self) -> bool:
        return self.edge and self._is(10, 7)

    @property
    def without_request_ids(self) -> bool:
        return self.edge and self._is(18, 4)

    @property
    def style(self) -> Style:
        if self.edge and self._is(10, 6):
            return Style(spaced=True)
        if self.edge and self._is(10, 8):
            return Style(newline="\r\n")
        if self.edge and self._is(10, 2):
            return Style(blank_lines=True)
        return Style()

    @property
    def case(self) -> str | None:
        """The name its responses go by, or None when they take the edge cases in turn."""
        if self.without_request_ids:
            return "forked_without_request_id"
        if self.style.spaced:
            return "spaced_json"
        return None if self.edge else "plain"


class Conversation:
    """A model's side of one file: which answers it gives, and what they cost."""

    def __init__(self, maker: ClaudeTree, kind: Kind, script: Transcript, model: str) -> None:
        self.maker, self.kind, self.script, self.model = maker, kind, script, model
        self.spent = Tokens()
        self._context = maker.source.rng.randrange(9_000, 20_000)
        self._fresh = self._context
        self._read = 0

    def run(self, responses: int) -> Answer:
        rng = self.maker.source.rng
        self.script.prompt()
        last = self._respond(finishing=responses <= 1)
        for left in range(responses - 1, 0, -1):
            if rng.random() < 0.1:
                self.script.prompt()
            if rng.random() < 0.016:
                self.script.api_error()
            if rng.random() < 0.28:
                self.script.aside()
            if rng.random() < 0.04:
                self.script.attachment("todo_reminder", self.maker.source.size(1500))
            last = self._respond(finishing=left == 1)
        return last

    def _respond(self, *, finishing: bool) -> Answer:
        answer = self._answer(finishing=finishing)
        if self.kind.case is None:
            answer = self.maker.edges.apply(answer, self.maker.source)
        elif self.kind.without_request_ids:
            answer = without_request_id(answer)
        first = self.script.answer(answer)
        case = self.kind.case or answer.case
        cwd = self.script.voice.cwd
        self.maker.truth.add(AGENT, Response(first[:10], answer.model, cwd, answer.tokens, case))
        self.spent.add(answer.tokens)
        for tool_id in answer.tool_ids:
            self.script.tool_result(tool_id, 2600)
        return answer

    def _answer(self, *, finishing: bool) -> Answer:
        source = self.maker.source
        rng = source.rng
        tools: list[str] = []
        blocks: list[str] = []
        for index in range(int(source.pick(_BLOCKS))):
            tool = not finishing and rng.random() < (0.5 if index else 0.3)
            blocks.append(self._block(tools if tool else None, index))
        tokens = Tokens(
            input=rng.randrange(2, 40),
            cache_read=self._read,
            cache_write_5m=self._fresh,
            output=20 + source.size(700),
            requests=1,
        )
        self._grow()
        return Answer(
            model=self.model,
            message_id=source.ident("msg_01"),
            request_id=source.ident("req_01"),
            tokens=tokens,
            blocks=blocks,
            growing=self.script.voice.version == OLD and rng.random() < 0.5,
            tool_ids=tools,
        )

    def _grow(self) -> None:
        self._read = self._context
        self._fresh = self.maker.source.rng.randrange(150, 5_000)
        self._context += self._fresh
        if self._context > CONTEXT_LIMIT:
            self.script.compact_boundary()
            self._fresh = self._context = 11_000
            self._read = 0

    def _block(self, tools: list[str] | None, index: int) -> str:
        source = self.maker.source
        text = source.text(source.size(1000))
        if tools is not None:
            tools.append(source.ident("toolu_01"))
            path = f"{self.script.voice.cwd}/src/{source.phrase(1)}.py"
            return (
                f'{{"type":"tool_use","id":"{tools[-1]}","name":"Edit","input":{{"file_path":'
                f'{json_text(path)},"old_string":"{source.phrase(6)}","new_string":"{text}"}}}}'
            )
        if index == 0 and source.rng.random() < 0.4:
            return (
                f'{{"type":"thinking","thinking":"{text}","signature":"{source.ident("Eq", 80)}"}}'
            )
        return f'{{"type":"text","text":"{text}"}}'


class ClaudeTree:
    """Writes sessions one after another until enough bytes are on disk."""

    def __init__(self, out: Path, source: Source, truth: Truth, *, days: int, edge: bool) -> None:
        self.root = out / "projects"
        self.source, self.truth, self.days, self.edge = source, truth, days, edge
        self.edges = EdgeCases()
        self._sessions = 0

    def fill(self, target: int, projects: list[str], mean_responses: float) -> None:
        size = self.truth.size
        stop = size.bytes + target
        while size.bytes < stop:
            weight = self.source.rng.random() ** 1.6  # some projects are busier than others
            self._session(projects[int(weight * len(projects))], mean_responses)

    def _session(self, cwd: str, mean: float) -> None:
        source = self.source
        kind = Kind(self._sessions, self.edge)
        self._sessions += 1
        version = OLD if kind.number % 3 == 1 else NEW
        voice = Voice(cwd, source.uuid(), version)
        script = Transcript(source, Clock.somewhere(source, self.days), voice)
        if kind.number % 2 == 0:
            script.opening()
        talk = Conversation(self, kind, script, source.pick(_MODELS))
        talk.run(self._length(mean))
        for _ in range(kind.helpers):
            self._helper(talk, kind, mean)
        if kind.side_question:
            self._side_question(talk, kind)
        script.cost_state(talk.spent, talk.model)
        if kind.torn_inside:
            self._tear_inside(script)
        if kind.resumed or kind.torn_inside:
            script.clock.forward(source.rng.randrange(3_600_000, 30 * 3_600_000))
            talk.run(self._length(mean / 2))
            script.cost_state(talk.spent, talk.model)
        self._write(self._path(voice), script.lines, kind.style, torn=kind.torn)
        if kind.forked:
            self._fork(talk, kind, mean)

    def _length(self, mean: float) -> int:
        return max(2, min(int(self.source.rng.lognormvariate(0.0, 0.7) * mean * 0.8), 400))

    def _helper(self, talk: Conversation, kind: Kind, mean: float) -> None:
        """A sub-agent with a file of its own, and its report in the parent's."""
        source, parent = self.source, talk.script
        agent = "a" + source.hex(16)
        voice = Voice(parent.voice.cwd, parent.voice.session, parent.voice.version, agent)
        script = Transcript(source, Clock(parent.clock.ms), voice)
        helper = Conversation(self, kind, script, source.pick(_HELPER_MODELS))
        last = helper.run(self._length(mean / 3))
        parent.clock.ms = max(parent.clock.ms, script.clock.ms)
        parent.agent_result(source.ident("toolu_01"), agent, last)
        path = self._path(voice)
        self._write(path, script.lines, kind.style)
        meta = {"agentType": "Explore", "description": source.phrase(4), "spawnDepth": 1}
        path.with_suffix(".meta.json").write_text(json_text(meta))

    def _side_question(self, talk: Conversation, kind: Kind) -> None:
        """A question beside the conversation: its file replays the parent's last lines."""
        source, parent = self.source, talk.script
        agent = "aside_question-" + source.hex(16)
        voice = Voice(
            parent.voice.cwd, parent.voice.session, parent.voice.version, agent, "aside_question"
        )
        script = Transcript(source, Clock(parent.clock.ms + 1000), voice)
        fresh = (kind.number // 8) % 2 == 0
        script.copy_for_side_question(parent.lines[-16:], new_request_ids=fresh)
        Conversation(self, kind, script, talk.model).run(1)
        parent.clock.ms = script.clock.ms + 1000
        self._write(self._path(voice), script.lines, kind.style)

    def _fork(self, talk: Conversation, kind: Kind, mean: float) -> None:
        """A new session that starts with a copy of the first part of another."""
        source, parent = self.source, talk.script
        elsewhere = (kind.number // 9) % 2 == 1
        cwd = parent.voice.cwd + ("-worktree" if elsewhere else "")
        script = Transcript(
            source,
            Clock(parent.clock.ms + source.rng.randrange(60_000, 9_000_000)),
            Voice(cwd, source.uuid(), parent.voice.version),
        )
        keep = int(len(parent.lines) * source.rng.uniform(0.4, 1.0))
        script.copy_for_fork(parent.lines[:keep], parent.voice.session)
        Conversation(self, kind, script, talk.model).run(self._length(mean / 2))
        self._write(self._path(script.voice), script.lines, kind.style)

    def _tear_inside(self, script: Transcript) -> None:
        """Two crashes, each followed by a resume: one cut line alone, one glued to the next."""
        mode = f'{{"type":"mode","mode":"default","sessionId":"{script.voice.session}"}}'
        for glued in ("", mode):
            cut = self._unfinished(script, self.source.rng.choice(_TORN_AT))
            script.lines.append(Line(cut + glued, copied_by_forks=False))

    def _unfinished(self, script: Transcript, share: float) -> str:
        """The beginning of an answer nobody saw the end of: no bill can hold it."""
        source = self.source
        draft = Transcript(source, Clock(script.clock.ms), script.voice)
        tokens = Tokens(input=3, cache_read=4000, cache_write_5m=50, output=7, requests=1)
        block = f'{{"type":"text","text":"{source.text(900)}"}}'
        ids = source.ident("msg_01"), source.ident("req_01")
        draft.answer(Answer("claude-opus-5-5", *ids, tokens, [block]))
        text = draft.lines[0].text
        return text[: int(len(text) * share)]

    def _path(self, voice: Voice) -> Path:
        folder = self.root / re.sub(r"[^a-zA-Z0-9]", "-", voice.cwd)
        if voice.agent is None:
            return folder / f"{voice.session}.jsonl"
        return folder / voice.session / "subagents" / f"agent-{voice.agent}.jsonl"

    def _write(self, path: Path, lines: list[Line], style: Style, *, torn: bool = False) -> None:
        text = "".join([style.text(line.text) for line in lines])
        if torn:
            draft = Transcript(self.source, Clock(0), Voice("/torn", self.source.uuid()))
            text += self._unfinished(draft, self.source.rng.choice(_TORN_AT))
        data = text.encode()
        if self.edge:
            data = data.replace(RAW_BYTES.encode(), b"\xff\xfe\xc3(\x80")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        add_size(self.truth.size, data, sum(line.has_usage for line in lines))


def add_size(size: Size, data: bytes, usage_lines: int) -> None:
    size.bytes += len(data)
    size.files += 1
    size.lines += data.count(b"\n")
    size.usage_lines += usage_lines
