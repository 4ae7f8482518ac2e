-- before
CREATE TABLE reading (at date NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE reading_2026 PARTITION OF reading FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
-- after
ALTER TABLE reading DETACH PARTITION reading_2026;
ALTER TABLE reading ATTACH PARTITION reading_2026 FOR VALUES FROM ('2026-01-01') TO ('2026-07-01');

-- differences
-- changed table reading_2026
-- statements
-- refused
