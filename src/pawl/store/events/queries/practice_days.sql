-- Days on which any event arrived, whatever it tells of.
SELECT DISTINCT date_trunc('day', b.time) AS day
FROM events AS b
WHERE {where}
ORDER BY day
