-- Tools that answered, and calls that were refused; what two sources tell of one call counts once.
SELECT b.tool,
    count(DISTINCT CASE WHEN b.kind = 'tool_result' AND coalesce(b.outcome, '') <> 'error'
        THEN coalesce(b.tool_call_id, b.id) END) AS answered,
    count(DISTINCT CASE WHEN b.kind = 'tool_denied' THEN coalesce(b.tool_call_id, b.id) END)
        AS denied
FROM events AS b
WHERE b.kind IN ('tool_result', 'tool_denied') AND {where}
GROUP BY b.tool
ORDER BY b.tool
