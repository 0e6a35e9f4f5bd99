"""What steers agents is linted and recorded evals are graded before a change is merged.

No agent runs, no model is asked and no secret is there, so that changes of forks are judged like
any other.
"""

from pawl.pipelines.pattern import Pattern

PATTERN = Pattern(
    title="Gate before a merge",
    trigger="a change, from wherever it comes",
    action="the files that steer agents are linted, the records of eval trials are graded again",
    output="a status, annotations, the verdicts as an artifact",
    decision="the rule of the branch that demands the status",
    runs_agent=False,
    takes=frozenset({"timeout", "branch"}),
)
