"""Lines of Claude Code transcripts, with the keys and the key order of the real program."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

from benchmarks.trees.source import Clock, Source, json_text
from benchmarks.trees.truth import Tokens

NEW, OLD = "2.1.329", "2.1.197"

Breakdown = Literal["full", "zero", "none"]
Layout = Literal["standard", "usage_first", "type_first"]


class Line(NamedTuple):
    """One transcript line without its newline; `request_id` only on lines that carry usage."""

    text: str
    copied_by_forks: bool = True
    has_usage: bool = False
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class Voice:
    """What every line of one file repeats."""

    cwd: str
    session: str
    version: str = NEW
    agent: str | None = None
    agent_type: str = "Explore"

    @property
    def head(self) -> str:
        if self.agent is None:
            return '"isSidechain":false'
        return f'"isSidechain":true,"agentId":"{self.agent}"'

    @property
    def tail(self) -> str:
        return (
            f'"userType":"external","entrypoint":"cli","cwd":{json_text(self.cwd)},'
            f'"sessionId":"{self.session}","version":"{self.version}","gitBranch":"main"'
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """One response of the model, before it is spread over several lines."""

    model: str
    message_id: str
    request_id: str | None
    tokens: Tokens
    blocks: list[str]
    growing: bool = False
    has_request_id: bool = True
    breakdown: Breakdown = "full"
    null_cache_read: bool = False
    layout: Layout = "standard"
    over_midnight: bool = False
    case: str = "plain"
    tool_ids: list[str] = field(default_factory=list)


def usage_json(answer: Answer, output: int) -> str:
    t = answer.tokens
    write = t.cache_write_5m + t.cache_write_1h
    read = "null" if answer.null_cache_read else str(t.cache_read)
    known = answer.breakdown == "full"
    split = (
        f'"cache_creation":{{"ephemeral_1h_input_tokens":{t.cache_write_1h if known else 0},'
        f'"ephemeral_5m_input_tokens":{t.cache_write_5m if known else 0}}},'
    )
    return (
        f'{{"input_tokens":{t.input},"cache_creation_input_tokens":{write},'
        f'"cache_read_input_tokens":{read},"output_tokens":{output},'
        '"output_tokens_details":{"thinking_tokens":0},'
        f'"server_tool_use":{{"web_search_requests":{t.web_searches},"web_fetch_requests":0}},'
        f'"service_tier":"standard",{"" if answer.breakdown == "none" else split}'
        '"inference_geo":"","iterations":[],"speed":"standard","fallback_credit":null}'
    )


def _message_json(answer: Answer, block: str, output: int, stop: str) -> str:
    usage = f'"usage":{usage_json(answer, output)}'
    body = f'"content":[{block}],"stop_reason":"{stop}","stop_sequence":null'
    middle = f"{usage},{body}" if answer.layout == "usage_first" else f"{body},{usage}"
    return (
        f'{{"id":"{answer.message_id}","type":"message","role":"assistant",'
        f'"model":"{answer.model}",{middle},"stop_details":null}}'
    )


class Transcript:
    """One session file in the making; every method appends the lines the program would."""

    def __init__(self, source: Source, clock: Clock, voice: Voice) -> None:
        self.source, self.clock, self.voice = source, clock, voice
        self.lines: list[Line] = []
        self._parent = "null"
        self._prompt_id = source.uuid()

    def _step(self, milliseconds: int) -> tuple[str, str, str]:
        """Parent, own uuid and time of the next line."""
        self.clock.forward(milliseconds)
        parent, own = self._parent, f'"{self.source.uuid()}"'
        self._parent = own
        return parent, own, self.clock.stamp()

    def _add(self, text: str, *, copied: bool = True) -> None:
        self.lines.append(Line(text, copied_by_forks=copied))

    # -- what the user and the tools say -------------------------------------------------

    def prompt(self) -> None:
        source, voice = self.source, self.voice
        self._prompt_id = source.uuid()
        text = source.phrase(12)
        session = f'"sessionId":"{voice.session}"'
        if voice.agent is None:
            for operation in ("enqueue", "dequeue"):
                self._add(
                    f'{{"type":"queue-operation","operation":"{operation}",'
                    f'"timestamp":"{self.clock.stamp()}",{session}}}',
                    copied=False,
                )
        parent, own, stamp = self._step(50)
        extra = '"permissionMode":"default","promptSource":"sdk",' if voice.agent is None else ""
        self._add(
            f'{{"parentUuid":{parent},{voice.head},"promptId":"{self._prompt_id}","type":"user",'
            f'"message":{{"role":"user","content":"{text}"}},"uuid":{own},'
            f'"timestamp":"{stamp}",{extra}{voice.tail}}}'
        )

    def opening(self) -> None:
        """The attachments every conversation begins with."""
        for kind, size in (("environment", 400), ("skill_listing", 6000), ("date", 60)):
            self.attachment(kind, size)
        self.attachment("prompt_snapshot", 14_000)

    def attachment(self, kind: str, size: int) -> None:
        parent, own, stamp = self._step(1)
        text = self.source.text(size)
        rendered = (
            f'"rendered":[{{"content":"<system-reminder>\\n{self.source.text(size // 3)}"}}],'
            '"renderedRole":"system",'
        )
        self._add(
            f'{{"parentUuid":{parent},{self.voice.head},"attachment":{{"type":"{kind}",'
            f'"content":"{text}"}},"type":"attachment","uuid":{own},"timestamp":"{stamp}",'
            f"{rendered if self.voice.version == NEW else ''}{self.voice.tail}}}"
        )

    def tool_result(self, tool_id: str, mean_size: float) -> None:
        source = self.source
        text = source.text(source.size(mean_size))
        path = f"{self.voice.cwd}/src/{source.phrase(1)}.py"
        extra = (
            f'{{"type":"text","file":{{"filePath":{json_text(path)},"content":"{text}",'
            '"numLines":40,"startLine":1,"totalLines":40}}'
        )
        self._user_result(tool_id, f'"{text}"', extra)

    def agent_result(self, tool_id: str, agent: str, last: Answer) -> None:
        """A finished sub-agent: the result repeats its last usage, which must not be counted."""
        text = self.source.text(600)
        extra = (
            f'{{"status":"completed","prompt":"{self.source.phrase(9)}","agentId":"{agent}",'
            f'"agentType":"Explore","content":[{{"type":"text","text":"{text}"}}],'
            f'"resolvedModel":"{last.model}","totalDurationMs":8215,"totalTokens":4978,'
            f'"totalToolUseCount":2,"usage":{usage_json(last, last.tokens.output)},'
            '"canContinueAgent":true}'
        )
        self._user_result(tool_id, f'[{{"type":"text","text":"{text}"}}]', extra)

    def _user_result(self, tool_id: str, content: str, tool_use_result: str) -> None:
        above = self._parent
        parent, own, stamp = self._step(self.source.rng.randrange(20, 9000))
        decision = '"permissionDecision":{"decision":"accept","source":"config"},'
        self._add(
            f'{{"parentUuid":{parent},{self.voice.head},"promptId":"{self._prompt_id}",'
            '"type":"user","message":{"role":"user","content":['
            f'{{"tool_use_id":"{tool_id}","type":"tool_result","content":{content}}}]}},'
            f'"uuid":{own},"timestamp":"{stamp}","toolUseResult":{tool_use_result},'
            f'"sourceToolAssistantUUID":{above},'
            f"{decision if self.voice.version == NEW else ''}{self.voice.tail}}}"
        )

    # -- what the model says -------------------------------------------------------------

    def answer(self, answer: Answer) -> str:
        """One line per content block; gives the time of the first."""
        if answer.over_midnight:
            self.clock.just_before_midnight()
        else:
            self.clock.avoid_midnight()
        first = ""
        final = answer.tokens.output
        count = len(answer.blocks)
        stop = "tool_use" if answer.tool_ids else "end_turn"
        for index, block in enumerate(answer.blocks):
            wait = 350 if answer.over_midnight else self.source.rng.randrange(2, 900)
            output = final
            if answer.growing and index < count - 1:
                output = max(1, final * (index + 1) // (count + 3))
            parent, own, stamp = self._step(wait)
            message = _message_json(answer, block, output, stop)
            text = self._assistant(answer, message, index, (parent, own, stamp))
            self.lines.append(Line(text, has_usage=True, request_id=answer.request_id))
            first = first or stamp
        return first

    def _assistant(
        self, answer: Answer, message: str, index: int, step: tuple[str, str, str]
    ) -> str:
        parent, own, stamp = step
        voice = self.voice
        request = ""
        if answer.has_request_id:
            request = f'"requestId":{json_text(answer.request_id)},'
        attribution = f'"attributionAgent":"{voice.agent_type}",' if voice.agent else ""
        head = f'"parentUuid":{parent},{voice.head}'
        detail, effort = "", ""
        if voice.version == NEW:
            detail = f'"apiBlockIndex":{index},'
            effort = '"effort":"medium","perTurnEffort":"medium","madeBy":"model",'
            request += (
                f'"requestRef":"{self._prompt_id}","requestedModel":"{answer.model}",'
                '"promptCacheRequested":"5m",'
            )
        when = f'"uuid":{own},"timestamp":"{stamp}"'
        if answer.layout == "type_first":
            return (
                f'{{"type":"assistant",{when},{request}{voice.tail},{effort}{head},'
                f'{attribution}{detail}"message":{message}}}'
            )
        return (
            f'{{{head},"message":{message},{detail}{request}{attribution}"type":"assistant",'
            f"{when},{effort}{voice.tail}}}"
        )

    def api_error(self) -> None:
        """A failed call: a retry notice, then a synthetic message with zero usage."""
        source, voice = self.source, self.voice
        request = source.ident("req_")
        parent, own, stamp = self._step(400)
        self._add(
            f'{{"parentUuid":{parent},{voice.head},"type":"system","subtype":"api_error",'
            f'"level":"error","error":{{"message":"529 overloaded","status":529,'
            f'"requestId":"{request}"}},"retryInMs":534,"retryAttempt":1,"maxRetries":10,'
            f'"source":"request_retry","timestamp":"{stamp}","uuid":{own},{voice.tail}}}'
        )
        parent, own, stamp = self._step(900)
        self._add(
            f'{{"parentUuid":{parent},{voice.head},"type":"assistant","uuid":{own},'
            f'"timestamp":"{stamp}","message":{{"diagnostics":null,"id":"{source.uuid()}",'
            '"container":null,"model":"<synthetic>","role":"assistant","stop_details":null,'
            '"stop_reason":"stop_sequence","stop_sequence":"","type":"message","usage":'
            '{"output_tokens_details":null,"input_tokens":0,"output_tokens":0,'
            '"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"server_tool_use":'
            '{"web_search_requests":0,"web_fetch_requests":0},"service_tier":null,'
            '"cache_creation":{"ephemeral_1h_input_tokens":0,"ephemeral_5m_input_tokens":0},'
            '"inference_geo":null,"iterations":null,"speed":null,"fallback_credit":null},'
            '"content":[{"type":"text","text":"API Error: Overloaded"}],'
            f'"context_management":null}},"requestId":"{request}","error":"overloaded",'
            f'"isApiErrorMessage":true,"apiErrorStatus":529,{voice.tail}}}'
        )

    # -- lines without tokens ------------------------------------------------------------

    def aside(self) -> None:
        """One of the small bookkeeping lines between turns."""
        source, session = self.source, self.voice.session
        kind = source.rng.randrange(3 if self.voice.version == NEW else 1)
        if kind == 0:
            text = (
                f'{{"type":"last-prompt","lastPrompt":"{source.phrase(12)}",'
                f'"leafUuid":{self._parent},"sessionId":"{session}"}}'
            )
        elif kind == 1:
            text = f'{{"type":"tools-used","tools":["Read","Bash"],"sessionId":"{session}"}}'
        else:
            text = (
                f'{{"type":"api-request","sessionId":"{session}","id":"{source.uuid()}",'
                f'"timestamp":"{self.clock.stamp()}","version":"{NEW}","querySource":"sdk",'
                f'"shapeHash":"{source.hex(64)}","params":{{"model":"claude-opus-5-5",'
                '"max_tokens":128000,"thinking":{"type":"adaptive"}},"keep":2,'
                f'"tail":["{source.hex(64)}","{source.hex(64)}"],'
                f'"requestDigest":"{source.hex(64)}"}}'
            )
        self._add(text, copied=False)

    def compact_boundary(self) -> None:
        parent, own, stamp = self._step(60)
        self._add(
            f'{{"parentUuid":null,"logicalParentUuid":{parent},{self.voice.head},'
            '"type":"system","subtype":"compact_boundary","content":"Conversation compacted",'
            f'"isMeta":false,"timestamp":"{stamp}","uuid":{own},"level":"info",'
            '"compactMetadata":{"trigger":"auto","preTokens":91110,"postTokens":2531},'
            f"{self.voice.tail}}}"
        )

    def cost_state(self, spent: Tokens, model: str) -> None:
        """The session's running totals, written when a run ends; not a response."""
        if self.voice.version != NEW:
            return
        write = spent.cache_write_5m + spent.cache_write_1h
        self._add(
            f'{{"type":"cost-state","sessionId":"{self.voice.session}","totalCostUSD":1.25,'
            '"totalAPIDuration":146,"totalLinesAdded":1,"totalLinesRemoved":1,'
            f'"modelUsage":{{"{model}":{{"inputTokens":{spent.input},'
            f'"outputTokens":{spent.output},"cacheReadInputTokens":{spent.cache_read},'
            f'"cacheCreationInputTokens":{write},"webSearchRequests":{spent.web_searches},'
            '"costUSD":1.25}},"hasUnknownModelCost":false}',
            copied=False,
        )

    # -- copies --------------------------------------------------------------------------

    def copy_for_fork(self, lines: list[Line], parent_session: str) -> None:
        """The parent's history under this session's id; ids, times and folder unchanged."""
        for line in lines:
            if not line.copied_by_forks:
                continue
            text = line.text.replace(parent_session, self.voice.session)
            if line.has_usage:
                text = f'{text[:-1]},"requestSessionId":"{parent_session}"}}'
            self.lines.append(line._replace(text=text))

    def copy_for_side_question(self, lines: list[Line], *, new_request_ids: bool) -> None:
        """The parent's history replayed as a side chain, sometimes with fresh request ids."""
        fresh: dict[str, str] = {}
        for line in lines:
            if not line.copied_by_forks:
                continue
            text = line.text.replace('"isSidechain":false', self.voice.head, 1)
            if new_request_ids and line.request_id:
                new = fresh.setdefault(line.request_id, self.source.ident("req_"))
                text = text.replace(line.request_id, new)
            self.lines.append(line._replace(text=text))


def without_request_id(answer: Answer) -> Answer:
    return replace(answer, request_id=None, has_request_id=False)
