"""Which assets use a script: the skill that brings it, the hook or the pipeline that runs it."""

import posixpath
from collections.abc import Iterator

from pawl.assets.assets import Assets
from pawl.assets.hook_programs import hook_uses, scripts_of
from pawl.assets.step_commands import commands_of_step


def users_of(assets: Assets) -> dict[str, frozenset[str]]:
    """Return the paths of the assets that use each script of a tree."""
    found: dict[str, set[str]] = {}
    for script, user in _uses(assets):
        if script in assets.entries and script != user:
            found.setdefault(script, set()).add(user)
    return {script: frozenset(users) for script, users in found.items()}


def _uses(assets: Assets) -> Iterator[tuple[str, str]]:
    for bundled in assets.scripts:
        yield bundled.path, bundled.skill
    for use in hook_uses(assets):
        for script in scripts_of(use):
            yield script.path, use.asset.path
            if use.beside is not None and script.of_cwd:
                own = posixpath.join(use.beside, script.written)
                yield posixpath.normpath(own), use.asset.path
    for flow in assets.agent_flows:
        for _, step in flow.steps():
            for command in commands_of_step(step) if step.run else ():
                for word in command.texts[:6]:
                    yield posixpath.normpath(word.strip()[:400] or "."), flow.path
