-- Each month's events; one that is there twice, for want of a merge, counts once.
SELECT date_trunc('month', b.time) AS month, count(DISTINCT b.id) AS events
FROM events AS b
GROUP BY date_trunc('month', b.time)
ORDER BY date_trunc('month', b.time)
