-- before
CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TABLE reading (at date, device integer) PARTITION BY RANGE (at);
CREATE TABLE reading_2026 PARTITION OF reading FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE TRIGGER reading_stamp BEFORE INSERT ON reading FOR EACH ROW EXECUTE FUNCTION stamp();
-- after
DROP TRIGGER reading_stamp ON reading;

-- differences
-- missing trigger reading.reading_stamp
-- missing trigger reading_2026.reading_stamp
-- statements
CREATE OR REPLACE TRIGGER reading_stamp BEFORE INSERT ON reading FOR EACH ROW EXECUTE FUNCTION stamp()
