-- The table of notes has a primary key.
-- It is what the API refers to.
SELECT 'notes' WHERE NOT EXISTS (SELECT FROM pg_constraint WHERE conname = 'notes_pkey')
