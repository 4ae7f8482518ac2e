-- before
CREATE TABLE item (id integer CONSTRAINT item_pkey PRIMARY KEY, name text);
CREATE MATERIALIZED VIEW kept AS SELECT id, name FROM item WITH NO DATA;
-- after
REFRESH MATERIALIZED VIEW kept;

-- differences
-- statements

