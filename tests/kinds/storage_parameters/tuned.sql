-- before
CREATE TABLE item (id integer CONSTRAINT item_pkey PRIMARY KEY, name text);
CREATE INDEX item_name ON item (name) WITH (fillfactor = 50);
-- after
ALTER TABLE item SET (fillfactor = 70);
ALTER INDEX item_name RESET (fillfactor);

-- differences
-- missing storage parameters index item_name (warning)
-- extra storage parameters table item (warning)
-- statements

