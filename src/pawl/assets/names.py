"""Names that a repository's files may call: its own, and those that the product brings."""

from pawl.assets.assets import Assets
from pawl.assets.judgement import claude_names


def skills_known(assets: Assets) -> set[str]:
    """Return the skills and commands of the whole tree by name and folder, and built-in ones."""
    known = set(claude_names().skills)
    for skill in assets.whole.skills:
        known |= {skill.name, skill.asset.folder.rpartition("/")[2]}
    return known | {command.asset.name.removesuffix(".md") for command in assets.whole.commands}


def agents_known(assets: Assets) -> set[str]:
    """Return the agents of the whole tree by name, and built-in ones."""
    return {agent.name for agent in assets.whole.agents} | set(claude_names().agents)
