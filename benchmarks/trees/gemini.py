"""Gemini CLI's part of a tree: chats that write a message again when its tools are done."""

from __future__ import annotations

import hashlib
from pathlib import Path

from benchmarks.trees.claude import add_size
from benchmarks.trees.source import Clock, Source
from benchmarks.trees.truth import Response, Tokens, Truth

AGENT = "gemini"
_MODELS = (("gemini-2.5-pro", 75), ("gemini-2.5-flash", 25))


class Chat:
    """One session; the folder it belongs to is told by a hash and in the first message."""

    def __init__(self, source: Source, clock: Clock, cwd: str) -> None:
        self.source, self.clock, self.cwd = source, clock, cwd
        self.session = source.uuid()
        self.model = source.pick(_MODELS)
        self.lines: list[str] = []
        self._context = source.rng.randrange(2_000, 6_000)
        now = clock.stamp()
        digest = hashlib.sha256(cwd.encode()).hexdigest()
        self.lines.append(
            f'{{"sessionId":"{self.session}","projectHash":"{digest}","startTime":"{now}",'
            f'"lastUpdated":"{now}","kind":"main"}}'
        )
        self.lines.append(
            f'{{"$set":{{"messages":[{{"id":"{source.hex(32)}","timestamp":"{now}",'
            '"type":"user","content":[{"text":"<session_context>\\nThis is the Gemini CLI.\\n'
            f"- **Workspace Directories:**\\n  - {cwd}\\n\\n</session_context>"
            f'"}}]}}],"lastUpdated":"{now}"}}}}'
        )

    def _touch(self) -> None:
        self.lines.append(f'{{"$set":{{"lastUpdated":"{self.clock.stamp()}"}}}}')

    def user(self, content: str) -> None:
        self.clock.forward(self.source.rng.randrange(5, 4000))
        self.lines.append(
            f'{{"id":"{self.source.uuid()}","timestamp":"{self.clock.stamp()}","type":"user",'
            f'"content":[{content}]}}'
        )
        self._touch()

    def answer(self, truth: Truth, *, tool: bool) -> None:
        source, rng = self.source, self.source.rng
        self.clock.forward(rng.randrange(800, 40_000))
        cached = int(self._context * rng.uniform(0.0, 0.95))
        output, thoughts = 10 + source.size(300), rng.randrange(60)
        total = self._context + output + thoughts
        stamp = self.clock.stamp()
        message = (
            f'{{"id":"{source.uuid()}","timestamp":"{stamp}","type":"gemini",'
            f'"content":"{source.text(300)}","thoughts":[{{"subject":"Looking",'
            f'"description":"{source.phrase(8)}","timestamp":"{stamp}"}}],"tokens":'
            f'{{"input":{self._context},"output":{output},"cached":{cached},'
            f'"thoughts":{thoughts},"tool":0,"total":{total}}},"model":"{self.model}"'
        )
        self.lines.append(message + "}")
        self._touch()
        if tool:
            result = source.text(source.size(2500))
            call = f"read_file__{source.hex(12)}"
            response = f'{{"id":"{call}","name":"read_file","response":{{"output":"{result}"}}}}'
            self.lines.append(
                f'{message},"toolCalls":[{{"id":"{call}","name":"read_file","args":'
                f'{{"file_path":"src/app.py"}},"result":[{{"functionResponse":{response}}}],'
                f'"status":"success","timestamp":"{stamp}"}}]}}'
            )
            self.user(f'{{"functionResponse":{response}}}')
        tokens = Tokens(
            input=self._context - cached,
            cache_read=cached,
            output=output + thoughts,
            requests=1,
        )
        truth.add(AGENT, Response(stamp[:10], self.model, self.cwd, tokens))
        self._context += rng.randrange(100, 3_000)


class GeminiTree:
    def __init__(self, out: Path, source: Source, truth: Truth, *, days: int) -> None:
        self.root = out / "gemini" / "tmp"
        self.source, self.truth, self.days = source, truth, days

    def fill(self, target: int, projects: list[str], mean: float) -> None:
        stop = self.truth.size.bytes + target
        while self.truth.size.bytes < stop:
            self._chat(self.source.rng.choice(projects), mean)

    def _chat(self, cwd: str, mean: float) -> None:
        rng = self.source.rng
        chat = Chat(self.source, Clock.somewhere(self.source, self.days), cwd)
        name = f"session-{chat.clock.stamp()[:16].replace(':', '-')}-{chat.session[:8]}.jsonl"
        answers = max(2, int(rng.expovariate(1 / mean)))
        chat.user(f'{{"text":"{self.source.phrase(12)}"}}')
        for left in range(answers, 0, -1):
            chat.answer(self.truth, tool=left > 1)
        path = self.root / cwd.rsplit("/", 1)[-1] / "chats" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        data = ("\n".join(chat.lines) + "\n").encode()
        path.write_bytes(data)
        usage_lines = sum('"tokens":{' in line for line in chat.lines)
        add_size(self.truth.size, data, usage_lines)
