-- before
CREATE TABLE item (id integer CONSTRAINT item_pkey PRIMARY KEY, name text);
-- after
ALTER TABLE item SET UNLOGGED;

-- differences
-- changed table item
-- statements
-- refused
