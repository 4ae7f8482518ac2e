-- Bring tables without a ledger to the baseline.
DROP VIEW IF EXISTS recent_notes;

ALTER TABLE notes ADD COLUMN IF NOT EXISTS written_at timestamptz DEFAULT now();
