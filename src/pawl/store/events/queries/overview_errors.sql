-- Errors and retries that agents told of in the period, by the class, type or status they gave.
WITH told AS (
    SELECT id,
        coalesce(
            nullif(attributes['error_class'], ''),
            nullif(attributes['error_type'], ''),
            nullif(attributes['status'], ''),
            nullif(attributes['error'], ''),
            '') AS class
    FROM events
    WHERE kind IN ('error', 'retry') AND time >= $since AND time < $until
)
SELECT class, count(DISTINCT id) AS errors
FROM told
GROUP BY class
ORDER BY errors DESC, class
LIMIT $most
