-- before
CREATE TABLE item (id integer CONSTRAINT item_pkey PRIMARY KEY, name text);
-- after
CREATE TABLE mine () INHERITS (item);

-- differences
-- extra table mine
-- statements

