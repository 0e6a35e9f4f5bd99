"""Addresses of repositories and commits at the code hosts whose addresses are known."""

import re
from urllib.parse import quote

_COMMIT = {"github.com": "commit", "gitlab.com": "-/commit", "codeberg.org": "commit"} | {
    "bitbucket.org": "commits"
}
_REPO = re.compile(r"([a-z0-9.-]+)/([\w.-]+(?:/[\w.-]+)+)", re.ASCII)
_SHA = re.compile(r"[0-9a-f]{7,64}")


def repo_url(repo: str | None) -> str | None:
    """Return the page of a repository such as `github.com/acme/shop`; None where unknown."""
    found = _REPO.fullmatch(repo or "")
    if found is None or found[1] not in _COMMIT or ".." in found[2]:
        return None
    return f"https://{found[1]}/{quote(found[2])}"


def commit_url(repo: str | None, commit: str | None) -> str | None:
    """Return the page of a commit; None where host, repository or commit are not known."""
    page, sha = repo_url(repo), (commit or "").lower()
    if page is None or repo is None or _SHA.fullmatch(sha) is None:
        return None
    return f"{page}/{_COMMIT[repo.partition('/')[0]]}/{sha}"
