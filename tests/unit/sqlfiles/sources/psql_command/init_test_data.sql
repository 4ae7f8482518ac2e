\set ON_ERROR_STOP on
INSERT INTO notes (id, body) VALUES (1, 'a \i in a string');
