"""Say what else a command does: install dependencies, deliver somewhere, run an agent."""

from pawl.base.durations import parse_duration
from pawl.base.errors import BadValue
from pawl.parsing.ci.commands import program
from pawl.parsing.ci.pipeline import AgentCall, Install

# Installers, with the flags that make them take the lock as it is; () means that they always do.
# Source: the manuals of the tools, read 2026-11.
FROZEN: dict[tuple[str, str], tuple[str, ...]] = {
    ("npm", "ci"): (),
    ("npm", "clean-install"): (),
    ("npm", "install"): ("never",),
    ("npm", "i"): ("never",),
    ("yarn", "install"): ("--frozen-lockfile", "--immutable"),
    ("yarn", ""): ("--frozen-lockfile", "--immutable"),
    ("pnpm", "install"): ("--frozen-lockfile",),
    ("pnpm", "i"): ("--frozen-lockfile",),
    ("bun", "install"): ("--frozen-lockfile",),
    ("bun", "ci"): (),
    ("uv", "sync"): ("--locked", "--frozen"),
    ("uv", "run"): ("--locked", "--frozen"),
    ("poetry", "install"): (),
    ("pdm", "install"): ("--frozen-lockfile", "--check"),
    ("pdm", "sync"): (),
    ("pipenv", "sync"): (),
    ("pipenv", "install"): ("--deploy",),
    ("pixi", "install"): ("--locked", "--frozen"),
    ("pip", "install"): ("--require-hashes",),
    ("pip3", "install"): ("--require-hashes",),
    ("bundle", "install"): ("--deployment", "--frozen"),
    ("composer", "install"): (),
    ("cargo", "build"): ("--locked", "--frozen"),
    ("cargo", "test"): ("--locked", "--frozen"),
    ("cargo", "install"): ("--locked",),
    ("go", "mod"): (),
    ("go", "build"): (),
    ("go", "test"): (),
    ("dotnet", "restore"): ("--locked-mode",),
    ("mix", "deps.get"): ("--check-locked",),
}

DELIVERS: dict[tuple[str, str], str] = {
    ("kubectl", "apply"): "kubernetes", ("kubectl", "set"): "kubernetes",
    ("kubectl", "rollout"): "kubernetes", ("helm", "upgrade"): "kubernetes",
    ("helm", "install"): "kubernetes", ("helmfile", "apply"): "kubernetes",
    ("kustomize", "deploy"): "kubernetes", ("argocd", "app"): "kubernetes",
    ("terraform", "apply"): "infrastructure", ("tofu", "apply"): "infrastructure",
    ("terragrunt", "apply"): "infrastructure", ("pulumi", "up"): "infrastructure",
    ("cdk", "deploy"): "aws", ("sam", "deploy"): "aws", ("eb", "deploy"): "aws",
    ("serverless", "deploy"): "serverless", ("sls", "deploy"): "serverless",
    ("gcloud", "deploy"): "google-cloud", ("gcloud", "run"): "google-cloud",
    ("gcloud", "app"): "google-cloud", ("firebase", "deploy"): "firebase",
    ("az", "webapp"): "azure", ("azd", "deploy"): "azure", ("azd", "up"): "azure",
    ("fly", "deploy"): "fly", ("flyctl", "deploy"): "fly", ("vercel", "deploy"): "vercel",
    ("vercel", "--prod"): "vercel", ("netlify", "deploy"): "netlify",
    ("wrangler", "deploy"): "cloudflare", ("wrangler", "publish"): "cloudflare",
    ("cap", "deploy"): "hosts", ("kamal", "deploy"): "hosts", ("dokku", "deploy"): "hosts",
    ("ansible-playbook", ""): "hosts", ("rsync", ""): "",
    ("docker", "push"): "registry", ("podman", "push"): "registry", ("skopeo", "copy"): "registry",
    ("twine", "upload"): "pypi", ("uv", "publish"): "pypi", ("poetry", "publish"): "pypi",
    ("flit", "publish"): "pypi", ("hatch", "publish"): "pypi", ("pdm", "publish"): "pypi",
    ("npm", "publish"): "npm", ("pnpm", "publish"): "npm", ("yarn", "publish"): "npm",
    ("cargo", "publish"): "crates", ("gem", "push"): "rubygems",
    ("goreleaser", "release"): "release", ("gh", "release"): "release",
    ("mkdocs", "gh-deploy"): "pages", ("mike", "deploy"): "pages",
    ("nuget", "push"): "nuget", ("semantic-release", ""): "release",
}  # fmt: skip
DELIVERING_ACTIONS: tuple[tuple[str, str], ...] = (
    ("pypa/gh-action-pypi-publish", "pypi"),
    ("actions/deploy-pages", "pages"),
    ("peaceiris/actions-gh-pages", "pages"),
    ("jamesives/github-pages-deploy-action", "pages"),
    ("azure/webapps-deploy", "azure"),
    ("azure/functions-action", "azure"),
    ("azure/k8s-deploy", "kubernetes"),
    ("aws-actions/amazon-ecs-deploy-task-definition", "aws"),
    ("aws-actions/aws-cloudformation-github-deploy", "aws"),
    ("google-github-actions/deploy-", "google-cloud"),
    ("cloudflare/wrangler-action", "cloudflare"),
    ("cloudflare/pages-action", "cloudflare"),
    ("amondnet/vercel-action", "vercel"),
    ("nwtgck/actions-netlify", "netlify"),
    ("akhileshns/heroku-deploy", "heroku"),
    ("firebaseextended/action-hosting-deploy", "firebase"),
    ("goreleaser/goreleaser-action", "release"),
    ("softprops/action-gh-release", "release"),
    ("ncipollo/release-action", "release"),
    ("js-devtools/npm-publish", "npm"),
    ("appleboy/ssh-action", "hosts"),
)

