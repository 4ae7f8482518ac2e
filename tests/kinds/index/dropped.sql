-- before
CREATE TABLE item (id integer CONSTRAINT item_pkey PRIMARY KEY, name text);
CREATE UNIQUE INDEX item_name ON item (lower(name) DESC) INCLUDE (id) WITH (fillfactor = 50) WHERE id > 0;
-- after
DROP INDEX item_name;

-- differences
-- missing index item_name
-- missing storage parameters index item_name (warning)
-- statements
CREATE UNIQUE INDEX item_name ON item USING btree (lower(name) DESC) INCLUDE (id) WITH (fillfactor='50') WHERE id > 0
