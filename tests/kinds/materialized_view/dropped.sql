-- before
CREATE TABLE item (id integer CONSTRAINT item_pkey PRIMARY KEY, name text);
CREATE MATERIALIZED VIEW kept WITH (fillfactor = 80) AS SELECT id, name FROM item WITH NO DATA;
CREATE UNIQUE INDEX kept_id ON kept (id);
COMMENT ON MATERIALIZED VIEW kept IS 'Kept';
COMMENT ON COLUMN kept.id IS 'Key';
-- after
DROP MATERIALIZED VIEW kept;

-- differences
-- missing materialized view kept
-- statements
CREATE MATERIALIZED VIEW kept WITH (fillfactor=80) AS
 SELECT id,
    name
   FROM item
 WITH NO DATA
--
CREATE UNIQUE INDEX kept_id ON kept USING btree (id)
--
COMMENT ON MATERIALIZED VIEW kept IS 'Kept'
--
COMMENT ON COLUMN kept.id IS 'Key'
