"""Which configuration is a repository's own."""

import pytest

from pawl.parsing.own_files import is_own


@pytest.mark.parametrize(
    ("path", "own"),
    [
        ("alerts/pay.yml", True),
        ("vendor/x/alerts.yml", False),
        ("node_modules/x/compose.yml", False),
        ("tests/fixtures/slo.yaml", False),
        ("examples/slo.yaml", False),
    ],
)
def test_what_others_wrote_or_tests_read_is_not_own(path: str, own: bool) -> None:
    """Vendored files, fixtures and examples prove nothing about what runs here."""
    assert is_own(path) is own


def test_examples_can_be_asked_for() -> None:
    """An example is somebody's own work, where that is the question."""
    assert is_own("examples/compose.yml", examples=True)
