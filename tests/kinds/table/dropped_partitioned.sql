-- before
CREATE TABLE reading (at date NOT NULL, device integer, CONSTRAINT reading_pkey PRIMARY KEY (at, device)) PARTITION BY RANGE (at);
CREATE TABLE reading_2026 PARTITION OF reading FOR VALUES FROM ('2026-01-01') TO ('2027-01-01') PARTITION BY LIST (device);
CREATE TABLE reading_2026_1 PARTITION OF reading_2026 FOR VALUES IN (1);
CREATE INDEX reading_device ON reading (device);
-- after
DROP TABLE reading;

-- differences
-- missing table reading
-- missing table reading_2026
-- missing table reading_2026_1
-- statements
CREATE TABLE reading (at date NOT NULL, device integer NOT NULL) PARTITION BY RANGE (at)
--
ALTER TABLE reading ADD CONSTRAINT reading_pkey PRIMARY KEY (at, device)
--
CREATE TABLE reading_2026 PARTITION OF reading (at WITH OPTIONS NOT NULL, device WITH OPTIONS NOT NULL) FOR VALUES FROM ('2026-01-01') TO ('2027-01-01') PARTITION BY LIST (device)
--
CREATE TABLE reading_2026_1 PARTITION OF reading_2026 (at WITH OPTIONS NOT NULL, device WITH OPTIONS NOT NULL) FOR VALUES IN (1)
--
CREATE INDEX reading_device ON reading USING btree (device)
