"""Whose work it was, from what a directory tells."""

import pytest

from pawl.telemetry.attribution import MAX_NAME, project_of, workplace


@pytest.mark.parametrize(
    ("directory", "project"),
    [
        ("/home/dev/shop", "shop"),
        ("/home/dev/shop/", "shop"),
        ("C:\\work\\shop", "shop"),
        ("/", None),
        ("C:\\", None),
        ("", None),
        ("/x/" + "a" * 500, "a" * MAX_NAME),
    ],
)
def test_a_project_is_the_last_part_of_a_path(directory: str, project: str | None) -> None:
    """Paths of either kind of system name the project; a root names none."""
    assert project_of(directory) == project


def test_a_working_tree_names_its_top() -> None:
    """Work in a folder deep inside a repository belongs to the repository."""
    place = workplace("/home/dev/shop/src/cart", "/home/dev/shop", "github.com/acme/shop")
    assert (place.project, place.repo) == ("shop", "github.com/acme/shop")


@pytest.mark.parametrize("origin", ["/srv/git/shop", "../shop", "~/shop", None])
def test_a_remote_on_this_machine_is_no_shared_name(origin: str | None) -> None:
    """Only an address that others can reach names a repository."""
    assert workplace("/home/dev/shop", "/home/dev/shop", origin).repo is None
