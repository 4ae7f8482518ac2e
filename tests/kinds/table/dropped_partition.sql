-- before
CREATE TABLE reading (at date NOT NULL, device integer DEFAULT 7, CONSTRAINT reading_pkey PRIMARY KEY (at)) PARTITION BY RANGE (at);
CREATE INDEX reading_device ON reading (device);
CREATE TABLE reading_2026 PARTITION OF reading FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE TABLE reading_other PARTITION OF reading (device DEFAULT 9) DEFAULT;
CREATE INDEX reading_2026_own ON reading_2026 (at, device);
-- after
DROP TABLE reading_2026, reading_other;

-- differences
-- missing table reading_2026
-- missing table reading_other
-- statements
CREATE TABLE reading_2026 PARTITION OF reading (at WITH OPTIONS NOT NULL, device WITH OPTIONS DEFAULT 7) FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')
--
CREATE TABLE reading_other PARTITION OF reading (at WITH OPTIONS NOT NULL, device WITH OPTIONS DEFAULT 9) DEFAULT
--
CREATE INDEX reading_2026_own ON reading_2026 USING btree (at, device)
