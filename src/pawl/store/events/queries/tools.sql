-- Calls are told apart by 64 bits of their ids: half the work of comparing the ids themselves, and
-- among ten million calls two are taken for one with a chance of three in a million.
SELECT tool,
    count(DISTINCT CASE WHEN kind = 'tool_call' THEN hash(coalesce(tool_call_id, id)) END) AS calls,
    count(DISTINCT CASE WHEN kind = 'tool_result' AND outcome = 'error'
        THEN hash(coalesce(tool_call_id, id)) END) AS errors,
    count(DISTINCT CASE WHEN kind = 'tool_denied' THEN hash(coalesce(tool_call_id, id)) END)
        AS denied
FROM events
WHERE kind IN ('tool_call', 'tool_result', 'tool_denied') AND tool IS NOT NULL AND {where}
GROUP BY tool
ORDER BY calls DESC, tool
