"""What an agent in a pipeline can do: read, run programs, write, reach the network, post.

It comes from what its program starts with, the options that take brakes off, the tools that are
allowed, and what its settings say. A power comes with what gives it, for the message.
"""

from pawl.assets.agent_use import AgentUse
from pawl.assets.ci_knowledge import Power, known
from pawl.assets.pages import listed
from pawl.base.patterns import regex
from pawl.parsing.config_text import jsonc
from pawl.parsing.permission_rules import judge_tool

Powers = dict[Power, str]
_TOOL = regex(r"\s*([A-Za-z_*][\w.*-]{0,120})\s*(?:\((.{0,2000})\))?\s*")
_HOST = regex(r"mcp__\w{0,60}?(?:github|gitlab)[a-z0-9_]{0,60}?(?:__(\w{1,80}))?")
_WRITES = frozenset(
    {"create", "update", "add", "merge", "push", "delete", "submit", "post", "write", "edit",
     "close", "fork", "assign", "reply", "resolve", "request"}
)  # fmt: skip
"""Words of a code host's tool that tell something to the outside."""


def powers_of(use: AgentUse) -> Powers:
    """Return what an agent can do, each power with what gives it."""
    powers = _starts_with(use)
    for wanted, given in {**use.about.grants, **_grants(use)}.items():
        if use.says(wanted):
            _add(powers, given, f"`{wanted.replace('=', ' ') if wanted[0] == '-' else wanted}`")
    for tool in (*(use.tools or ()), *settings_tools(use)):
        for power in powers_of_tool(tool):
            powers.setdefault(power, f"`{tool[:80]}`")
    if use.only is not None:
        kept = {power for tool in use.only for power in powers_of_tool(tool)}
        return {power: why for power, why in powers.items() if power in kept or power == "post"}
    return _without(powers, use.denied)


def _starts_with(use: AgentUse) -> Powers:
    action = use.action
    starts = use.about.starts_with if action is None else action.starts_with
    limits = use.about.limits if action is None else action.limits
    for wanted, left in limits.items():
        if use.says(wanted):
            starts = left
    if action is not None and any(not each.startswith("mcp__") for each in settings_tools(use)):
        starts = ("read",)  # Its settings list all the tools that there are.
    powers: Powers = {}
    _add(powers, starts, f"{use.name} as it starts")
    files = () if action is None else action.prompt_files
    told = use.prompts or any(use.step.inputs.get(name) for name in files)
    if action is not None and not told:
        _add(powers, action.without_prompt, f"{use.name} without a prompt, which serves mentions")
    return powers


def _grants(use: AgentUse) -> dict[str, tuple[Power, ...]]:
    return {} if use.action is None else use.action.grants


def _add(powers: Powers, given: tuple[Power, ...], why: str) -> None:
    for power in given:
        powers.setdefault(power, why)


def _without(powers: Powers, denied: tuple[str, ...]) -> Powers:
    """Return powers without those that bare denials take away."""
    if not denied:
        return powers
    names = {tool.lower() for tool in denied}
    tools = known().tools
    gone: set[Power] = set()
    if not names.isdisjoint(tools["shell"]):
        gone |= {"shell", "post"}
    if not names.isdisjoint(tools["network"]):
        gone.add("network")
    if {"write", "edit"} <= names or "write_file" in names:
        gone.add("write")
    # A denied shell leaves no way round; a denied editor is one that a shell replaces.
    if "shell" in powers and "shell" not in gone:
        gone = set()
    return {power: why for power, why in powers.items() if power not in gone}


def powers_of_tool(tool: str) -> tuple[Power, ...]:
    """Return what one allowed tool lets an agent do, as `Bash(npm test)` or `WebFetch`."""
    match = _TOOL.fullmatch(tool[:2200])
    if match is None:
        return ()
    name, pattern = match[1].lower(), match[2]
    if name == "*":
        return ("read", "shell", "write", "network", "post")
    tools = known().tools
    if name in tools["shell"]:
        return _powers_of_command(name, pattern)
    if name in tools["write"]:
        return ("write",)
    if name in tools["network"]:
        return ("network",) if judge_tool("webfetch", pattern).wide else ()
    if name.startswith("mcp__"):
        return ("post",) if _tells_host(name) else ()
    return ("read",) if name.startswith(("read", "grep", "glob", "ls")) else ()


def _tells_host(tool: str) -> bool:
    """Say whether a tool of a server of the code host writes there; a whole server does."""
    match = _HOST.fullmatch(tool)
    if match is None:
        return False
    return match[1] is None or not _WRITES.isdisjoint(match[1].split("_"))


def _powers_of_command(tool: str, pattern: str | None) -> tuple[Power, ...]:
    if judge_tool("bash", pattern).unbound:
        return ("read", "shell", "write", "network", "post")
    given = (pattern or "").replace(":*", " *").strip()
    words = given.split()
    open_ended = "*" in given or tool in ("shell", "run_shell_command")
    bare = [word for word in words if "*" not in word]
    first = bare[0].rpartition("/")[2] if bare else ""
    found: list[Power] = []
    posts = known().posts
    if open_ended and first in known().runs_code and not _is_check(bare):
        found += ["shell", "write", "network"]
    said = " ".join(bare)
    exact = any(said == each or said.startswith(f"{each} ") for each in posts if " " in each)
    if exact or (said in posts and open_ended):
        found.append("post")
    return tuple(found)


def _is_check(words: list[str]) -> bool:
    """Say whether a command with a wildcard runs what the repository itself defines."""
    return len(words) > 2 or (len(words) == 2 and words[1] in ("test", "run", "check", "lint"))


def settings_tools(use: AgentUse) -> tuple[str, ...]:
    """Return the tools that the settings handed to an action allow, where they are written out."""
    if use.action is None:
        return ()
    found: list[str] = []
    for name in use.action.settings:
        said = jsonc(use.step.inputs.get(name, "")) if "{" in use.step.inputs.get(name, "") else {}
        if isinstance(said, dict):
            tools, allowed = said.get("tools"), said.get("permissions")
            found += listed(allowed.get("allow") if isinstance(allowed, dict) else None)
            found += listed(said.get("coreTools"))
            found += listed(tools.get("core") if isinstance(tools, dict) else None)
            servers = said.get("mcpServers")
            for server, about in servers.items() if isinstance(servers, dict) else ():
                only = listed(about.get("includeTools")) if isinstance(about, dict) else ()
                found += [f"mcp__{server}__{tool}" for tool in only] or [f"mcp__{server}"]
    return tuple(found)


def is_limited(use: AgentUse, powers: Powers) -> bool:
    """Say whether somebody limited an agent: by tools, denials or a sandbox.

    It has no way out then; that it may write files of a workspace that ends with its job is none.
    """
    harmless = not powers.keys() & {"shell", "network", "post"}
    settled = use.tools is not None or use.only is not None or bool(use.denied)
    sandboxed = use.program == "codex" or use.has("--restricted")
    asked = use.option("--permission-mode") in ("plan", "dontAsk")
    pawl = use.limits is not None and any(w.startswith("--allow-tool") for w in use.limits)
    return harmless and (settled or sandboxed or asked or pawl or bool(settings_tools(use)))
