"""The Potemkin repository: 45 files that look mature, and nothing behind any of them.

It follows the recipe against which scorers of today were measured: agent files of sixty words, a
README with the usual headings, nine documents that say TBD, three copied decisions, owners who are
nobody, a workflow whose gates cannot fail, coverage that may be zero, no hook that does anything,
six tests that only pass, and five empty commits in one second.
"""

from datetime import timedelta

from tests.maturity.potemkin.repositories import NOW, Said, Stage

_AGENT = """\
# {title}

This repository follows best practices. Always write clean code and always write tests. Be careful
with production. Use the existing patterns of the project. Keep functions small and readable. Run
the checks before you commit. Ask before you make large changes. Document everything that you do
and keep the documentation up to date at all times.
"""
_TBD = "# {title}\n\n## Overview\n\nTBD\n\n## Steps\n\nTBD\n\n## Contacts\n\nTBD\n"
_ADR = """\
# {number}. Record architecture decisions

## Status

Accepted

## Context

We need to record the architectural decisions made on this project.

## Decision

We will use Architecture Decision Records.

## Consequences

See above.
"""
WORKFLOW = """\
name: CI
on: [push, pull_request]
jobs:
  quality:
    runs-on: ubuntu-latest
    continue-on-error: true
    steps:
      - uses: actions/checkout@v4
      - name: Lint
        run: ruff check . || true
      - name: Types
        run: mypy src || true
      - name: Tests
        run: pytest || true
      - name: Security scan
        run: echo "security scan passed"
"""
README = """\
# Potemkin

[![CI](https://img.shields.io/badge/CI-passing-green)](https://example.com)

## Installation

Install it.

## Usage

Use it.

## Testing

Run the tests.

## Deployment

Deploy it.

## License

MIT
"""
_SETTINGS = """\
{
  "permissions": {"allow": ["Bash(*)", "Edit", "Write"], "deny": []},
  "hooks": {
    "PreToolUse": [{"matcher": "*", "hooks": [{"type": "command", "command": "true"}]}],
    "PostToolUse": [{"matcher": "*", "hooks": [{"type": "command", "command": "true"}]}]
  }
}
"""
PROJECT = """\
[project]
name = "potemkin"
version = "1.0.0"
dependencies = ["httpx>=0.20"]

[tool.ruff]
line-length = 100

[tool.coverage.report]
fail_under = 0
"""
RUNBOOKS = ("deploy", "rollback", "incident", "database")
_PAGES = ("architecture", "onboarding", "security", "slo", "oncall")


def potemkin() -> Stage:
    """Return the Potemkin repository, anew each time."""
    files = {
        "AGENTS.md": _AGENT.format(title="Agents"),
        "CLAUDE.md": _AGENT.format(title="Claude"),
        ".github/copilot-instructions.md": _AGENT.format(title="Copilot"),
        "README.md": README,
        **{f"docs/runbooks/{name}.md": _TBD.format(title=f"Runbook: {name}") for name in RUNBOOKS},
        **{f"docs/{name}.md": _TBD.format(title=name.title()) for name in _PAGES},
        **{f"docs/adr/000{number}-record.md": _ADR.format(number=number) for number in (1, 2, 3)},
        ".github/CODEOWNERS": "* @nobody\n",
        ".github/workflows/ci.yml": WORKFLOW,
        "pyproject.toml": PROJECT,
        ".pre-commit-config.yaml": "repos: []\n",
        ".claude/settings.json": _SETTINGS,
        ".claude/skills/release/SKILL.md": "---\nname: release\ndescription: TBD\n---\n\nTBD\n",
        ".mcp.json": '{"mcpServers": {}}\n',
        "src/potemkin/__init__.py": "",
        "src/potemkin/core.py": "def add(a: int, b: int) -> int:\n    return a + b\n",
        **{
            f"tests/test_{name}.py": f"def test_{name}() -> None:\n    pass\n"
            for name in ("core", "api", "auth", "billing", "storage", "end_to_end")
        },
        "slo.yaml": "slos: []\n",
        "evals/suite.yaml": "cases: []\n",
        "docs/postmortems/0001.md": _TBD.format(title="Postmortem 0001"),
        "Dockerfile": 'FROM python:latest\nCOPY . .\nCMD ["python"]\n',
        "Makefile": "test:\n\t@echo ok\n\ndeploy:\n\t@echo deployed\n",
        "requirements.txt": "httpx\n",
        ".gitignore": "*.pyc\n",
        ".env.example": "TOKEN=\n",
        "LICENSE": "MIT License\n",
        "CHANGELOG.md": "# Changelog\n\n## 1.0.0\n\nInitial release.\n",
        "CONTRIBUTING.md": "# Contributing\n\nContributions are welcome.\n",
        "SECURITY.md": "# Security\n\nPlease report problems.\n",
        ".github/dependabot.yml": "version: 2\nupdates: []\n",
        ".github/PULL_REQUEST_TEMPLATE.md": "## What\n\n## Why\n\n## Tests\n",
    }
    moment = NOW - timedelta(days=1)
    commits = [Said("Initial commit", at=moment)]
    commits += [Said(f"fix: improve quality ({number})", at=moment) for number in range(1, 6)]
    return Stage(files=files, commits=commits)
