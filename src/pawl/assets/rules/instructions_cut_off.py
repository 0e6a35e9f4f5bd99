"""Instructions are cut off where Codex stops reading.

Bad: an AGENTS.md of 40 KiB, or several on the way from the root to a folder that are longer
together. Codex joins them and reads 32 KiB in all (`project_doc_max_bytes`); what stands behind
that is not read, and nothing says so.

Instead: shorten them, or raise the limit in `.codex/config.toml`.
"""

from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.pages import Page
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity

LIMIT = 32 * 1024
"""Bytes that Codex reads of all its instructions together, unless its settings say otherwise."""


def _check(assets: Assets) -> Iterator[Hit]:
    pages = [page for page in assets.memories if page.asset.product == "codex"]
    limit: int | None = None
    for page in pages:
        if page.asset.name == "AGENTS.md" and _instead(assets, page.asset.folder) != page.path:
            continue
        before = sum(
            entry.size
            for folder in _above(page.asset.folder)
            if (entry := assets.entries.get(_instead(assets, folder))) is not None
        )
        own = len(page.text.encode(errors="replace"))
        if before + own <= LIMIT:
            continue
        limit = _limit(assets) if limit is None else limit
        if before < limit < before + own:
            yield _hit(page, before, limit)


def _hit(page: Page, before: int, limit: int) -> Hit:
    read = page.text.encode(errors="replace")[: limit - before]
    line = read.count(b"\n") + 1
    rest = "" if not before else f" ({before:,} of them stand in files above it)"
    return Hit(
        path=page.path,
        line=line,
        message=f"Codex reads up to here: {limit:,} bytes{rest}. What follows is cut off.",
        subject="cut",
    )


def _above(folder: str) -> list[str]:
    """Return the folders above a folder, from the root on."""
    parts = folder.split("/") if folder else []
    return ["/".join(parts[:at]) for at in range(len(parts))]


def _instead(assets: Assets, folder: str) -> str:
    """Return the file that Codex reads in a folder."""
    stem = f"{folder}/" if folder else ""
    override = f"{stem}AGENTS.override.md"
    return override if override in assets.entries else f"{stem}AGENTS.md"


def _limit(assets: Assets) -> int:
    for settings in assets.whole.settings:
        if settings.asset.product == "codex" and isinstance(settings.config.value, dict):
            said = settings.config.value.get("project_doc_max_bytes")
            if isinstance(said, int) and not isinstance(said, bool) and said > 0:
                return said
    return LIMIT


RULE = Rule(
    title="Instructions are cut off where Codex stops reading",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.MEMORY}),
    check=_check,
    source="https://developers.openai.com/codex/guides/agents-md",
    as_of="2026-11-21",
    hint="Shorten them, or raise `project_doc_max_bytes` in `.codex/config.toml`.",
    products=("codex",),
)
