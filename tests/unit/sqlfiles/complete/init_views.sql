CREATE OR REPLACE VIEW calm_notes WITH (security_barrier) AS
SELECT n.id, count(*) AS readings, n.rank * 2 AS twice
FROM notes AS n
INNER JOIN readings AS r ON n.id = r.note_id
GROUP BY n.id;

CREATE OR REPLACE RECURSIVE VIEW countdown (n) AS
SELECT 3 UNION ALL SELECT n - 1 FROM countdown WHERE n > 1;

CREATE MATERIALIZED VIEW IF NOT EXISTS loud_notes AS
SELECT id, body FROM notes WHERE state = 'loud'
WITH NO DATA;

CREATE UNIQUE INDEX IF NOT EXISTS idx_loud_notes_id ON loud_notes (id);

COMMENT ON VIEW calm_notes IS 'Notes that somebody read.';
COMMENT ON COLUMN calm_notes.twice IS 'Twice its rank.';
COMMENT ON MATERIALIZED VIEW loud_notes IS 'Empty until it is refreshed.';
COMMENT ON INDEX idx_loud_notes_id IS 'To refresh it concurrently.';
