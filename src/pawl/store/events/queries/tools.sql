SELECT tool,
    count(DISTINCT CASE WHEN kind = 'tool_call' THEN coalesce(tool_call_id, id) END) AS calls,
    count(DISTINCT CASE WHEN kind = 'tool_result' AND outcome = 'error'
        THEN coalesce(tool_call_id, id) END) AS errors,
    count(DISTINCT CASE WHEN kind = 'tool_denied' THEN coalesce(tool_call_id, id) END) AS denied
FROM events
WHERE kind IN ('tool_call', 'tool_result', 'tool_denied') AND tool IS NOT NULL AND {where}
GROUP BY tool
ORDER BY calls DESC, tool
