-- Remove the requests that renewed ones take the place of.
DELETE FROM requests WHERE rowid IN (SELECT number FROM replaced);
DELETE FROM request_sources
WHERE key IN (SELECT key FROM replaced)
    AND time >= (SELECT min(time) FROM replaced) AND time <= (SELECT max(time) FROM replaced);
