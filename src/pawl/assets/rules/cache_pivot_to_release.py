"""An agent that anybody starts can poison the cache that a release builds from.

Bad: triage of issues by an agent with `Bash`, and a release workflow of the same repository that
restores a cache (`actions/cache`, `cache: npm`) and holds the secrets to publish. On `issues` and
comments a job runs for the default branch, whose caches every other workflow restores. What the
agent was talked into leaving there is unpacked in the release, beside its secrets.

Instead: no cache in jobs that publish; no shell for an agent whom outsiders start.
"""

from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.ci_hits import hit_on, quoted, started_here
from pawl.assets.release_flows import Release, releases_of
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity


def _check(assets: Assets) -> Iterator[Hit]:
    releases: list[Release] | None = None
    for agent in started_here(assets):
        if not agent.reach.is_dangerous or "shell" not in agent.powers:
            continue
        if releases is None:
            flows = (flow for flow in assets.whole.flows if not flow.is_action)
            releases = [each for flow in flows for each in releases_of(flow)]
        for release in releases[:10]:
            path = release.flow.path
            yield hit_on(
                agent,
                f"Anybody starts {agent.use.name} with a shell by {quoted(agent.reach.events)}; "
                f"{path} restores a cache and publishes with {release.by}.",
                subject=f"{path} {release.job.id}",
                trail=(
                    *agent.trail,
                    "it writes to a cache of the default branch",
                    f"{path}:{release.cache_line} the job {release.job.id} restores it "
                    f"({release.cache})",
                    f"{path}:{release.publish_line} publishes ({release.target}) with {release.by}",
                ),
            )


RULE = Rule(
    title="An outsider reaches a release through a cache",
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.WORKFLOW}),
    check=_check,
    source="https://docs.github.com/en/actions/reference/workflows-and-actions/dependency-caching",
    as_of="2026-11-21",
    hint="Restore no cache where you publish, and give no shell to an agent that outsiders start.",
)
