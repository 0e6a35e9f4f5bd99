"""Codex's part of a tree: rollouts whose running totals must not be summed."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.trees.claude import add_size
from benchmarks.trees.source import Clock, Source, json_text
from benchmarks.trees.truth import Response, Tokens, Truth

AGENT = "codex"
_MODELS = (("gpt-5.5", 70), ("gpt-5.5-codex", 30))
_COUNTS = ("input_tokens", "cached_input_tokens", "cache_write_input_tokens", "output_tokens")


@dataclass(slots=True)
class Counts:
    """Tokens as Codex counts them: cached ones are inside the input."""

    values: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_COUNTS, 0))
    reasoning: int = 0

    def add(self, other: Counts) -> None:
        for name in _COUNTS:
            self.values[name] += other.values[name]
        self.reasoning += other.reasoning

    def to_text(self) -> str:
        total = self.values["input_tokens"] + self.values["output_tokens"]
        return json_text(
            {**self.values, "reasoning_output_tokens": self.reasoning, "total_tokens": total}
        )


class Rollout:
    """One thread; a resumed thread goes on in the same file and with the same totals."""

    def __init__(self, source: Source, clock: Clock, cwd: str) -> None:
        self.source, self.clock, self.cwd = source, clock, cwd
        self.thread = source.uuid()
        self.model = source.pick(_MODELS)
        self.lines: list[str] = []
        self.total = Counts()
        self._turn_total = Counts()
        self._turn = ""
        self._context = source.rng.randrange(4_000, 9_000)
        self._meta()

    def _add(self, kind: str, payload: str) -> None:
        self.clock.forward(self.source.rng.randrange(1, 40))
        self.lines.append(
            f'{{"timestamp":"{self.clock.stamp()}","ordinal":{len(self.lines)},'
            f'"type":"{kind}","payload":{payload}}}'
        )

    def _meta(self) -> None:
        self._add(
            "session_meta",
            f'{{"session_id":"{self.thread}","id":"{self.thread}",'
            f'"timestamp":"{self.clock.stamp()}","cwd":"{self.cwd}","originator":"codex_exec",'
            '"cli_version":"0.169.0","source":"exec","model_provider":"openai",'
            f'"base_instructions":{{"text":"{self.source.text(9000)}"}},'
            '"git":{"branch":"main"}}',
        )

    def turn(self, responses: int, truth: Truth) -> None:
        self._turn, self._turn_total = self.source.uuid(), Counts()
        self._add(
            "event_msg",
            f'{{"type":"task_started","turn_id":"{self._turn}","model_context_window":258400}}',
        )
        self._add(
            "turn_context",
            f'{{"turn_id":"{self._turn}","cwd":"{self.cwd}","approval_policy":"never",'
            f'"model":"{self.model}","summary":"none","sandbox_policy":{{"type":"read-only"}}}}',
        )
        self._add(
            "response_item",
            f'{{"type":"message","id":"{self.source.ident("msg_")}","role":"user","content":'
            f'[{{"type":"input_text","text":"{self.source.phrase(14)}"}}]}}',
        )
        for _ in range(responses):
            self._response(truth)
        self._add("event_msg", f'{{"type":"task_complete","turn_id":"{self._turn}"}}')

    def _response(self, truth: Truth) -> None:
        source, rng = self.source, self.source.rng
        self.clock.forward(rng.randrange(1000, 60_000))
        call = source.ident("call_")
        command = json_text(json_text({"cmd": f"cat src/{source.phrase(1)}.py"}))
        self._add(
            "response_item",
            f'{{"type":"function_call","status":"completed","id":"{source.ident("fc_")}",'
            f'"name":"exec_command","arguments":{command},"call_id":"{call}"}}',
        )
        cached = self._context
        self._context += rng.randrange(100, 4_000)
        once = Counts(
            {
                "input_tokens": self._context,
                "cached_input_tokens": cached,
                "cache_write_input_tokens": rng.choice((0, 0, (self._context - cached) // 2)),
                "output_tokens": 20 + source.size(400),
            },
            reasoning=rng.randrange(20),
        )
        self.total.add(once)
        self._turn_total.add(once)
        self._add(
            "token_usage_record",
            f'{{"thread_id":"{self.thread}","turn_id":"{self._turn}",'
            f'"session_id":"{self.thread}","response_id":"{source.ident("resp_", 32)}",'
            f'"usage":{once.to_text()},"turn_token_usage":{self._turn_total.to_text()},'
            f'"thread_token_usage":{self.total.to_text()}}}',
        )
        truth.add(AGENT, self._bill(once))
        self._add(
            "response_item",
            f'{{"type":"function_call_output","call_id":"{call}",'
            f'"output":"{source.text(source.size(2500))}"}}',
        )
        self._add(
            "event_msg",
            f'{{"type":"token_count","info":{{"total_token_usage":{self.total.to_text()},'
            f'"last_token_usage":{once.to_text()},"model_context_window":258400}},'
            '"rate_limits":{"limit_id":"codex","primary":null,"secondary":null}}',
        )

    def _bill(self, once: Counts) -> Response:
        values = once.values
        read, write = values["cached_input_tokens"], values["cache_write_input_tokens"]
        tokens = Tokens(
            input=values["input_tokens"] - read - write,
            cache_read=read,
            cache_write_5m=write,
            output=values["output_tokens"],
            requests=1,
        )
        return Response(self.clock.stamp()[:10], self.model, self.cwd, tokens)


class CodexTree:
    def __init__(self, out: Path, source: Source, truth: Truth, *, days: int) -> None:
        self.root = out / "codex" / "sessions"
        self.source, self.truth, self.days = source, truth, days

    def fill(self, target: int, projects: list[str], mean: float) -> None:
        stop = self.truth.size.bytes + target
        count = 0
        while self.truth.size.bytes < stop:
            self._rollout(self.source.rng.choice(projects), mean, resumed=count % 4 == 1)
            count += 1

    def _rollout(self, cwd: str, mean: float, *, resumed: bool) -> None:
        clock = Clock.somewhere(self.source, self.days)
        rollout = Rollout(self.source, clock, cwd)
        began = clock.stamp()
        rollout.turn(max(2, int(self.source.rng.expovariate(1 / mean))), self.truth)
        if resumed:
            clock.forward(self.source.rng.randrange(3_600_000, 20 * 3_600_000))
            rollout.turn(max(2, int(mean / 3)), self.truth)
        name = f"rollout-{began[:19].replace(':', '-')}-{rollout.thread}.jsonl"
        path = self.root / began[:10].replace("-", "/") / name
        path.parent.mkdir(parents=True, exist_ok=True)
        data = ("\n".join(rollout.lines) + "\n").encode()
        path.write_bytes(data)
        usage_lines = sum('"token_usage_record"' in line for line in rollout.lines)
        add_size(self.truth.size, data, usage_lines)
