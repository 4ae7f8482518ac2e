-- before
CREATE TABLE item (id integer CONSTRAINT item_pkey PRIMARY KEY, name text);
CREATE VIEW seen AS SELECT id, name FROM item;
-- after
DROP VIEW seen;
CREATE VIEW seen AS SELECT name, id FROM item;
CREATE VIEW mine AS SELECT id FROM seen;

-- differences
-- changed view seen
-- extra view mine (warning)
-- statements
-- refused
