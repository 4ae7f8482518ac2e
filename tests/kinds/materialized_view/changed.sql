-- before
CREATE TABLE item (id integer CONSTRAINT item_pkey PRIMARY KEY, name text);
CREATE MATERIALIZED VIEW kept AS SELECT id, name FROM item WITH NO DATA;
CREATE UNIQUE INDEX kept_id ON kept (id);
CREATE VIEW over_it AS SELECT id FROM kept;
-- after
DROP MATERIALIZED VIEW kept CASCADE;
CREATE MATERIALIZED VIEW kept AS SELECT id FROM item;
CREATE VIEW over_it AS SELECT id FROM kept;
GRANT SELECT ON kept TO PUBLIC;

-- differences
-- missing index kept_id
-- changed materialized view kept
-- statements
DROP VIEW over_it
--
DROP MATERIALIZED VIEW kept
--
CREATE MATERIALIZED VIEW kept AS
 SELECT id,
    name
   FROM item
 WITH NO DATA
--
CREATE UNIQUE INDEX kept_id ON kept USING btree (id)
--
CREATE OR REPLACE VIEW over_it AS
 SELECT id
   FROM kept
--
REFRESH MATERIALIZED VIEW kept
--
GRANT SELECT ON kept TO PUBLIC
