-- Requests by task class, model and size of prompt. The class is that of the session: of its calls
-- and workflows within the period. A request inside a sub-agent is a class of its own.
WITH called AS (
    SELECT b.session_id,
        max(CASE WHEN b.tool IN ({change}) THEN 1 ELSE 0 END) AS changes,
        max(CASE WHEN b.tool IN ({command}) THEN 1 ELSE 0 END) AS commands,
        max(CASE WHEN b.began IS NOT NULL THEN 1 ELSE 0 END) AS calls
    FROM tool_calls AS b
    WHERE b.session_id IS NOT NULL AND b.time >= $since AND b.time < $until
    GROUP BY b.session_id
),
flowing AS (
    SELECT e.session_id, 1 AS workflows
    FROM events AS e
    WHERE e.workflow IS NOT NULL AND e.session_id IS NOT NULL
        AND e.time >= $since AND e.time < $until
    GROUP BY e.session_id
),
classed AS (
    SELECT b.*,
        CASE WHEN b.subagent THEN 'subagent' WHEN w.workflows = 1 THEN 'workflow'
            WHEN k.changes = 1 THEN 'change' WHEN k.commands = 1 THEN 'command'
            WHEN k.calls = 1 THEN 'reading' WHEN b.session_id IS NOT NULL THEN 'answer'
            ELSE 'unknown' END AS task_class,
        {tier} AS tier
    FROM requests AS b
    LEFT JOIN called AS k ON k.session_id = b.session_id
    LEFT JOIN flowing AS w ON w.session_id = b.session_id
    WHERE {where}
)
SELECT c.task_class, coalesce(nullif(c.model, ''), '(unknown)') AS model, c.tier,
    count(*) AS requests,
    sum(c.input) AS input,
    sum(c.cache_read) AS cache_read,
    sum(c.cache_write_5m) AS cache_write_5m,
    sum(c.cache_write_1h) AS cache_write_1h,
    sum(c.output) AS output,
    sum(c.reasoning) AS reasoning,
    sum(c.web_searches) AS web_searches,
    coalesce(sum(c.cost_micros), 0) AS cost_micros,
    count(*) - count(c.cost_micros) AS unpriced_requests
FROM classed AS c
GROUP BY c.task_class, coalesce(nullif(c.model, ''), '(unknown)'), c.tier
ORDER BY 1, 2, 3
