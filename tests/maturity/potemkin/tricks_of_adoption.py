"""Tricks about agents: instructions, skills, permissions, hooks, headless runs."""

from tests.maturity.potemkin.repositories import Stage
from tests.maturity.potemkin.tricks import trick

INSTRUCTIONS = ("adopt.overall.L3.instructions", "tier3.team-adoption.L2.standards")
SKILLS = ("adopt.overall.L3.skills",)
PERMISSIONS = ("adopt.overall.L2.permissions", "tier3.team-adoption.L2.safety")
HOOKS = ("adopt.overall.L4.hooks",)
CI = ("adopt.overall.L3.ci", "tier3.ci-cd.L2.headless")


def _settings(allow: str, deny: str, command: str = "true") -> str:
    return (
        f'{{"permissions": {{"allow": [{allow}], "deny": [{deny}]}}, "hooks": {{"PreToolUse": '
        f'[{{"matcher": "*", "hooks": [{{"type": "command", "command": "{command}"}}]}}]}}}}\n'
    )


def _only_agents(stage: Stage) -> None:
    """Let one file for agents be the only one, so that it alone is judged."""
    del stage.files["CLAUDE.md"], stage.files[".github/copilot-instructions.md"]


@trick(*INSTRUCTIONS)
def instructions_repeat_themselves(stage: Stage) -> None:
    """The agents' file says one thing a hundred times."""
    _only_agents(stage)
    stage.files["AGENTS.md"] = "# Agents\n\n" + "Always write clean code and run the tests.\n" * 100


@trick(*INSTRUCTIONS)
def instructions_point_at_nothing(stage: Stage) -> None:
    """The agents' file is long and names commands and folders that are not there."""
    _only_agents(stage)
    stage.files["AGENTS.md"] = (
        "# Agents\n\nThis project keeps its services below `services/` and its libraries below "
        "`libs/core/`. Before you change a service read `docs/design/services.md`, which explains "
        "how they talk to each other and why. Build with `make bootstrap`, check with `make "
        "verify` "
        "and look at `scripts/release.sh` before you touch anything about releases. Tests of a "
        "service live beside it; those that need a database start one through `scripts/db.sh`. "
        "Never edit what `make generate` wrote. When a check fails twice for the same reason, stop "
        "and say what you saw, because a third attempt rarely helps and always costs. Keep "
        "messages "
        "of commits in the imperative, name the service first, and say why in the body.\n"
    )


@trick(*SKILLS)
def skills_are_copies(stage: Stage) -> None:
    """One plausible skill is copied six times."""
    for name in ("build", "ship", "check", "watch", "mend", "tidy"):
        stage.files[f".claude/skills/{name}/SKILL.md"] = (
            f"---\nname: {name}\ndescription: Use when somebody asks to {name} the "
            f"project.\n---\n\n"
            "Look at the state of the tree first. Then run the checks that the Makefile offers and "
            "read what they print. Say what you found before you change anything, make the "
            "smallest "
            "change that helps, and run the checks again.\n"
        )


@trick(*SKILLS)
def skill_runs_what_is_not_there(stage: Stage) -> None:
    """A skill with a good description calls scripts that do not exist."""
    stage.files[".claude/skills/release/SKILL.md"] = (
        "---\nname: release\ndescription: Use when a release is to be cut from the main branch.\n"
        "---\n\nRun `bash scripts/cut.sh`, read `reference/steps.md`, then `python "
        "scripts/tag.py`.\n"
    )


@trick(*SKILLS)
def skill_is_waived_and_its_rules_are_off(stage: Stage) -> None:
    """A skill that no product loads, with the lint's rules off and everything allowed."""
    stage.files[".claude/skills/release/SKILL.md"] = (
        "---\nname: Cut It\ndescription: Use when a release is to be cut from the main branch.\n"
        "---\n\nLook at the state of the tree first. Then run the checks that the Makefile offers "
        "and read what they print. Say what you found before you change anything, make the "
        "smallest change that helps, and run the checks again before you tag it.\n"
    )
    stage.files["pawl.toml"] = (
        '[lint]\noff = ["invalid-skill-name", "skill-name-unlike-folder"]\n'
        '[[lint.allow]]\nrules = ["*"]\npath = "*"\nreason = "agreed"\n'
    )


@trick(*PERMISSIONS)
def permissions_hide_a_wildcard(stage: Stage) -> None:
    """Narrow rules stand around one that allows any program."""
    stage.files[".claude/settings.json"] = _settings(
        '"Bash(npm test:*)", "Bash(git status)", "Bash(env:*)", "Bash(bash -c:*)", "Read(src/**)"',
        '"Read(.env)", "Read(.env.*)", "Read(secrets/**)"',
    )


