-- Calls that were first seen in the period, and those of them that failed or were refused.
SELECT tool,
    count(began) AS calls,
    sum(CASE WHEN failed THEN 1 ELSE 0 END) AS errors,
    sum(CASE WHEN denied THEN 1 ELSE 0 END) AS denied
FROM tool_calls AS b
WHERE tool IS NOT NULL AND (began IS NOT NULL OR answered OR failed OR denied) AND {where}
GROUP BY tool
ORDER BY calls DESC, tool
