INSERT INTO notes (id, body) VALUES (1, 'first; and last') ON CONFLICT DO NOTHING;
WITH written AS (SELECT 2 AS id, 'second' AS body)
INSERT INTO notes (id, body) SELECT id, body FROM written ON CONFLICT (id) DO UPDATE SET body = excluded.body;
WITH gone AS (DELETE FROM copies RETURNING body) SELECT count(*) FROM gone;
UPDATE notes SET state = 'loud' WHERE id = 2;
DELETE FROM readings WHERE read_on < CURRENT_DATE;
MERGE INTO readings AS r USING notes AS n ON r.note_id = n.id
WHEN NOT MATCHED THEN INSERT (note_id, read_on) VALUES (n.id, CURRENT_DATE);
COPY notes (body) FROM '/dev/null';
SELECT setval('notes_id_seq', 7);
