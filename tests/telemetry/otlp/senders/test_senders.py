"""Whose telemetry it is."""

import pytest

from pawl.telemetry.otlp.recognising import sender_of


@pytest.mark.parametrize(
    ("service", "scope", "agent"),
    [
        ("claude-code", "", "claude-code"),
        ("claude-code-desktop", "", "claude-code"),
        ("renamed", "com.anthropic.claude_code.events", "claude-code"),
        ("codex_exec", "", "codex"),
        ("codex_cli_rs", "", "codex"),
        ("gemini-cli", "gemini-cli", "gemini-cli"),
        ("opencode", "", "opencode"),
        ("our-bot", "openai-instrumentation", None),
    ],
)
def test_a_sender_is_known_by_its_service_or_scope(
    service: str, scope: str, agent: str | None
) -> None:
    """claude_code, codex, gemini_cli and opencode by name; genai takes everybody else."""
    assert sender_of(service, scope).agent == agent
