-- Put the renewed requests in, and make room for the sums of the hours they are or were in.
INSERT INTO requests BY NAME SELECT * FROM renewed;
INSERT INTO request_sources BY NAME SELECT * FROM renewed_sources;

DELETE FROM rollup WHERE time IN (SELECT time FROM touched_hours);
DELETE FROM source_rollup WHERE time IN (SELECT time FROM touched_hours);
