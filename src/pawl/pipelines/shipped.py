"""What comes with Pawl for pipelines: pins, agents with their locks, numbers, templates."""

from functools import cache
from importlib import resources

import msgspec

from pawl.base.errors import BadValue
from pawl.base.loading import load_yaml
from pawl.pipelines.pattern import Host, Pattern


class Action(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One action, by the commit of a release."""

    uses: str
    version: str
    commit: str
    source: str


class Agent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One agent as pipelines install and call it.

    `setup` are lines of shell for after its packages, `review` and `batch` its words.
    """

    package: str
    version: str
    key: str
    setup: tuple[str, ...]
    review: str
    batch: str
    source: str


class Numbers(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What holds for one pattern where an option is not given; None is not asked of it."""

    timeout: str
    max_usd: str | None = None
    max_usd_per_item: str | None = None
    item_timeout: str | None = None
    max_turns: int | None = None
    items: str | None = None
    jobs: int | None = None
    cron: str | None = None


class Defaults(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What holds where an option is not given."""

    source: str
    runs_on: str
    branch: str
    agent: str
    spare_minutes: int
    review: Numbers
    gate: Numbers
    batch: Numbers
    risk_report: Numbers = msgspec.field(name="risk-report")

    def of(self, pattern: str) -> Numbers:
        """Return those of a pattern; a third party's has those of a review."""
        return getattr(self, pattern.replace("-", "_"), self.review)


class Shipped(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What generated pipelines are pinned to, as of a day."""

    schema: str
    as_of: str
    actions: dict[str, Action]
    agents: dict[str, Agent]
    defaults: Defaults


@cache
def shipped_text() -> str:
    """Return the list of pins as it was written."""
    return (resources.files("pawl.pipelines") / "data" / "pipelines.yaml").read_text("utf-8")


@cache
def shipped() -> Shipped:
    """Return what pipelines are pinned to."""
    return load_yaml(shipped_text(), Shipped, place="pipelines.yaml")


def agent_named(name: str) -> Agent:
    """Return an agent that pipelines can install; raises BadValue naming those there are."""
    found = shipped().agents.get(name)
    if found is None:
        raise BadValue(
            f"no pipeline knows how to install {name[:80]!r}.",
            place="--agent",
            hint=f"Name one of {', '.join(sorted(shipped().agents))}.",
        )
    return found


def lock_of(name: str) -> tuple[str, str]:
    """Return an agent's `package.json` and `package-lock.json`; raises BadValue as above."""
    agent = agent_named(name)
    package = {
        "name": f"pawl-agent-{name}",
        "private": True,
        "dependencies": {agent.package: agent.version},
    }
    manifest = msgspec.json.format(msgspec.json.encode(package), indent=2).decode() + "\n"
    place = f"data/agents/{name}.lock.json"
    return manifest, (resources.files("pawl.pipelines") / place).read_text("utf-8")


def template_of(pattern: str, about: Pattern, host: Host) -> str:
    """Return a pattern's template for a host."""
    return (resources.files(about.templates) / f"{pattern}.{host}.yml").read_text("utf-8")
