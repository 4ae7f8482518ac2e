-- Notes and who wrote them.
CREATE TABLE notes (
    id integer CONSTRAINT notes_pkey PRIMARY KEY,
    body text NOT NULL,
    written_at timestamptz DEFAULT now()
);

CREATE INDEX idx_notes_written_at ON notes (written_at);

ALTER TABLE notes ADD COLUMN seen boolean;
ALTER TABLE notes
ALTER COLUMN body DROP NOT NULL, ENABLE ROW LEVEL SECURITY;
DROP TABLE IF EXISTS old_notes;
CREATE EXTENSION pg_trgm;
ALTER TABLE notes ADD CONSTRAINT notes_body_check CHECK (body <> '');
