-- Supervised runs that began in the period and have ended: how, why, and whether they had a
-- limit ('' where nobody noted it).
WITH told AS (
    SELECT run_id,
        max(attributes['error_class']) AS error_class,
        max(attributes['limits']) AS limits
    FROM events
    WHERE kind IN ('run_started', 'run_ended') AND run_id IS NOT NULL AND time >= $since
    GROUP BY run_id
),
ended AS (
    SELECT coalesce(r.outcome, 'unreadable') AS outcome,
        coalesce(r.stop_limit, '') AS stop_limit,
        coalesce(t.error_class, '') AS error_class,
        CASE WHEN coalesce(t.limits, '') IN ('', 'none') THEN coalesce(t.limits, '')
            ELSE 'some' END AS limits
    FROM runs AS r
    LEFT JOIN told AS t ON t.run_id = r.run_id
    WHERE NOT r.observed AND r.ended_at IS NOT NULL
        AND r.started_at >= $since AND r.started_at < $until
)
SELECT outcome, stop_limit, error_class, limits, count(*) AS runs
FROM ended
GROUP BY outcome, stop_limit, error_class, limits
ORDER BY runs DESC, outcome, stop_limit, error_class, limits
