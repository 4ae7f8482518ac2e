-- A short transaction as the API writes them: one of a thousand workouts is changed and read again.
\set number random(1, 1000)
BEGIN;
UPDATE workouts SET notes = 'set ' || :number
WHERE id = lpad(to_hex(:number), 32, '0')::UUID;
SELECT notes FROM workouts
WHERE id = lpad(to_hex(:number), 32, '0')::UUID;
COMMIT;
