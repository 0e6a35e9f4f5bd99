-- Requests by task class, model and size of prompt. The class is that of the session within the
-- period; a request inside a sub-agent is a class of its own.
WITH kinds AS (
    SELECT e.session_id,
        max(CASE WHEN e.tool IN ({change}) THEN 1 ELSE 0 END) AS changes,
        max(CASE WHEN e.tool IN ({command}) THEN 1 ELSE 0 END) AS commands,
        max(CASE WHEN e.kind = 'tool_call' THEN 1 ELSE 0 END) AS calls,
        max(CASE WHEN e.workflow IS NOT NULL THEN 1 ELSE 0 END) AS workflows
    FROM events AS e
    WHERE e.session_id IS NOT NULL AND e.time >= $since AND e.time < $until
        AND (e.kind = 'tool_call' OR e.workflow IS NOT NULL)
    GROUP BY e.session_id
),
inside AS (
    SELECT e.id
    FROM events AS e
    WHERE e.kind = 'request' AND e.time >= $since AND e.time < $until
        AND (e.parent_id IS NOT NULL OR e.attributes['sidechain'] = 'true')
),
classed AS (
    SELECT b.*,
        CASE WHEN i.id IS NOT NULL THEN 'subagent' WHEN k.workflows = 1 THEN 'workflow'
            WHEN k.changes = 1 THEN 'change' WHEN k.commands = 1 THEN 'command'
            WHEN k.calls = 1 THEN 'reading' WHEN b.session_id IS NOT NULL THEN 'answer'
            ELSE 'unknown' END AS task_class,
        {tier} AS tier
    FROM requests AS b
    LEFT JOIN kinds AS k ON k.session_id = b.session_id
    LEFT JOIN inside AS i ON i.id = b.payer
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
