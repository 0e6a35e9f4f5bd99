"""An agent works through a list of items on a timer, and goes on where the last run ended.

It reads the default branch and leaves results; it changes nothing at the code host.
"""

from pawl.pipelines.pattern import Pattern

PATTERN = Pattern(
    title="Batch on a timer",
    trigger="a timer, or a person who may start it",
    action="an agent works through the items of a file, within money and time, some at once",
    output="one result for each item, as an artifact",
    decision="people, who make changes of results",
    runs_agent=True,
    takes=frozenset(
        {"agent", "model", "max_usd", "max_usd_per_item", "max_turns"}
        | {"timeout", "secret", "items", "jobs", "cron"}
    ),
)
