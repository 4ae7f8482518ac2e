CREATE OR REPLACE FUNCTION touch_note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';

CREATE OR REPLACE FUNCTION count_notes() RETURNS bigint LANGUAGE sql
RETURN (
    WITH joined AS (SELECT j.id FROM notes INNER JOIN notes AS n USING (id) AS j)
    SELECT count(*) FROM joined
);
