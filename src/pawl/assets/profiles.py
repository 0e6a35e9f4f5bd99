"""Which specification a page is held to: that of Claude Code, or the open one of skills."""

from pawl.assets.pages import Page

_OPEN = frozenset(
    {".agents", ".codex", ".opencode", ".github", ".cursor", ".gemini", ".windsurf", ".goose"}
)
"""Folders of products that read skills by the open specification."""


def is_open(page: Page) -> bool:
    """Say whether a skill is one for products of the open specification."""
    return not _OPEN.isdisjoint(page.path.split("/"))


def is_claude(page: Page) -> bool:
    """Say whether a page is one that Claude Code reads."""
    return page.asset.product == "claude-code" and not is_open(page)


def is_read(page: Page) -> bool:
    """Say whether a page's front matter could be read, so that its fields may be judged."""
    return page.front.state == "read"
