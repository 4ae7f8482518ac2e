-- Index the bodies without locking the table.
-- entrypoint: no-transaction, builds idx_notes_body, idx_notes_written_at
CREATE INDEX CONCURRENTLY idx_notes_body ON notes (body);
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_notes_written_at ON notes (written_at);
