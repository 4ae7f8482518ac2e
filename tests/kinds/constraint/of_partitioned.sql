-- before
CREATE TABLE reading (at date NOT NULL, CONSTRAINT reading_pkey PRIMARY KEY (at), CONSTRAINT reading_at_check CHECK (at > '2000-01-01')) PARTITION BY RANGE (at);
CREATE TABLE reading_2026 PARTITION OF reading FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE TABLE note (at date, CONSTRAINT note_at_fkey FOREIGN KEY (at) REFERENCES reading (at));
-- after
ALTER TABLE note DROP CONSTRAINT note_at_fkey;
ALTER TABLE reading DROP CONSTRAINT reading_pkey;
ALTER TABLE reading DROP CONSTRAINT reading_at_check;

-- differences
-- missing constraint reading.reading_at_check
-- missing constraint reading.reading_pkey
-- missing constraint reading_2026.reading_2026_pkey
-- missing constraint reading_2026.reading_at_check
-- missing constraint note.note_at_fkey
-- statements
ALTER TABLE reading ADD CONSTRAINT reading_at_check CHECK (at > '2000-01-01'::date)
--
ALTER TABLE reading ADD CONSTRAINT reading_pkey PRIMARY KEY (at)
--
ALTER TABLE note ADD CONSTRAINT note_at_fkey FOREIGN KEY (at) REFERENCES reading(at)
