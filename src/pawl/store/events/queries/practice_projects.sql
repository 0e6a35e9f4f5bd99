SELECT coalesce(nullif(b.project, ''), '(unknown)') AS owner, count(*) AS requests
FROM requests AS b
WHERE {where}
GROUP BY coalesce(nullif(b.project, ''), '(unknown)')
ORDER BY requests DESC, owner
LIMIT $limit
