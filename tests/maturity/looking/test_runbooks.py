"""Which runbook an address names."""

import pytest

from pawl.maturity.looking.runbooks import named_by

PATHS = ("docs/runbooks/db.md", "runbooks/db.md", "runbooks/web.md")


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("runbooks/web.md", "runbooks/web.md"),
        ("./runbooks/web.md#steps", "runbooks/web.md"),
        ("web.md", "runbooks/web.md"),
        ("https://host/a/b/blob/main/docs/runbooks/db.md?plain=1", "docs/runbooks/db.md"),
        ("https://host/a/b/blob/main/runbooks/db.md", "runbooks/db.md"),
        ("b.md", None),
        ("", None),
        ("https://host/wiki/other", None),
    ],
)
def test_an_address_names_the_longest_path_that_fits(address: str, path: str | None) -> None:
    """Paths, names and addresses on a host lead to a runbook; half a name does not."""
    assert named_by(address, PATHS) == path
