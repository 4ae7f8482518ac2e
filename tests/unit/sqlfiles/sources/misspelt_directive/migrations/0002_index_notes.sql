-- Index the bodies without locking the table.
-- entrypoint: no-transaction, build idx_notes_body
CREATE INDEX CONCURRENTLY idx_notes_body ON notes (body);
