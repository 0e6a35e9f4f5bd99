-- Errors and refusals that were first told of in the period, by model.
SELECT coalesce(nullif(b.model, ''), '(unknown)') AS model,
    sum(CASE WHEN b.kind = 'error' THEN 1 ELSE 0 END) AS errors,
    sum(CASE WHEN b.kind = 'refusal' THEN 1 ELSE 0 END) AS refusals
FROM request_failures AS b
WHERE {where}
GROUP BY coalesce(nullif(b.model, ''), '(unknown)')
ORDER BY coalesce(nullif(b.model, ''), '(unknown)')
