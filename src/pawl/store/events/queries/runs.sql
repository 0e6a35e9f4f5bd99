SELECT run_id, agent, observed, started_at, ended_at, outcome, stop_limit, project, developer,
    branch, models, turns, requests, tool_calls, errors,
    input, cache_read, cache_write_5m, cache_write_1h, output, reasoning, web_searches,
    cost_micros, cost_basis
FROM runs
WHERE {where}
ORDER BY {order}
LIMIT $limit OFFSET $offset
