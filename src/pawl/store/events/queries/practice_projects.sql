SELECT coalesce(nullif(b.project, ''), '(unknown)') AS project, count(*) AS requests
FROM requests AS b
WHERE {where}
GROUP BY coalesce(nullif(b.project, ''), '(unknown)')
ORDER BY requests DESC, project
LIMIT $limit
