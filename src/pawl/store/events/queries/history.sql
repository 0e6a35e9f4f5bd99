-- Events in the order of their times, one page after another: those behind the last of the page.
SELECT e.*
FROM events AS e
WHERE e.time < $until AND (e.time > $time OR (e.time = $time AND e.id > $id))
ORDER BY e.time, e.id
LIMIT $limit
