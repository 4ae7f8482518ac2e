-- before
CREATE TABLE item (id integer CONSTRAINT item_pkey PRIMARY KEY, name text);
CREATE INDEX item_name ON item (name);
-- after
UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'item_name'::regclass;

-- differences
-- changed index item_name
-- statements
DROP INDEX item_name
--
CREATE INDEX item_name ON item USING btree (name)
