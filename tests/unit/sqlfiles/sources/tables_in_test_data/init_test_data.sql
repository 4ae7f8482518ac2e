INSERT INTO notes (id, body) VALUES (1, 'first');
CREATE TABLE more_notes (body text);
SELECT id INTO kept_notes FROM notes;
