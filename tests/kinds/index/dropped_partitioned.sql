-- before
CREATE TABLE reading (at date, device integer) PARTITION BY RANGE (at);
CREATE TABLE reading_2026 PARTITION OF reading FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE INDEX reading_device ON reading (device);
CREATE UNIQUE INDEX reading_key ON reading (at, device);
-- after
DROP INDEX reading_device, reading_key;

-- differences
-- missing index reading_2026_at_device_idx
-- missing index reading_2026_device_idx
-- missing index reading_device
-- missing index reading_key
-- statements
CREATE INDEX reading_device ON reading USING btree (device)
--
CREATE UNIQUE INDEX reading_key ON reading USING btree (at, device)
