-- Supervised runs that ended by themselves or were stopped, by day: good are those that succeeded.
SELECT date_trunc('day', b.ended_at) AS day,
    sum(CASE WHEN b.outcome = 'succeeded' THEN 1 ELSE 0 END) AS good,
    sum(CASE WHEN b.outcome = 'succeeded' THEN 0 ELSE 1 END) AS bad
FROM runs AS b
WHERE NOT b.observed AND b.ended_at >= $since AND b.ended_at < $until
    AND b.outcome IN ('succeeded', 'agent_failed', 'unreadable', 'stopped') AND {owned}
GROUP BY date_trunc('day', b.ended_at)
ORDER BY day
