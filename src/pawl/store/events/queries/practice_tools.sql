-- Tools that answered, and calls that were refused, of the calls first seen in the period.
SELECT b.tool,
    sum(CASE WHEN b.answered THEN 1 ELSE 0 END) AS answered,
    sum(CASE WHEN b.denied THEN 1 ELSE 0 END) AS denied
FROM tool_calls AS b
WHERE (b.answered OR b.failed OR b.denied) AND {where}
GROUP BY b.tool
ORDER BY b.tool
