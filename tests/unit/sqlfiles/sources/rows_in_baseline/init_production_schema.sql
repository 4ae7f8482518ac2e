-- Notes and who wrote them.
CREATE TABLE notes (
    id integer CONSTRAINT notes_pkey PRIMARY KEY,
    body text NOT NULL,
    written_at timestamptz DEFAULT now()
);

CREATE INDEX idx_notes_written_at ON notes (written_at);

INSERT INTO notes (id, body) VALUES (1, 'first');
DO $$ BEGIN DELETE FROM notes; END $$;
SELECT setval('notes_id_seq', 7);
