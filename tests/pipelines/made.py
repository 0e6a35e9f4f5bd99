"""Generated pipelines, in every variant that there is."""

from typing import Any

import yaml

import pawl.pipelines.patterns
from pawl.base.catalogue import discover
from pawl.pipelines.generate import Generated, generate
from pawl.pipelines.options import Options
from pawl.pipelines.pattern import Host, Pattern
from pawl.pipelines.shipped import shipped

PATTERNS = discover(pawl.pipelines.patterns, "PATTERN", Pattern)
IMAGE = f"registry.example.com/ci/agents@sha256:{'0123456789abcdef' * 4}"
AGENTS = sorted(shipped().agents)
VARIANTS = [
    (pattern, host, agent)
    for pattern in sorted(PATTERNS)
    for host in Host
    for agent in (AGENTS if PATTERNS[pattern].runs_agent else [None])
]
"""Every pattern at every host with every agent that it can run."""


def made(pattern: str, host: Host = Host.GITHUB, **said: Any) -> Generated:
    """Return a pipeline; GitLab's gets an image where none is named."""
    if host is Host.GITLAB:
        said.setdefault("image", IMAGE)
    options = Options(**{name: value for name, value in said.items() if value is not None})
    return generate(pattern, PATTERNS[pattern], host, options, pawl_version="0.1.0")


def parsed(generated: Generated) -> dict[str, Any]:
    """Return a pipeline as a code host reads it; the key `on` stays a text."""
    value = yaml.load(generated.text, Loader=yaml.BaseLoader)
    assert isinstance(value, dict)
    return value


def scripts(generated: Generated) -> list[str]:
    """Return the shell scripts of a pipeline, each as one shell gets it."""
    document = parsed(generated)
    if generated.host is Host.GITHUB:
        jobs = document["jobs"].values()
        return [step["run"] for job in jobs for step in job["steps"] if "run" in step]
    return ["\n".join(job["script"]) for job in document.values()]
