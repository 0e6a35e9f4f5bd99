-- The sessions and runs that any event of a developer is of.
SELECT DISTINCT told.name AS name
FROM (
    SELECT b.session_id AS name FROM events AS b WHERE b.developer = $developer
    UNION ALL
    SELECT b.run_id AS name FROM events AS b WHERE b.developer = $developer
) AS told
WHERE told.name IS NOT NULL
ORDER BY name
