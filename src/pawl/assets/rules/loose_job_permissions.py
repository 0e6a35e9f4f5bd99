"""A job with an agent says nothing of its token's permissions, or asks for more than it uses.

Bad: no `permissions` in the workflow or the job (the token then has what the repository's
settings give, which may be everything), `permissions: write-all`, or `id-token: write` in a job
where nothing asks for an identity. What the job's token may, text that the agent reads may ask
for.

Instead: `permissions: {contents: read}` on the job, and one line more for each thing it does.
"""

from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.ci_agents import CiAgent
from pawl.assets.ci_hits import hit_on, timed_here
from pawl.assets.ci_knowledge import known
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity


def _check(assets: Assets) -> Iterator[Hit]:
    seen: set[tuple[str, str]] = set()
    for agent in timed_here(assets):
        use = agent.use
        key = (use.flow.path, use.job.id)
        if use.flow.asset.product != "github" or key in seen:
            continue
        seen.add(key)
        where = (*(use.job.where if use.job.own_permissions else ()), "permissions")
        held = use.job.permissions
        only_called = set(use.flow.triggers) == {"workflow_call"}
        if held is None and not only_called:
            message = f"The job {use.job.id} runs {use.name}, and nothing says what its token may."
            yield hit_on(agent, message, line=use.job.line, subject="none")
        elif held is not None and held.get("*") == "write":
            message = f"The job {use.job.id} runs {use.name} with a token that may do everything."
            yield hit_on(agent, message, line=use.flow.line(*where), subject="write-all")
        elif held is not None and held.get("id-token") == "write" and _unused(agent):
            line = use.flow.line(*where, "id-token")
            message = f"The job {use.job.id} may ask for an identity, and nothing in it does."
            yield hit_on(agent, message, line=line, subject="id-token")


def _unused(agent: CiAgent) -> bool:
    """Say whether every step is known to ask for no identity."""
    about = known()
    for step in agent.use.job.steps:
        name = step.uses.lower()
        text = step.run + step.inputs.get("script", "")
        if "ID_TOKEN" in text or "getIDToken" in text or "oidc" in text.lower():
            return False
        if name == agent.use.step.uses.lower() and agent.use.action is not None:
            action = agent.use.action
            with_identity = any(
                step.inputs.get(each, "false") not in ("", "false") for each in action.identity_with
            )
            own_token = not action.identity_unless or any(
                step.inputs.get(each) for each in action.identity_unless
            )
            if with_identity or not own_token:
                return False
        elif name == "actions/github-script":
            continue
        elif (name and not name.startswith(about.no_identity)) or any(
            word in text for word in ("npm publish", "cosign", "gcloud", "aws ", "vault", "az ")
        ):
            return False
    return True


RULE = Rule(
    title="A job with an agent has loose permissions",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.WORKFLOW}),
    check=_check,
    source="https://docs.github.com/en/actions/reference/security/secure-use",
    as_of="2026-11-21",
    hint="Write `permissions` on the job: `contents: read`, and a line for each thing it does.",
)
