-- Sessions, supervised runs, days and requests of each agent; a request without a session and a
-- run counts as a request alone.
SELECT b.agent,
    count(DISTINCT coalesce(b.session_id, b.run_id)) AS sessions,
    count(DISTINCT b.run_id) AS supervised,
    count(DISTINCT date_trunc('day', b.time)) AS days,
    count(*) AS requests,
    sum(CASE WHEN b.cost_micros IS NULL THEN 1 ELSE 0 END) AS unpriced
FROM requests AS b
WHERE {where}
GROUP BY b.agent
ORDER BY b.agent
