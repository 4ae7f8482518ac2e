CREATE OR REPLACE VIEW recent_notes AS
SELECT n.id, n.body,
FROM notes AS n;
