"""The runbooks of a tree, and which of them an address names."""

from collections.abc import Iterable

from pawl.maturity.extracts.document import Document
from pawl.maturity.facts.tree import Tree


def runbooks_of(tree: Tree) -> dict[str, Document]:
    """Return the runbooks of a tree by path, templates left out."""
    return {
        path: page
        for path, page in tree.read("document", Document)
        if page.category == "runbook" and not page.template
    }


def named_by(address: str, paths: Iterable[str]) -> str | None:
    """Return the path that a path or address names, the longest that fits.

    `https://host/team/repo/blob/main/runbooks/db.md#steps` names `runbooks/db.md`, and so does
    `db.md` by itself.
    """
    named = address.partition("#")[0].partition("?")[0].rstrip("/").removeprefix("./")
    if not named:
        return None
    fitting = (
        path
        for path in paths
        if named == path or named.endswith(f"/{path}") or path.endswith(f"/{named}")
    )
    return max(fitting, key=lambda path: (len(path), path), default=None)
