-- Runs and observed sessions that began since a time, by project, agent and ending.
WITH told AS (
    SELECT coalesce(project, '') AS project, agent, tool_calls,
        CASE WHEN observed THEN 'observed' WHEN ended_at IS NULL THEN 'running'
            ELSE coalesce(outcome, 'unreadable') END AS outcome
    FROM runs
    WHERE started_at >= $since
)
SELECT project, agent, outcome, count(*) AS runs, sum(tool_calls) AS tool_calls
FROM told
GROUP BY project, agent, outcome
ORDER BY runs DESC, project, agent, outcome
