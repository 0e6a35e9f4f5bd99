SELECT
    CASE WHEN observed THEN 'observed' WHEN ended_at IS NULL THEN 'running'
        ELSE coalesce(outcome, 'unreadable') END AS outcome,
    count(*) AS runs
FROM runs
WHERE {where}
GROUP BY
    CASE WHEN observed THEN 'observed' WHEN ended_at IS NULL THEN 'running'
        ELSE coalesce(outcome, 'unreadable') END
