-- Each call once, whoever told of it. How long it took is what its result says, else the longest
-- span about it, else the time between the call and its result.
WITH calls AS (
    SELECT coalesce(b.tool_call_id, b.id) AS call, max({group}) AS owner,
        max(b.tool) AS tool,
        min(CASE WHEN b.kind = 'tool_call' THEN b.time END) AS began,
        max(CASE WHEN b.kind = 'tool_result' THEN b.time END) AS ended,
        max(CASE WHEN b.kind = 'tool_result' THEN b.duration_ms END) AS told_ms,
        max(CASE WHEN b.kind = 'span' THEN b.duration_ms END) AS span_ms,
        max(CASE WHEN b.kind = 'tool_result' AND b.outcome = 'error' THEN 1 ELSE 0 END) AS failed,
        max(CASE WHEN b.kind = 'tool_denied' THEN 1 ELSE 0 END) AS denied
    FROM events AS b
    WHERE b.kind IN ('tool_call', 'tool_result', 'tool_denied', 'span')
        AND (b.kind <> 'span' OR b.tool_call_id IS NOT NULL) AND {where}
    GROUP BY coalesce(b.tool_call_id, b.id)
),
timed AS (
    SELECT tool, owner, failed, denied,
        coalesce(told_ms, span_ms, epoch_ms(ended) - epoch_ms(began)) AS took_ms
    FROM calls
    WHERE tool IS NOT NULL
)
SELECT tool, owner,
    count(*) AS calls,
    sum(failed) AS failed,
    sum(denied) AS denied,
    count(took_ms) AS measured,
    quantile_cont(took_ms, 0.5) AS p50_ms,
    quantile_cont(took_ms, 0.95) AS p95_ms
FROM timed
GROUP BY tool, owner
ORDER BY calls DESC, tool, owner
LIMIT $limit
