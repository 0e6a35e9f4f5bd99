"""Open risks are told of on a timer and before a deployment: lint, maturity, budgets, alerts.

No agent runs and nothing is written. Budgets and alerts are those of the team's server, where one
is named.
"""

from pawl.pipelines.pattern import Pattern

PATTERN = Pattern(
    title="Report of open risks",
    trigger="a timer, a person, or a workflow that is about to deploy",
    action="the repository is linted and assessed, the server is asked for budgets and alerts",
    output="one page as the job's summary and as an artifact",
    decision="whoever deploys; the job fails only where a part of the page is missing",
    runs_agent=False,
    takes=frozenset({"timeout", "cron"}),
)
