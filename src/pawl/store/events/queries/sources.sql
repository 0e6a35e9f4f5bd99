SELECT s.source, s.agent,
    count(*) AS requests,
    sum(CASE WHEN s.pays THEN 1 ELSE 0 END) AS pays,
    sum(CASE WHEN s.pays THEN 0 ELSE 1 END) AS confirms,
    sum(CASE WHEN s.disagrees THEN 1 ELSE 0 END) AS disagrees
FROM request_sources AS s
JOIN requests AS b ON b.key = s.key
WHERE {where}
GROUP BY s.source, s.agent
ORDER BY s.source, s.agent
