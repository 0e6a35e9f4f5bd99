-- Found by row number first: the embedded engine then reads whole rows of those only, where a
-- condition with OR would make it read every column of all.
CREATE OR REPLACE TEMP TABLE observed_hits AS
SELECT rowid AS number FROM events WHERE request_id IN (SELECT id FROM touched_requests)
UNION
SELECT rowid AS number FROM events WHERE message_id IN (SELECT id FROM touched_messages);
