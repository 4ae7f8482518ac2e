-- before
CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TABLE reading (at date, device integer) PARTITION BY RANGE (at);
CREATE TABLE reading_2026 PARTITION OF reading FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE TRIGGER reading_stamp BEFORE INSERT ON reading FOR EACH ROW EXECUTE FUNCTION stamp();
-- after
ALTER TABLE reading_2026 DISABLE TRIGGER reading_stamp;

-- differences
-- changed trigger reading_2026.reading_stamp
-- statements
ALTER TABLE reading_2026 ENABLE TRIGGER reading_stamp
