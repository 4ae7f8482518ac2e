CREATE OR REPLACE VIEW recent_notes AS SELECT n.id FROM notes AS n;

CREATE MATERIALIZED VIEW long_notes AS
SELECT n.id FROM notes AS n WHERE length(n.body) > 80;
REFRESH MATERIALIZED VIEW long_notes;