AGENT_PROGRAMS: dict[str, tuple[str, tuple[str, ...]]] = {
    "claude": ("claude-code", ("-p", "--print")),
    "codex": ("codex", ("exec", "e", "review")),
    "gemini": ("gemini-cli", ("-p", "--prompt")),
    "opencode": ("opencode", ("run",)),
    "aider": ("aider", ("--message", "-m", "--yes", "--yes-always")),
    "cursor-agent": ("cursor", ("-p", "--print")),
    "copilot": ("copilot", ("-p", "--prompt")),
    "goose": ("goose", ("run",)),
    "amp": ("amp", ("-x", "--execute")),
}
"""Agents, and the words of which one makes a command a headless run."""
AGENT_PACKAGES = {
    "claude-code": "claude", "codex": "codex", "gemini-cli": "gemini", "opencode-ai": "opencode",
    "copilot": "copilot",
}  # fmt: skip
"""The last part of an agent's package, as a runner such as npx takes it, and its program."""
_OTHER_REVIEWS = frozenset({"post", "feedback", "queue", "thresholds"})
"""What `pawl review` does beside reviewing; none of it runs an agent."""
AGENT_ACTIONS: tuple[tuple[str, str], ...] = (
    ("anthropics/claude-code", "claude-code"),
    ("openai/codex-action", "codex"),
    ("google-github-actions/run-gemini-cli", "gemini-cli"),
    ("google-gemini/gemini-cli-action", "gemini-cli"),
    ("sst/opencode/github", "opencode"),
    ("anomalyco/opencode/github", "opencode"),
)


def _first(words: tuple[str, ...]) -> str:
    return next((word for word in words if not word.startswith("-")), "")


def install(words: tuple[str, ...], env: dict[str, str], line: int | None) -> Install | None:
    """Return how a command installs dependencies, or None when it does not."""
    name, rest = program(words[0]), words[1:]
    flags = FROZEN.get((name, _first(rest)))
    if flags is None or (name == "go" and rest[:2] == ("mod", "tidy")):
        return None
    if name.startswith("pip") and not {"-r", "--requirement", "--require-hashes"} & set(rest):
        return None  # a tool by name: no lock of this repository is about it
    frozen = not flags or bool(set(rest) & set(flags))
    if "--no-frozen-lockfile" in rest or "--no-immutable" in rest:
        return Install(manager=name, frozen=False, line=line)
    # In CI these two freeze by themselves, by their manuals.
    frozen = frozen or name == "pnpm"
    asked = {"UV_LOCKED", "UV_FROZEN"} if name == "uv" else {"BUNDLE_FROZEN", "BUNDLE_DEPLOYMENT"}
    if name in ("uv", "bundle") and asked & set(env):
        frozen = True
    return Install(manager=name, frozen=frozen, line=line)


