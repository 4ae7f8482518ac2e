-- before
CREATE TABLE item (id integer CONSTRAINT item_pkey PRIMARY KEY, name text);
-- after
ALTER TABLE item ADD COLUMN more integer NOT NULL;

-- differences
-- extra column item.more
-- statements

