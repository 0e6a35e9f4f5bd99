"""Names of packages as their registries compare them, and folders that hold other people's."""

import re

VENDORED = (
    "node_modules/",
    "vendor/",
    "third_party/",
    "testdata/",
    "fixtures/",
    "examples/",
    "tests/",
)
"""Folders whose manifests and locks are not the repository's own."""


def canonical(name: str) -> str:
    """Return a package's name as its registry compares it: lower case, one kind of dash."""
    return re.sub(r"[-_.]+", "-", name.strip().lower()) if "/" not in name else name.lower()
