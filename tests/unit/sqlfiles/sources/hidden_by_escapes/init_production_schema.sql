CREATE TABLE notes (
    id U&"seri\0061l" CONSTRAINT notes_pkey PRIMARY KEY,
    body text NOT NULL,
    written_at timestamptz DEFAULT now()
);

CREATE INDEX idx_notes_written_at ON U&"\0070ublic".notes (written_at);
