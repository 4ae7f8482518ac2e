-- before
CREATE TABLE item (id integer CONSTRAINT item_pkey PRIMARY KEY, name text);
-- after
CREATE TABLE mine (id integer);

-- differences
-- extra table mine (warning)
-- statements

