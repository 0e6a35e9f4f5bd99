-- Runs that repeat a named workflow in one project: how many, how many ended as most did, and
-- the spread of what they cost and took. Refused runs did not run, and a person's interruption
-- says nothing about the agent. A run with a request of unknown price has no known cost.
WITH ended AS (
    SELECT run_id, max(workflow) AS workflow, max(duration_ms) AS duration_ms
    FROM events
    WHERE kind = 'run_ended' AND run_id IS NOT NULL AND time >= $since
    GROUP BY run_id
),
told AS (
    SELECT coalesce(r.project, '') AS project, e.workflow AS workflow,
        coalesce(r.outcome, 'unreadable') AS outcome,
        CASE WHEN r.cost_basis <> 'unpriced' THEN r.cost_micros END AS cost_micros,
        r.turns AS turns, e.duration_ms AS duration_ms
    FROM runs AS r
    JOIN ended AS e ON e.run_id = r.run_id
    WHERE NOT r.observed AND r.ended_at IS NOT NULL
        AND r.started_at >= $since AND r.started_at < $until
        AND coalesce(r.outcome, 'unreadable') NOT IN ('refused', 'interrupted')
        AND e.workflow IS NOT NULL AND e.workflow <> ''
),
counted AS (
    SELECT project, workflow, outcome, count(*) AS runs
    FROM told
    GROUP BY project, workflow, outcome
),
alike AS (
    SELECT project, workflow, max(runs) AS runs
    FROM counted
    GROUP BY project, workflow
)
SELECT t.project, t.workflow, count(*) AS runs, max(a.runs) AS alike,
    count(t.cost_micros) AS cost_runs,
    quantile_cont(t.cost_micros, 0.5) AS cost_p50, quantile_cont(t.cost_micros, 0.9) AS cost_p90,
    count(t.turns) AS turns_runs,
    quantile_cont(t.turns, 0.5) AS turns_p50, quantile_cont(t.turns, 0.9) AS turns_p90,
    count(t.duration_ms) AS duration_runs,
    quantile_cont(t.duration_ms, 0.5) AS duration_p50,
    quantile_cont(t.duration_ms, 0.9) AS duration_p90
FROM told AS t
JOIN alike AS a ON a.project = t.project AND a.workflow = t.workflow
GROUP BY t.project, t.workflow
HAVING count(*) >= $least
ORDER BY runs DESC, t.project, t.workflow
LIMIT $most
