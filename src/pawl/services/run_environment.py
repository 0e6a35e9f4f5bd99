"""The environment an agent is started in: whose work it is, and how its hooks find Pawl."""

from collections.abc import Mapping
from urllib.parse import quote

from pawl.runs.agent import Launch
from pawl.runs.spec import RunSpec


def agent_environment(
    users: Mapping[str, str],
    spec: RunSpec,
    launch: Launch,
    *,
    trace: tuple[str, str],
    hook: tuple[str, str] | None,
) -> dict[str, str]:
    """Return the agent's whole environment.

    `trace` is a fresh trace id and span id for TRACEPARENT (https://www.w3.org/TR/trace-context/),
    which stays as it is where the user set one. `hook` is the socket and token for the agent's
    hooks; those of a run around this one are taken out.
    """
    env = {**users, **launch.set_env}
    for name in (*launch.unset_env, "PAWL_HOOK_SOCKET", "PAWL_HOOK_TOKEN"):
        env.pop(name, None)
    env["PAWL_RUN_ID"] = spec.run_id
    env.setdefault("TRACEPARENT", f"00-{trace[0]}-{trace[1]}-01")
    users_pairs = env.get("OTEL_RESOURCE_ATTRIBUTES", "")
    env["OTEL_RESOURCE_ATTRIBUTES"] = resource_attributes(users_pairs, spec)
    if hook is not None:
        env["PAWL_HOOK_SOCKET"], env["PAWL_HOOK_TOKEN"] = hook
    return env


def resource_attributes(users: str, spec: RunSpec) -> str:
    """Return OTEL_RESOURCE_ATTRIBUTES with whose work the run is.

    What the user set stays and wins, but for `pawl.` keys: a run inside a run tells its own.
    Values are percent-encoded as the OpenTelemetry specification asks (W3C Baggage octets).
    """
    who = spec.attribution
    ours = {
        "pawl.run_id": spec.run_id,
        "pawl.project": who.project,
        "pawl.developer": who.developer,
        "pawl.workflow": who.workflow,
        "pawl.machine": who.machine,
        "vcs.repository.name": who.repo,
        "vcs.ref.head.name": who.branch,
        "vcs.ref.head.revision": who.commit,
        "vcs.change.id": who.pr,
    }
    pairs: dict[str, str] = {}
    for pair in users.split(","):
        key, equals, value = pair.partition("=")
        if equals and key.strip():
            pairs[key.strip()] = value.strip()
    for name, told in ours.items():
        if told is not None and (name.startswith("pawl.") or name not in pairs):
            pairs[name] = quote(told, safe="/:@+~!$&'()*", errors="replace")
    return ",".join(f"{key}={value}" for key, value in pairs.items())
