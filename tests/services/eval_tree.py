"""A tree of files in memory, as the working tree and commits are read."""

from collections.abc import Mapping

from pawl.assets.asset import Entry


class Tree:
    """Files by path; a value that begins with `-> ` is a link."""

    def __init__(self, files: Mapping[str, bytes | str]) -> None:
        self.held = {
            path: text if isinstance(text, bytes) else text.encode() for path, text in files.items()
        }

    @property
    def entries(self) -> Mapping[str, Entry]:
        """Every path."""
        return {
            path: Entry(
                len(content),
                path.endswith(".sh"),
                content[3:].decode() if content.startswith(b"-> ") else None,
                True,
            )
            for path, content in self.held.items()
        }

    def content(self, path: str, most: int) -> bytes | None:
        """Return a regular file's bytes."""
        found = self.held.get(path)
        return None if found is None or found.startswith(b"-> ") or len(found) > most else found
