"""Which paths are risky to change, whoever owns them: a declared list, not what a team picks.

A change there alters what guards every other change: CI, deployment, authentication, schemas,
policy, the files that steer agents. The list is frozen with the probe's version that reads it,
so that a repository cannot make itself safer by declaring less.
"""

from collections.abc import Iterable

from pawl.base.patterns import regex

VERSION = 1
"""Rises whenever the list changes; probes that read it then answer differently."""

_FOLDERS = frozenset(
    {
        ".buildkite", ".circleci", ".claude", ".codex", ".cursor", ".gemini", ".gitlab",
        ".opencode", ".pawl", ".tekton", "alembic", "ansible", "argocd", "auth",
        "authentication", "authorization", "authz", "charts", "crypto", "deploy", "deployment",
        "deployments", "flyway", "helm", "iam", "infra", "infrastructure", "k8s", "kubernetes",
        "kustomize", "migrate", "migrations", "oauth", "permissions", "policies", "policy",
        "pulumi", "rbac", "secrets", "security", "terraform",
    }
)  # fmt: skip
_NAMES = frozenset(
    {
        ".gitlab-ci.yml", ".mcp.json", ".pre-commit-config.yaml", ".travis.yml", "agents.md",
        "azure-pipelines.yml", "bitbucket-pipelines.yml", "claude.md", "codeowners",
        "compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml", "dockerfile",
        "gemini.md", "jenkinsfile", "owners", "pawl.toml", "procfile", "schema.sql", "security.md",
    }
)  # fmt: skip
_SHAPES = regex(
    r"\.github/(?:workflows|actions)/|(?:^|/)dockerfile\.[\w.-]+$|\.dockerfile$|\.tf$|\.tfvars$"
    r"|\.rego$|\.cedar$|(?:^|/)(?:auth|login|permissions?|acl|rbac|session)s?\.\w+$"
)


def is_risky(path: str) -> bool:
    """Say whether a change of this path is risky by the declared list."""
    lower = path.lower()
    parts = lower.split("/")
    if parts[-1] in _NAMES or not _FOLDERS.isdisjoint(parts[:-1]):
        return True
    return _SHAPES.search(lower) is not None


def risky(paths: Iterable[str]) -> list[str]:
    """Return those of some paths that are risky to change, in their order."""
    return [path for path in paths if is_risky(path)]
