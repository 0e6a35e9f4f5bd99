-- Rows that name what `{requests}` and `{messages}` do, by number: the embedded engine then reads
-- whole rows of those only, where a condition with OR would make it read every column of all.
SELECT rowid AS number, request_id, message_id FROM events
WHERE request_id IN (SELECT id FROM {requests})
UNION
SELECT rowid AS number, request_id, message_id FROM events
WHERE message_id IN (SELECT id FROM {messages})
