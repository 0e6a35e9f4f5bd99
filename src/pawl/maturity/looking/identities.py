"""Tell people from bots and agents, and one account from another, without ever naming either.

Accounts and addresses serve to compare and to count; nothing here ends up in a text or a value.
An account that cannot be told apart from an author is taken for the author: a doubt earns no
credit.
"""

from collections.abc import Iterable

from pawl.base.patterns import regex

_BOT = regex(
    r"\[bot\](?:@|$)|^(?:bot|ci|robot|automation|jenkins|gitlab-ci|github-actions|dependabot"
    r"|renovate|mergify|snyk|pre-commit-ci|weblate|allcontributors|semantic-release|greenkeeper"
    r"|imgbot|codecov|sonarcloud|bors|kodiak|copybara|project_\d+_bot\w*|group_\d+_bot\w*)"
    r"(?:[-_.+@]|$)|[-_.](?:bot|ci|robot)(?:@|$)|^\S*-bot-\S*$|@(?:bots|ci)\."
)
"""Accounts that automation uses: GitHub's `[bot]` suffix, GitLab's project and group bots, and
the common services' names (read 2026-11)."""
_AGENT = regex(
    r"@(?:anthropic|openai|cursor|devin|all-hands|openhands|aider|sweep|continue)\.(?:com|ai|dev)$"
    r"|^(?:claude|claude-code|codex|chatgpt-codex-connector|copilot|copilot-swe-agent|cursoragent"
    r"|devin-ai-integration|gemini-cli|gemini-code-assist|google-labs-jules|jules|openhands"
    r"|openhands-agent|opencode|opencode-agent|aider|sweep-ai|coderabbitai|amazon-q-developer"
    r"|augment-code|roo-code|cline|amp|factory-droid)(?:[-_.+@\[]|$)"
)
"""Accounts and addresses that coding agents commit, comment and review with (read 2026-11)."""
_NOREPLY = regex(r"(?:\d+[+-])?([^@+]+)@users\.noreply\.[\w.-]+$")


def normal(account: str) -> str:
    """Return an account, handle or address as it is compared: lower case, without `@` before.

    The private address that a host gives out is the account it stands for. `Name <address>` is
    the address.
    """
    text = account.strip().lower()
    if text.endswith(">") and "<" in text:
        text = text[text.rfind("<") + 1 : -1].strip()
    text = text.lstrip("@")
    match = _NOREPLY.fullmatch(text)
    return match[1] if match else text


def is_machine(account: str) -> bool:
    """Say whether an account or address belongs to a bot or an agent."""
    text = account.strip().lower()
    if text.endswith(">") and "<" in text:
        text = text[text.rfind("<") + 1 : -1]
    text = text.lstrip("@")
    known = normal(text)
    return any(rule.search(each) for rule in (_BOT, _AGENT) for each in {text, known})


def is_agent(account: str) -> bool:
    """Say whether an account or address is one that coding agents work under."""
    text = account.strip().lower().rstrip(">").rpartition("<")[2].lstrip("@")
    return any(_AGENT.search(each) for each in {text, normal(account)})


def is_same(one: str, other: str) -> bool:
    """Say whether two accounts may be one person's; a handle may be an address's first part."""
    ours, theirs = normal(one), normal(other)
    if ours == theirs:
        return True
    if ("@" in ours) == ("@" in theirs):
        return False
    return ours.partition("@")[0] == theirs.partition("@")[0]


def is_among(account: str, others: Iterable[str]) -> bool:
    """Say whether an account may be one of several people's."""
    return any(is_same(account, other) for other in others)


def people(accounts: Iterable[str]) -> set[str]:
    """Return the different people behind accounts and addresses, machines left out."""
    found: set[str] = set()
    addresses: list[str] = []
    for account in accounts:
        if is_machine(account) or not account.strip():
            continue
        known = normal(account)
        (addresses.append if "@" in known else found.add)(known)
    # Somebody seen by handle and by address counts once.
    return found | {each for each in addresses if each.partition("@")[0] not in found}
