-- before
CREATE TABLE item (id integer CONSTRAINT item_pkey PRIMARY KEY, name text);
-- after
ALTER TABLE item DROP COLUMN name;

-- differences
-- missing column item.name
-- statements
ALTER TABLE item ADD COLUMN name text
