"""Which paths are risky by the declared list."""

import pytest

from pawl.maturity.looking.risky_paths import is_risky, risky


@pytest.mark.parametrize(
    "path",
    [
        ".github/workflows/ci.yml",
        ".github/actions/build/action.yml",
        ".gitlab-ci.yml",
        "deploy/prod.yaml",
        "infra/main.tf",
        "services/shop/Dockerfile",
        "docker/api.Dockerfile",
        "shop/migrations/0002_price.py",
        "src/auth/token.py",
        "src/login.py",
        ".github/CODEOWNERS",
        ".pawl/gates.yaml",
        ".claude/settings.json",
        "CLAUDE.md",
        "policy/deny.rego",
    ],
)
def test_what_guards_other_changes_is_risky(path: str) -> None:
    """CI, deployment, authentication, schemas, policy and agents' files are on the list."""
    assert is_risky(path)


@pytest.mark.parametrize("path", ["src/cart.py", "README.md", "docs/policy.md", "src/author.py"])
def test_ordinary_code_is_not(path: str) -> None:
    """A name that only begins like a risky one is none."""
    assert not is_risky(path)
    assert risky([path, "pawl.toml"]) == ["pawl.toml"]
