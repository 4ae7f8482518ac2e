-- before
CREATE TABLE reading (at date, device integer) PARTITION BY RANGE (at);
CREATE TABLE reading_2026 PARTITION OF reading FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE INDEX reading_device ON reading (device);
COMMENT ON INDEX reading_device IS 'Fast';
-- after
DROP INDEX reading_device;
CREATE INDEX reading_device ON reading (at);

-- differences
-- missing index reading_2026_device_idx
-- changed index reading_device
-- missing comment index reading_device (warning)
-- extra index reading_2026_at_idx (warning)
-- statements
DROP INDEX reading_device
--
CREATE INDEX reading_device ON reading USING btree (device)
--
COMMENT ON INDEX reading_device IS 'Fast'
