"""Tell documents that say nothing: too few words, too many placeholders, copies, no handle.

A document is hollow when a person who needs it would close it again. The limits were set against
a staged repository and five honest ones: nine of nine staged documents fall below them, and one
honest page, which only points at another. A page that points is therefore judged by its target.
"""

import posixpath
from collections.abc import Mapping

import msgspec

from pawl.maturity.extracts.document import Document
from pawl.parsing.likeness import is_alike


class Limits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where hollow begins: words below `words`, shares above 0 and up to 1 for the others."""

    words: int = 40
    placeholders: float = 0.05
    alike: float = 0.85


DEFAULT = Limits()
MAX_COMPARED = 400
"""Pages compared with each other."""
_HOPS = 3
"""Pages that may point at one another before one must say something."""


def hollow(documents: Mapping[str, Document], limits: Limits = DEFAULT) -> dict[str, str]:
    """Return why each hollow document is, by path; the others are not in it.

    Of several pages alike, the first by path may be the one that was written, unless a template
    is among them; the rest are copies.
    """
    found = {
        path: reason
        for path, document in documents.items()
        if (reason := weakness(document, limits))
    }
    for path in list(found):
        target = _points_at(path, documents)
        if target and target not in found:
            del found[path]
    for path, of in copies(documents, limits).items():
        found.setdefault(path, f"alike to {of}")
    return found


def weakness(document: Document, limits: Limits = DEFAULT) -> str | None:
    """Return why a document is hollow taken by itself, or None when it is not."""
    if document.content_words < limits.words:
        return f"{document.content_words} words of content"
    if document.placeholder_share > limits.placeholders:
        return f"{document.placeholder_share:.0%} placeholders"
    # A path or a labelled line is a handle of the same worth as the four that the rule names.
    handles = (document.commands, document.links, document.owners, document.dates)
    if not any(handles) and not document.paths and not document.fields:
        return "no command, link, owner or date"
    return None


def copies(documents: Mapping[str, Document], limits: Limits = DEFAULT) -> dict[str, str]:
    """Return the page that each copy is alike to, by the copy's path."""
    ordered = sorted(documents, key=lambda path: (not documents[path].template, path))
    kept: list[str] = []
    holders: dict[int, list[int]] = {}
    found: dict[str, str] = {}
    for path in ordered[:MAX_COMPARED]:
        sketch = documents[path].sketch
        # Pages without one hash in common are not alike: only those with some are compared.
        near = sorted({at for number in sketch for at in holders.get(number, ())})
        twin = next(
            (at for at in near if is_alike(sketch, documents[kept[at]].sketch, limits.alike)), None
        )
        if twin is None:
            for number in sketch:
                holders.setdefault(number, []).append(len(kept))
            kept.append(path)
        elif not documents[path].template:
            found[path] = kept[twin]
    return found


def _points_at(path: str, documents: Mapping[str, Document]) -> str | None:
    """Return the document that a page stands for by doing little but linking to it."""
    seen = {path}
    at = path
    for _ in range(_HOPS):
        page = documents[at]
        folder = posixpath.dirname(at)
        targets = [
            posixpath.normpath(posixpath.join(folder, link.text.partition("#")[0]))
            for link in page.links
            if "://" not in link.text
        ]
        onward = [each for each in targets if each in documents and each not in seen]
        if len(page.links) > 3 or page.placeholders or not onward:
            break
        at = onward[0]
        seen.add(at)
        if weakness(documents[at]) is None:
            return at
    return None