@trick(*PERMISSIONS)
def permissions_deny_by_an_odd_name(stage: Stage) -> None:
    """Secrets are denied under a path that no secret has."""
    stage.files[".claude/settings.json"] = _settings(
        '"Bash(npm test)", "Read(src/**)"', '"Read(./never/there.txt)"'
    )


@trick(*HOOKS)
def hook_is_true_by_another_name(stage: Stage) -> None:
    """A hook calls a script called guard, which runs true."""
    stage.files[".claude/settings.json"] = _settings(
        '"Read(src/**)"', '"Read(.env)"', "bash .claude/hooks/guard.sh"
    )
    stage.files[".claude/hooks/guard.sh"] = "#!/bin/sh\n# Refuses dangerous calls.\ntrue\n"


@trick(*HOOKS)
def hook_hides_its_refusal(stage: Stage) -> None:
    """A hook runs a real check and swallows what it says."""
    stage.files[".claude/settings.json"] = _settings(
        '"Read(src/**)"', '"Read(.env)"', "./scripts/check-call.sh || true"
    )
    stage.files["scripts/check-call.sh"] = "#!/bin/sh\ngrep -q 'rm -rf' && exit 1\nexit 0\n"


@trick(*HOOKS)
def hook_only_logs(stage: Stage) -> None:
    """A hook writes each call into a log and lets it through."""
    stage.files[".claude/settings.json"] = _settings(
        '"Read(src/**)"', '"Read(.env)"', "cat >> /tmp/calls.log"
    )


def _agent_job(stage: Stage, run: str, limit: str = "    timeout-minutes: 10\n") -> None:
    stage.files[".github/workflows/agent.yml"] = (
        "name: Agent\non: pull_request\njobs:\n  review:\n    runs-on: ubuntu-latest\n"
        f"{limit}    steps:\n      - run: {run}\n"
    )


@trick(*CI)
def agent_is_an_echo(stage: Stage) -> None:
    """CI prints the command of an agent."""
    _agent_job(stage, "echo 'claude -p review --max-turns 5 --output-format json'")


@trick(*CI)
def agent_may_fail(stage: Stage) -> None:
    """CI runs an agent within limits and swallows how it ended."""
    _agent_job(stage, "claude -p review --max-turns 5 --output-format json || true")


@trick(*CI)
def agent_is_open_to_outsiders(stage: Stage) -> None:
    """CI runs a capped agent on whatever a stranger writes, and a comment allows that."""
    stage.files[".github/workflows/agent.yml"] = (
        "# pawl: allow-file outsider-text-in-prompt because nobody would do that\n"
        "name: Agent\non: issues\njobs:\n  triage:\n    runs-on: ubuntu-latest\n"
        "    timeout-minutes: 10\n    permissions: {contents: write, issues: write}\n    steps:\n"
        '      - run: claude -p "Sort ${{ github.event.issue.body }}" --max-turns 5 '
        "--allowedTools Bash\n"
    )


@trick(*CI)
def agent_has_no_limit(stage: Stage) -> None:
    """CI runs an agent without any limit."""
    _agent_job(stage, "claude -p review", limit="")


@trick("adopt.overall.L1.used", "adopt.overall.L2.personal")
def agents_are_mentioned(stage: Stage) -> None:
    """The README says that everybody works with agents all day."""
    stage.files["README.md"] += "\n## Agents\n\nWe use Claude Code, Codex and Gemini every day.\n"


@trick("tier3.team-adoption.L2.standards")
def team_guide_is_headings(stage: Stage) -> None:
    """The team's guide has all seven headings and a word below each."""
    stage.files["docs/agent-guide.md"] = "# Guide to working with agents\n\n" + "".join(
        f"## {head}\n\nYes.\n\n"
        for head in (
            "When to use", "Review", "Permissions", "Model choice", "Cost", "Sharing knowledge",
            "Escalation",
        )
    )  # fmt: skip


@trick("tier3.post-deployment.L2.investigation")
def prompts_are_blank(stage: Stage) -> None:
    """Prompt templates have a name and nothing to bound them."""
    for name in ("investigate", "review", "triage"):
        stage.files[f".claude/commands/{name}.md"] = f"# {name}\n\nDo it well.\n"


@trick("adopt.overall.L4.mcp")
def tool_server_is_unpinned(stage: Stage) -> None:
    """A tool server is configured by its newest version, and nobody calls it."""
    stage.files[".mcp.json"] = (
        '{"mcpServers": {"tools": {"command": "npx", "args": ["-y", "@acme/tools@latest"]}}}\n'
    )
