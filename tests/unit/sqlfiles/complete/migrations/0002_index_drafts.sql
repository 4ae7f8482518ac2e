-- Without a lock.
-- entrypoint: no-transaction, builds idx_drafts_written_at
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_drafts_written_at ON drafts (written_at);
