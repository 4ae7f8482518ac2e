-- before
CREATE MATERIALIZED VIEW one AS SELECT 1 AS a WITH NO DATA;
CREATE UNIQUE INDEX one_a ON one (a);
-- after
DROP INDEX one_a;

-- differences
-- missing index one_a
-- statements
CREATE UNIQUE INDEX one_a ON one USING btree (a)
