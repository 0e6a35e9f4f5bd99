-- Requests that telemetry told of, by model: it is the only source that tells of refusals.
SELECT coalesce(nullif(b.model, ''), '(unknown)') AS model, sum(b.requests) AS by_telemetry
FROM source_rollup AS b
WHERE b.source = 'telemetry' AND {where}
GROUP BY coalesce(nullif(b.model, ''), '(unknown)')
ORDER BY coalesce(nullif(b.model, ''), '(unknown)')
