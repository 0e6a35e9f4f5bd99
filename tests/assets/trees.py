"""Made-up trees for rules."""

from collections.abc import Iterable, Mapping

from pawl.assets.asset import MAX_ASSET_BYTES, Entry
from pawl.assets.assets import Assets


class Tree:
    """A tree in memory. `programs` are executable; a text that begins with `-> ` is a link."""

    def __init__(self, files: Mapping[str, str], programs: Iterable[str] = ()) -> None:
        executable = frozenset(programs)
        self._files = {p: text for p, text in files.items() if not text.startswith("-> ")}
        self.entries = {
            path: Entry(
                len(text.encode("utf-8", "surrogatepass")),
                path in executable,
                text[3:].strip() if text.startswith("-> ") else None,
            )
            for path, text in files.items()
        }

    def text(self, path: str) -> str | None:
        """Return a file's text."""
        found = self._files.get(path)
        return None if found is None or len(found) > MAX_ASSET_BYTES else found


def assets(
    files: Mapping[str, str],
    programs: Iterable[str] = (),
    base: Mapping[str, str] | None = None,
    only: Iterable[str] | None = None,
) -> Assets:
    """Return the assets of a made-up tree, before and after a change where `base` is given."""
    before = None if base is None else Assets(Tree(base, programs))
    return Assets(Tree(files, programs), only=only, base=before)
