-- Calls of tools that were first seen in the period and were refused.
SELECT count(*) AS denied
FROM tool_calls
WHERE denied AND time >= $since AND time < $until
