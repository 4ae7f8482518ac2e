INSERT INTO notes (id, body) VALUES (1, 'first; and last') ON CONFLICT DO NOTHING;
