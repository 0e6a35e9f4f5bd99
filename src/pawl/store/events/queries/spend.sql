-- What was spent by day, owner, model and supervised run; a request of no run has an empty one.
-- A request that only a transcript told of belongs to the run that carried its session then.
SELECT
    date_trunc('day', q.time) AS day,
    coalesce(q.run_id, s.run_id, '') AS run_id,
    q.project AS project, q.developer AS developer, q.agent AS agent, q.model AS model,
    coalesce(sum(q.cost_micros), 0) AS cost_micros,
    count(*) AS requests,
    count(*) - count(q.cost_micros) AS unpriced
FROM requests AS q
LEFT JOIN run_sessions AS s
    ON s.session_id = q.session_id AND q.time >= s.since AND q.time < s.until
WHERE q.time >= $since
GROUP BY 1, 2, 3, 4, 5, 6
ORDER BY 1, 2, 3, 4, 5, 6
