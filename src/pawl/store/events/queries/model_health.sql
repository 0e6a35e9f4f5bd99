-- How requests went, by model. A duration told twice of one request moves no quantile by more
-- than its neighbour, so tellings are not matched here.
SELECT coalesce(nullif(b.model, ''), '(unknown)') AS model,
    count(DISTINCT CASE WHEN b.kind = 'error' THEN coalesce(b.request_id, b.id) END) AS errors,
    count(DISTINCT CASE WHEN b.kind = 'refusal' THEN coalesce(b.request_id, b.id) END) AS refusals,
    sum(CASE WHEN b.kind = 'request' AND b.source = 'telemetry' THEN 1 ELSE 0 END) AS by_telemetry,
    count(CASE WHEN b.kind = 'request' THEN b.duration_ms END) AS measured,
    quantile_cont(CASE WHEN b.kind = 'request' THEN b.duration_ms END, 0.5) AS p50_ms,
    quantile_cont(CASE WHEN b.kind = 'request' THEN b.duration_ms END, 0.95) AS p95_ms
FROM events AS b
WHERE b.kind IN ('request', 'error', 'refusal')
    AND {where}
GROUP BY coalesce(nullif(b.model, ''), '(unknown)')
ORDER BY coalesce(nullif(b.model, ''), '(unknown)')