def delivery(words: tuple[str, ...]) -> str | None:
    """Return where a command delivers to, or None when it delivers nothing."""
    name, rest = program(words[0]), words[1:]
    if "--dry-run" in rest or any(word.startswith("--dry-run=") for word in rest):
        return None
    if name == "gcloud":
        return "google-cloud" if "deploy" in rest else None
    if name == "gh":
        return "release" if rest[:2] == ("release", "create") else None
    if name == "aws":
        known = {"deploy", "update-service", "update-function-code", "sync"}
        return "aws" if known & set(rest) else None
    if name in ("docker", "podman") and "build" in rest and "--push" in rest:
        return "registry"
    found = DELIVERS.get((name, _first(rest))) or DELIVERS.get((name, rest[0] if rest else ""))
    if found:
        return found
    if name in ("make", "just", "task", "npm", "pnpm", "yarn"):
        target = _first(tuple(word for word in rest if word not in ("run", "run-script")))
        if "deploy" in target.replace("_", "-").split("-"):
            return "deploy"
    return DELIVERS.get((name, "")) or None


def action_delivery(uses: str) -> str | None:
    """Return where an action delivers to, or None."""
    name = uses.lower()
    return next((target for known, target in DELIVERING_ACTIONS if name.startswith(known)), None)


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if 0 < number < 1e9 else None


def _option(words: tuple[str, ...], *names: str) -> str | None:
    for at, word in enumerate(words):
        name, equals, value = word.partition("=")
        if name in names:
            return value if equals else words[at + 1] if at + 1 < len(words) else None
    return None


def _minutes(text: str | None) -> float | None:
    try:
        return parse_duration(text or "") / 60
    except BadValue:
        return None


def agent(
    words: tuple[str, ...], whole: tuple[str, ...], line: int | None, swallowed: str | None
) -> AgentCall | None:
    """Return the agent that an unwrapped command runs; `whole` are its words with wrappers."""
    found = AGENT_PROGRAMS.get(_agent_program(words[0])) or _own(words)
    if found is None or not set(words[1:]) & set(found[1]):
        return None
    supervised = "pawl" in map(program, whole[:4])
    turns = _number(_option(whole, "--max-turns"))
    usd = _number(_option(whole, "--max-usd", "--max-budget-usd"))
    minutes = _minutes(_option(whole, "--timeout")) if supervised else None
    for at, word in enumerate(whole[:-1]):
        if program(word) in ("timeout", "gtimeout") and minutes is None:
            limits = [each for each in whole[at + 1 : at + 5] if each[:1].isdigit()]
            minutes = _minutes(limits[0]) if limits else None
    structured = {"json", "stream-json", "--json", "--output-schema"} & {
        part for word in whole for part in word.split("=")
    }
    return AgentCall(
        product=found[0],
        line=line,
        max_turns=int(turns) if turns else None,
        max_usd=usd,
        timeout_minutes=minutes,
        structured=bool(structured),
        supervised=supervised,
        swallowed=swallowed,
    )


def _agent_program(word: str) -> str:
    """Return the program that a word runs; of a package with a version, the package's."""
    name = program(word)
    bare = name.partition("@")[0]
    return AGENT_PACKAGES.get(bare, name) if word.startswith("@") or "@" in name else name


def _own(words: tuple[str, ...]) -> tuple[str, tuple[str, ...]] | None:
    """Return what Pawl runs by itself: a review of a change, or a batch of items."""
    if program(words[0]) != "pawl" or words[1:2] not in (("review",), ("batch",)):
        return None
    if {"--help", "-h"} & set(words) or (words[1] == "review" and _OTHER_REVIEWS & set(words[2:3])):
        return None
    return "pawl", (words[1],)


def action_agent(uses: str, inputs: dict[str, str], line: int | None) -> AgentCall | None:
    """Return the agent that an action runs, with the limits among its inputs."""
    name = uses.lower()
    product = next((known for prefix, known in AGENT_ACTIONS if name.startswith(prefix)), None)
    if product is None:
        return None
    words = tuple(word for value in inputs.values() for word in value.split())
    turns = _number(inputs.get("max_turns")) or _number(_option(words, "--max-turns"))
    return AgentCall(
        product=product,
        line=line,
        max_turns=int(turns) if turns else None,
        max_usd=_number(_option(words, "--max-budget-usd")),
        timeout_minutes=_number(inputs.get("timeout_minutes")),
        structured="json" in words or "--json-schema" in words or "output-schema" in inputs,
    )
