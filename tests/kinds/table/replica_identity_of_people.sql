-- before
CREATE TABLE item (id integer CONSTRAINT item_pkey PRIMARY KEY, name text);
-- after
ALTER TABLE item REPLICA IDENTITY FULL;

-- differences
-- changed table item (warning)
-- statements

