"""Addresses at code hosts: only where host, repository and commit are what they should be."""

import pytest

from pawl.services.host_links import commit_url, repo_url

SHA = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize(
    ("repo", "page"),
    [
        ("github.com/acme/shop", f"https://github.com/acme/shop/commit/{SHA}"),
        ("gitlab.com/acme/web/shop", f"https://gitlab.com/acme/web/shop/-/commit/{SHA}"),
        ("bitbucket.org/acme/shop", f"https://bitbucket.org/acme/shop/commits/{SHA}"),
    ],
)
def test_known_hosts_have_pages_of_commits(repo: str, page: str) -> None:
    """Each host's own way to name a commit is used."""
    assert commit_url(repo, SHA) == page


@pytest.mark.parametrize(
    "repo",
    [
        None, "", "acme/shop", "git.example.org/acme/shop", "github.com/acme",
        "evil.org/github.com/a", "github.com/a/b?c", "github.com/../..",
        "javascript:alert(1)/a/b", "github.com/a/<b>",
    ],
)  # fmt: skip
def test_everything_else_has_none(repo: str | None) -> None:
    """An unknown host, or a name that is no repository's, becomes no link."""
    assert repo_url(repo) is None
    assert commit_url(repo, SHA) is None


@pytest.mark.parametrize("commit", [None, "", "main", "0123", "0123456/../x", SHA * 3])
def test_what_is_no_commit_is_no_link(commit: str | None) -> None:
    """Only hexadecimal ids are put into an address."""
    assert commit_url("github.com/acme/shop", commit) is None
