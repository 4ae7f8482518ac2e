-- Only the tree tells a schema from a table.
UPDATE notes SET body = archive.shortened(body);
INSERT INTO notes (id, body)
SELECT o.id, o.body FROM archive.notes AS o;
ALTER TABLE notes SET SCHEMA public;
