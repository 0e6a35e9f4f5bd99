"""An agent reviews each change, and a second job writes one comment.

The agent's job reads: it has the files of the base, the change as history, the key of a model and
nothing else. The job that writes has no checkout and no key. Changes of forks start no agent.
"""

from pawl.pipelines.pattern import Pattern

PATTERN = Pattern(
    title="Review of a change",
    trigger="a change from a branch of the repository itself",
    action="an agent reads the change and says what is wrong with it, within money, turns and time",
    output="one comment that is kept current, and the findings as an artifact",
    decision="people, who act on a finding or dismiss it",
    runs_agent=True,
    takes=frozenset({"agent", "model", "max_usd", "max_turns", "timeout", "branch", "secret"}),
)
