"""Make the bundled sample from recorded agent sessions.

    python benchmarks/make_sample.py RECORDINGS

`RECORDINGS` is a folder of `<cli>/<case>/` with what each agent wrote: transcripts, standard
output, standard error, exit status. The chosen cases go, as they were recorded, into
`src/pawl/sample/sessions.json.gz`; lines of a transcript that hold only the program's own prompts
are left out. How they are spread over days and people is decided when they are loaded
(`pawl.services.sample`).
"""

import gzip
import json
import shlex
import sys
from pathlib import Path
from typing import Any

OUT = Path(__file__).parent.parent / "src" / "pawl" / "sample" / "sessions.json.gz"
CLAUDE_LINES = {"user", "assistant", "system", "cost-state"}
CODEX_LEFT_OUT = {"world_state"}
LONGEST_TEXT = 4000
INIT_KEPT = ("type", "subtype", "session_id", "model", "cwd", "claude_code_version")

CASES = {
    "claude": """tools-stream simple-json tools-json subagents-foreground compact max-budget-json
        permission-denied-json error-429-recovers write-new-file custom-agent tool-failure
        max-turns-json structured-output subagents-background background-bash mcp-config
        error-529-fallback subagent-other-model resume model-unknown stop-refusal hooks
        sigterm-json error-after-tools stop-max-tokens sigterm-in-tool error-401""",
    "codex": "tools-json simple-json resume command-fails mcp read-only sigterm error-after-tools",
    "gemini": "tools-json simple-json tools-denied resume tools-stream sigterm-group",
    "opencode": "tools-json simple-json subagent resume",
}
AGENTS = {
    "claude": "claude_code",
    "codex": "codex",
    "gemini": "gemini_cli",
    "opencode": "opencode",
}


def recording(root: Path, cli: str, case: str) -> dict[str, Any]:
    """Return one case: its transcript files, and how the supervised process ended."""
    folder = root / cli / case
    files = [
        [str(path.relative_to(folder)), _trimmed(cli, path.read_text())]
        for path in sorted((folder / "transcripts").rglob("*.jsonl"))
    ]
    if cli == "opencode":
        exports = sorted(folder.glob("step*.stdout.json"))
        files = [["export.json", json.dumps(json.loads(exports[-1].read_text()))]]
    ended = _ended(folder) if (folder / "exit_code").exists() else None
    return {"case": f"{cli}/{case}", "format": AGENTS[cli], "files": files, "ended": ended}


def _trimmed(cli: str, text: str) -> str:
    kept = []
    for line in text.splitlines():
        kind = json.loads(line).get("type")
        if cli == "claude" and kind not in CLAUDE_LINES:
            continue
        if cli == "codex" and kind in CODEX_LEFT_OUT:
            continue
        kept.append(line)
    return "\n".join(kept) + "\n"


def _ended(folder: Path) -> dict[str, Any]:
    """Return how the process ended, by what it printed and its exit status."""
    meta = json.loads((folder / "meta.json").read_text())
    status = int((folder / "exit_code").read_text())
    answer = _answer(folder)
    failed = status != 0 or bool(answer.get("is_error")) or "failure" in answer
    outcome = "agent_failed" if failed else "succeeded" if answer else "unreadable"
    signalled = meta["steps"][-1].get("signal_sent")
    return {
        "outcome": "stopped" if signalled else outcome,
        "version": meta["version"],
        "exit_code": None if status > 128 else status,
        "signal": status - 128 if status > 128 else None,
        "result": answer.get("result") if isinstance(answer.get("result"), str) else None,
        "turns": answer.get("num_turns"),
        "reported_cost_usd": answer.get("total_cost_usd"),
        "error": answer.get("failure") or "; ".join(answer.get("errors") or []) or None,
        "denials": answer.get("permission_denials") or [],
        "stderr": (folder / "stderr.txt").read_text()[-LONGEST_TEXT:],
        "command": shlex.split(meta["steps"][-1]["command"]),
        "stream": _stream(folder / "stdout.jsonl"),
    }


def _stream(path: Path) -> str:
    """Return the agent's stream of JSON lines, without the long list it begins with."""
    kept = []
    for line in path.read_text().splitlines() if path.exists() else ():
        value = json.loads(line)
        if value.get("type") == "system" and value.get("subtype") == "init":
            value = {name: value[name] for name in INIT_KEPT if name in value}
        kept.append(json.dumps(value, separators=(",", ":"), ensure_ascii=False))
    return "\n".join(kept)


def _answer(folder: Path) -> dict[str, Any]:
    """Return the agent's last word: Claude Code's and Gemini's result, Codex's last message."""
    path = next(iter(sorted(folder.glob("stdout.json*"))), None)
    text = path.read_text() if path else ""
    if path is None or not text.strip():
        return {}
    whole = path.suffix == ".json"
    values = [json.loads(text)] if whole else [json.loads(x) for x in text.splitlines() if x]
    found: dict[str, Any] = {}
    for value in values:
        kind = value.get("type")
        if kind == "result" and "subtype" in value:
            found = value
        elif kind == "item.completed" and value["item"]["type"] == "agent_message":
            found = {"result": value["item"]["text"]}
        elif kind == "turn.failed":
            found = {"failure": value["error"]["message"]}
        elif kind == "result":
            found = {**found, "result": found.get("result", "")}
        elif kind == "message" and value.get("role") == "assistant":
            found["result"] = found.get("result", "") + value.get("content", "")
        elif "response" in value:
            found = {"result": value["response"]}
    if found.get("is_error") and found.get("subtype") == "success":
        found["failure"] = str(found.get("result", ""))
    return found


def main() -> None:
    """Write the sample and say how large it is."""
    root = Path(sys.argv[1])
    chosen = [(cli, case) for cli, cases in CASES.items() for case in cases.split()]
    recordings = [recording(root, cli, case) for cli, case in chosen]
    document = {"schema": "pawl.sample/1", "recordings": recordings}
    text = json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_bytes(gzip.compress(text, 9, mtime=0))
    print(f"{len(recordings)} recordings, {len(text):,} bytes, {OUT.stat().st_size:,} packed")


if __name__ == "__main__":
    main()
