-- before
CREATE TABLE item (id integer CONSTRAINT item_pkey PRIMARY KEY, name text);
-- after
CREATE UNIQUE INDEX mine ON item (name);

-- differences
-- extra index mine
-- statements

